/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_MM_H
#define SHIM_LINUX_SCHED_MM_H

#include <linux/mm.h>
#include <linux/sched.h>

static inline struct mm_struct *get_task_mm(struct task_struct *task)
{
	if (task->mm)
		task->mm->users++;
	return task->mm;
}

static inline void mmput(struct mm_struct *mm)
{
	mm->users--;
}

static inline void get_task_struct(struct task_struct *task)
{
	task->references++;
}

static inline void put_task_struct(struct task_struct *task)
{
	task->references--;
}

#endif
