// SPDX-License-Identifier: GPL-2.0
/*
 * What JSON says of a snapshot besides its rows: when it was taken, what was lost,
 * and where all time is. The header's lines say the same (proc/print.c).
 */
#include <linux/stddef.h>

#include "engine/accounts.h"
#include "engine/column.h"
#include "proc/header_columns.h"
#include "proc/snapshot.h"

#define FIELD(field)							\
	offsetof(struct perftop_snapshot, field),			\
	sizeof_field(struct perftop_snapshot, field)

#define MACHINE(COLUMN)							\
	COLUMN(taken, "taken", 0, NS,					\
	       "when this was taken, by the monotonic clock", SNAPSHOT, FIELD(taken)) \
	COLUMN(wall, "wall", 0, NS,					\
	       "when, since 1970", SNAPSHOT, FIELD(wall))		\
	COLUMN(reset, "reset", 0, COUNT,				\
	       "number of the reset, 1 at load; what was counted before another is forgotten", \
	       SNAPSHOT, FIELD(resets))					\
	COLUMN(opened, "opened", 0, COUNT,				\
	       "how often /proc/perftop was opened", SNAPSHOT, FIELD(opened)) \
	COLUMN(cpus, "CPUs", 0, NUMBER,					\
	       "how many are online", SNAPSHOT, FIELD(cpus))		\
	COLUMN(cpus_without_memory, "without memory", 0, NUMBER,	\
	       "CPUs the time of whose tasks is unattributed for lack of memory", \
	       SNAPSHOT, FIELD(bare))					\
	COLUMN(armed, "armed", 0, FLAG,					\
	       "false: switches happen that the hook does not see",	\
	       SNAPSHOT, FIELD(armed))					\
	COLUMN(missed, "missed", 0, COUNT,				\
	       "probes that fired and were not run", SNAPSHOT, FIELD(missed)) \
	COLUMN(clock_steps, "clock steps", 0, COUNT,			\
	       "how often a CPU's clock went backwards", SNAPSHOT, FIELD(steps)) \
	COLUMN(stolen, "stolen", 0, NS,					\
	       "what a hypervisor has kept CPUs from this machine",	\
	       SNAPSHOT, FIELD(stolen))					\
	COLUMN(captures, "captures", 0, COUNT,				\
	       "stacks taken", SNAPSHOT, FIELD(captures))		\
	COLUMN(unwound, "unwound", 0, COUNT,				\
	       "how many of them were not remembered", SNAPSHOT, FIELD(unwound)) \
	COLUMN(differ, "differ", 0, COUNT,				\
	       "remembered ones that verify=1 found to be wrong",	\
	       SNAPSHOT, FIELD(differ))					\
	COLUMN(unnamed, "unnamed", 0, COUNT,				\
	       "address spaces that ended of which not all files are known", \
	       SNAPSHOT, FIELD(unnamed))				\
	COLUMN(ends_seen, "ends seen", 0, FLAG,				\
	       "false: files of processes that have ended are not known", \
	       SNAPSHOT, FIELD(ends_seen))

PERFTOP_COLUMNS_AS(perftop_machine_columns, MACHINE);

#define TABLE(COLUMN)							\
	COLUMN(since, "since", 0, NS,					\
	       "when it began to count, by the monotonic clock",	\
	       SNAPSHOT, FIELD(since))					\
	COLUMN(up, "up", 0, NS,						\
	       "how long its accounts have been kept", SNAPSHOT, FIELD(up)) \
	COLUMN(records, "records", 0, NUMBER,				\
	       "distinct keys", SNAPSHOT, FIELD(records))		\
	COLUMN(moved, "moved", 0, COUNT,				\
	       "keys that were given up for others when the table was full", \
	       SNAPSHOT, FIELD(moved))					\
	COLUMN(no_state, "no state", 0, COUNT,				\
	       "slices of tasks for whose state there was no room",	\
	       SNAPSHOT, FIELD(full))					\
	COLUMN(unbegun, "unbegun", 0, COUNT,				\
	       "spans that have ended and had not begun",		\
	       SNAPSHOT, FIELD(lost.unbegun))				\
	COLUMN(unended, "unended", 0, COUNT,				\
	       "spans that have not ended where they had to",		\
	       SNAPSHOT, FIELD(lost.unended))				\
	COLUMN(no_room, "no room", 0, COUNT,				\
	       "spans for which there was none", SNAPSHOT, FIELD(lost.full)) \
	COLUMN(were_offline, "were offline", 0, NUMBER,			\
	       "CPUs that were offline for a while since then, or are",	\
	       SNAPSHOT, FIELD(were_offline))				\
	COLUMN(elapsed, "elapsed", 0, TICKS,				\
	       "all CPUs' time: the sum of the seven that follow",	\
	       LINE, PERFTOP_LINE(elapsed))				\
	COLUMN(ranked, "tasks", 0, TICKS,				\
	       "slices of tasks that have ended", ACCOUNT, PERFTOP_RANKED) \
	COLUMN(running, "running", 0, TICKS,				\
	       "slices that have not ended", LINE, PERFTOP_LINE(running)) \
	COLUMN(idle, "idle", 0, TICKS,					\
	       "the idle tasks'", ACCOUNT, PERFTOP_IDLE)		\
	COLUMN(overflow, "overflow", 0, TICKS,				\
	       "of keys that found no place", ACCOUNT, PERFTOP_OVERFLOW) \
	COLUMN(unattributed, "unattributed", 0, TICKS,			\
	       "of which no stack was captured", ACCOUNT, PERFTOP_UNATTRIBUTED) \
	COLUMN(filtered, "filtered", 0, TICKS,				\
	       "that the filter keeps out", ACCOUNT, PERFTOP_FILTERED)	\
	COLUMN(interrupts, "interrupts", 0, TICKS,			\
	       "of interrupts and softirqs, since irqs was on",		\
	       ACCOUNT, PERFTOP_INTERRUPTS)				\
	COLUMN(switches, "switches", 0, COUNT,				\
	       "slices that have ended", LINE, PERFTOP_LINE(sums.switches)) \
	COLUMN(uncaptured, "uncaptured", 0, COUNT,			\
	       "switches of which no stack was captured",		\
	       LINE, PERFTOP_LINE(sums.uncaptured))			\
	COLUMN(truncated, "truncated", 0, COUNT,			\
	       "switches by a stack of which frames are left out",	\
	       LINE, PERFTOP_LINE(sums.truncated))

PERFTOP_COLUMNS_AS(perftop_table_columns, TABLE);
