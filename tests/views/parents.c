// SPDX-License-Identifier: GPL-2.0
/*
 * Time by parent process, the README's example of a view:
 *
 *  PARENT          TICKS     TIME   SLICES
 *  |               |                |
 *  |               its children's   that ended
 *  0: of slices at whose end the child was dead
 */
#include <linux/kprobes.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/view.h"
#include "proc/print.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"

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

static __kprobes void show_slice(struct perftop_cpu *c)
{
	u64 parent = 0;
	u32 index;

	/* Nothing holds a dead task's parent. */
	if (!c->slice.dead)
		parent = rcu_dereference_sched(c->slice.task->real_parent)->tgid;
	index = perftop_view_index(c, &table, &parent, 1);
	perftop_view_charge(&table, &c->slice, index);
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%7s %14s %8s %8s\n", "PARENT", "TICKS", "TIME",
		   "SLICES");
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;

	if (row->words)
		seq_printf(m, "%7llu", row->word[0]);
	else
		seq_puts(m, "[overflow]");
	seq_printf(m, " %14llu", counter[PERFTOP_TICKS]);
	perftop_print_ticks(m, counter[PERFTOP_TICKS], 9);
	seq_printf(m, " %8llu\n", counter[PERFTOP_COUNT]);
}

const struct perftop_view perftop_view_parents = {
	.name	= "parents",
	.what	= "time by parent process",
	.cost	= "some",
	.table	= &table,
	.slice	= show_slice,
	.header	= show_header,
	.row	= show_row,
};
