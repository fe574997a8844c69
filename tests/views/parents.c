// SPDX-License-Identifier: GPL-2.0
/*
 * Time by parent process, the example of docs/add-a-view.md.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>

#include "engine/view.h"

static const u8 merge[] = {
	[PERFTOP_TICKS] = PERFTOP_SUM,
	[PERFTOP_COUNT] = PERFTOP_SUM,
};

static struct perftop_table table = {
	.name		= "parents",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= PERFTOP_TICKS,
	.time		= true,
	.key_words	= 1,
};

/* Nothing holds a dead task's parent: that is 0. */
static __kprobes void show_slice(struct perftop_cpu *c)
{
	u64 parent = 0;

	if (!c->slice.dead)
		parent = rcu_dereference_sched(c->slice.task->real_parent)->tgid;
	perftop_view_charge(&table, &c->slice,
			    perftop_view_index(c, &table, &parent, 1));
}

#define COLUMNS(COLUMN)							\
	COLUMN(parent, "PARENT", 7, ID,					\
	       "parent process; 0: its child was dead", KEY, 0)		\
	COLUMN(ticks, "TICKS", 14, TICKS,				\
	       "CPU time of its children", COUNTER, PERFTOP_TICKS)	\
	COLUMN(time, "TIME", 8, NS,					\
	       "the same in seconds", TIME, PERFTOP_TICKS)		\
	COLUMN(slices, "SLICES", 8, COUNT,				\
	       "slices that have ended", COUNTER, PERFTOP_COUNT)

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_parents = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "time by parent process",
	.cost	= "some",
	.table	= &table,
	.slice	= show_slice,
	.columns = columns,
};
