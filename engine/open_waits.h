/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits that have not ended.
 */
#ifndef PERFTOP_OPEN_WAITS_H
#define PERFTOP_OPEN_WAITS_H

#include <linux/types.h>

#include "engine/task.h"

/* When a CPU was cut, see struct perftop_open; 0: it was not. */
struct perftop_cut {
	u64	clock;
	u64	idle;
};

/* A task that could run at a cut, and did not: a wait that has not ended. */
struct perftop_waiter {
	struct perftop_who	who;
	u64			wait;	/* until the cut, in ns */
	u64			held;	/* ticks of this that the CPU was idle */
};

/* A task that has long been in a system call: a span that has not ended. */
struct perftop_open_call {
	struct perftop_who	who;
	u64			id;	/* see perftop_call_id() */
	u64			owner;	/* of @who */
	u64			ticks;	/* until now */
};

/* So long, in seconds. */
#define PERFTOP_LONG_CALL	4

int perftop_open_calls_collect(struct perftop_open_call **call, unsigned int *calls);
int perftop_waits_collect(const struct perftop_cut *cut,
			  struct perftop_waiter **waiter, unsigned int *waiting);
void perftop_waits_begin(void);

#endif /* PERFTOP_OPEN_WAITS_H */
