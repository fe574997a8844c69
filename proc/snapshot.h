/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one open of a file sees.
 */
#ifndef PERFTOP_SNAPSHOT_H
#define PERFTOP_SNAPSHOT_H

#include <linux/stddef.h>
#include <linux/types.h>

#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/merged_records.h"
#include "engine/open_waits.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "switch/cpu.h"

struct perftop_extra;
struct perftop_view;

/* A CPU's line of the accounts, the open slice counted where it belongs; or all's. */
struct perftop_line {
	unsigned int	cpu;
	u8		was_offline;	/* since the table's epoch, or is */
	perftop_wide	elapsed;	/* ticks */
	perftop_wide	running;	/* ticks */
	struct {
		perftop_wide	ticks[PERFTOP_ACCOUNTS];
		u64		switches;
		u64		uncaptured;
		u64		truncated;
	} sums;
};

/* Where a field of it stands, for a column. */
#define PERFTOP_LINE(field)						\
	offsetof(struct perftop_line, field),				\
	sizeof_field(struct perftop_line, field)

/**
 * struct perftop_snapshot - what one open of a file sees of a view
 * @next: what it sees of another one, at the same moment
 * @view: whose rows
 * @table: where they are from
 * @on: false: the view is off, and there are none
 * @taken: when, in nanoseconds of the monotonic clock
 * @taken_ticks: the same in ticks, by the clock of one of the CPUs
 * @wall: when, in nanoseconds since 1970
 * @resets: how often it was started over before
 * @since: when the table began to count, in nanoseconds of the monotonic clock
 * @up: since the table began to count, in nanoseconds
 * @opened: how often /proc/perftop was opened, this time included
 * @missed: events that the hook was not given
 * @steps: how often a CPU's clock went backwards
 * @captures: stacks captured
 * @unwound: how many of them were unwound, not remembered
 * @differ: remembered ones that verify=1 found to be wrong
 * @full: slices of tasks for whose state there was no room
 * @unnamed: address spaces that ended of which not all files are known
 * @ends_seen: false: that cannot be seen
 * @armed: false: switches happen that the hook does not see
 * @stolen: ns that a hypervisor has kept CPUs from this machine, since load or reset
 * @records: distinct keys kept
 * @moved: keys that were given up for others
 * @cpus: how many are online
 * @bare: how many of them there is no memory for
 * @were_offline: how many CPUs were offline for a while since the epoch, or are
 * @lines: number of @line
 * @line: the accounts of each CPU that has been online
 * @total: their sum
 * @rows: number of @row
 * @row: the ranking, from the top
 * @waiting: number of @waiter
 * @waiter: who waits, where the view wants to know
 * @calls: number of @call
 * @call: who has long been in a system call, where the view shows that
 * @lost: the view's spans that are not counted as others are
 * @note: what the view was set to
 * @filter: the words of the filter, "" if there is none
 * @rank: the counter that orders the rows
 * @limit: rows at most
 * @whole: all records are copied, not the top of the ranking
 * @copy: the records
 * @room_rows: that @copy has room for
 * @room_words: likewise
 * @room_numbers: likewise, of records
 * @cut: of each CPU
 * @opens: number of @open
 * @open: the slices that are rows, or part of them
 * @extras: number of @extra
 * @extra: what open slices and waits add
 * @extra_word: their counters
 * @extra_rows: number of @extra_row
 * @extra_row: those whose keys have no record
 * @entry: the entries of a log
 * @apart: the rows before they were joined to histograms, or put in CPUs' order
 * @joined: their counters
 * @none: counters of CPUs, and of histograms, that have no records
 */
struct perftop_snapshot {
	struct perftop_snapshot	*next;
	const struct perftop_view *view;
	struct perftop_table	*table;
	bool			on;
	u64			taken;
	u64			taken_ticks;
	u64			wall;
	u64			resets;
	u64			since;
	u64			up;
	u64			opened;
	u64			missed;
	u64			steps;
	u64			captures;
	u64			unwound;
	u64			differ;
	u64			full;
	u64			unnamed;
	u8			ends_seen;
	u8			armed;
	u64			stolen;
	unsigned int		records;
	u64			moved;
	unsigned int		cpus;
	unsigned int		bare;
	unsigned int		were_offline;
	unsigned int		lines;
	struct perftop_line	*line;
	struct perftop_line	total;
	unsigned int		rows;
	struct perftop_row	*row;
	unsigned int		waiting;
	struct perftop_waiter	*waiter;
	unsigned int		calls;
	struct perftop_open_call *call;
	struct perftop_span_losses lost;
	u64			note[PERFTOP_NOTE_WORDS];
	char			filter[PERFTOP_FILTER_WORDS];

	/* private: while the snapshot is taken, and what its rows point to */
	unsigned int		rank;
	unsigned int		limit;
	bool			whole;
	struct perftop_copy	copy;
	size_t			room_rows;
	size_t			room_words;
	size_t			room_numbers;
	struct perftop_cut	*cut;
	unsigned int		opens;
	struct perftop_open	*open;
	unsigned int		extras;
	struct perftop_extra	*extra;
	u64			*extra_word;
	unsigned int		extra_rows;
	struct perftop_row	*extra_row;
	u64			*entry;
	struct perftop_row	*apart;
	u64			*joined;
	u64			*none;
};

#endif /* PERFTOP_SNAPSHOT_H */
