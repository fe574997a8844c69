/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where all of a CPU's time is, in each table that accounts for time.
 */
#ifndef PERFTOP_ACCOUNTS_H
#define PERFTOP_ACCOUNTS_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "engine/table.h"

/*
 * The accounts: on each CPU, and in ticks, their sum and the open slice make
 * up the time since the CPU's first stamp, exactly. The first of them is
 * PERFTOP_OVERFLOW.
 */
enum perftop_account {
	PERFTOP_IDLE = PERFTOP_OVERFLOW + 1,
	PERFTOP_UNATTRIBUTED,	/* the leaving task's stack was not captured */
	PERFTOP_FILTERED,
	PERFTOP_INTERRUPTS,	/* within slices, of which it is no part */
	PERFTOP_RANKED,		/* all that has a key */
	PERFTOP_ACCOUNTS
};

/* The accounts that have no keys are the rows that have none. */
static_assert(PERFTOP_RANKED == PERFTOP_RESERVED);

/* What was moved had been ranked. */
static_assert(PERFTOP_OTHERS == PERFTOP_RANKED);

/* The counters that a table begins with that accounts for time. */
enum {
	PERFTOP_TICKS,
	PERFTOP_COUNT,		/* slices that ended */
};

/* What the drain has added up for one table and CPU; perftop_lock. */
struct perftop_sums {
	u64	ticks[PERFTOP_ACCOUNTS];
	u64	switches;
	u64	uncaptured;	/* switches charged to no stack */
	u64	truncated;	/* switches charged to a stack with a part missing */
	u64	before;		/* ticks of slices before the table began */
};

int perftop_accounts_init(struct perftop_table *table);
void perftop_accounts_exit(struct perftop_table *table);
void perftop_accounts_clear(struct perftop_table *table);
void perftop_accounts_add(struct perftop_table *table, unsigned int cpu,
			  const struct perftop_record *record,
			  const u64 *counter);

#endif /* PERFTOP_ACCOUNTS_H */
