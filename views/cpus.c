// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs: what each was busy with, and how often it changed its task. Rates are
 * of the time that a CPU was online.
 */
#include <linux/percpu.h>

#include "engine/view.h"
#include "proc/snapshot.h"

#define LIST(COUNTER)							\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(VOLUNTARY, SUM)						\
	COUNTER(LONGEST, MAX)						\
	COUNTER(WAITS, SUM)						\
	COUNTER(WAIT, SUM)	/* ns */				\
	COUNTER(WAIT_MAX, MAX)	/* ns */				\
	COUNTER(HELD, SUM)	/* ticks of WAIT */			\
	COUNTER(IN, SUM)						\
	COUNTER(OUT, SUM)

PERFTOP_COUNTERS(LIST);

/* The key is the CPU's number. */
static struct perftop_table table = {
	.name		= "cpus",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
};

/* This CPU's own row. */
static DEFINE_PER_CPU(struct perftop_known, own_row);

/* A task that has come: it left that other CPU. */
static noinline __kprobes void add_out(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const u64 from = slice->from;

	perftop_view_row(&table, slice,
			 perftop_view_index(c, &table, &from, 1))[OUT]++;
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	u64 *counter = perftop_view_charge(&table, slice,
		perftop_view_cpu_row(c, &table, this_cpu_ptr(&own_row)));

	counter[VOLUNTARY] += slice->voluntary;
	if (counter[LONGEST] < slice->ticks)
		counter[LONGEST] = slice->ticks;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (likely(slice->from == slice->cpu))
		return;
	counter[IN]++;
	add_out(c);
}

static unsigned int limit(void)
{
	return nr_cpu_ids;
}

#define COLUMNS(COLUMN)							\
	COLUMN(cpu, "CPU", 4, CPU, "its number", LINE, PERFTOP_LINE(cpu)) \
	COLUMN(was_offline, "*", 0, FLAG,				\
	       "it was offline for a while, or is", LINE, PERFTOP_LINE(was_offline)) \
	COLUMN(switches, "SWITCHES", 9, COUNT,				\
	       "slices that have ended, those of its idle task too",	\
	       LINE, PERFTOP_LINE(sums.switches))			\
	COLUMN(slices, "SLICES", 0, COUNT,				\
	       "slices of tasks that have ended", COUNTER, COUNT)	\
	COLUMN(voluntary, "VOL", 9, COUNT,				\
	       "in how many the task gave it up", COUNTER, VOLUNTARY)	\
	COLUMN(involuntary, "INVOL", 9, COUNT,				\
	       "in how many the task was preempted", LESS, COUNT, VOLUNTARY) \
	COLUMN(switch_rate, "/S", 9, RATE,				\
	       "switches a second that it was online", SWITCH_RATE)	\
	COLUMN(busy, "BUSY%", 6, PERCENT, "time of tasks", BUSY_SHARE)	\
	COLUMN(idle, "IDLE%", 6, PERCENT,				\
	       "time of its idle task", ACCOUNT_SHARE, PERFTOP_IDLE)	\
	COLUMN(interrupts, "IRQ%", 6, PERCENT,				\
	       "time of interrupts and softirqs, since irqs was on",	\
	       ACCOUNT_SHARE, PERFTOP_INTERRUPTS)			\
	COLUMN(ticks, "TICKS", 0, TICKS,				\
	       "time of tasks in slices that have ended", COUNTER, TICKS) \
	COLUMN(slice_average, "AVG SLICE", 10, NS,			\
	       "of tasks", AVERAGE, TICKS, COUNT)			\
	COLUMN(slice_longest, "MAX SLICE", 10, NS, "of tasks", TIME, LONGEST) \
	COLUMN(waits, "WAITS", 9, COUNT,				\
	       "waits of tasks that had become runnable", COUNTER, WAITS) \
	COLUMN(wait, "WAIT", 10, NS,					\
	       "how long they waited for it", COUNTER, WAIT)		\
	COLUMN(held, "HELD", 10, NS,					\
	       "for how much of that it was idle all the same", TIME, HELD) \
	COLUMN(wait_average, "AVG WAIT", 10, NS,			\
	       "the average of these waits", RATIO, WAIT, WAITS)	\
	COLUMN(wait_longest, "MAX WAIT", 10, NS,			\
	       "the longest of them", COUNTER, WAIT_MAX)		\
	COLUMN(in, "IN", 7, COUNT,					\
	       "slices of tasks that had left another CPU before", COUNTER, IN) \
	COLUMN(out, "OUT", 7, COUNT,					\
	       "of tasks that came to another CPU next", COUNTER, OUT)

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_cpus = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "each CPU's switches, slices, waits and migrations",
	.lacks		= PERFTOP_LACKS_WAITS,
	.cost		= "158",
	.table		= &table,
	.limit		= limit,
	.slice		= show_slice,
	.columns	= columns,
	.all_rows	= true,
	.by_cpu		= true,
	.shared		= true,
};
