/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slices that end, shown to views.
 */
#ifndef PERFTOP_SLICE_VIEWS_H
#define PERFTOP_SLICE_VIEWS_H

#include <linux/types.h>

struct perftop_cpu;
struct perftop_table;
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

void perftop_watch_set(unsigned int number, const struct perftop_watcher *watcher);
void perftop_watch_end_slice(struct perftop_cpu *c, u32 index,
			     struct task_struct *next);

#endif /* PERFTOP_SLICE_VIEWS_H */
