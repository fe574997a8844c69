// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks: threads by CPU time, and how they got it. In tasks.switches the
 * same rows stand in the order of SWITCHES, in tasks.wait in that of WAIT.
 *
 *  PID  TGID POLICY   PRIO   CPU% TICKS TIME SWITCHES     VOL   INVOL      /S
 *  |    |    |        |      |    |     |    |            |     |          |
 *  |    |    |        |      of   on CPUs    slices that  |     |   a second
 *  |    |    |        |      all             ended        |     preempted
 *  |    process       |                                   gave the CPU up
 *  |                  real-time priority, or nice level
 *  thread; "+" behind it: it has ended; "*": it had another name before
 *
 *      WAIT HELD AVG WAIT MAX WAIT   GOT%  MIGR CPUS  FAV% COMM
 *      |    |    |        |          |     |    |     |
 *      |    |    |        longest    |     |    |     share of its time on the
 *      |    |    for a slice         |     |    |     CPU it has had most of
 *      |    of these the CPU         |     |    those that it has run on; ",+"
 *      |    was idle, though         |     |    behind them: and others, that
 *      |    it was queued there      |     |    had no room
 *      from being runnable           |     slices on another CPU than before
 *      to running, together          how much it got of the time it wanted a CPU
 *
 * A wait is what the kernel itself accounts in sched_info. It is counted with the
 * slice that follows it, also while that is open, and so is one that has not ended:
 * "(waiting)".
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/task.h"
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
	WAITS,
	WAIT,			/* ns */
	WAIT_MAX,		/* ns */
	HELD,			/* ticks of WAIT */
	MIGRATIONS,
	ENDED,			/* as asked */
	PRIORITY,
	NAMES,			/* see perftop_view_add_name() */
	NAMES2,
	COMM,
	COMM2,
	COUNTERS
};

static const u8 merge[COUNTERS] = {
	[TICKS]		= PERFTOP_SUM,
	[COUNT]		= PERFTOP_SUM,
	[VOLUNTARY]	= PERFTOP_SUM,
	[WAITS]		= PERFTOP_SUM,
	[WAIT]		= PERFTOP_SUM,
	[WAIT_MAX]	= PERFTOP_MAX,
	[HELD]		= PERFTOP_SUM,
	[MIGRATIONS]	= PERFTOP_SUM,
	[ENDED]		= PERFTOP_OR,
	[PRIORITY]	= PERFTOP_MAX,
	[NAMES]		= PERFTOP_MAX,
	[NAMES2]	= PERFTOP_MAX,
	[COMM]		= PERFTOP_LAST,
	[COMM2]		= PERFTOP_LAST,
};

/* A thread is its id and its start: an id that is used again is another's. */
struct thread {
	u64	task;
	u64	started;
};

#define KEY_WORDS	(sizeof(struct thread) / sizeof(u64))

static bool has_ended(const u64 *head)
{
	const struct thread *key = (const struct thread *)head;

	return perftop_task_has_ended(lower_32_bits(key->task), key->started);
}

static struct perftop_table table = {
	.name		= "tasks",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= TICKS,
	.time		= true,
	.by_cpu		= true,
	.key_words	= KEY_WORDS,
	.ended		= has_ended,
};

static noinline __kprobes u32 find_task(struct perftop_cpu *c,
					struct perftop_known *known)
{
	const struct task_struct *task = c->slice.task;
	const struct thread key = {
		.task		= perftop_task_ids(task),
		.started	= task->start_time,
	};

	return perftop_view_find_row(c, &table, known, (const u64 *)&key, KEY_WORDS);
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	struct perftop_state *state = slice->state;
	u32 index = state ? perftop_view_known(c, &table, &state->row, find_task) :
			    find_task(c, NULL);
	u64 *counter = perftop_view_charge(&table, slice, index);

	counter[VOLUNTARY] += slice->voluntary;
	counter[MIGRATIONS] += slice->from != slice->cpu;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (index < PERFTOP_RESERVED)
		return;
	counter[PRIORITY] = perftop_task_priority(slice->task);
	perftop_view_add_name(&counter[NAMES], slice->task->comm);
}

static_assert(WAITS == PERFTOP_SLICES_WAITS);

static unsigned int add_who(const struct perftop_who *who, const u64 **word,
			    u64 *counter)
{
	static_assert(offsetof(struct perftop_who, started) ==
		      offsetof(struct perftop_who, task) + sizeof(u64));
	counter[PRIORITY] = who->priority;
	perftop_view_add_name(&counter[NAMES], (const char *)who->comm);
	*word = &who->task;
	return KEY_WORDS;
}

static bool ask(const u64 *word, u64 *counter)
{
	counter[ENDED] = has_ended(word);
	return true;
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%7s %7s %-8s %4s", "PID", "TGID", "POLICY", "PRIO");
	perftop_print_slices_header(m);
	seq_printf(m, " %6s %-7s %6s %s\n", "MIGR", "CPUS", "FAV%", "COMM");
}

/* The CPUs that a task has had time of, and its share on the one of most. */
static void show_cpus(struct seq_file *m, const struct perftop_row *row)
{
	unsigned long *cpus = bitmap_zalloc(nr_cpu_ids, GFP_KERNEL);
	perftop_wide sum = 0;
	u64 most = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		sum += row->by_cpu[cpu];
		most = max(most, row->by_cpu[cpu]);
		if (cpus && row->by_cpu[cpu])
			__set_bit(cpu, cpus);
	}
	if (cpus && sum)
		perftop_print_list(m, cpus, nr_cpu_ids, 8);
	else
		seq_printf(m, " %-7s", sum ? "?" : "-");
	perftop_print_share(m, most, sum, 7);
	bitmap_free(cpus);
}

static void show_who(struct seq_file *m, const struct perftop_row *row)
{
	const struct thread *key = (const struct thread *)row->word;
	u64 priority = row->counter[PRIORITY];
	unsigned int marks;

	if (!row->words) {
		seq_printf(m, "%7s  %7s %-8s %4s", "-", "-", "-", "-");
		return;
	}
	marks = perftop_print_id(m, lower_32_bits(key->task),
				 row->counter[ENDED],
				 perftop_view_was_renamed(&row->counter[NAMES]));
	perftop_print_number(m, upper_32_bits(key->task), 8 - marks);
	seq_printf(m, " %-8s %4d",
		   perftop_print_policy(perftop_priority_policy(priority)),
		   perftop_priority_level(priority));
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;

	show_who(m, row);
	perftop_print_slices(m, snapshot, row);
	perftop_print_number(m, counter[MIGRATIONS], 7);
	show_cpus(m, row);
	perftop_print_who(m, row, &counter[COMM]);
}

const struct perftop_view perftop_view_tasks = {
	.name	= "tasks",
	.what	= "threads by CPU time, their switches, waits and CPUs",
	.lacks	= PERFTOP_LACKS_WAITS,
	.cost	= "191",
	.table	= &table,
	.slice	= show_slice,
	.who	= add_who,
	.ask	= ask,
	.header	= show_header,
	.row	= show_row,
	.sorted	= { { "switches", COUNT }, { "wait", WAIT } },
	.wants_waiters = true,
	.shared	= true,
};
