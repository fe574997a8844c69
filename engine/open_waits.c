// SPDX-License-Identifier: GPL-2.0
/*
 * Waits that have not ended, and system calls. Who is queued and not on a CPU is not
 * seen by a switch until it gets one: what starves is looked for when somebody reads.
 *
 * The kernel notes in sched_info since when a task has been queued, by the clock
 * of its CPU, and 0 once it has got it or is not queued any more. All tasks are
 * walked, some at a time, after the CPUs have been cut; each wait is taken until
 * the cut of the CPU that it is for, and one that has ended since then as well.
 */
#include <linux/errno.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "compat/compat.h"
#include "engine/drain.h"
#include "engine/filter.h"
#include "engine/open_waits.h"
#include "engine/task.h"
#include "engine/task_state.h"

/* Ids that are looked at without letting anybody else run. */
#define PIECE	64

/* At first, to be doubled. */
#define ROOM	64

/*
 * What is looked for: @look fills in one, if the task has it. Those that have been
 * found lie one behind the other.
 */
struct walk {
	bool			(*look)(const struct walk *walk, void *found,
					const struct task_struct *task);
	size_t			size;
	void			*found;
	unsigned int		n;
	unsigned int		room;
	int			id;	/* the next to be looked at */
	const struct perftop_cut *cut;	/* of each CPU */
};

#ifdef CONFIG_SCHED_INFO
/*
 * How a task had waited when its CPU was cut; whether it had. The slot of one that
 * has one says what the kernel had added up for it when it last left a CPU.
 */
static bool fill_wait(struct perftop_waiter *waiter,
		      const struct task_struct *task,
		      const struct perftop_cut *at)
{
	const struct perftop_state *state = perftop_state_seek(task);
	const struct sched_info *info = &task->sched_info;
	const u32 next = state ? state->next : 1, pcount = info->pcount;
	const u64 since = READ_ONCE(info->last_queued);
	const u64 ended = info->run_delay - (state ? state->run_delay : 0);
	const u64 cut = at->clock;
	s64 wait;

	if (since) {
		if (!perftop_task_is_queued(task))
			return false;
		wait = cut - since;
		/* It has been moved, which ends a wait and begins another. */
		if (pcount + 1 == next)
			wait += ended;
	} else {
		/* Or it has got the CPU after that, and since then no other. */
		if (pcount != next || (s64)(info->last_arrival - cut) <= 0)
			return false;
		wait = cut - (info->last_arrival - ended);
	}
	if (wait <= 0)
		return false;
	waiter->wait = wait;
	waiter->held = state ? perftop_state_held(state, task, at->idle) : 0;
	return true;
}
#else
static bool fill_wait(struct perftop_waiter *waiter,
		      const struct task_struct *task,
		      const struct perftop_cut *at)
{
	return false;
}
#endif

/* Whether it waits. */
static bool look_for_wait(const struct walk *walk, void *found,
			  const struct task_struct *task)
{
	struct perftop_waiter *waiter = found;

	if (!fill_wait(waiter, task, &walk->cut[task_cpu(task)]) ||
	    !perftop_filter_passes_waiting(task))
		return false;
	perftop_task_describe(&waiter->who, task);
	return true;
}

/* Whether it has been in a call for long, which may be over meanwhile. */
static bool look_for_call(const struct walk *walk, void *found,
			  const struct task_struct *task)
{
	const struct perftop_state *state = perftop_state_seek(task);
	struct perftop_open_call *call = found;
	const u64 since = state ? READ_ONCE(state->call_since) : 0;

	if (!since || !perftop_filter_passes_waiting(task))
		return false;
	call->id = READ_ONCE(state->call);
	/* Or it is another one already. */
	if (READ_ONCE(state->call_since) != since)
		return false;
	call->ticks = max_t(s64, rdtsc() - since, 0);
	perftop_task_describe(&call->who, task);
	call->owner = call->who.owner;
	return call->ticks >= tsc_khz * 1000ULL * PERFTOP_LONG_CALL;
}

/* Whether there are more ids. */
static bool look_at_some(struct walk *walk)
{
	const struct task_struct *task;
	struct pid *pid = NULL;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < PIECE && walk->n < walk->room; i++) {
		pid = idr_get_next(&init_pid_ns.idr, &walk->id);
		if (!pid)
			break;
		walk->id++;
		task = pid_task(pid, PIDTYPE_PID);
		if (!task)
			continue;
		/* It may get a CPU, and change its name or priority, meanwhile. */
		data_race(walk->n += walk->look(walk, walk->found + walk->n * walk->size,
						task));
	}
	rcu_read_unlock();
	return pid;
}

/* The same; the slots go when the last view is switched off. */
static bool walk_piece(struct walk *walk)
{
	bool more = false;

	mutex_lock(&perftop_lock);
	if (perftop_states)
		more = look_at_some(walk);
	mutex_unlock(&perftop_lock);
	cond_resched();
	return more && !fatal_signal_pending(current);
}

static int make_room(struct walk *walk)
{
	const unsigned int room = walk->room ? 2 * walk->room : ROOM;
	void *found;

	found = kvcalloc(room, walk->size, GFP_KERNEL_ACCOUNT);
	if (!found)
		return -ENOMEM;
	if (walk->n)
		memcpy(found, walk->found, walk->n * walk->size);
	kvfree(walk->found);
	walk->found = found;
	walk->room = room;
	return 0;
}

static int walk_all(struct walk *walk)
{
	int err;

	do {
		err = walk->n == walk->room ? make_room(walk) : 0;
	} while (!err && walk_piece(walk));
	return err;
}

#ifdef CONFIG_SCHED_INFO
/*
 * A slot for one that waits, as if it had just left a CPU: what it waits now is its
 * next wait. Whether it has one.
 */
static bool claim(struct task_struct *task)
{
	const struct sched_info *info = &task->sched_info;
	struct perftop_state *state;

	if (!READ_ONCE(info->last_queued) || !perftop_task_is_queued(task))
		return false;
	state = perftop_state_find(task);
	if (!state)
		return false;
	state->next = info->pcount + 1;
	state->run_delay = info->run_delay;
	return true;
}

/**
 * perftop_waits_begin() - Let waits that go on be known when they end
 *
 * Of a task without a slot nothing is known until it has left a CPU once.
 *
 * Context: process context; there is memory for slots, and no view is on.
 */
void perftop_waits_begin(void)
{
	struct task_struct *task;
	struct pid *pid;
	int id = 0;

	do {
		rcu_read_lock();
		pid = idr_get_next(&init_pid_ns.idr, &id);
		task = pid ? pid_task(pid, PIDTYPE_PID) : NULL;
		if (task)
			/* It may get a CPU meanwhile. */
			data_race(claim(task));
		rcu_read_unlock();
		cond_resched();
	} while (id++, pid);
}
#else
void perftop_waits_begin(void)
{
}
#endif

/**
 * perftop_waits_collect() - Find out who waits
 * @cut: when each CPU was cut
 * @waiter: where a pointer to them is left, to be freed with kvfree()
 * @waiting: and how many they are
 *
 * Context: process context, not long after the cut.
 * Return: 0 or -ENOMEM.
 */
int perftop_waits_collect(const struct perftop_cut *cut,
			  struct perftop_waiter **waiter, unsigned int *waiting)
{
	struct walk walk = {
		.look = look_for_wait, .size = sizeof(**waiter), .cut = cut,
	};
	int err = walk_all(&walk);

	*waiter = walk.found;
	*waiting = walk.n;
	return err;
}

/**
 * perftop_open_calls_collect() - Find out who has long been in a system call
 * @call: where a pointer to them is left, to be freed with kvfree()
 * @calls: and how many they are
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_open_calls_collect(struct perftop_open_call **call, unsigned int *calls)
{
	struct walk walk = { .look = look_for_call, .size = sizeof(**call) };
	int err = walk_all(&walk);

	*call = walk.found;
	*calls = walk.n;
	return err;
}
