// SPDX-License-Identifier: GPL-2.0
/*
 * The inversions: tasks that had to wait for one of lower priority.
 *
 *      COUNT      TOTAL    LONGEST KIND  WAITER            FOR
 *      |          |        |       |     |                 |
 *      episodes   they took        |     who waited        who ran, or was
 *                                  |     (policy prio)     preempted, instead
 *                                  |
 *   cpu:   it could have run on a CPU on which the other one ran. Priority is
 *          the class (deadline, real-time, fair), then the deadline or the
 *          real-time priority, never the nice level. It is recorded when the
 *          waiter arrives, if that took more than inversion_us=.
 *   mutex: it blocked on a mutex whose owner was runnable but had lost the CPU.
 *          Counted when it blocks, timed when it has the mutex or gives up. Not
 *          in kernels before 6.0, nor in those of PREEMPT_RT, where the owner
 *          inherits the priority.
 */
#include <linux/kprobes.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/deadline.h>
#include <linux/sched/rt.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "../slice.h"
#include "../view.h"

static unsigned int inversion_us = 1000;
module_param(inversion_us, uint, 0644);
MODULE_PARM_DESC(inversion_us, "microseconds of waiting for a task of lower priority that count as an inversion (default: 1000)");

enum counter {
	TOTAL,			/* ns */
	COUNT,
	LONGEST,		/* ns */
	WAITER_PRIORITY,
	WAITER,
	WAITER2,
	OTHER_PRIORITY,
	OTHER,
	OTHER2,
	COUNTERS
};

static const u8 merge[COUNTERS] = {
	[TOTAL]			= PERFTOP_SUM,
	[COUNT]			= PERFTOP_SUM,
	[LONGEST]		= PERFTOP_MAX,
	[WAITER_PRIORITY ... OTHER2] = PERFTOP_LAST,
};

enum kind {
	ON_CPU,
	ON_MUTEX,
};

/* Two threads, and how they met. */
struct meeting {
	u64	kind;
	u64	waiter;
	u64	other;
};

#define KEY_WORDS	(sizeof(struct meeting) / sizeof(u64))

static struct perftop_table table = {
	.name		= "inversion",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= TOTAL,
	.key_words	= KEY_WORDS,
};

/* A kernel may have neither of the two kinds. */
static __maybe_unused __kprobes u64 *meeting_row(enum kind kind, u64 waiter,
						 u64 other)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	const struct meeting key = { kind, waiter, other };
	u32 index;

	index = perftop_view_index(c, &table, (const u64 *)&key, KEY_WORDS);
	return perftop_hash_row(table.shard[smp_processor_id()],
				READ_ONCE(c->bank), index, rdtsc());
}

static __maybe_unused __kprobes void
add_episode(u64 *counter, const struct task_struct *waiter,
	    const struct task_struct *other)
{
	counter[COUNT]++;
	counter[WAITER_PRIORITY] = slice_task_priority(waiter);
	memcpy(&counter[WAITER], waiter->comm, TASK_COMM_LEN);
	counter[OTHER_PRIORITY] = slice_task_priority(other);
	memcpy(&counter[OTHER], other->comm, TASK_COMM_LEN);
}

static __maybe_unused __kprobes void add_time(u64 *counter, u64 ns)
{
	counter[TOTAL] += ns;
	if (counter[LONGEST] < ns)
		counter[LONGEST] = ns;
}

/* --- On a CPU ------------------------------------------------------------- */

#ifdef CONFIG_SCHED_INFO

/* When a CPU began to run fair tasks and nothing else, in its own clock. */
static DEFINE_PER_CPU(u64, fair_since);

/* Below every fair task, whose priorities are all the same here. */
static __always_inline int rank(const struct task_struct *task)
{
	if (is_idle_task(task))
		return MAX_RT_PRIO + 1;
	return min(task->prio, MAX_RT_PRIO);
}

static __always_inline bool outranks(const struct task_struct *a,
				     const struct task_struct *b)
{
	if (rank(a) == rank(b) && rank(a) < MAX_DL_PRIO)
		return (s64)(a->dl.deadline - b->dl.deadline) < 0;
	return rank(a) < rank(b);
}

/* Since when a task of lower priority has run here without a break. */
static __always_inline u64 lower_since(const struct task_struct *prev)
{
	return rank(prev) == MAX_RT_PRIO ? this_cpu_read(fair_since) :
					   prev->sched_info.last_arrival;
}

/* The arriving task is still queued, since when its sched_info says. */
static __kprobes void switched(PERFTOP_SCHED_SWITCH_ARGS)
{
	u64 queued = next->sched_info.last_queued;
	u64 *counter;
	s64 ns;

	if (rank(next) == MAX_RT_PRIO && rank(prev) != MAX_RT_PRIO)
		this_cpu_write(fair_since, local_clock());
	if (is_idle_task(prev) || !queued || !outranks(next, prev))
		return;
	ns = local_clock() - max(queued, lower_since(prev));
	if (ns <= (s64)READ_ONCE(inversion_us) * NSEC_PER_USEC ||
	    !perftop_filter_passes(next))
		return;
	counter = meeting_row(ON_CPU, slice_task_ids(next),
			      slice_task_ids(prev));
	add_episode(counter, next, prev);
	add_time(counter, ns);
}

static struct perftop_tracepoint switch_event = {
	.name	= "sched_switch",
	.probe	= switched,
};

static int start_on_cpu(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(fair_since, cpu) = local_clock();
	return perftop_tracepoint_attach(&switch_event);
}

static void stop_on_cpu(void)
{
	perftop_tracepoint_detach(&switch_event);
}

#else

static int start_on_cpu(void)
{
	return 0;
}

static void stop_on_cpu(void)
{
}

#endif

/* --- On a mutex ----------------------------------------------------------- */

#if LCB_F_MUTEX && !defined(CONFIG_PREEMPT_RT)

/* The low bits of what a mutex keeps of its owner are flags. */
#define OWNER_FLAGS	7UL

/* Waits that began before are of another time. In ns. */
static u64 began;

static void begin_on_mutex(void)
{
	WRITE_ONCE(began, local_clock());
}

static bool is_preempted(struct task_struct *task)
{
	return !perftop_task_runs(task) && READ_ONCE(task->on_rq) &&
	       task_is_running(task);
}

static bool is_waiting(const struct perftop_state *state, const void *lock)
{
	return state->since && state->lock == lock &&
	       (s64)(state->since - READ_ONCE(began)) >= 0;
}

/*
 * The owner may give the mutex up and end at any time; its memory stays until
 * preemption is allowed again.
 */
static __kprobes void blocks(void *data, void *lock, unsigned int flags)
{
	struct perftop_state *state;
	struct task_struct *owner;
	unsigned long irq;
	u64 *counter;

	if (!(flags & LCB_F_MUTEX) || flags & LCB_F_SPIN)
		return;
	owner = (void *)(atomic_long_read(&((struct mutex *)lock)->owner) &
			 ~OWNER_FLAGS);
	if (!owner || !is_preempted(owner) || !perftop_filter_passes(current))
		return;
	local_irq_save(irq);
	state = perftop_state_get(current);
	/* Who has waited and must go on waiting says so once more. */
	if (state && !is_waiting(state, lock)) {
		state->lock = lock;
		state->owner = slice_task_ids(owner);
		state->since = local_clock();
		counter = meeting_row(ON_MUTEX, slice_task_ids(current),
				      state->owner);
		add_episode(counter, current, owner);
	}
	local_irq_restore(irq);
}

/* Other locks end here too, in between those that the scheduler takes. */
static __kprobes void blocks_no_more(void *data, void *lock, int result)
{
	struct perftop_state *state;
	unsigned long irq;
	s64 ns;

	local_irq_save(irq);
	state = perftop_state_seek(current);
	if (state && is_waiting(state, lock)) {
		/* The kernel keeps its CPUs' clocks together, not equal. */
		ns = local_clock() - state->since;
		add_time(meeting_row(ON_MUTEX, slice_task_ids(current),
				     state->owner), max_t(s64, ns, 0));
		state->since = 0;
	}
	local_irq_restore(irq);
}

static struct perftop_tracepoint begin_event = {
	.name	= "contention_begin",
	.probe	= blocks,
};

static struct perftop_tracepoint end_event = {
	.name	= "contention_end",
	.probe	= blocks_no_more,
};

static int start_on_mutex(void)
{
	int err;

	begin_on_mutex();
	err = perftop_tracepoint_attach(&begin_event);
	if (err)
		return err;
	err = perftop_tracepoint_attach(&end_event);
	if (err)
		perftop_tracepoint_detach(&begin_event);
	return err;
}

static void stop_on_mutex(void)
{
	perftop_tracepoint_detach(&end_event);
	perftop_tracepoint_detach(&begin_event);
}

#else

static void begin_on_mutex(void)
{
}

static int start_on_mutex(void)
{
	return 0;
}

static void stop_on_mutex(void)
{
}

#endif

/* -------------------------------------------------------------------------- */

static int start(void)
{
	int err = start_on_cpu();

	if (err)
		return err;
	err = start_on_mutex();
	if (err)
		stop_on_cpu();
	return err;
}

static void stop(void)
{
	stop_on_mutex();
	stop_on_cpu();
}

/* The view's own probes see what it shows. */
static __kprobes void show_slice(struct perftop_cpu *c)
{
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%9s %10s %10s %-5s %-34s %s\n", "COUNT", "TOTAL",
		   "LONGEST", "KIND", "WAITER", "FOR");
}

static void show_thread(struct seq_file *m, u64 ids, u64 priority,
			const u64 *comm)
{
	perftop_print_comm(m, comm);
	seq_printf(m, "[%u] (%s %d)", lower_32_bits(ids),
		   perftop_print_policy(upper_32_bits(priority)),
		   (s32)lower_32_bits(priority));
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const struct meeting *key = (const struct meeting *)row->word;
	const u64 *counter = row->counter;
	size_t begin;

	seq_printf(m, "%9llu", counter[COUNT]);
	perftop_print_ns(m, counter[TOTAL], 11);
	perftop_print_ns(m, counter[LONGEST], 11);
	if (!row->words) {
		seq_puts(m, " [overflow]\n");
		return;
	}
	seq_printf(m, " %-5s ", key->kind == ON_MUTEX ? "mutex" : "cpu");
	begin = m->count;
	show_thread(m, key->waiter, counter[WAITER_PRIORITY], &counter[WAITER]);
	seq_printf(m, "%*s ", max(0, 34 - (int)(m->count - begin)), "");
	show_thread(m, key->other, counter[OTHER_PRIORITY], &counter[OTHER]);
	seq_putc(m, '\n');
}

const struct perftop_view perftop_view_inversion = {
	.name	= "inversion",
	.what	= "tasks that waited for one of lower priority",
	.cost	= "167",
	.table	= &table,
	.start	= start,
	.stop	= stop,
	.reset	= begin_on_mutex,
	.slice	= show_slice,
	.header	= show_header,
	.row	= show_row,
};
