// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts and softirqs, as the kernel's tracepoints tell of them: the handlers,
 * not what the CPU does before and behind them.
 *
 * A line that several devices share, and one whose handler calls those of others,
 * has a span for each handler. Threaded handlers are tasks, and chained ones are not
 * told of; nor is an NMI.
 *
 * Nearly all are alone, and their row is known: what they take then is inline in the
 * probes. The rest is called last, so that it costs the others no registers.
 */
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/irq_vectors.h>
#include <asm/msr.h>

#include "engine/event_sources.h"
#include "engine/interrupts.h"
#include "engine/view.h"
#include "perftop.h"
#include "switch/cpu.h"
#include "switch/cpu_spans.h"
#include "switch/tracepoint_probe.h"

static const u8 merge[PERFTOP_INTERRUPT_COUNTERS] = {
	[PERFTOP_OCTAVE_LONGEST]	= PERFTOP_MAX,
	[PERFTOP_DELAY_MAX]		= PERFTOP_MAX,
	[PERFTOP_STORM]			= PERFTOP_MAX,
	/* The others are sums. */
};

struct perftop_table perftop_interrupts = {
	.name		= "irqs",
	.merge		= merge,
	.counters	= PERFTOP_INTERRUPT_COUNTERS,
	.rank		= PERFTOP_OCTAVE_SUM,
	.key_words	= PERFTOP_INTERRUPT_WORDS,
	.histogram	= true,
};

/*
 * Where the softirqs' time is a task's, in which it may be preempted, interrupts'
 * is not: PREEMPT_RT.
 */
#define SOFTIRQS_ARE_TASKS	IS_ENABLED(CONFIG_PREEMPT_RT)

/* Those of a CPU, by number, in ticks; 0: not so. */
struct softirqs {
	u64	raised[NR_SOFTIRQS];	/* since when one has been raised */
	u64	waited[NR_SOFTIRQS];	/* from then until it ran */
	u64	begun[NR_SOFTIRQS];	/* where they are tasks' time: since when it runs */
	u64	inner[NR_SOFTIRQS];	/* likewise: interrupts' time until then */
};

static DEFINE_PER_CPU(struct softirqs, softirqs);

#define SOURCES_BITS	7

static DEFINE_PER_CPU(struct perftop_event_sources *, sources);

static u64 scale __read_mostly;		/* see perftop_view_scale() */
static u64 window __read_mostly;	/* 100 ms, in ticks */
static u64 small __read_mostly;		/* ticks that it can be multiplied by */

static __always_inline u64 id_of(enum perftop_interrupt kind, u32 number)
{
	return (u64)kind << 32 | number;
}

/* --- What they are for ---------------------------------------------------- */

static __kprobes const char *name_of(u64 id)
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

/* --- Counting ------------------------------------------------------------- */

static noinline __kprobes u32 find_row(struct perftop_cpu *c, u64 octave,
				       const void *arg)
{
	struct perftop_interrupt_key key = *(const struct perftop_interrupt_key *)arg;

	key.octave = octave;
	return perftop_view_index(c, &perftop_interrupts, (const u64 *)&key,
				  PERFTOP_INTERRUPT_WORDS);
}

/* Devices' lines, and numbers of vectors and of softirqs, are seldom in one place. */
static __always_inline u32 place_of(u64 id)
{
	const u32 number = lower_32_bits(id);

	return (upper_32_bits(id) == PERFTOP_SOFTIRQ ? number + 96 : number) &
	       ((1U << SOURCES_BITS) - 1);
}

/* Another line's handler may be where one was that is gone. */
static __always_inline u64 source_of(u64 id, const struct irqaction *action)
{
	return upper_32_bits(id) == PERFTOP_IRQ ? (unsigned long)action ^ id << 48 : id;
}

/* Ticks from when it was raised to its beginning; 0: they are not known. */
static __always_inline u64 waited_for(u64 id)
{
	if (upper_32_bits(id) != PERFTOP_SOFTIRQ)
		return 0;
	return this_cpu_read(softirqs.waited[lower_32_bits(id)]);
}

static __always_inline void count_rest(u64 id, struct perftop_event_source *source,
				       u64 *counter)
{
	const u64 storm = perftop_event_source_count(source);
	const u64 waited = waited_for(id);

	if (counter[PERFTOP_STORM] < storm)
		counter[PERFTOP_STORM] = storm;
	if (waited)
		perftop_view_add_ticks(&counter[PERFTOP_DELAY], waited);
}

static noinline __kprobes void ended(struct perftop_cpu *c, u64 id,
				     const struct irqaction *action, u64 now, u64 ticks)
{
	struct perftop_event_source *source =
		perftop_span_source(&perftop_interrupts, this_cpu_read(sources), place_of(id),
				    source_of(id, action));
	struct perftop_interrupt_key key = { id, .cpu = smp_processor_id() };
	u64 *counter;

	perftop_view_set_name(key.name, action ? action->name : name_of(id));
	if (!perftop_event_source_in_window(source, now, window))
		perftop_event_source_open_window(source, now, window);
	counter = perftop_span_add(c, &perftop_interrupts, source, now,
				   mul_u64_u64_shr(ticks, scale, 32), find_row, &key);
	count_rest(id, source, counter);
}

/* Where all that it takes is known. */
static __always_inline bool count(struct perftop_cpu *c, u64 id,
				  const struct irqaction *action, u64 now, u64 ticks)
{
	struct perftop_event_sources *own = this_cpu_read(sources);
	struct perftop_event_source *source = perftop_event_source_at(own, place_of(id));
	const u64 ns = ticks * scale >> 32;
	unsigned int eighth;
	u64 *counter;
	u32 row;

	if (unlikely(ns < PERFTOP_EIGHTHS ||
		     !perftop_event_source_is(source, source_of(id, action), c->flips) ||
		     !perftop_event_source_in_window(source, now, window)))
		return false;
	row = perftop_span_row_known(source, ns, &eighth);
	if (unlikely(!row))
		return false;
	counter = perftop_span_add_known(own, row, eighth, now, ns);
	count_rest(id, source, counter);
	return true;
}

/* It is not alone, or little is known of it. */
static noinline __kprobes void end_any(struct perftop_cpu *c, u64 id,
				       const struct irqaction *action, u64 now)
{
	u64 ticks;

	if (perftop_cpu_span_end(&c->spans, id, now, &ticks) && c->spans.counting)
		ended(c, id, action, now, ticks);
}

static __always_inline void end(u64 id, const struct irqaction *action)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	const u64 now = rdtsc();
	const u64 ticks = perftop_cpu_span_ticks_alone(&c->spans, now);

	if (likely(perftop_cpu_span_is_alone(&c->spans, id, ticks, small) &&
		   count(c, id, action, now, ticks)))
		perftop_cpu_span_end_alone(&c->spans, ticks);
	else
		end_any(c, id, action, now);
}

/* --- Interrupts ----------------------------------------------------------- */

static __kprobes void irq_begins(void *data, int irq, struct irqaction *action)
{
	perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
			       id_of(PERFTOP_IRQ, irq), rdtsc());
}

static __kprobes void irq_ends(void *data, int irq, struct irqaction *action, int ret)
{
	end(id_of(PERFTOP_IRQ, irq), action);
}

static __kprobes void vector_begins(void *data, int vector)
{
	perftop_cpu_span_begin(&this_cpu_ptr(&perftop_cpu)->spans,
			       id_of(PERFTOP_VECTOR, vector), rdtsc());
}

static __kprobes void vector_ends(void *data, int vector)
{
	end(id_of(PERFTOP_VECTOR, vector), NULL);
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
	struct softirqs *own = this_cpu_ptr(&softirqs);
	const u64 now = rdtsc();

	own->waited[number] = take_raised(own, number, now);
	if (likely(perftop_cpu_span_begin(&c->spans,
					  id_of(PERFTOP_SOFTIRQ, number),
					  now)) &&
	    unlikely(is_ksoftirqd(current)))
		perftop_cpu_span_is_tasks(&c->spans);
}

/* A task may be preempted in it: no span of the CPU's, but a slot by number. */
static __always_inline void task_run_begins(struct perftop_cpu *c, unsigned int number)
{
	struct softirqs *own = this_cpu_ptr(&softirqs);
	const u64 now = rdtsc();

	c->spans.lost.unended += !!own->begun[number];
	own->waited[number] = take_raised(own, number, now);
	own->begun[number] = now;
	own->inner[number] = c->spans.total;
}

static __always_inline void task_run_ends(struct perftop_cpu *c, unsigned int number)
{
	struct softirqs *own = this_cpu_ptr(&softirqs);
	const u64 now = rdtsc(), begun = own->begun[number];
	const u64 inner = c->spans.total - own->inner[number];

	own->begun[number] = 0;
	if (unlikely(!begun))
		c->spans.lost.unbegun++;
	else if (c->spans.counting)
		ended(c, id_of(PERFTOP_SOFTIRQ, number), NULL, now,
		      max_t(s64, now - begun - inner, 0));
}

static __kprobes void softirq_begins(void *data, unsigned int number)
{
	unsigned long irq;

	local_irq_save(irq);
	if (SOFTIRQS_ARE_TASKS)
		task_run_begins(this_cpu_ptr(&perftop_cpu), number);
	else
		run_begins(this_cpu_ptr(&perftop_cpu), number);
	local_irq_restore(irq);
}

static __kprobes void softirq_ends(void *data, unsigned int number)
{
	unsigned long irq;

	local_irq_save(irq);
	if (SOFTIRQS_ARE_TASKS)
		task_run_ends(this_cpu_ptr(&perftop_cpu), number);
	else
		end(id_of(PERFTOP_SOFTIRQ, number), NULL);
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
 * perftop_interrupts_limit() - How many rows there may be
 *
 * Context: any.
 * Return: a number that leaves room for each CPU's own.
 */
unsigned int perftop_interrupts_limit(void)
{
	return 1024 + 256 * nr_cpu_ids;
}

/**
 * perftop_interrupts_start() - Be ready for the probes
 *
 * What had begun when they ran before is forgotten.
 *
 * Context: process context; none of them runs.
 * Return: 0 or -ENOMEM; perftop_interrupts_stop() undoes it.
 */
int perftop_interrupts_start(void)
{
	unsigned int cpu;

	scale = perftop_view_scale();
	small = div64_u64(U64_MAX, scale);
	window = tsc_khz * 100ULL;
	for_each_possible_cpu(cpu) {
		memset(per_cpu_ptr(&softirqs, cpu), 0, sizeof(softirqs));
		perftop_cpu_spans_drop(&per_cpu_ptr(&perftop_cpu, cpu)->spans);
	}
	return perftop_event_sources_alloc(&sources, SOURCES_BITS);
}

/**
 * perftop_interrupts_stop() - Give back what they took
 *
 * Context: as perftop_interrupts_start().
 */
void perftop_interrupts_stop(void)
{
	perftop_event_sources_free(&sources);
}

/**
 * perftop_interrupts_window_end() - When a window of 100 ms ended
 * @number: which, see perftop_event_source_count()
 *
 * Context: any.
 * Return: in ticks of this boot.
 */
u64 perftop_interrupts_window_end(u32 number)
{
	return window * (1ULL + number);
}
