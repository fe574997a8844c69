// SPDX-License-Identifier: GPL-2.0
/* Since 5.14 ("sched: Change task_struct::state"). */
#include <linux/sched.h>

unsigned int trial(const struct task_struct *task);

unsigned int trial(const struct task_struct *task)
{
	return task->__state;
}
