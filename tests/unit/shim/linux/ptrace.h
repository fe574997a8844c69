/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PTRACE_H
#define SHIM_LINUX_PTRACE_H

#include <linux/sched.h>

static inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

static inline bool user_64bit_mode(const struct pt_regs *regs)
{
	return regs->cs == 0x33;
}

#endif
