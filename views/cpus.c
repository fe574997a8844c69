// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs: what each was busy with, and how often it changed its task.
 *
 * CPU  SWITCHES     VOL   INVOL     /S  BUSY%  IDLE% AVG SLICE MAX SLICE
 *      |            |     |         |   |      |     |         |
 *      all, those   |     preempted a   of tasks,    slices
 *      of its idle  gave it up  second  of none
 *      task too
 *     WAITS      WAIT  AVG WAIT  MAX WAIT   IN  OUT
 *     |          |     |         |          |   |
 *     tasks that had become runnable, and   |   had come to another CPU next
 *     how long they waited for this CPU     had left another CPU before
 */
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "../view.h"

enum counter {
	TICKS = PERFTOP_TICKS,
	COUNT = PERFTOP_COUNT,
	VOLUNTARY,
	LONGEST,
	WAITS,
	WAIT,			/* ns */
	WAIT_MAX,		/* ns */
	IN,
	OUT,
	COUNTERS
};

static const u8 merge[COUNTERS] = {
	[TICKS]		= PERFTOP_SUM,
	[COUNT]		= PERFTOP_SUM,
	[VOLUNTARY]	= PERFTOP_SUM,
	[LONGEST]	= PERFTOP_MAX,
	[WAITS]		= PERFTOP_SUM,
	[WAIT]		= PERFTOP_SUM,
	[WAIT_MAX]	= PERFTOP_MAX,
	[IN]		= PERFTOP_SUM,
	[OUT]		= PERFTOP_SUM,
};

/* The key is the CPU's number. */
static struct perftop_table table = {
	.name		= "cpus",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
};

/* This CPU's own row. */
struct own_row {
	u32	index;
	u32	epoch;
};

static DEFINE_PER_CPU(struct own_row, own_row);

static noinline __kprobes u32 cpu_index(struct perftop_cpu *c, u64 cpu)
{
	return perftop_view_index(c, &table, &cpu, 1);
}

static __always_inline u32 own_index(struct perftop_cpu *c,
				     const struct perftop_slice *slice)
{
	u32 epoch = READ_ONCE(table.shard[slice->cpu]->epoch);
	struct own_row *own = this_cpu_ptr(&own_row);

	if (likely(own->index && own->epoch == epoch))
		return own->index;
	own->index = cpu_index(c, slice->cpu);
	own->epoch = epoch;
	return own->index;
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	u64 *counter = perftop_view_charge(&table, slice, own_index(c, slice));
	u32 from;

	counter[VOLUNTARY] += slice->voluntary;
	if (counter[LONGEST] < slice->ticks)
		counter[LONGEST] = slice->ticks;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (likely(slice->from == slice->cpu))
		return;
	counter[IN]++;
	from = cpu_index(c, slice->from);
	perftop_hash_row(table.shard[slice->cpu], slice->bank, from,
			 slice->now)[OUT]++;
}

static unsigned int limit(void)
{
	return nr_cpu_ids;
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%-4s %9s %9s %9s %9s %6s %6s %10s %10s ", "CPU",
		   "SWITCHES", "VOL", "INVOL", "/S", "BUSY%", "IDLE%",
		   "AVG SLICE", "MAX SLICE");
	seq_printf(m, "%9s %10s %10s %10s %7s %7s\n", "WAITS", "WAIT",
		   "AVG WAIT", "MAX WAIT", "IN", "OUT");
}

/* The CPUs stand in their own order. */
static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->lines;
}

static const u64 *counters_of(const struct perftop_snapshot *snapshot,
			      unsigned int cpu)
{
	static const u64 none[COUNTERS];
	unsigned int i;

	for (i = 0; i < snapshot->rows; i++)
		if (snapshot->row[i].words && snapshot->row[i].word[0] == cpu)
			return snapshot->row[i].counter;
	return none;
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_line *line = &snapshot->line[number];
	const u64 *counter = counters_of(snapshot, line->cpu);
	const u64 *ticks = line->sums.ticks;

	seq_printf(m, "%-4u %9llu %9llu %9llu", line->cpu, line->sums.switches,
		   counter[VOLUNTARY], counter[COUNT] - counter[VOLUNTARY]);
	perftop_print_rate(m, line->sums.switches, snapshot->up, 10);
	perftop_print_share(m, ticks[PERFTOP_RANKED] + line->running,
			    line->elapsed, 7);
	perftop_print_share(m, ticks[PERFTOP_IDLE], line->elapsed, 7);
	perftop_print_average(m, counter[TICKS], counter[COUNT], 11);
	perftop_print_ticks(m, counter[LONGEST], 11);
	seq_printf(m, " %9llu", counter[WAITS]);
	perftop_print_ns(m, counter[WAIT], 11);
	perftop_print_ns(m, counter[WAITS] ?
			 div64_u64(counter[WAIT], counter[WAITS]) : 0, 11);
	perftop_print_ns(m, counter[WAIT_MAX], 11);
	seq_printf(m, " %7llu %7llu\n", counter[IN], counter[OUT]);
}

const struct perftop_view perftop_view_cpus = {
	.name		= "cpus",
	.what		= "each CPU's switches, slices, waits and migrations",
	.cost		= "162",
	.table		= &table,
	.limit		= limit,
	.slice		= show_slice,
	.header		= show_header,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
};
