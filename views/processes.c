// SPDX-License-Identifier: GPL-2.0
/*
 * The processes: what their threads did, together. A kernel thread is its own.
 *
 *  PID  PPID THREADS   CPU% TICKS TIME SWITCHES     VOL   INVOL      /S
 *  |    |    |         |    |     |    |            |     |          |
 *  |    |    |         of   on CPUs    slices that  |     |   a second
 *  |    |    |         all             ended        |     preempted
 *  |    |    the most at a time                     gave the CPU up
 *  |    its parent, 0: not seen
 *  process; "+" behind it: it has ended; "*": it had another name before
 *
 *      WAIT HELD AVG WAIT MAX WAIT   GOT% COMM
 *      |    |    |        |          |    |
 *      |    |    |        longest    |    its first thread's, as it is now
 *      |    |    for a slice         how much it got of the time it wanted a CPU
 *      |    of these the CPU was idle, though somebody was queued there
 *      from being runnable to running, together
 *
 * Open slices and waits that have not ended are part of it, see tasks.
 *
 * The rows belong to the same owners as those of the stacks: what folded has
 * under a name in front, the rows of that name have here.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "hash.h"
#include "proc/print.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"
#include "switch/slice.h"

enum counter {
	TICKS = PERFTOP_TICKS,
	COUNT = PERFTOP_COUNT,
	VOLUNTARY,
	WAITS,
	WAIT,			/* ns */
	WAIT_MAX,		/* ns */
	HELD,			/* ticks of WAIT */
	THREADS,
	PARENT,			/* when it was seen above it */
	ENDED,			/* as asked */
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
	[THREADS]	= PERFTOP_MAX,
	[PARENT]	= PERFTOP_MAX,
	[ENDED]		= PERFTOP_OR,
	[NAMES]		= PERFTOP_MAX,
	[NAMES2]	= PERFTOP_MAX,
	[COMM]		= PERFTOP_LAST,
	[COMM2]		= PERFTOP_LAST,
};

static bool has_ended(const u64 *head)
{
	return perftop_owner_has_ended(head[0]);
}

static struct perftop_table table = {
	.name		= "processes",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
	.ended		= has_ended,
};

/* Ids have 22 bits at the most (PID_MAX_LIMIT). */
#define PARENT_BITS	24

/*
 * The parent of a task, 0 if it is not known: it may be gone when the task has
 * been reaped.
 */
static __always_inline u64 parent_seen(const struct perftop_slice *slice)
{
	const struct task_struct *task = slice->task;
	u64 parent;

	if (likely(!perftop_task_is_reaped(task)))
		parent = rcu_dereference_sched(task->real_parent)->tgid;
	else
		parent = slice->state ? slice->state->parent : 0;
	return parent ? slice->now >> 20 << PARENT_BITS | parent : 0;
}

static __always_inline u64 parent_of(u64 seen)
{
	return seen & GENMASK_ULL(PARENT_BITS - 1, 0);
}

static noinline __kprobes u32 find_owner(struct perftop_cpu *c,
					 struct perftop_known *known)
{
	const u64 owner = slice_opened_owner(c);

	return perftop_view_find_row(c, &table, known, &owner, 1);
}

/* Remembered while the task has the same owner, too. */
static __always_inline u32 known_index(struct perftop_cpu *c)
{
	struct perftop_state *state = c->slice.state;
	const u64 owner = slice_opened_owner(c);

	if (unlikely(!state))
		return find_owner(c, NULL);
	if (unlikely(state->whose != owner)) {
		state->whose = owner;
		state->owner_row.row = 0;
	}
	return perftop_view_known(c, &table, &state->owner_row, find_owner);
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const struct task_struct *task = slice->task;
	const char *name = perftop_task_process_name(task);
	const u32 index = known_index(c);
	unsigned int threads;
	u64 *counter, parent;

	if (likely(name))
		counter = perftop_view_row(&table, slice, index);
	else
		counter = perftop_shard_row_unseen(table.shard[slice->cpu],
						   slice->bank, index);
	counter[TICKS] += slice->ticks;
	counter[COUNT]++;
	counter[VOLUNTARY] += slice->voluntary;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (index < PERFTOP_RESERVED)
		return;
	/* The last one has been taken off already. */
	threads = max(READ_ONCE(task->signal->nr_threads), 1);
	if (counter[THREADS] < threads)
		counter[THREADS] = threads;
	parent = parent_seen(slice);
	if (likely(parent))
		counter[PARENT] = parent;
	if (likely(name))
		perftop_view_add_name(&counter[NAMES], name);
}

static_assert(WAITS == PERFTOP_SLICES_WAITS);

static unsigned int add_who(const struct perftop_who *who, const u64 **word,
			    u64 *counter)
{
	perftop_view_add_name(&counter[NAMES], (const char *)who->process);
	*word = &who->owner;
	return 1;
}

static bool ask(const u64 *word, u64 *counter)
{
	counter[ENDED] = perftop_owner_has_ended(word[0]);
	return true;
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%7s %7s %7s", "PID", "PPID", "THREADS");
	perftop_print_slices_header(m);
	seq_puts(m, " COMM\n");
}

static void show_who(struct seq_file *m, const struct perftop_row *row)
{
	const u64 *counter = row->counter;
	unsigned int marks;

	marks = perftop_print_id(m, upper_32_bits(row->word[0]),
				 counter[ENDED],
				 perftop_view_was_renamed(&counter[NAMES]));
	perftop_print_number(m, parent_of(counter[PARENT]), 8 - marks);
	perftop_print_number(m, counter[THREADS], 8);
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;

	if (row->words)
		show_who(m, row);
	else
		seq_printf(m, "%7s %7s %7s", "-", "-", "-");
	perftop_print_slices(m, snapshot, row);
	perftop_print_who(m, row, &counter[COMM]);
}

const struct perftop_view perftop_view_processes = {
	.name	= "processes",
	.what	= "processes by CPU time, their threads, switches and waits",
	.lacks	= PERFTOP_LACKS_WAITS,
	.cost	= "220",
	.table	= &table,
	.start	= perftop_state_keep_parents,
	.stop	= perftop_state_drop_parents,
	.slice	= show_slice,
	.who	= add_who,
	.ask	= ask,
	.header	= show_header,
	.row	= show_row,
	.sorted	= { { "switches", COUNT } },
	.wants_waiters = true,
	.shared	= true,
};
