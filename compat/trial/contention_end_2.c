// SPDX-License-Identifier: GPL-2.0
/* Since 5.19 ("locking: Add lock contention tracepoints"). */
#include <trace/events/lock.h>

void try(void);

static void trial(void *data, void *lock, int result)
{
}

void try(void)
{
	check_trace_callback_type_contention_end(trial);
}
