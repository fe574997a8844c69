// SPDX-License-Identifier: GPL-2.0
/* Since 6.16, which tells whether the whole process ends. */
#include <trace/events/sched.h>

void try(void);

static void trial(void *data, struct task_struct *task, bool group_dead)
{
}

void try(void)
{
	check_trace_callback_type_sched_process_exit(trial);
}
