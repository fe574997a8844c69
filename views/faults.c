// SPDX-License-Identifier: GPL-2.0
/*
 * The page faults of each process, as the kernel counts them for each task: no probe
 * is needed, what has been added during a slice is the slice's.
 *
 *    PID     FAULTS       /S      MINOR      MAJOR COMM
 *    101      47110    471.1      47102          8 cc
 *
 * Those for which the kernel does not handle a fault, as where it looks whether a page
 * is there, it counts for nobody. When a fault is major is another thing in each
 * kernel: since 6.12 no more where somebody else reads the page already.
 */
#include "engine/view.h"
#include "proc/values.h"

#define LIST(COUNTER)							\
	COUNTER(FAULTS, SUM)						\
	COUNTER(MAJOR, SUM)						\
	COUNTER(ENDED, OR)	/* as asked */				\
	COUNTER(COMM, LAST)						\
	COUNTER(COMM2, LAST)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.name		= "faults",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= FAULTS,
	.key_words	= 1,
	.ended		= perftop_view_owner_ended,
};

static noinline __kprobes void add(struct perftop_cpu *c, u64 faults, u64 major)
{
	const struct perftop_slice *slice = &c->slice;
	const char *name = perftop_task_process_name(slice->task);
	const u64 owner = slice_opened_owner(c);
	const u32 index = perftop_view_index(c, &table, &owner, 1);
	u64 *counter;

	if (likely(name))
		counter = perftop_view_row(&table, slice, index);
	else
		counter = perftop_shard_row_unseen(table.shard[slice->cpu], slice->bank,
						   index);
	counter[FAULTS] += faults;
	counter[MAJOR] += major;
	if (likely(name))
		/* Another thread may be renaming it. */
		data_race(memcpy(&counter[COMM], name, TASK_COMM_LEN));
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct task_struct *task = c->slice.task;
	const u64 minor = task->min_flt - c->faults.minor;
	const u64 major = task->maj_flt - c->faults.major;

	if (minor + major)
		add(c, minor + major, major);
}

static unsigned int open_slice(const struct perftop_open *open, const u64 **word,
			       u64 *counter)
{
	counter[FAULTS] = open->faults.minor + open->faults.major;
	counter[MAJOR] = open->faults.major;
	memcpy(&counter[COMM], open->who.process, TASK_COMM_LEN);
	*word = &open->who.owner;
	return !!counter[FAULTS];
}

#define COLUMNS(COLUMN)							\
	COLUMN(pid, "PID", 7, ID, "process", KEY_HIGH, 0)		\
	COLUMN(ended, "+", 0, FLAG, "it has ended", COUNTER, ENDED)	\
	COLUMN(faults, "FAULTS", 10, COUNT, "all of them", COUNTER, FAULTS) \
	COLUMN(rate, "/S", 9, RATE, "how many a second", EVERY, FAULTS)	\
	COLUMN(minor, "MINOR", 10, COUNT,				\
	       "for which nothing had to be read", LESS, FAULTS, MAJOR)	\
	COLUMN(major, "MAJOR", 10, COUNT,				\
	       "that had to wait for a device", COUNTER, MAJOR)		\
	COLUMN(comm, "COMM", 16, NAME, "its first thread's name", COMM, COMM)

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_faults = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "page faults by process, minor and major",
	.cost		= "138",
	.table		= &table,
	.faults		= true,
	.slice		= show_slice,
	.open_slice	= open_slice,
	.ended		= ENDED,
	.columns	= columns,
	.shared		= true,
};
