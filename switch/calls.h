/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls, as spans of the task that makes them.
 */
#ifndef PERFTOP_CALLS_H
#define PERFTOP_CALLS_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "engine/task_state.h"

struct perftop_cpu;
struct perftop_span_losses;
struct perftop_tracepoint;

/* current's has ended, see perftop_call_id(): in ticks, on this CPU. Interrupts are off. */
typedef void (*perftop_call_ended)(struct perftop_cpu *c, u64 id, u64 now, u64 ticks,
				   bool failed);

extern struct perftop_tracepoint *const perftop_call_probes[];
DECLARE_PER_CPU(struct perftop_span_losses, perftop_calls_lost);

/* What calls took before is of another time. In ticks. */
extern u64 perftop_calls_began;

/* When the call began that a task is in, as far as that counts. */
static __always_inline u64 perftop_call_since(const struct perftop_state *state)
{
	return max(READ_ONCE(state->call_since), READ_ONCE(perftop_calls_began));
}

void perftop_calls_watch(perftop_call_ended ended);
void perftop_calls_reset(void);

#endif /* PERFTOP_CALLS_H */
