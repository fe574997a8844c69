// SPDX-License-Identifier: GPL-2.0
/* Until 6.16. */
#include <trace/events/sched.h>

void try(void);

static void trial(void *data, struct task_struct *task)
{
}

void try(void)
{
	check_trace_callback_type_sched_process_exit(trial);
}
