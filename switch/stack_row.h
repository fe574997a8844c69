/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The row of the leaving task's stack.
 */
#ifndef PERFTOP_STACK_ROW_H
#define PERFTOP_STACK_ROW_H

#include <linux/types.h>

struct perftop_cpu;
struct pt_regs;

u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip, unsigned long sp,
		      unsigned long bp, struct pt_regs *regs);

#endif /* PERFTOP_STACK_ROW_H */
