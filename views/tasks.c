// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks: threads by CPU time, and how they got it. In tasks.switches the
 * same rows stand in the order of SWITCHES, in tasks.wait in that of WAIT.
 *
 * A wait is what the kernel itself accounts in sched_info. It is counted with the
 * slice that follows it, also while that is open, and so is one that has not ended:
 * "(waiting)".
 */

#include "engine/view.h"

#define LIST(COUNTER)							\
	PERFTOP_COUNTERS_OF_SLICES(COUNTER)				\
	COUNTER(MIGRATIONS, SUM)					\
	COUNTER(ENDED, OR)	/* as asked */				\
	COUNTER(PRIORITY, MAX)						\
	COUNTER(NAMES, MAX)	/* see perftop_view_add_name() */	\
	COUNTER(NAMES2, MAX)						\
	COUNTER(COMM, LAST)						\
	COUNTER(COMM2, LAST)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.name		= "tasks",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.time		= true,
	.by_cpu		= true,
	.key_words	= PERFTOP_THREAD_WORDS,
	.ended		= perftop_view_thread_ended,
};

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const u32 index = perftop_view_thread_row(c, &table);
	u64 *counter = perftop_view_charge(&table, slice, index);

	counter[VOLUNTARY] += slice->voluntary;
	counter[MIGRATIONS] += slice->from != slice->cpu;
	perftop_view_add_wait(&counter[WAITS], slice);
	if (index < PERFTOP_RESERVED)
		return;
	counter[PRIORITY] = perftop_task_priority(slice->task);
	perftop_view_add_name(&counter[NAMES], slice->task->comm);
}

static_assert(WAITS == PERFTOP_SLICES_WAITS);

static unsigned int add_who(const struct perftop_who *who, const u64 **word,
			    u64 *counter)
{
	static_assert(offsetof(struct perftop_who, started) ==
		      offsetof(struct perftop_who, task) + sizeof(u64));
	counter[PRIORITY] = who->priority;
	perftop_view_add_name(&counter[NAMES], (const char *)who->comm);
	*word = &who->task;
	return PERFTOP_THREAD_WORDS;
}

#define COLUMNS(COLUMN)							\
	COLUMN(pid, "PID", 7, ID, "thread", KEY_LOW, 0)			\
	COLUMN(ended, "+", 0, FLAG, "it has ended", COUNTER, ENDED)	\
	COLUMN(renamed, "*", 0, FLAG,					\
	       "it had another name before", RENAMED, NAMES)		\
	COLUMN(tgid, "TGID", 7, ID, "its process", KEY_HIGH, 0)		\
	COLUMN(started, "STARTED", 0, NS,				\
	       "when it began, since the boot", KEY, 1)			\
	COLUMN(policy, "POLICY", 8, WORD,				\
	       "scheduling policy", POLICY, PRIORITY)			\
	COLUMN(priority, "PRIO", 4, PRIORITY,				\
	       "real-time priority, or nice level", PRIORITY, PRIORITY)	\
	PERFTOP_COLUMNS_OF_SLICES(COLUMN)				\
	COLUMN(migrations, "MIGR", 6, COUNT,				\
	       "slices on another CPU than the one before", COUNTER, MIGRATIONS) \
	COLUMN(cpus, "CPUS", 7, CPUS,					\
	       "where it has run; ,+ at the end: and on others", BY_CPU) \
	COLUMN(favourite, "FAV%", 6, PERCENT,				\
	       "share of its time on the CPU that it had most of", FAVOURITE) \
	COLUMN(ticks_by_cpu, "TICKS BY CPU", 0, TICKS_BY_CPU,		\
	       "its ticks on each CPU", BY_CPU)				\
	COLUMN(comm, "COMM", 16, NAME,					\
	       "its name; (running), (waiting): what is so is part of its figures", \
	       COMM, COMM)

PERFTOP_COLUMNS(COLUMNS);

const struct perftop_view perftop_view_tasks = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "threads by CPU time, their switches, waits and CPUs",
	.lacks	= PERFTOP_LACKS_WAITS,
	.cost	= "191",
	.table	= &table,
	.slice	= show_slice,
	.who	= add_who,
	.ended	= ENDED,
	.columns = columns,
	.sorted	= { { "switches", COUNT }, { "wait", WAIT } },
	.wants_waiters = true,
	.shared	= true,
};
