/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_TASK_STACK_H
#define SHIM_LINUX_SCHED_TASK_STACK_H

#include <linux/mm.h>

#include <linux/sched.h>

#define THREAD_SIZE		16384UL
#define task_stack_page(task)	((task)->stack)

/* At the stack's top, as on x86. */
#define task_pt_regs(task)						\
	((struct pt_regs *)((char *)task_stack_page(task) + THREAD_SIZE) - 1)

#endif
