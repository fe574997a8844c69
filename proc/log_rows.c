// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of a log, the newest first, as the rows of a snapshot.
 */
#include <linux/cpu.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "engine/drain.h"
#include "engine/event_log.h"
#include "engine/merged_records.h"
#include "engine/view.h"
#include "proc/log_rows.h"
#include "proc/snapshot.h"

/* An entry begins with its time. */
static int newer_first(const void *a, const void *b)
{
	const struct perftop_row *one = a, *other = b;

	return one->counter[0] < other->counter[0] ? 1 :
	       one->counter[0] > other->counter[0] ? -1 : 0;
}

/* Whoever is switched off meanwhile has none any more. */
static unsigned int copy_entries(const struct perftop_snapshot *snapshot,
				 struct perftop_log *log)
{
	unsigned int n = 0;

	cpus_read_lock();
	mutex_lock(&perftop_lock);
	if (perftop_view_is_on(snapshot->view))
		n = perftop_log_copy(log, snapshot->entry);
	mutex_unlock(&perftop_lock);
	cpus_read_unlock();
	return n;
}

/**
 * perftop_entries_fill() - Make the entries of its view's log a snapshot's rows
 * @snapshot: of a view that has a log
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_entries_fill(struct perftop_snapshot *snapshot)
{
	struct perftop_log *log = snapshot->view->log;
	unsigned int i, n;

	n = perftop_log_limit();
	snapshot->entry = kvcalloc(n, log->words * sizeof(u64),
				   GFP_KERNEL_ACCOUNT);
	snapshot->row = kvcalloc(n, sizeof(*snapshot->row), GFP_KERNEL_ACCOUNT);
	if (!snapshot->entry || !snapshot->row)
		return -ENOMEM;
	n = copy_entries(snapshot, log);
	snapshot->rows = 0;
	for (i = 0; i < n; i++) {
		u64 *entry = snapshot->entry + i * log->words;

		/* Not what has come since the cut. */
		if (entry[0] <= snapshot->taken)
			snapshot->row[snapshot->rows++] = (struct perftop_row){
				.counter = entry, .entry = true, .since = entry[0],
			};
	}
	sort(snapshot->row, snapshot->rows, sizeof(*snapshot->row), newer_first,
	     NULL);
	return 0;
}
