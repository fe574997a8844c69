// SPDX-License-Identifier: GPL-2.0
/*
 * The CPUs: what each was busy with, and how often it changed its task.
 *
 * CPU  SWITCHES     VOL   INVOL     /S  BUSY%  IDLE% AVG SLICE MAX SLICE
 *      |            |     |         |   |      |     |         |
 *      all, those   |     preempted a   of tasks,    slices
 *      of its idle  gave it up  second  of none
 *      task too
 *     WAITS      WAIT      HELD  AVG WAIT  MAX WAIT   IN  OUT
 *     |          |         |     |         |          |   |
 *     tasks that had become runnable, how  |          |   had come to another CPU
 *     long they waited for this CPU, and how          |   next
 *     much of that it was idle all the same           had left another CPU before
 *
 * Rates are of the time that a CPU was online; "*" marks one that was offline for a
 * while.
 */
#include <linux/bsearch.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"

enum counter {
	TICKS = PERFTOP_TICKS,
	COUNT = PERFTOP_COUNT,
	VOLUNTARY,
	LONGEST,
	WAITS,
	WAIT,			/* ns */
	WAIT_MAX,		/* ns */
	HELD,			/* ticks of WAIT */
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
	[HELD]		= PERFTOP_SUM,
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
static DEFINE_PER_CPU(struct perftop_known, own_row);

static noinline __kprobes u32 find_cpu(struct perftop_cpu *c,
				       struct perftop_known *known)
{
	const u64 cpu = c->slice.cpu;

	return perftop_view_find_row(c, &table, known, &cpu, 1);
}

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
		perftop_view_known(c, &table, this_cpu_ptr(&own_row), find_cpu));

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

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%-4s %9s %9s %9s %9s %6s %6s %10s %10s ", "CPU",
		   "SWITCHES", "VOL", "INVOL", "/S", "BUSY%", "IDLE%",
		   "AVG SLICE", "MAX SLICE");
	seq_printf(m, "%9s %10s %10s %10s %10s %7s %7s\n", "WAITS", "WAIT",
		   "HELD", "AVG WAIT", "MAX WAIT", "IN", "OUT");
}

/* The CPUs stand in their own order. */
static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->lines;
}

/* Those without a key stand behind all that have one. */
static int by_cpu(const void *line, const void *row)
{
	const struct perftop_row *one = row;
	const u64 cpu = ((const struct perftop_line *)line)->cpu;

	if (!one->words || cpu < one->word[0])
		return -1;
	return cpu > one->word[0];
}

static const u64 *counters_of(const struct perftop_snapshot *snapshot,
			      const struct perftop_line *line)
{
	static const u64 none[COUNTERS];
	const struct perftop_row *row;

	row = bsearch(line, snapshot->row, snapshot->rows, sizeof(*row), by_cpu);
	return row ? row->counter : none;
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_line *line = &snapshot->line[number];
	const u64 *counter = counters_of(snapshot, line);
	const perftop_wide *ticks = line->sums.ticks;

	perftop_print_cpu(m, line);
	seq_printf(m, "%9llu %9llu %9llu", line->sums.switches,
		   counter[VOLUNTARY], counter[COUNT] - counter[VOLUNTARY]);
	/* Slices that were open when the view began are part of its time. */
	perftop_print_rate(m, line->sums.switches,
			   min(perftop_ticks_to_ns(line->elapsed), snapshot->up),
			   10);
	perftop_print_share(m, ticks[PERFTOP_RANKED] + line->running,
			    line->elapsed, 7);
	perftop_print_share(m, ticks[PERFTOP_IDLE], line->elapsed, 7);
	perftop_print_average(m, counter[TICKS], counter[COUNT], 11);
	perftop_print_ticks(m, counter[LONGEST], 11);
	seq_printf(m, " %9llu", counter[WAITS]);
	perftop_print_ns(m, counter[WAIT], 11);
	perftop_print_ticks(m, counter[HELD], 11);
	perftop_print_ns(m, counter[WAITS] ?
			 div64_u64(counter[WAIT], counter[WAITS]) : 0, 11);
	perftop_print_ns(m, counter[WAIT_MAX], 11);
	seq_printf(m, " %7llu %7llu\n", counter[IN], counter[OUT]);
}

const struct perftop_view perftop_view_cpus = {
	.name		= "cpus",
	.what		= "each CPU's switches, slices, waits and migrations",
	.lacks		= PERFTOP_LACKS_WAITS,
	.cost		= "158",
	.table		= &table,
	.limit		= limit,
	.slice		= show_slice,
	.header		= show_header,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
	.by_key		= true,
	.shared		= true,
};
