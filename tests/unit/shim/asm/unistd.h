/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_UNISTD_H
#define SHIM_UNISTD_H

#define __NR_rt_sigreturn	15
#define __NR_restart_syscall	219

#endif
