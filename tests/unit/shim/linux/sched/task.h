/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_TASK_H
#define SHIM_LINUX_SCHED_TASK_H

#include <linux/sched.h>

#define get_task_struct(task)	((void)(task)->references++)
#define put_task_struct(task)	((void)(task)->references--)

#endif
