// SPDX-License-Identifier: GPL-2.0
/*
 * The accounts: where each CPU's time went, in ticks. One line a CPU, and one
 * for all. On each line
 *
 *   RANKED + IDLE + OVERFLOW + UNATTRIBUTED + FILTERED + INTERRUPTS + RUNNING
 *   = ELAPSED
 *
 * exactly. ELAPSED comes from two stamps, the others from what was charged
 * slice by slice and went through shards and drains, so the equality shows
 * that nothing was lost on the way.
 */
#include "engine/view.h"
#include "proc/snapshot.h"

#define COLUMNS(COLUMN)							\
	COLUMN(cpu, "CPU", 4, CPU, "its number", LINE, PERFTOP_LINE(cpu)) \
	COLUMN(was_offline, "*", 0, FLAG,				\
	       "it was offline for a while, or is", LINE, PERFTOP_LINE(was_offline)) \
	COLUMN(elapsed, "ELAPSED", 14, TICKS,				\
	       "all its time, between two stamps", LINE, PERFTOP_LINE(elapsed)) \
	COLUMN(ranked, "RANKED", 14, TICKS,				\
	       "slices of tasks that have ended", ACCOUNT, PERFTOP_RANKED) \
	COLUMN(idle, "IDLE", 14, TICKS,					\
	       "its idle task's", ACCOUNT, PERFTOP_IDLE)		\
	COLUMN(overflow, "OVERFLOW", 10, TICKS,				\
	       "of stacks that found no place", ACCOUNT, PERFTOP_OVERFLOW) \
	COLUMN(unattributed, "UNATTRIBUTED", 12, TICKS,			\
	       "of which no stack was captured",			\
	       ACCOUNT, PERFTOP_UNATTRIBUTED)				\
	COLUMN(filtered, "FILTERED", 10, TICKS,				\
	       "that the filter keeps out", ACCOUNT, PERFTOP_FILTERED)	\
	COLUMN(interrupts, "INTERRUPTS", 12, TICKS,			\
	       "of interrupts and softirqs, since irqs was on",		\
	       ACCOUNT, PERFTOP_INTERRUPTS)				\
	COLUMN(running, "RUNNING", 12, TICKS,				\
	       "of the slice that has not ended", LINE, PERFTOP_LINE(running)) \
	COLUMN(switches, "SWITCHES", 10, COUNT,				\
	       "slices that have ended", LINE, PERFTOP_LINE(sums.switches)) \
	COLUMN(uncaptured, "UNCAPTURED", 10, COUNT,			\
	       "switches of which no stack was captured",		\
	       LINE, PERFTOP_LINE(sums.uncaptured))			\
	COLUMN(truncated, "TRUNCATED", 0, COUNT,			\
	       "switches by a stack of which frames are left out",	\
	       LINE, PERFTOP_LINE(sums.truncated))

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_accounts = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "each CPU's time, to the tick",
	.columns = columns,
	.by_cpu	= true,
	.and_all = true,
	.bare	= true,
	.shared	= true,
};
