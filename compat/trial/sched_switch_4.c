// SPDX-License-Identifier: GPL-2.0
/* Since 5.18 ("sched/tracing: Append prev_state to tp args instead"). */
#include <trace/events/sched.h>

void try(void);

static void trial(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next, unsigned int prev_state)
{
}

void try(void)
{
	check_trace_callback_type_sched_switch(trial);
}
