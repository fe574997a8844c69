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

DEFINE_PER_CPU(struct perftop_softirqs, perftop_softirqs);

/* --- Interrupts ----------------------------------------------------------- */

static __kprobes void irq_begins(void *data, int irq, struct irqaction *action)
{
	perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
			       perftop_interrupt_id(PERFTOP_IRQ, irq), rdtsc());
}

static __kprobes void vector_begins(void *data, int vector)
{
	perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
			       perftop_interrupt_id(PERFTOP_VECTOR, vector), rdtsc());
}

/**
 * perftop_interrupt_end() - An interrupt ends that is not alone, or little is known of
 * @c: this CPU
 * @id: as for perftop_interrupt_ends(), which says this
 * @action: likewise
 * @now: in ticks
 * @ended: as for perftop_interrupt_ends()
 *
 * Context: interrupts off.
 */
__kprobes void perftop_interrupt_end(struct perftop_cpu *c, u64 id,
				     const struct irqaction *action, u64 now,
				     perftop_interrupt_ended ended)
{
	u64 ticks;

	if (perftop_cpu_span_end(&c->spans, id, now, &ticks) && c->spans.counting)
		ended(c, id, action, now, ticks);
}

/* --- Softirqs ------------------------------------------------------------- */

/* What it is raised for is done by the run that is next. */
static __kprobes void softirq_raised(void *data, unsigned int number)
{
	u64 *raised = &this_cpu_ptr(&perftop_softirqs)->raised[number];

	if (!*raised)
		*raised = rdtsc();
}

/* How long the run that begins has been waited for. */
static __always_inline u64 take_raised(struct perftop_softirqs *own, unsigned int number,
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
	struct perftop_softirqs *own = this_cpu_ptr(&perftop_softirqs);
	const u64 now = rdtsc();

	own->waited[number] = take_raised(own, number, now);
	if (likely(perftop_cpu_span_begin(&c->spans,
					  perftop_interrupt_id(PERFTOP_SOFTIRQ, number),
					  now)) &&
	    unlikely(is_ksoftirqd(current)))
		perftop_cpu_span_is_tasks(&c->spans);
}

/* A task may be preempted in it: no span of the CPU's, but a slot by number. */
static __always_inline void task_run_begins(struct perftop_cpu *c, unsigned int number)
{
	struct perftop_softirqs *own = this_cpu_ptr(&perftop_softirqs);
	const u64 now = rdtsc();

	c->spans.lost.unended += !!own->begun[number];
	own->begun[number] = now;
	own->inner[number] = c->spans.total;
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

/**
 * perftop_softirq_task_end() - A softirq ends, where it is a task's time
 * @number: which
 * @ended: as for perftop_interrupt_end()
 *
 * Context: interrupts off.
 */
__kprobes void perftop_softirq_task_end(unsigned int number,
					perftop_interrupt_ended ended)
{
	struct perftop_softirqs *own = this_cpu_ptr(&perftop_softirqs);
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	const u64 now = rdtsc(), begun = own->begun[number];
	const u64 inner = c->spans.total - own->inner[number];

	own->waited[number] = take_raised(own, number, begun);
	own->begun[number] = 0;
	if (unlikely(!begun))
		c->spans.lost.unbegun++;
	else if (c->spans.counting)
		ended(c, perftop_interrupt_id(PERFTOP_SOFTIRQ, number), NULL, now,
		      max_t(s64, now - begun - inner, 0));
}

/* --- All of them ---------------------------------------------------------- */

/* The arguments are the same in all kernels; what one is not built for, it lacks. */
#define PROBE(event, of)						\
	(&(struct perftop_tracepoint){					\
		.name = #event, .probe = of, .fits = true, .may_lack = true, \
	})

/* Probes on ends are not ours. */
#define END(event)							\
	PROBE(event, NULL)

#define VECTOR(name)							\
	END(name##_exit), PROBE(name##_entry, vector_begins)

enum { IRQ_END = 0, SOFTIRQ_END = 2, VECTOR_ENDS = 5 };

/* The arguments are the same in all kernels; what one is not built for, it lacks. */
struct perftop_tracepoint *const perftop_interrupt_probes[] = {
	[IRQ_END] = END(irq_handler_exit),
	PROBE(irq_handler_entry, irq_begins),
	[SOFTIRQ_END] = END(softirq_exit),
	PROBE(softirq_entry, softirq_begins),
	PROBE(softirq_raise, softirq_raised),
	/* And each second one behind it. */
	[VECTOR_ENDS] = VECTOR(local_timer),
	VECTOR(reschedule),
	VECTOR(call_function),
	VECTOR(call_function_single),
	VECTOR(irq_work),
	VECTOR(x86_platform_ipi),
	VECTOR(thermal_apic),
	VECTOR(threshold_apic),
	VECTOR(deferred_error_apic),
	VECTOR(error_apic),
	VECTOR(spurious_apic),
	NULL
};

/**
 * perftop_interrupts_watch() - Say who is told of interrupts that end
 * @ends: probes
 *
 * What had begun when probes ran before is forgotten.
 *
 * Context: process context; none of the probes runs.
 */
void perftop_interrupts_watch(const struct perftop_interrupt_ends *ends)
{
	unsigned int cpu, i;

	perftop_interrupt_probes[IRQ_END]->probe = ends->irq;
	perftop_interrupt_probes[SOFTIRQ_END]->probe = ends->softirq;
	for (i = VECTOR_ENDS; perftop_interrupt_probes[i]; i += 2)
		perftop_interrupt_probes[i]->probe = ends->vector;
	for_each_possible_cpu(cpu) {
		memset(per_cpu_ptr(&perftop_softirqs, cpu), 0,
		       sizeof(perftop_softirqs));
		perftop_cpu_spans_drop(&per_cpu_ptr(&perftop_cpu, cpu)->spans);
	}
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
