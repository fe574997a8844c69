// SPDX-License-Identifier: GPL-2.0
/*
 * The exits: the tasks that ended last, the newest first.
 *
 *      AGO     PID    TGID    PPID  CPU POLICY   PRIO NICE   RUN TIME ...
 *      |       |      |       |     |   |        |    |      |
 *      |       |      |       |     |   |        |    |      on CPUs, by the
 *      |       |      |       |     |   |        |    |      kernel's account
 *      |       |      |       |     |   |        as in /proc/PID/stat
 *      |       thread and process   on which it left for the last time
 *      it left, before this was read
 *
 *         VOL     INVOL COMM
 *         |       |
 *         |       times it was preempted
 *         times it gave the CPU up
 *
 * An entry is made at the task's last switch, when its figures are final. Each
 * CPU keeps its last 64.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "engine/event_log.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "proc/print.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"

enum entry {
	TIME,			/* ns */
	TASK,
	STARTED,
	PARENT,
	CPU,
	PRIORITY,		/* policy above the kernel's priority */
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
	entry[PRIORITY] = (u64)task->policy << 32 | (u32)task->prio;
	entry[NICE] = (u32)PRIO_TO_NICE(task->static_prio);
	entry[RUN_TIME] = task->se.sum_exec_runtime;
	entry[VOLUNTARY] = task->nvcsw;
	entry[INVOLUNTARY] = task->nivcsw;
	memcpy(&entry[COMM], task->comm, TASK_COMM_LEN);
}

static int start(void)
{
	int err = perftop_log_init(&log);

	if (err)
		return err;
	err = perftop_state_keep_parents();
	if (err)
		perftop_log_exit(&log);
	return err;
}

static void stop(void)
{
	perftop_state_drop_parents();
	perftop_log_exit(&log);
}

static void reset(void)
{
	perftop_log_clear(&log);
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

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%9s %7s %7s %7s %4s %-8s %4s %4s %10s %9s %9s %s\n",
		   "AGO", "PID", "TGID", "PPID", "CPU", "POLICY", "PRIO",
		   "NICE", "RUN TIME", "VOL", "INVOL", "COMM");
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const u64 *entry = snapshot->row[number].counter;

	/* It may have ended while the snapshot was taken. */
	perftop_print_ns(m, max_t(s64, snapshot->taken - entry[TIME], 0), 9);
	seq_printf(m, " %7u %7u", lower_32_bits(entry[TASK]),
		   upper_32_bits(entry[TASK]));
	if (PERFTOP_FITS_SCHED_PROCESS_EXIT)
		seq_printf(m, " %7llu", entry[PARENT]);
	else
		seq_printf(m, " %7s", "-");
	seq_printf(m, " %4llu %-8s %4d %4d", entry[CPU],
		   perftop_print_policy(upper_32_bits(entry[PRIORITY])),
		   (s32)lower_32_bits(entry[PRIORITY]) - MAX_RT_PRIO,
		   (s32)lower_32_bits(entry[NICE]));
	perftop_print_ns(m, entry[RUN_TIME], 11);
	seq_printf(m, " %9llu %9llu ", entry[VOLUNTARY], entry[INVOLUNTARY]);
	perftop_print_comm(m, &entry[COMM]);
	seq_putc(m, '\n');
}

const struct perftop_view perftop_view_exits = {
	.name	= "exits",
	.what	= "the tasks that ended last",
	.lacks	= PERFTOP_FITS_SCHED_PROCESS_EXIT ? NULL :
		  "PPID: the tracepoint sched_process_exit is not known",
	.cost	= "114",
	.log	= &log,
	.start	= start,
	.stop	= stop,
	.slice	= show_slice,
	.reset	= reset,
	.ask	= ask,
	.header	= show_header,
	.row	= show_row,
	.shared	= true,
};
