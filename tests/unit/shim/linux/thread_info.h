/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_THREAD_INFO_H
#define SHIM_THREAD_INFO_H

/* What a program of 32 bits has called. */
extern bool shim_in_ia32_syscall;
#define in_ia32_syscall()	shim_in_ia32_syscall

#endif
