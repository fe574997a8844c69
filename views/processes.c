// SPDX-License-Identifier: GPL-2.0
/*
 * The processes: what their threads did, together. A kernel thread is its own.
 * Open slices and waits that have not ended are part of it, see tasks.
 *
 * The rows belong to the same owners as those of the stacks: what folded has
 * under a name in front, the rows of that name have here.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "engine/view.h"
#include "proc/values.h"

#define LIST(COUNTER)							\
	PERFTOP_COUNTERS_OF_SLICES(COUNTER)				\
	COUNTER(THREADS, MAX)						\
	COUNTER(PARENT, MAX)	/* when it was seen above it */		\
	COUNTER(ENDED, OR)	/* as asked */				\
	COUNTER(NAMES, MAX)	/* see perftop_view_add_name() */	\
	COUNTER(NAMES2, MAX)						\
	COUNTER(COMM, LAST)						\
	COUNTER(COMM2, LAST)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.name		= "processes",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
	.ended		= perftop_view_owner_ended,
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

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const struct task_struct *task = slice->task;
	const char *name = perftop_task_process_name(task);
	const u32 index = perftop_view_owner_row(c, &table);
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

#define COLUMNS(COLUMN)							\
	COLUMN(pid, "PID", 7, ID, "process", KEY_HIGH, 0)		\
	COLUMN(ended, "+", 0, FLAG, "it has ended", COUNTER, ENDED)	\
	COLUMN(renamed, "*", 0, FLAG,					\
	       "it had another name before", RENAMED, NAMES)		\
	COLUMN(ppid, "PPID", 7, ID, "its parent; 0: not seen", OWN, 0)	\
	COLUMN(threads, "THREADS", 7, NUMBER,				\
	       "the most threads that there were at a time", COUNTER, THREADS) \
	PERFTOP_COLUMNS_OF_SLICES(COLUMN)				\
	COLUMN(comm, "COMM", 16, NAME,					\
	       "its first thread's name; (running), (waiting): some are, which is counted", \
	       COMM, COMM)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = perftop_row_is_nobody(row);
	value->number = parent_of(row->counter[PARENT]);
}

const struct perftop_view perftop_view_processes = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "processes by CPU time, their threads, switches and waits",
	.lacks	= PERFTOP_LACKS_WAITS,
	.cost	= "220",
	.table	= &table,
	.keeps_parents = true,
	.slice	= show_slice,
	.who	= add_who,
	.ended	= ENDED,
	.columns = columns,
	.value	= value,
	.sorted	= { { "switches", COUNT } },
	.wants_waiters = true,
	.shared	= true,
};
