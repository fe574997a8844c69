// SPDX-License-Identifier: GPL-2.0
/* Compiles everywhere: the headers and the flags are as the others need them. */
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/syscore_ops.h>
#include <trace/events/lock.h>
#include <trace/events/sched.h>

int trial(const struct task_struct *task);

int trial(const struct task_struct *task)
{
	return task->pid;
}
