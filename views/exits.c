// SPDX-License-Identifier: GPL-2.0
/*
 * The exits: the tasks that ended last, the newest first.
 *
 * An entry is made at the task's last switch, when its figures are final. Each
 * CPU keeps its last 64.
 */
#include <linux/ktime.h>

#include "compat/compat.h"
#include "engine/event_log.h"
#include "engine/view.h"
#include "proc/values.h"

enum entry {
	TIME,			/* ns */
	TASK,
	STARTED,
	PARENT,
	CPU,
	POLICY,			/* see perftop_task_priority() */
	PRIORITY,
	NICE,
	RUN_TIME,		/* ns */
	VOLUNTARY,
	INVOLUNTARY,
	COMM,
	COMM2,
	WORDS
};

static struct perftop_log log = { .words = WORDS };

static __kprobes void show_slice(struct perftop_cpu *c)
{
	const struct perftop_slice *slice = &c->slice;
	const struct task_struct *task = slice->task;
	u64 *entry;

	if (likely(!slice->dead))
		return;
	entry = perftop_log_next(&log);
	entry[TIME] = ktime_get_mono_fast_ns();
	entry[TASK] = perftop_task_ids(task);
	entry[STARTED] = task->start_time;
	entry[PARENT] = slice->state ? slice->state->parent : 0;
	entry[CPU] = slice->cpu;
	entry[POLICY] = perftop_task_priority(task);
	entry[PRIORITY] = (s64)task->prio - MAX_RT_PRIO;
	entry[NICE] = (s64)PRIO_TO_NICE(task->static_prio);
	entry[RUN_TIME] = task->se.sum_exec_runtime;
	entry[VOLUNTARY] = task->nvcsw;
	entry[INVOLUNTARY] = task->nivcsw;
	memcpy(&entry[COMM], task->comm, TASK_COMM_LEN);
}

/*
 * Where another thread executes a program, a process's first thread ends, but
 * not its id.
 */
static bool ask(const u64 *word, u64 *entry)
{
	return perftop_task_has_ended(lower_32_bits(entry[TASK]),
				      entry[STARTED]);
}

#define COLUMNS(COLUMN)							\
	COLUMN(ago, "AGO", 9, NS, "it left, before this was read", AGO, TIME) \
	COLUMN(time, "AT", 0, NS,					\
	       "when, by the monotonic clock", COUNTER, TIME)		\
	COLUMN(pid, "PID", 7, ID, "thread", COUNTER_LOW, TASK)		\
	COLUMN(tgid, "TGID", 7, ID, "its process", COUNTER_HIGH, TASK)	\
	COLUMN(ppid, "PPID", 7, ID,					\
	       "its parent", OWN, 0)					\
	COLUMN(started, "STARTED", 0, NS,				\
	       "when it began, since the boot", COUNTER, STARTED)	\
	COLUMN(cpu, "CPU", 4, CPU,					\
	       "on which it left for the last time", COUNTER, CPU)	\
	COLUMN(policy, "POLICY", 8, WORD, "scheduling policy", POLICY, POLICY) \
	COLUMN(priority, "PRIO", 4, PRIORITY,				\
	       "as in /proc/PID/stat", COUNTER, PRIORITY)		\
	COLUMN(nice, "NICE", 4, PRIORITY, "its nice level", COUNTER, NICE) \
	COLUMN(run_time, "RUN TIME", 10, NS,				\
	       "on CPUs, by the kernel's account", COUNTER, RUN_TIME)	\
	COLUMN(voluntary, "VOL", 9, COUNT,				\
	       "times it gave the CPU up", COUNTER, VOLUNTARY)		\
	COLUMN(involuntary, "INVOL", 9, COUNT,				\
	       "times it was preempted", COUNTER, INVOLUNTARY)		\
	COLUMN(comm, "COMM", 16, NAME, "its name", COMM, COMM)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = !PERFTOP_FITS_SCHED_PROCESS_EXIT;
	value->number = row->counter[PARENT];
}

const struct perftop_view perftop_view_exits = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "the tasks that ended last",
	.lacks	= PERFTOP_FITS_SCHED_PROCESS_EXIT ? NULL :
		  "PPID: the tracepoint sched_process_exit is not known",
	.cost	= "114",
	.log	= &log,
	.keeps_parents = true,
	.slice	= show_slice,
	.ask	= ask,
	.columns = columns,
	.value	= value,
	.shared	= true,
};
