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
	COUNTER(DELAYS, SUM)	/* softirqs of which it is known */	\
	COUNTER(DELAY, SUM)	/* from being raised to running, in ns */ \
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

static struct perftop_event_sources *__percpu *sources;

static u64 scale __read_mostly;		/* see perftop_view_scale() */
static u64 window __read_mostly;	/* 100 ms, in ticks */

static noinline __kprobes u32 find_row(struct perftop_cpu *c, u64 octave,
				       const void *arg)
{
	const struct perftop_span *span = arg;
	const struct irqaction *action = span->of;
	struct irq_key key = { span->id, .cpu = smp_processor_id(), .octave = octave };

	perftop_view_set_name(key.name, action ? action->name :
						 perftop_interrupt_name(span->id));
	return perftop_view_index(c, &table, (const u64 *)&key, KEY_WORDS);
}

static __kprobes void ended(struct perftop_cpu *c, const struct perftop_span *span,
			    u64 now, u64 ticks)
{
	/* Another line's handler may be where one was that is gone. */
	const u64 of = span->of ? (unsigned long)span->of ^ span->id << 48 : span->id;
	struct perftop_event_source *source = perftop_span_source(&table, sources, of);
	const u64 storm = perftop_event_source_count(source, now, window);
	u64 *counter = perftop_span_add(c, &table, source, now,
					mul_u64_u64_shr(ticks, scale, 32), find_row, span);

	counter[STORM] = max(counter[STORM], storm);
	if (span->before)
		perftop_view_add_time(&counter[DELAYS],
				      mul_u64_u64_shr(span->before, scale, 32));
}

static unsigned int limit(void)
{
	return 1024 + 256 * nr_cpu_ids;
}

static int start(void)
{
	scale = perftop_view_scale();
	window = tsc_khz * 100ULL;
	sources = perftop_event_sources_alloc(7);
	perftop_interrupts_watch(ended);
	return sources ? 0 : -ENOMEM;
}

static void stop(void)
{
	perftop_event_sources_free(sources);
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
	       "from being raised to running, together", COUNTER, DELAY) \
	COLUMN(delay_average, "DELAY", 8, NS,				\
	       "from being raised to running, on average", RATIO, DELAY, DELAYS) \
	COLUMN(delay_longest, "MAX", 8, NS, "the longest of these", COUNTER, DELAY_MAX)	\
	COLUMN(storm, "STORM", 7, NUMBER,				\
	       "the most that one CPU served in a window of 100 ms", COUNTER_HIGH, STORM) \
	COLUMN(storm_ago, "AGO", 8, NS, "how long ago that was", OWN, STORM_AGO)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	static const char *const kinds[] = { "irq", "local", "softirq" };

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
