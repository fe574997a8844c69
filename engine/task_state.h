/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of a live task from one of its slices to the next.
 */
#ifndef PERFTOP_TASK_STATE_H
#define PERFTOP_TASK_STATE_H

#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/types.h>

/* A row in the shard that has this epoch; 0: not known. */
struct perftop_known {
	u32	epoch;
	u32	row;
};

/**
 * struct perftop_state - one live task
 * @task: whose slot this is, NULL: nobody's
 * @started: its start_time, since a pointer may be used again
 * @run_delay: sched_info.run_delay when it last left a CPU, in ns
 * @arrival: sched_info.last_arrival then, in ns
 * @idle: how long that CPU had been idle then, in ticks
 * @moves: how often the task had been moved to another CPU then
 * @queued: it could have gone on then
 * @cpu: the CPU that it last left, PERFTOP_STATE_NEW if it has not yet
 * @next: sched_info.pcount when it next leaves one, if nothing goes unseen
 * @row: its row in the view tasks
 * @owner_row: its owner's in the view processes
 * @whose: that owner, see perftop_task_owner()
 * @call: the system call that it is in, see perftop_call_id()
 * @call_since: since when, in ticks; 0: it is in none that is known
 * @call_ended: when it ended, to begin again; 0: it has not
 * @call_first: when it had begun then
 * @parent: process id of its parent, set when it exits
 * @since: when it began to wait for a mutex, in ns; 0: it does not
 * @lock: the mutex, to be compared and not followed
 * @owner: whom it waits for, thread id and process id above it
 *
 * Claimed by the CPU that the task is on, and written by nobody else until the
 * task has left; the run-queue locks order what two CPUs write one after the
 * other. Given back when a dead task leaves for the last time.
 */
struct perftop_state {
	struct task_struct	*task;
	u64			started;
	u64			run_delay;
	u64			arrival;
	u64			idle;
	u32			moves;
	bool			queued;
	u32			cpu;
	u32			next;
	struct perftop_known	row;
	struct perftop_known	owner_row;
	u64			whose;
	u64			call;
	u64			call_since;
	u64			call_ended;
	u64			call_first;
	u32			parent;
	u64			since;
	const void		*lock;
	u64			owner;
};

#define PERFTOP_STATE_NEW	U32_MAX

int perftop_state_init(void);
void perftop_state_exit(void);
struct perftop_state *perftop_state_find(struct task_struct *task);
struct perftop_state *perftop_state_seek(const struct task_struct *task);
void perftop_state_reset(void);
void perftop_state_put(struct perftop_state *state);
int perftop_state_keep_parents(void);
void perftop_state_drop_parents(void);
u64 perftop_state_full(void);
void perftop_state_forget_calls(void);
void perftop_state_reset_calls(void);

/* A slot and seven more behind it. */
#define PERFTOP_STATE_WINDOW	8

extern struct perftop_state *perftop_states;
extern unsigned int perftop_state_bits;

static __always_inline struct perftop_state *
perftop_state_place(const struct task_struct *task)
{
	return &perftop_states[hash_ptr(task, perftop_state_bits)];
}

/* Is it this task's slot? */
static __always_inline bool perftop_state_is(const struct perftop_state *state,
					     const struct task_struct *task)
{
	return READ_ONCE(state->task) == task && state->started == task->start_time;
}

/**
 * perftop_state_get() - Find a task's slot, claim one if it has none
 * @task: current, or a task that is just leaving this CPU
 *
 * Context: hot path.
 * Return: the slot, NULL if there is none.
 */
static __always_inline struct perftop_state *
perftop_state_get(struct task_struct *task)
{
	struct perftop_state *state = perftop_state_place(task);

	if (likely(perftop_state_is(state, task)))
		return state;
	return perftop_state_find(task);
}

/**
 * perftop_state_held() - For how much of its wait was a CPU idle?
 * @state: of a task that waits, or has waited for the slice that it has now
 * @task: the task
 * @idle: how long the CPU has been idle by then, in ticks
 *
 * All idle time since the task left the CPU began while it was queued there, if it
 * could have gone on and has not been moved: then it is no lack of a CPU that it
 * has to wait.
 *
 * Context: hot path, or a read, where the answer may be of another wait.
 * Return: ticks.
 */
static __always_inline u64
perftop_state_held(const struct perftop_state *state,
		   const struct task_struct *task, u64 idle)
{
	if (!state->queued || state->moves != (u32)task->se.nr_migrations)
		return 0;
	return max_t(s64, idle - state->idle, 0);
}

#endif /* PERFTOP_TASK_STATE_H */
