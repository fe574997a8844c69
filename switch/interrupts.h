/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts and softirqs, as spans of the CPU that serves them.
 */
#ifndef PERFTOP_INTERRUPTS_H
#define PERFTOP_INTERRUPTS_H

#include <linux/compiler.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <asm/msr.h>

#include "switch/cpu.h"
#include "switch/cpu_spans.h"

struct perftop_tracepoint;

/* What is served, with its number in the lower half of the id. */
enum perftop_interrupt {
	PERFTOP_IRQ = 1,	/* a device's, by one of its actions */
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

/**
 * struct perftop_softirqs - those of a CPU, by number, in ticks
 * @raised: since when one has been raised; 0: it is not
 * @waited: from then until it ran; 0: that is not known
 * @begun: where they are tasks' time: since when it runs; 0: it does not
 * @inner: likewise: interrupts' time until then
 */
struct perftop_softirqs {
	u64	raised[NR_SOFTIRQS];
	u64	waited[NR_SOFTIRQS];
	u64	begun[NR_SOFTIRQS];
	u64	inner[NR_SOFTIRQS];
};

DECLARE_PER_CPU(struct perftop_softirqs, perftop_softirqs);

/* One has ended: a device's by its action; its own time in ticks. Interrupts are off. */
typedef void (*perftop_interrupt_ended)(struct perftop_cpu *c, u64 id,
					const struct irqaction *action, u64 now,
					u64 ticks);

/*
 * The same, by who is quick and inline; whether it has counted it. No ticks are more
 * than it has said that they may be.
 */
typedef bool (*perftop_interrupt_count)(struct perftop_cpu *c, u64 id,
					const struct irqaction *action, u64 now,
					u64 ticks);

void perftop_interrupt_end(struct perftop_cpu *c, u64 id, const struct irqaction *action,
			   u64 now, perftop_interrupt_ended ended);
void perftop_softirq_task_end(unsigned int number, perftop_interrupt_ended ended);

/* Ticks from when what has ended was raised to its beginning; 0: they are not known. */
static __always_inline u64 perftop_interrupt_waited(u64 id)
{
	if (upper_32_bits(id) != PERFTOP_SOFTIRQ)
		return 0;
	return this_cpu_read(perftop_softirqs.waited[lower_32_bits(id)]);
}

/**
 * perftop_interrupt_ends() - An interrupt ends on this CPU
 * @id: which
 * @action: a device's, else NULL
 * @most: ticks that may be counted quickly
 * @count: is told of one that is alone
 * @ended: is told where that has not counted it, and of others
 *
 * What is not quick is called last, so that the rest has all registers.
 *
 * Context: interrupts off.
 */
static __always_inline void
perftop_interrupt_ends(u64 id, const struct irqaction *action, u64 most,
		       perftop_interrupt_count count, perftop_interrupt_ended ended)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	const u64 now = rdtsc();
	const u64 ticks = perftop_cpu_span_ticks_alone(&c->spans, now);

	if (likely(perftop_cpu_span_is_alone(&c->spans, id, ticks, most) &&
		   count(c, id, action, now, ticks)))
		perftop_cpu_span_end_alone(&c->spans, ticks);
	else
		perftop_interrupt_end(c, id, action, now, ended);
}

/* The same of a softirq. Context: any. */
static __always_inline void
perftop_softirq_ends(unsigned int number, u64 most, perftop_interrupt_count count,
		     perftop_interrupt_ended ended)
{
	unsigned long irq;

	local_irq_save(irq);
	if (PERFTOP_SOFTIRQS_ARE_TASKS)
		perftop_softirq_task_end(number, ended);
	else
		perftop_interrupt_ends(perftop_interrupt_id(PERFTOP_SOFTIRQ, number), NULL,
				       most, count, ended);
	local_irq_restore(irq);
}

/* Probes of the user's, that call the functions above with their arguments. */
struct perftop_interrupt_ends {
	void (*irq)(void *data, int irq, struct irqaction *action, int ret);
	void (*vector)(void *data, int vector);
	void (*softirq)(void *data, unsigned int number);
};

extern struct perftop_tracepoint *const perftop_interrupt_probes[];

void perftop_interrupts_watch(const struct perftop_interrupt_ends *ends);
const char *perftop_interrupt_name(u64 id);

#endif /* PERFTOP_INTERRUPTS_H */
