// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks: threads by CPU time, and how they got it. In tasks.switches the
 * same rows stand in the order of SWITCHES.
 *
 *  PID  TGID POLICY   PRIO   CPU% TICKS TIME SWITCHES     VOL   INVOL      /S
 *  |    |    |        |      |    |     |    |            |     |          |
 *  |    |    |        |      of   on CPUs    slices that  |     |   a second
 *  |    |    |        |      all             ended        |     preempted
 *  |    process       |                                   gave the CPU up
 *  |                  real-time priority, or nice level
 *  thread; "+" behind it: it has ended
 *
 *      WAIT AVG WAIT MAX WAIT  MIGR CPUS  FAV% COMM
 *      |    |        |         |    |     |    |
 *      |    |        longest   |    |     share of its time on the CPU
 *      |    for a slice        |    |     that it has had most of
 *      from being runnable     |    those that it has run on
 *      to running, together    slices on another CPU than the one before
 *
 * A wait is counted with the slice that follows it. It is what the kernel
 * itself accounts in sched_info.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "../slice.h"
#include "../view.h"

enum counter {
	TICKS = PERFTOP_TICKS,
	COUNT = PERFTOP_COUNT,
	VOLUNTARY,
	MIGRATIONS,
	WAITS,
	WAIT,			/* ns */
	WAIT_MAX,		/* ns */
	ENDED,
	PRIORITY,
	COMM,
	COMM2,
	COUNTERS
};

static const u8 merge[COUNTERS] = {
	[TICKS]		= PERFTOP_SUM,
	[COUNT]		= PERFTOP_SUM,
	[VOLUNTARY]	= PERFTOP_SUM,
	[MIGRATIONS]	= PERFTOP_SUM,
	[WAITS]		= PERFTOP_SUM,
	[WAIT]		= PERFTOP_SUM,
	[WAIT_MAX]	= PERFTOP_MAX,
	[ENDED]		= PERFTOP_LAST,
	[PRIORITY]	= PERFTOP_LAST,
	[COMM]		= PERFTOP_LAST,
	[COMM2]		= PERFTOP_LAST,
};

/* A thread is its id and its start: an id that is used again is another's. */
struct thread {
	u64	task;
	u64	started;
};

#define KEY_WORDS	(sizeof(struct thread) / sizeof(u64))

static struct perftop_table table = {
	.name		= "tasks",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= TICKS,
	.time		= true,
	.by_cpu		= true,
	.key_words	= KEY_WORDS,
};

static noinline __kprobes u32 task_index(struct perftop_cpu *c,
					 const struct task_struct *task)
{
	const struct thread key = {
		.task		= slice_task_ids(task),
		.started	= task->start_time,
	};

	return perftop_view_index(c, &table, (const u64 *)&key, KEY_WORDS);
}

/* The same, remembered while the task does not change shards. */
static __always_inline u32 known_index(struct perftop_cpu *c,
				       const struct perftop_slice *slice)
{
	u32 epoch = READ_ONCE(table.shard[slice->cpu]->epoch);
	struct perftop_state *state = slice->state;

	if (!state)
		return task_index(c, slice->task);
	if (likely(state->row && state->epoch == epoch))
		return state->row;
	state->row = task_index(c, slice->task);
	state->epoch = epoch;
	return state->row;
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	u32 index = known_index(c, slice);
	u64 *counter = perftop_view_charge(&table, slice, index);

	counter[VOLUNTARY] += slice->voluntary;
	counter[MIGRATIONS] += slice->from != slice->cpu;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (index < PERFTOP_RESERVED)
		return;
	counter[ENDED] = slice->dead;
	counter[PRIORITY] = slice_task_priority(slice->task);
	memcpy(&counter[COMM], slice->task->comm, TASK_COMM_LEN);
}

static unsigned int add_open(const struct perftop_open *open, const u64 **word,
			     u64 *counter)
{
	static_assert(offsetof(struct perftop_open, started) ==
		      offsetof(struct perftop_open, task) + sizeof(u64));
	counter[TICKS] = open->ticks;
	counter[PRIORITY] = open->priority;
	memcpy(&counter[COMM], open->comm, TASK_COMM_LEN);
	*word = &open->task;
	return KEY_WORDS;
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%7s %7s %-8s %4s %6s %14s %8s %8s %8s %8s %8s",
		   "PID", "TGID", "POLICY", "PRIO", "CPU%", "TICKS", "TIME",
		   "SWITCHES", "VOL", "INVOL", "/S");
	seq_printf(m, " %9s %9s %9s %6s %-7s %6s %s\n", "WAIT", "AVG WAIT",
		   "MAX WAIT", "MIGR", "CPUS", "FAV%", "COMM");
}

/* The CPUs that a task has had time of, and its share on the one of most. */
static void show_cpus(struct seq_file *m, const struct perftop_row *row)
{
	unsigned long *cpus = bitmap_zalloc(nr_cpu_ids, GFP_KERNEL);
	u64 most = 0, sum = 0;
	char list[32] = "?";
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		sum += row->by_cpu[cpu];
		most = max(most, row->by_cpu[cpu]);
		if (cpus && row->by_cpu[cpu])
			__set_bit(cpu, cpus);
	}
	if (cpus)
		scnprintf(list, sizeof(list), "%*pbl", nr_cpu_ids, cpus);
	seq_printf(m, " %-7s", sum ? list : "-");
	perftop_print_share(m, most, sum, 7);
	bitmap_free(cpus);
}

static void show_waits(struct seq_file *m, const u64 *counter)
{
	perftop_print_ns(m, counter[WAIT], 10);
	if (counter[WAITS])
		perftop_print_ns(m, div64_u64(counter[WAIT], counter[WAITS]),
				 10);
	else
		seq_printf(m, "%10s", "-");
	perftop_print_ns(m, counter[WAIT_MAX], 10);
}

static void show_who(struct seq_file *m, const struct perftop_row *row)
{
	const struct thread *key = (const struct thread *)row->word;
	u64 priority = row->counter[PRIORITY];

	if (!row->words) {
		seq_printf(m, "%7s  %7s %-8s %4s", "-", "-", "-", "-");
		return;
	}
	seq_printf(m, "%7u%c%7u %-8s %4d", lower_32_bits(key->task),
		   row->counter[ENDED] ? '+' : ' ', upper_32_bits(key->task),
		   perftop_print_policy(upper_32_bits(priority)),
		   (s32)lower_32_bits(priority));
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;

	show_who(m, row);
	perftop_print_share(m, counter[TICKS], snapshot->total.elapsed, 7);
	seq_printf(m, " %14llu", counter[TICKS]);
	perftop_print_ticks(m, counter[TICKS], 9);
	seq_printf(m, " %8llu %8llu %8llu", counter[COUNT], counter[VOLUNTARY],
		   counter[COUNT] - counter[VOLUNTARY]);
	perftop_print_rate(m, counter[COUNT], snapshot->up, 9);
	show_waits(m, counter);
	seq_printf(m, " %6llu", counter[MIGRATIONS]);
	show_cpus(m, row);
	seq_putc(m, ' ');
	if (row->words)
		perftop_print_comm(m, &counter[COMM]);
	else
		seq_puts(m, "[overflow]");
	seq_puts(m, row->open ? " (running)\n" : "\n");
}

const struct perftop_view perftop_view_tasks = {
	.name	= "tasks",
	.what	= "threads by CPU time, their switches, waits and CPUs",
	.cost	= "182",
	.table	= &table,
	.slice	= show_slice,
	.open	= add_open,
	.header	= show_header,
	.row	= show_row,
	.sorted	= { "switches", COUNT },
};
