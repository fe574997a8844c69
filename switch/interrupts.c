// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts and softirqs, as the kernel's tracepoints tell of them: the handlers,
 * not what the CPU does before and behind them.
 *
 * A line that several devices share, and one whose handler calls those of others,
 * has a span for each handler. Threaded handlers are tasks, and chained ones are not
 * told of; nor is an NMI.
 */
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/irq_vectors.h>
#include <asm/msr.h>

#include "perftop.h"
#include "switch/cpu.h"
#include "switch/cpu_spans.h"
#include "switch/interrupts.h"
#include "switch/tracepoint_probe.h"

/* Softirqs of a CPU, by number, in ticks; 0: not so. */
struct softirqs {
	u64	raised[NR_SOFTIRQS];	/* since when it has been raised */
	u64	begun[NR_SOFTIRQS];	/* where they are tasks' time: it runs */
	u64	inner[NR_SOFTIRQS];	/* interrupts' time until then */
};

static DEFINE_PER_CPU(struct softirqs, softirqs);

/* Who is told of those that end. Written while no probe runs. */
static perftop_interrupt_ended watcher;

/* --- Any of them ---------------------------------------------------------- */

static __always_inline void end(struct perftop_cpu *c, u64 id)
{
	const u64 now = rdtsc();
	const struct perftop_span *span;
	u64 ticks;

	span = perftop_cpu_span_end(&c->spans, id, now, &ticks);
	if (likely(span && c->spans.counting))
		watcher(c, span, now, ticks);
}

/* --- Interrupts ----------------------------------------------------------- */

static __kprobes void irq_begins(void *data, int irq, struct irqaction *action)
{
	struct perftop_span *span;

	span = perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
				      perftop_interrupt_id(PERFTOP_IRQ, irq), rdtsc());
	if (likely(span))
		span->of = action;
}

static __kprobes void irq_ends(void *data, int irq, struct irqaction *action, int ret)
{
	end(this_cpu_ptr(&perftop_cpu), perftop_interrupt_id(PERFTOP_IRQ, irq));
}

static __kprobes void vector_begins(void *data, int vector)
{
	struct perftop_span *span;

	span = perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
				      perftop_interrupt_id(PERFTOP_VECTOR, vector),
				      rdtsc());
	if (likely(span))
		span->of = NULL;
}

static __kprobes void vector_ends(void *data, int vector)
{
	end(this_cpu_ptr(&perftop_cpu), perftop_interrupt_id(PERFTOP_VECTOR, vector));
}

/* --- Softirqs ------------------------------------------------------------- */

/* What it is raised for is done by the run that is next. */
static __kprobes void softirq_raised(void *data, unsigned int number)
{
	u64 *raised = &this_cpu_ptr(&softirqs)->raised[number];

	if (!*raised)
		*raised = rdtsc();
}

/* How long the run that begins has been waited for. */
static __always_inline u64 take_raised(struct softirqs *own, unsigned int number,
				       u64 now)
{
	const u64 raised = own->raised[number];

	own->raised[number] = 0;
	return raised ? max_t(s64, now - raised, 1) : 0;
}

/* The first half of a thread's name that nobody can change. */
static __always_inline bool is_ksoftirqd(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD && !memcmp(task->comm, "ksoftirq", 8);
}

static __always_inline void run_begins(struct perftop_cpu *c, unsigned int number)
{
	const u64 now = rdtsc();
	const u64 waited = take_raised(this_cpu_ptr(&softirqs), number, now);
	struct perftop_span *span;

	span = perftop_cpu_span_begin(&c->spans,
				      perftop_interrupt_id(PERFTOP_SOFTIRQ, number), now);
	if (unlikely(!span))
		return;
	span->of = NULL;
	span->before = waited;
	if (unlikely(is_ksoftirqd(current)))
		perftop_cpu_span_is_tasks(&c->spans);
}

/* A task may be preempted in it: no span of the CPU's, but a slot by number. */
static __always_inline void task_run_begins(struct perftop_cpu *c, unsigned int number)
{
	struct softirqs *own = this_cpu_ptr(&softirqs);
	const u64 now = rdtsc();

	c->spans.lost.unended += !!own->begun[number];
	own->begun[number] = now;
	own->inner[number] = c->spans.total;
}

static __always_inline void task_run_ends(struct perftop_cpu *c, unsigned int number)
{
	struct softirqs *own = this_cpu_ptr(&softirqs);
	const u64 now = rdtsc(), begun = own->begun[number];
	const struct perftop_span span = {
		.id	= perftop_interrupt_id(PERFTOP_SOFTIRQ, number),
		.before	= take_raised(own, number, begun),
	};

	own->begun[number] = 0;
	if (unlikely(!begun))
		c->spans.lost.unbegun++;
	else if (c->spans.counting)
		watcher(c, &span, now,
			max_t(s64, now - begun - (c->spans.total - own->inner[number]), 0));
}

static __kprobes void softirq_begins(void *data, unsigned int number)
{
	unsigned long irq;

	local_irq_save(irq);
	if (PERFTOP_SOFTIRQS_ARE_TASKS)
		task_run_begins(this_cpu_ptr(&perftop_cpu), number);
	else
		run_begins(this_cpu_ptr(&perftop_cpu), number);
	local_irq_restore(irq);
}

static __kprobes void softirq_ends(void *data, unsigned int number)
{
	struct perftop_cpu *c;
	unsigned long irq;

	local_irq_save(irq);
	c = this_cpu_ptr(&perftop_cpu);
	if (PERFTOP_SOFTIRQS_ARE_TASKS)
		task_run_ends(c, number);
	else
		end(c, perftop_interrupt_id(PERFTOP_SOFTIRQ, number));
	local_irq_restore(irq);
}

/* --- All of them ---------------------------------------------------------- */

/* The arguments are the same in all kernels; what one is not built for, it lacks. */
#define PROBE(event, of)						\
	(&(struct perftop_tracepoint){					\
		.name = #event, .probe = of, .fits = true, .may_lack = true, \
	})

struct perftop_tracepoint *const perftop_interrupt_probes[] = {
	PROBE(irq_handler_exit, irq_ends),
	PROBE(irq_handler_entry, irq_begins),
	PROBE(softirq_exit, softirq_ends),
	PROBE(softirq_entry, softirq_begins),
	PROBE(softirq_raise, softirq_raised),
	PROBE(local_timer_exit, vector_ends),
	PROBE(local_timer_entry, vector_begins),
	PROBE(reschedule_exit, vector_ends),
	PROBE(reschedule_entry, vector_begins),
	PROBE(call_function_exit, vector_ends),
	PROBE(call_function_entry, vector_begins),
	PROBE(call_function_single_exit, vector_ends),
	PROBE(call_function_single_entry, vector_begins),
	PROBE(irq_work_exit, vector_ends),
	PROBE(irq_work_entry, vector_begins),
	PROBE(x86_platform_ipi_exit, vector_ends),
	PROBE(x86_platform_ipi_entry, vector_begins),
	PROBE(thermal_apic_exit, vector_ends),
	PROBE(thermal_apic_entry, vector_begins),
	PROBE(threshold_apic_exit, vector_ends),
	PROBE(threshold_apic_entry, vector_begins),
	PROBE(deferred_error_apic_exit, vector_ends),
	PROBE(deferred_error_apic_entry, vector_begins),
	PROBE(error_apic_exit, vector_ends),
	PROBE(error_apic_entry, vector_begins),
	PROBE(spurious_apic_exit, vector_ends),
	PROBE(spurious_apic_entry, vector_begins),
	NULL
};

/**
 * perftop_interrupts_watch() - Say who is to be told of interrupts that end
 * @ended: is told
 *
 * What had begun when probes ran before is forgotten.
 *
 * Context: process context; none of the probes runs.
 */
void perftop_interrupts_watch(perftop_interrupt_ended ended)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		memset(per_cpu_ptr(&softirqs, cpu), 0, sizeof(softirqs));
		perftop_cpu_spans_drop(&per_cpu_ptr(&perftop_cpu, cpu)->spans);
	}
	watcher = ended;
}

/**
 * perftop_interrupt_name() - What an interrupt is for that is no device's
 * @id: of one of a CPU's own, or a softirq
 *
 * Context: any.
 * Return: a name as the kernel has it, 15 bytes at the most.
 */
const char *perftop_interrupt_name(u64 id)
{
	static const struct {
		u64		id;
		const char	*name;
	} known[] = {
#define KNOWN(kind, number, name)	{ (u64)PERFTOP_##kind << 32 | (number), name }
		KNOWN(VECTOR, LOCAL_TIMER_VECTOR, "timer"),
		KNOWN(VECTOR, RESCHEDULE_VECTOR, "reschedule"),
		KNOWN(VECTOR, CALL_FUNCTION_VECTOR, "call_function"),
		KNOWN(VECTOR, CALL_FUNCTION_SINGLE_VECTOR, "call_single"),
		KNOWN(VECTOR, IRQ_WORK_VECTOR, "irq_work"),
		KNOWN(VECTOR, X86_PLATFORM_IPI_VECTOR, "platform_ipi"),
		KNOWN(VECTOR, THERMAL_APIC_VECTOR, "thermal"),
		KNOWN(VECTOR, THRESHOLD_APIC_VECTOR, "threshold"),
		KNOWN(VECTOR, DEFERRED_ERROR_VECTOR, "deferred_error"),
		KNOWN(VECTOR, ERROR_APIC_VECTOR, "error"),
		KNOWN(VECTOR, SPURIOUS_APIC_VECTOR, "spurious"),
		KNOWN(SOFTIRQ, HI_SOFTIRQ, "HI"),
		KNOWN(SOFTIRQ, TIMER_SOFTIRQ, "TIMER"),
		KNOWN(SOFTIRQ, NET_TX_SOFTIRQ, "NET_TX"),
		KNOWN(SOFTIRQ, NET_RX_SOFTIRQ, "NET_RX"),
		KNOWN(SOFTIRQ, BLOCK_SOFTIRQ, "BLOCK"),
		KNOWN(SOFTIRQ, IRQ_POLL_SOFTIRQ, "IRQ_POLL"),
		KNOWN(SOFTIRQ, TASKLET_SOFTIRQ, "TASKLET"),
		KNOWN(SOFTIRQ, SCHED_SOFTIRQ, "SCHED"),
		KNOWN(SOFTIRQ, HRTIMER_SOFTIRQ, "HRTIMER"),
		KNOWN(SOFTIRQ, RCU_SOFTIRQ, "RCU"),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].id == id)
			return known[i].name;
	return "?";
}
