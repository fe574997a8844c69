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
#include "engine/interrupts.h"
#include "engine/view.h"
#include "proc/snapshot.h"
#include "proc/values.h"

enum { KIND, NAMED, STORM_AGO };

#define COLUMNS(COLUMN)							\
	COLUMN(cpu, "CPU", 4, CPU, "which has served it", KEY, PERFTOP_INTERRUPT_CPU)	\
	COLUMN(kind, "KIND", 7, WORD,					\
	       "irq: of a device; local: of the CPU's own; softirq", OWN, KIND) \
	COLUMN(number, "IRQ", 4, NUMBER, "its number", KEY_LOW, PERFTOP_INTERRUPT_ID)	\
	COLUMN(name, "NAME", 15, NAME,					\
	       "of the device's handler, or what it is for", OWN, NAMED) \
	PERFTOP_COLUMNS_OF_SPANS(COLUMN)				\
	COLUMN(delays, "DELAYS", 0, COUNT,				\
	       "softirqs of which it is known when they were raised", COUNTER, PERFTOP_DELAYS) \
	COLUMN(delay_ticks, "DELAY", 0, TICKS,				\
	       "from being raised to running, together", COUNTER, PERFTOP_DELAY) \
	COLUMN(delay, "DELAY", 0, NS, "the same as a time", TIME, PERFTOP_DELAY) \
	COLUMN(delay_average, "DELAY", 8, NS,				\
	       "from being raised to running, on average", \
	       AVERAGE, PERFTOP_DELAY, PERFTOP_DELAYS) \
	COLUMN(delay_longest, "MAX", 8, NS, "the longest of these", \
	       TIME, PERFTOP_DELAY_MAX)	\
	COLUMN(storm, "STORM", 7, NUMBER,				\
	       "the most that one CPU served in a window of 100 ms", \
	       COUNTER_HIGH, PERFTOP_STORM) \
	COLUMN(storm_ago, "AGO", 8, NS, "how long ago that was", OWN, STORM_AGO)

PERFTOP_COLUMNS(COLUMNS);

static u64 storm_ago(const struct perftop_snapshot *snapshot,
		     const struct perftop_row *row)
{
	const u32 number = lower_32_bits(row->counter[PERFTOP_STORM]);

	return perftop_ticks_ago(snapshot, perftop_interrupts_window_end(number));
}

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
		value->text = kinds[upper_32_bits(row->word[PERFTOP_INTERRUPT_ID])];
	else if (number == NAMED)
		value->comm = &row->word[PERFTOP_INTERRUPT_NAME];
	else
		value->number = storm_ago(snapshot, row);
}

const struct perftop_view perftop_view_irqs = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "interrupts and softirqs by CPU: times, delays, storms",
	.cost		= "127+124",
	.table		= &perftop_interrupts,
	.limit		= perftop_interrupts_limit,
	.start		= perftop_interrupts_start,
	.stop		= perftop_interrupts_stop,
	.probes		= perftop_interrupt_probes,
	.interrupts	= true,
	.lost		= &perftop_cpu.spans.lost,
	.columns	= columns,
	.value		= value,
	.all_rows	= true,
	.shared		= true,
};

PERFTOP_SUM_OF(irqs, perftop_interrupts, &columns[1]);
