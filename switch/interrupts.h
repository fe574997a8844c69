/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts and softirqs, as spans of the CPU that serves them.
 */
#ifndef PERFTOP_INTERRUPTS_H
#define PERFTOP_INTERRUPTS_H

#include <linux/types.h>

struct perftop_cpu;
struct perftop_span;
struct perftop_tracepoint;

/* What is served, with its number in the lower half of the id. */
enum perftop_interrupt {
	PERFTOP_IRQ,		/* a device's, by one of its actions */
	PERFTOP_VECTOR,		/* one of the CPU's own */
	PERFTOP_SOFTIRQ,
};

static __always_inline u64 perftop_interrupt_id(enum perftop_interrupt kind,
						u32 number)
{
	return (u64)kind << 32 | number;
}

/*
 * Where the softirqs' time is a task's, in which it may be preempted, interrupts'
 * is not: PREEMPT_RT.
 */
#define PERFTOP_SOFTIRQS_ARE_TASKS	IS_ENABLED(CONFIG_PREEMPT_RT)

/* One has ended: its own time in ticks. Interrupts are off. */
typedef void (*perftop_interrupt_ended)(struct perftop_cpu *c,
					const struct perftop_span *span, u64 now,
					u64 ticks);

extern struct perftop_tracepoint *const perftop_interrupt_probes[];

void perftop_interrupts_watch(perftop_interrupt_ended ended);
const char *perftop_interrupt_name(u64 id);

#endif /* PERFTOP_INTERRUPTS_H */
