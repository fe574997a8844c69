/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slices that end, shown to views.
 */
#ifndef PERFTOP_SLICE_VIEWS_H
#define PERFTOP_SLICE_VIEWS_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "engine/accounts.h"
#include "engine/table.h"
#include "hash.h"
#include "switch/cpu.h"

struct task_struct;

/* One bit of a word each. */
#define PERFTOP_WATCHERS	32

/**
 * struct perftop_watcher - who is shown the slices that end
 * @slice: a task's slice has ended, which is @c->slice. Hot path
 * @table: where what is no task's own time is charged, to its account; NULL:
 *	nowhere
 */
struct perftop_watcher {
	void			(*slice)(struct perftop_cpu *c);
	struct perftop_table	*table;
};

void perftop_watch_charge_interrupts(struct perftop_cpu *c, u64 ticks, u64 now);
void perftop_watch_set(unsigned int number, const struct perftop_watcher *watcher);
void perftop_watch_end_slice(struct perftop_cpu *c, u32 index,
			     struct task_struct *next);

/**
 * perftop_view_row() - The counters of a row, for the slice that has ended
 * @table: the view's
 * @slice: which
 * @index: of the row
 *
 * Context: hot path.
 * Return: the counters, to be added to.
 */
static __always_inline u64 *
perftop_view_row(const struct perftop_table *table,
		 const struct perftop_slice *slice, u32 index)
{
	return perftop_shard_row(table->shard[slice->cpu], slice->bank, index,
				 slice->now);
}

/**
 * perftop_view_charge() - The same, in a table that accounts for time
 * @table: the view's
 * @slice: which; it is charged to the row
 * @index: of the row
 *
 * Context: hot path.
 * Return: the counters, to be added to.
 */
static __always_inline u64 *
perftop_view_charge(const struct perftop_table *table,
		    const struct perftop_slice *slice, u32 index)
{
	u64 *counter = perftop_view_row(table, slice, index);

	counter[PERFTOP_TICKS] += slice->ticks;
	counter[PERFTOP_COUNT]++;
	return counter;
}

#endif /* PERFTOP_SLICE_VIEWS_H */
