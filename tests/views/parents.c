// SPDX-License-Identifier: GPL-2.0
/*
 * Time by parent process, the example of docs/add-a-view.md.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>

#include "engine/view.h"

#define LIST(COUNTER)							\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(LONGEST, MAX)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.name		= "parents",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
};

/* Nothing holds a dead task's parent: that is 0. */
static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	u64 parent = 0, *counter;

	if (!slice->dead)
		parent = rcu_dereference_sched(slice->task->real_parent)->tgid;
	counter = perftop_view_charge(&table, slice,
				      perftop_view_index(c, &table, &parent, 1));
	if (counter[LONGEST] < slice->ticks)
		counter[LONGEST] = slice->ticks;
}

#define COLUMNS(COLUMN)							\
	COLUMN(parent, "PARENT", 7, ID,					\
	       "parent process; 0: its child was dead", KEY, 0)		\
	COLUMN(ticks, "TICKS", 14, TICKS,				\
	       "CPU time of its children", COUNTER, TICKS)		\
	COLUMN(time, "TIME", 8, NS,					\
	       "the same as a time", TIME, TICKS)			\
	COLUMN(slices, "SLICES", 8, COUNT,				\
	       "slices that have ended", COUNTER, COUNT)		\
	COLUMN(longest, "LONGEST", 8, NS,				\
	       "the longest of them", TIME, LONGEST)

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_parents = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "time by parent process",
	.cost		= "some",
	.table		= &table,
	.slice		= show_slice,
	.columns	= columns,
};
