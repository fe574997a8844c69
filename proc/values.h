/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands in a column of a row.
 */
#ifndef PERFTOP_VALUES_H
#define PERFTOP_VALUES_H

#include <linux/types.h>

#include "perftop.h"

struct perftop_column;
struct perftop_row;
struct perftop_snapshot;

/* A thread as it was when something happened to it. */
struct perftop_thread {
	u64		ids;		/* thread id, process id above it */
	u64		priority;	/* see perftop_task_priority() */
	const u64	*comm;		/* two words */
};

/**
 * struct perftop_value - what stands in a column of a row
 * @none: nothing; a dash in the text, null in JSON
 * @number: of the column's unit; a priority is signed; of a stack, whose it was:
 *	thread id, process id above it
 * @text: a word of perftop's own
 * @comm: a name, two words
 * @thread: a thread
 */
struct perftop_value {
	bool				none;
	union {
		perftop_wide		number;
		const char		*text;
		const u64		*comm;
		struct perftop_thread	thread;
	};
};

u64 perftop_ticks_to_ns(perftop_wide ticks);
u32 perftop_hundredths(perftop_wide part, perftop_wide whole);
u64 perftop_tenths(u64 count, u64 ns);
u64 perftop_ticks_ago(const struct perftop_snapshot *snapshot, u64 then);
const char *perftop_policy_name(u32 policy);

void perftop_value_get(const struct perftop_column *column,
		       const struct perftop_snapshot *snapshot,
		       const struct perftop_row *row, struct perftop_value *value);

#endif /* PERFTOP_VALUES_H */
