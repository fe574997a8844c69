// SPDX-License-Identifier: GPL-2.0
/*
 * The inversions: tasks that had to wait for one of lower priority.
 *
 *   cpu:   it could have run on a CPU on which the other one ran. Priority is
 *          the class (deadline, real-time, fair), then the deadline or the
 *          real-time priority, never the nice level. It is recorded when the
 *          waiter arrives, if that took more than inversion_us=. Who was picked
 *          while the waiter was queued stood in nobody's way: the waiter was not
 *          allowed to run, by the real-time limit or its deadline's budget;
 *          nor is who wakes up during that limit, or before its period.
 *   mutex: it blocked on a mutex whose owner was runnable but had lost the CPU.
 *          Counted when it blocks, timed when it has the mutex or gives up. Not
 *          in kernels before 6.0, nor in those of PREEMPT_RT, where the owner
 *          inherits the priority.
 */
#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/deadline.h>
#include <linux/sched/rt.h>
#include <linux/smp.h>
#include <asm/msr.h>

#include "compat/compat.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/view.h"
#include "proc/values.h"

#define LIST(COUNTER)							\
	COUNTER(TOTAL, SUM)	/* ns */				\
	COUNTER(COUNT, SUM)						\
	COUNTER(LONGEST, MAX)	/* ns */				\
	COUNTER(WAITER_PRIORITY, LAST)					\
	COUNTER(WAITER, LAST)						\
	COUNTER(WAITER2, LAST)						\
	COUNTER(OTHER_PRIORITY, LAST)					\
	COUNTER(OTHER, LAST)						\
	COUNTER(OTHER2, LAST)

PERFTOP_COUNTERS(LIST);

enum kind {
	ON_CPU,
	ON_MUTEX,
};

/*
 * Which kinds this kernel has, and which of them can be seen. Where one cannot,
 * the view shows the other, and says so.
 */
#if LCB_F_MUTEX && !defined(CONFIG_PREEMPT_RT)
#define HAS_MUTEXES
#endif

#if !PERFTOP_FITS_SCHED_SWITCH
#define LACKS	"kind cpu: the tracepoint sched_switch is not known"
#elif defined(HAS_MUTEXES) && !PERFTOP_FITS_CONTENTION
#define LACKS	"kind mutex: the tracepoints contention_begin and contention_end are not known"
#else
#define LACKS	NULL
#endif

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
	.counters	= ARRAY_SIZE(merge),
	.rank		= TOTAL,
	.key_words	= KEY_WORDS,
};

/* A kernel may have neither of the two kinds. */
static __maybe_unused __kprobes u32 meeting_index(enum kind kind, u64 waiter,
						  u64 other)
{
	const struct meeting key = { kind, waiter, other };

	return perftop_view_index(this_cpu_ptr(&perftop_cpu), &table,
				  (const u64 *)&key, KEY_WORDS);
}

static __maybe_unused __kprobes u64 *meeting_row(enum kind kind, u64 waiter,
						 u64 other)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u32 index = meeting_index(kind, waiter, other);

	return perftop_shard_row(table.shard[smp_processor_id()],
				 READ_ONCE(c->bank), index, rdtsc());
}

static __maybe_unused __kprobes void
add_episode(u64 *counter, const struct task_struct *waiter,
	    const struct task_struct *other)
{
	counter[COUNT]++;
	counter[WAITER_PRIORITY] = perftop_task_priority(waiter);
	memcpy(&counter[WAITER], waiter->comm, TASK_COMM_LEN);
	counter[OTHER_PRIORITY] = perftop_task_priority(other);
	memcpy(&counter[OTHER], other->comm, TASK_COMM_LEN);
}

static __maybe_unused __kprobes void add_time(u64 *counter, u64 ns)
{
	counter[TOTAL] += ns;
	if (counter[LONGEST] < ns)
		counter[LONGEST] = ns;
}

/* What waits took before is of another time. In ns. */
static u64 began;

static void begin(void)
{
	WRITE_ONCE(began, local_clock());
}

/* --- On a CPU ------------------------------------------------------------- */

#ifdef CONFIG_SCHED_INFO

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

/* Lower ones run here though a real-time task is queued: its class may not. */
static DEFINE_PER_CPU(bool, rt_throttled);

static __always_inline bool is_rt(const struct task_struct *task)
{
	return rank(task) >= MAX_DL_PRIO && rank(task) < MAX_RT_PRIO;
}

/* A task that stops the CPU says nothing of the real-time class. */
static __always_inline bool stops_cpu(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD && rank(task) == MAX_DL_PRIO;
}

static __always_inline void note_throttling(const struct task_struct *prev,
					    const struct task_struct *next)
{
	if (is_rt(next) && !stops_cpu(next))
		this_cpu_write(rt_throttled, false);
	else if (is_rt(prev) && !stops_cpu(prev) && rank(next) >= MAX_RT_PRIO &&
		 perftop_task_state(prev) == TASK_RUNNING)
		this_cpu_write(rt_throttled, true);
}

/*
 * Since when a task has had the right to run here: since it is queued, but for a
 * deadline task not before its period has begun.
 */
static __always_inline u64 entitled_since(const struct task_struct *task)
{
	const u64 queued = task->sched_info.last_queued;

	if (rank(task) < MAX_DL_PRIO)
		return max(queued, task->dl.deadline - task->dl.dl_deadline);
	return queued;
}

/*
 * Runs under the run-queue lock. The arriving task is still queued, since when
 * its sched_info says.
 */
static __kprobes void switched(PERFTOP_SCHED_SWITCH_ARGS)
{
	const bool throttled = this_cpu_read(rt_throttled);
	const u64 queued = next->sched_info.last_queued;
	u64 *counter;
	s64 ns;

	note_throttling(prev, next);
	if (throttled && is_rt(next))
		return;
	if (is_idle_task(prev) || !queued || !outranks(next, prev) ||
	    (s64)(prev->sched_info.last_arrival - queued) >= 0)
		return;
	ns = local_clock() - max(entitled_since(next), READ_ONCE(began));
	if (ns <= (s64)READ_ONCE(perftop_params.inversion_us) * NSEC_PER_USEC ||
	    !perftop_filter_passes(next))
		return;
	counter = meeting_row(ON_CPU, perftop_task_ids(next),
			      perftop_task_ids(prev));
	add_episode(counter, next, prev);
	add_time(counter, ns);
}

static struct perftop_tracepoint switch_event = {
	.name	= "sched_switch",
	.probe	= switched,
	.fits	= PERFTOP_FITS_SCHED_SWITCH,
};

#endif

/* --- On a mutex ----------------------------------------------------------- */

#ifdef HAS_MUTEXES

/* The low bits of what a mutex keeps of its owner are flags. */
#define OWNER_FLAGS	7UL

static bool is_waiting(const struct perftop_state *state, const void *lock)
{
	return state->since && state->lock == lock &&
	       (s64)(state->since - READ_ONCE(began)) >= 0;
}

/*
 * Runs in the task that blocks, from 7.2 on where it may be preempted, move to
 * another CPU and outlast synchronize_rcu(). Interrupts are off from the first
 * look at the owner, which may give the mutex up and end at any time: its
 * memory and the filter's stay as long, and the bank that is written is current.
 */
static __kprobes void blocks(void *data, void *lock, unsigned int flags)
{
	struct perftop_state *state;
	struct task_struct *owner;
	unsigned long irq;
	u64 *counter;

	if (!(flags & LCB_F_MUTEX) || flags & LCB_F_SPIN)
		return;
	local_irq_save(irq);
	owner = (void *)(atomic_long_read(&((struct mutex *)lock)->owner) &
			 ~OWNER_FLAGS);
	if (!owner || !perftop_task_is_queued(owner) ||
	    !perftop_filter_passes(current))
		goto out;
	state = perftop_state_get(current);
	/* Who has waited and must go on waiting says so once more. */
	if (state && !is_waiting(state, lock)) {
		state->lock = lock;
		state->owner = perftop_task_ids(owner);
		state->since = local_clock();
		counter = meeting_row(ON_MUTEX, perftop_task_ids(current),
				      state->owner);
		add_episode(counter, current, owner);
	}
out:
	local_irq_restore(irq);
}

/*
 * The row of an episode that ends. Who it was has been written where it began,
 * to a row that may have been merged since.
 */
static __kprobes u64 *ending_row(const struct perftop_state *state)
{
	u32 index = meeting_index(ON_MUTEX, perftop_task_ids(current),
				  state->owner);
	struct perftop_shard *shard = table.shard[smp_processor_id()];
	const unsigned int bank = READ_ONCE(this_cpu_ptr(&perftop_cpu)->bank);

	return perftop_shard_row_unseen(shard, bank, index);
}

/*
 * Likewise. Other locks end here too, in between those that the scheduler
 * takes.
 */
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
		add_time(ending_row(state), max_t(s64, ns, 0));
		state->since = 0;
	}
	local_irq_restore(irq);
}

static struct perftop_tracepoint begin_event = {
	.name	= "contention_begin",
	.probe	= blocks,
	.fits	= PERFTOP_FITS_CONTENTION,
};

static struct perftop_tracepoint end_event = {
	.name	= "contention_end",
	.probe	= blocks_no_more,
	.fits	= PERFTOP_FITS_CONTENTION,
};

#endif

static struct perftop_tracepoint *const events[] = {
#ifdef CONFIG_SCHED_INFO
	&switch_event,
#endif
#ifdef HAS_MUTEXES
	&begin_event,
	&end_event,
#endif
	NULL
};

static int start(void)
{
	begin();
	return 0;
}

#define COLUMNS(COLUMN)							\
	COLUMN(count, "COUNT", 9, COUNT, "episodes", COUNTER, COUNT)	\
	COLUMN(total, "TOTAL", 10, NS,					\
	       "how long they took together", COUNTER, TOTAL)		\
	COLUMN(longest, "LONGEST", 10, NS,				\
	       "how long the longest took", COUNTER, LONGEST)		\
	COLUMN(kind, "KIND", 5, WORD,					\
	       "cpu: it waited for a CPU; mutex: for a mutex", OWN, 0)	\
	COLUMN(waiter, "WAITER", 34, THREAD,				\
	       "who waited", THREAD, 1, WAITER_PRIORITY, WAITER)	\
	COLUMN(other, "FOR", 34, THREAD,				\
	       "who ran, or was preempted, instead",			\
	       THREAD, 2, OTHER_PRIORITY, OTHER)

PERFTOP_COLUMNS(COLUMNS);

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	const struct meeting *key = (const struct meeting *)row->word;

	value->none = perftop_row_is_nobody(row);
	if (!value->none)
		value->text = key->kind == ON_MUTEX ? "mutex" : "cpu";
}

const struct perftop_view perftop_view_inversion = {
	.name	= PERFTOP_VIEW_NAME,
	.what	= "tasks that waited for one of lower priority",
	.lacks	= LACKS,
	.cost	= "174",
	.table	= &table,
	.start	= start,
	.reset	= begin,
	.probes	= events,
	.columns = columns,
	.value	= value,
	.shared	= true,
};
