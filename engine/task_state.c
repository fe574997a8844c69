// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of each live task from one of its slices to the next, while
 * views are on: a table of slots, shared by all CPUs, found by the task's
 * address.
 *
 * A slot is claimed with one atomic exchange by the CPU that the task is on,
 * and given back when the task leaves for the last time. Between the two it has
 * one writer at a time. It may lie anywhere in a window of its place, so nothing
 * moves when others are given back. What finds its window full is counted.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#include "compat/compat.h"
#include "engine/params.h"
#include "engine/task_state.h"
#include "switch/tracepoint_probe.h"

struct perftop_state *perftop_states __read_mostly;
unsigned int perftop_state_bits __read_mostly;
static atomic64_t full = ATOMIC64_INIT(0);

static size_t states_bytes(void)
{
	return ((1UL << perftop_state_bits) + PERFTOP_STATE_WINDOW) *
	       sizeof(*perftop_states);
}

/**
 * perftop_state_init() - Take the memory for as many tasks as there are stacks
 *
 * Context: process context; no view is on.
 * Return: 0 or -ENOMEM.
 */
int perftop_state_init(void)
{
	perftop_state_bits = order_base_2(perftop_params.table);
	perftop_states = vzalloc(states_bytes());
	atomic64_set(&full, 0);
	return perftop_states ? 0 : -ENOMEM;
}

/**
 * perftop_state_exit() - Give it back
 *
 * Context: process context, perftop_lock held, since who reads may be looking at
 *	them; no view is on any more.
 */
void perftop_state_exit(void)
{
	vfree(perftop_states);
	perftop_states = NULL;
}

/**
 * perftop_state_reset() - Forget how often a task found no slot
 *
 * Context: any.
 */
void perftop_state_reset(void)
{
	atomic64_set(&full, 0);
}

/**
 * perftop_state_full() - How often a task found no slot
 *
 * Context: any.
 * Return: slices that ended without.
 */
u64 perftop_state_full(void)
{
	return atomic64_read(&full);
}

/*
 * At the last switch nothing holds the parent any more. Runs in the task that
 * exits, from 7.2 on where it may be preempted.
 */
static __kprobes void exiting(PERFTOP_SCHED_PROCESS_EXIT_ARGS)
{
	struct perftop_state *state;
	unsigned long irq;

	/* A slot is claimed in one go. */
	local_irq_save(irq);
	rcu_read_lock();
	state = perftop_state_get(current);
	if (state)
		state->parent = rcu_dereference(current->real_parent)->tgid;
	rcu_read_unlock();
	local_irq_restore(irq);
}

static struct perftop_tracepoint exit_event = {
	.name	= "sched_process_exit",
	.probe	= exiting,
	.fits	= PERFTOP_FITS_SCHED_PROCESS_EXIT,
};

/* How many want to know; as views are switched, one at a time. */
static unsigned int keepers;

/**
 * perftop_state_keep_parents() - From now on, keep who a task's parent was
 *
 * It is not done where this kernel's tracepoint is not known.
 *
 * Context: process context, one at a time.
 * Return: 0 or an error; perftop_state_drop_parents() undoes it.
 */
int perftop_state_keep_parents(void)
{
	int err = 0;

	if (!keepers && exit_event.fits)
		err = perftop_tracepoint_attach(&exit_event);
	if (!err)
		keepers++;
	return err;
}

/**
 * perftop_state_drop_parents() - Nobody wants to know any more
 *
 * Context: as perftop_state_keep_parents().
 */
void perftop_state_drop_parents(void)
{
	if (!--keepers && exit_event.fits)
		perftop_tracepoint_detach(&exit_event);
}

/**
 * perftop_state_forget_calls() - What calls had begun when they were last seen is past
 *
 * Context: process context; there is memory for slots, and calls are not seen now.
 */
void perftop_state_forget_calls(void)
{
	size_t i;

	for (i = 0; i < (1UL << perftop_state_bits) + PERFTOP_STATE_WINDOW; i++) {
		/* It may be claimed, which forgets them as well. */
		WRITE_ONCE(perftop_states[i].call_since, 0);
		WRITE_ONCE(perftop_states[i].call_ended, 0);
	}
}

/**
 * perftop_state_reset_calls() - From now on, what calls took before counts no more
 *
 * Context: process context; there is memory for slots.
 */
void perftop_state_reset_calls(void)
{
	u64 since;
	size_t i;

	for (i = 0; i < (1UL << perftop_state_bits) + PERFTOP_STATE_WINDOW; i++) {
		since = READ_ONCE(perftop_states[i].call_since);
		/* But if it has ended meanwhile. */
		if (since)
			cmpxchg(&perftop_states[i].call_since, since, rdtsc());
		WRITE_ONCE(perftop_states[i].call_first, rdtsc());
		cond_resched();
	}
}

/* The slot that has a task's pointer: the task's, or an earlier one's. */
static __kprobes struct perftop_state *search(const struct task_struct *task)
{
	struct perftop_state *state = perftop_state_place(task);
	struct perftop_state *last = state + PERFTOP_STATE_WINDOW;

	for (; state < last; state++)
		if (READ_ONCE(state->task) == task)
			return state;
	return NULL;
}

/**
 * perftop_state_seek() - Find the slot that a task has, if any
 * @task: as for perftop_state_get()
 *
 * Context: hot path.
 * Return: the slot, NULL if it has none.
 */
__kprobes struct perftop_state *
perftop_state_seek(const struct task_struct *task)
{
	struct perftop_state *state = search(task);

	return state && state->started == task->start_time ? state : NULL;
}

/**
 * perftop_state_find() - Find a task's slot wherever it is, or claim one
 * @task: as for perftop_state_get(), which looks in its place first
 *
 * Context: hot path.
 * Return: the slot, NULL if there is none.
 */
__kprobes struct perftop_state *perftop_state_find(struct task_struct *task)
{
	struct perftop_state *first = perftop_state_place(task);
	struct perftop_state *last = first + PERFTOP_STATE_WINDOW;
	struct perftop_state *state = search(task);

	if (state && state->started == task->start_time)
		return state;
	/* Another task's, that was not seen to end. */
	if (state)
		goto claimed;
	for (state = first; state < last; state++)
		if (!READ_ONCE(state->task) &&
		    !cmpxchg(&state->task, NULL, task))
			goto claimed;
	atomic64_inc(&full);
	return NULL;

claimed:
	/* All but the task: a slot of nobody's would be anybody's to claim. */
	memset((void *)state + sizeof(state->task), 0,
	       sizeof(*state) - sizeof(state->task));
	state->started = task->start_time;
	state->cpu = PERFTOP_STATE_NEW;
	state->next = 1;
	/* Behind all arrivals, so that the first is at no distance. */
	state->arrival = S64_MAX;
	return state;
}

/**
 * perftop_state_put() - Give a slot back: its task will not run again
 * @state: the slot
 *
 * Context: hot path, on the CPU that the task is leaving.
 */
__kprobes void perftop_state_put(struct perftop_state *state)
{
	/* What was written is not to be seen after it is somebody else's. */
	smp_store_release(&state->task, NULL);
}
