// SPDX-License-Identifier: GPL-2.0
/* Until 5.18. */
#include <trace/events/sched.h>

void try(void);

static void trial(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next)
{
}

void try(void)
{
	check_trace_callback_type_sched_switch(trial);
}
