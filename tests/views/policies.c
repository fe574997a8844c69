// SPDX-License-Identifier: GPL-2.0
/*
 * Time by scheduling policy: a view made by docs/add-a-view.md, with a column of
 * its own.
 */
#include <linux/kernel.h>

#include "engine/view.h"
#include "proc/snapshot.h"
#include "proc/values.h"

#define LIST(COUNTER)							\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(LONGEST, MAX)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.name		= "policies",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.time		= true,
	.key_words	= 1,
};

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const u64 policy = slice->task->policy;
	u64 *counter = perftop_view_charge(&table, slice,
		perftop_view_index(c, &table, &policy, 1));

	if (counter[LONGEST] < slice->ticks)
		counter[LONGEST] = slice->ticks;
}

#define COLUMNS(COLUMN)							\
	COLUMN(policy, "POLICY", 8, WORD,				\
	       "scheduling policy", OWN, 0)				\
	COLUMN(cpu_share, "CPU%", 6, PERCENT,				\
	       "share of all CPUs' time", SHARE, TICKS)			\
	COLUMN(ticks, "TICKS", 14, TICKS,				\
	       "time in slices that have ended", COUNTER, TICKS)	\
	COLUMN(slices, "SLICES", 8, COUNT,				\
	       "how many there were", COUNTER, COUNT)			\
	COLUMN(average, "AVG", 8, NS,					\
	       "their average length", AVERAGE, TICKS, COUNT)		\
	COLUMN(longest, "LONGEST", 8, NS,				\
	       "the longest of them", TIME, LONGEST)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = !row->words;
	if (!value->none)
		value->text = perftop_policy_name(row->word[0]);
}

const struct perftop_view perftop_view_policies = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "time by scheduling policy",
	.cost		= "some",
	.table		= &table,
	.slice		= show_slice,
	.columns	= columns,
	.value		= value,
	.shared		= true,
};
