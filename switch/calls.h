/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls, as spans of the task that makes them.
 */
#ifndef PERFTOP_CALLS_H
#define PERFTOP_CALLS_H

#include <linux/types.h>

struct perftop_cpu;
struct perftop_span_losses;
struct perftop_tracepoint;

/* current's has ended, see perftop_call_id(): in ticks, on this CPU. Interrupts are off. */
typedef void (*perftop_call_ended)(struct perftop_cpu *c, u64 id, u64 now, u64 ticks,
				   bool failed);

extern struct perftop_tracepoint *const perftop_call_probes[];
DECLARE_PER_CPU(struct perftop_span_losses, perftop_calls_lost);

void perftop_calls_watch(perftop_call_ended ended);

#endif /* PERFTOP_CALLS_H */
