// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupts and softirqs: how often each CPU has served each of them, and how
 * long its handler took, without what interrupted that.
 *
 * CPU  KIND     IRQ NAME            COUNT      /S     TIME  ...  STORM      AGO
 * 1    irq       24 virtio0-req.0    4711   471.1 9.313 ms  ...   1203  4.112 s
 * 0    local    236 timer            2503   250.3 5.011 ms  ...     26  9.871 s
 * 0    softirq    3 NET_RX            812    81.2 1.204 ms  ...    400  2.101 s
 *
 * and irqs.sum, all CPUs together.
 */
#include <linux/interrupt.h>

#include "engine/view.h"
#include "proc/snapshot.h"
#include "proc/values.h"
#include "switch/interrupts.h"

#define COUNTERS(COUNTER)						\
	PERFTOP_COUNTERS_OF_SPANS(COUNTER)				\
	COUNTER(DELAY, SUM)	/* from being raised to running, in ticks */ \
	COUNTER(DELAYS, SUM)	/* softirqs of which it is known */	\
	COUNTER(DELAY_MAX, MAX)						\
	COUNTER(STORM, MAX)	/* see perftop_event_source_count() */

PERFTOP_COUNTERS(COUNTERS);

struct irq_key {
	u64	id;
	u64	name[2];
	u64	cpu;		/* which sums leave out */
	u64	octave;
};

enum { ID, NAME, CPU = 3, KEY_WORDS = sizeof(struct irq_key) / sizeof(u64) };

static struct perftop_table table = {
	.name		= "irqs",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= SUM,
	.key_words	= KEY_WORDS,
	.histogram	= true,
};

#define SOURCES_BITS	7

static DEFINE_PER_CPU(struct perftop_event_sources *, sources);

static u64 scale __read_mostly;		/* see perftop_view_scale() */
static u64 window __read_mostly;	/* 100 ms, in ticks */
static u64 small __read_mostly;		/* ticks that it can be multiplied by */

static noinline __kprobes u32 find_row(struct perftop_cpu *c, u64 octave,
				       const void *arg)
{
	struct irq_key key = *(const struct irq_key *)arg;

	key.octave = octave;
	return perftop_view_index(c, &table, (const u64 *)&key, KEY_WORDS);
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

static __always_inline void count_rest(u64 id, struct perftop_event_source *source,
				       u64 *counter)
{
	const u64 storm = perftop_event_source_count(source);
	const u64 waited = perftop_interrupt_waited(id);

	if (counter[STORM] < storm)
		counter[STORM] = storm;
	if (waited)
		perftop_view_add_ticks(&counter[DELAY], waited);
}

static noinline __kprobes void ended(struct perftop_cpu *c, u64 id,
				     const struct irqaction *action, u64 now, u64 ticks)
{
	struct perftop_event_source *source =
		perftop_span_source(&table, this_cpu_read(sources), place_of(id),
				    source_of(id, action));
	struct irq_key key = { id, .cpu = smp_processor_id() };
	u64 *counter;

	perftop_view_set_name(key.name, action ? action->name :
						 perftop_interrupt_name(id));
	if (!perftop_event_source_in_window(source, now, window))
		perftop_event_source_open_window(source, now, window);
	counter = perftop_span_add(c, &table, source, now,
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

static __kprobes void irq_ends(void *data, int irq, struct irqaction *action, int ret)
{
	perftop_interrupt_ends(perftop_interrupt_id(PERFTOP_IRQ, irq), action, small,
			       count, ended);
}

static __kprobes void vector_ends(void *data, int vector)
{
	perftop_interrupt_ends(perftop_interrupt_id(PERFTOP_VECTOR, vector), NULL, small,
			       count, ended);
}

static __kprobes void softirq_ends(void *data, unsigned int number)
{
	perftop_softirq_ends(number, small, count, ended);
}

static unsigned int limit(void)
{
	return 1024 + 256 * nr_cpu_ids;
}

static int start(void)
{
	static const struct perftop_interrupt_ends ends = {
		irq_ends, vector_ends, softirq_ends
	};

	scale = perftop_view_scale();
	small = div64_u64(U64_MAX, scale);
	window = tsc_khz * 100ULL;
	perftop_interrupts_watch(&ends);
	return perftop_event_sources_alloc(&sources, SOURCES_BITS);
}

static void stop(void)
{
	perftop_event_sources_free(&sources);
}

enum { KIND, NAMED, STORM_AGO };

#define COLUMNS(COLUMN)							\
	COLUMN(cpu, "CPU", 4, CPU, "which has served it", KEY, CPU)	\
	COLUMN(kind, "KIND", 7, WORD,					\
	       "irq: of a device; local: of the CPU's own; softirq", OWN, KIND) \
	COLUMN(number, "IRQ", 4, NUMBER, "its number", KEY_LOW, ID)	\
	COLUMN(name, "NAME", 15, NAME,					\
	       "of the device's handler, or what it is for", OWN, NAMED) \
	PERFTOP_COLUMNS_OF_SPANS(COLUMN)				\
	COLUMN(delays, "DELAYS", 0, COUNT,				\
	       "softirqs of which it is known when they were raised", COUNTER, DELAYS) \
	COLUMN(delay, "DELAY", 0, NS,					\
	       "from being raised to running, together", TIME, DELAY) \
	COLUMN(delay_average, "DELAY", 8, NS,				\
	       "from being raised to running, on average", AVERAGE, DELAY, DELAYS) \
	COLUMN(delay_longest, "MAX", 8, NS, "the longest of these", TIME, DELAY_MAX)	\
	COLUMN(storm, "STORM", 7, NUMBER,				\
	       "the most that one CPU served in a window of 100 ms", COUNTER_HIGH, STORM) \
	COLUMN(storm_ago, "AGO", 8, NS, "how long ago that was", OWN, STORM_AGO)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	static const char *const kinds[] = {
		[PERFTOP_IRQ] = "irq", [PERFTOP_VECTOR] = "local",
		[PERFTOP_SOFTIRQ] = "softirq",
	};

	value->none = !row->words;
	if (value->none)
		return;
	if (number == KIND)
		value->text = kinds[upper_32_bits(row->word[ID])];
	else if (number == NAMED)
		value->comm = &row->word[NAME];
	else
		value->number = perftop_ticks_ago(snapshot, window *
				(1ULL + lower_32_bits(row->counter[STORM])));
}

const struct perftop_view perftop_view_irqs = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "interrupts and softirqs by CPU: times, delays, storms",
	.cost		= "77 each",
	.table		= &table,
	.limit		= limit,
	.start		= start,
	.stop		= stop,
	.probes		= perftop_interrupt_probes,
	.interrupts	= true,
	.lost		= &perftop_cpu.spans.lost,
	.columns	= columns,
	.value		= value,
	.all_rows	= true,
	.shared		= true,
};

PERFTOP_SUM_OF(irqs, table, &columns[1]);
