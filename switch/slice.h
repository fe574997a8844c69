/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens at a switch, inline in the hooks' handlers. slice.c has what
 * happens to a CPU's slices otherwise.
 */
#ifndef PERFTOP_SLICE_H
#define PERFTOP_SLICE_H

#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/sched/prio.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "compat/compat.h"
#include "perftop.h"

/* Thread id and process id in one word. */
static __always_inline u64 slice_task_ids(const struct task_struct *task)
{
	return (u64)task->tgid << 32 | (u32)task->pid;
}

/* But by stack=both, stacks are nobody's, and named after who left by them. */
static __always_inline bool slice_is_nobodys(void)
{
	return !static_branch_likely(&perftop_owners);
}

/*
 * Has a task left its process and its parent, either of which may be gone? As long
 * as it has not, they are there for a grace period at the least. Others reap it,
 * maybe while it leaves a CPU for the last time.
 *
 * Context: interrupts off, or rcu_read_lock().
 */
static __always_inline bool slice_is_reaped(const struct task_struct *task)
{
	return !READ_ONCE(task->sighand);
}

/* The first thread of its process, NULL where that may be gone. */
static __always_inline const struct task_struct *
slice_leader(const struct task_struct *task)
{
	/* When another thread executes a program, it becomes the first. */
	const struct task_struct *leader = READ_ONCE(task->group_leader);

	return leader != task && unlikely(slice_is_reaped(task)) ? NULL :
								   leader;
}

/*
 * Whose a task is: its process, by the id, and below it by when that began, since
 * an id is used again; a kernel thread is its own. The lower half is a number of
 * 256 ns, which come again after 18 minutes, and the id again; 0 where a thread
 * has been reaped, and who is first is not known any more.
 */
static __always_inline u64 slice_owner(const struct task_struct *task)
{
	const struct task_struct *leader = slice_leader(task);

	if (unlikely(!leader))
		return (u64)task->tgid << 32;
	return slice_task_ids(leader) ^ (u32)(leader->start_time >> 8);
}

/* Whose the slice is that has ended, of a task that may be read. */
static __always_inline u64 slice_opened_owner(const struct perftop_cpu *c)
{
	return slice_is_nobodys() ? slice_owner(c->running) : c->owner;
}

/*
 * The name of its process, which is its first thread's; NULL where that may be
 * gone, see slice_owner().
 */
static __always_inline const char *
slice_process_name(const struct task_struct *task)
{
	const struct task_struct *leader = slice_leader(task);

	return likely(leader) ? leader->comm : NULL;
}

static __always_inline unsigned long
slice_task_switches(const struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

/*
 * Policy, and below it the real-time priority or the nice level; above both, how
 * often it has been switched out, so that the largest is the last.
 */
static __always_inline u64 slice_task_priority(const struct task_struct *task)
{
	s16 level = task->rt_priority ? (s16)task->rt_priority :
					PRIO_TO_NICE(task->static_prio);

	return (u64)slice_task_switches(task) << 24 |
	       (u64)(u8)task->policy << 16 | (u16)level;
}

static __always_inline u32 slice_policy(u64 priority)
{
	return priority >> 16 & 0xff;
}

static __always_inline int slice_level(u64 priority)
{
	return (s16)priority;
}

/*
 * Is the open slice current's, from its arrival until now? Not so if the hook
 * has been disarmed for a while and current, or another task, has left unseen.
 * @leaving is 1 where current's own leaving has been counted already.
 */
static __always_inline bool slice_is_current(const struct perftop_cpu *c,
					     unsigned int leaving)
{
	return c->running == current &&
	       c->arrived + leaving == slice_task_switches(current);
}

/*
 * Is it the open slice's task that has just left, for the first time since it
 * arrived? If switches went unseen it may be anywhere, or be gone, and its
 * memory be freed. But a task that is on a CPU and is not current there is the
 * one that leaves it, and that one cannot go before this switch has ended.
 */
static __always_inline bool slice_task_has_left(const struct perftop_cpu *c)
{
	struct task_struct *task = c->running;

	return task != current && perftop_task_is_on_cpu(task) &&
	       task_cpu(task) == smp_processor_id() &&
	       c->arrived + 1 == slice_task_switches(task);
}

/*
 * The same of either hook, where there may be no capture: may @c->running be
 * read, which is leaving?
 */
static __always_inline bool slice_has_left(const struct perftop_cpu *c)
{
	return c->running == current ? slice_is_current(c, 1) :
				       slice_task_has_left(c);
}

static __always_inline void slice_open(struct perftop_cpu *c, u64 now,
				       struct task_struct *task)
{
	c->start = now;
	c->running = task;
	c->arrived = slice_task_switches(task);
	if (!slice_is_nobodys())
		c->owner = slice_owner(task);
	c->captured = false;
}

/*
 * The row of the stack by which current leaves. What a filter or the views
 * want is out of line, here and below: calls in between would cost registers.
 */
static __always_inline u32 slice_leaving_row(struct perftop_cpu *c,
					     const struct perftop_start *start)
{
	if (is_idle_task(current) && !perftop_params.idle)
		return PERFTOP_IDLE;
	if (static_branch_unlikely(&perftop_filtering))
		return perftop_slice_filtered_row(c, start->ip, start->sp,
						  start->bp, start->regs);
	return perftop_stack_row(c, start->ip, start->sp, start->bp,
				 start->regs);
}

static __always_inline void slice_add(u64 *counter, u64 ticks)
{
	counter[PERFTOP_TICKS] += ticks;
	counter[PERFTOP_COUNT]++;
	if (counter[PERFTOP_LONGEST] < ticks)
		counter[PERFTOP_LONGEST] = ticks;
}

/*
 * A row that is no account's was found for @c->running, which is leaving and may
 * be read.
 */
static __always_inline void slice_charge(struct perftop_cpu *c, u32 index,
					 u64 ticks, u64 now)
{
	const struct task_struct *task = c->running, *named = task;
	u64 *counter, ids;

	if (!slice_is_nobodys() && likely(index >= PERFTOP_RESERVED)) {
		named = slice_leader(task);
		if (unlikely(!named)) {
			perftop_slice_charge_unseen(c, index, ticks);
			return;
		}
	}
	counter = perftop_hash_row(c->stacks, READ_ONCE(c->bank), index, now);
	slice_add(counter, ticks);
	if (index < PERFTOP_RESERVED)
		return;
	ids = slice_task_ids(task);
	counter[PERFTOP_THREADS] |= BIT_ULL(hash_32(ids, 6));
	counter[PERFTOP_TASK] = ids;
	/* Another thread may be renaming it. */
	data_race(memcpy(&counter[PERFTOP_COMM], named->comm, TASK_COMM_LEN));
}

/* What may choose another row for a slice that has ended. */
typedef u32 slice_watch_t(struct perftop_cpu *c, u32 index, u64 ticks, u64 now,
			  struct task_struct *next);

/* Ends the open slice, charges it to a row, and opens @next's. */
static __always_inline void slice_end_here(struct perftop_cpu *c, u32 index,
					   struct task_struct *next,
					   slice_watch_t *watch)
{
	u64 now = rdtsc();

	if (likely(c->start)) {
		u64 ticks = now - c->start;

		if (unlikely((s64)ticks < 0)) {
			/* Elapsed time is now - first: move both alike. */
			c->first += ticks;
			/* Read by others; see "Notes on locking". */
			data_race(c->steps++);
			ticks = 0;
		}
		if (watch)
			index = watch(c, index, ticks, now, next);
		slice_charge(c, index, ticks, now);
	} else {
		c->first = now;
		c->voluntary = next->nvcsw;
	}
	slice_open(c, now, next);
}

static __always_inline void slice_end(struct perftop_cpu *c, u32 index,
				      struct task_struct *next)
{
	if (static_branch_unlikely(&perftop_watching))
		perftop_view_end_slice(c, index, next);
	else
		slice_end_here(c, index, next, NULL);
}

/**
 * perftop_slice_pick() - A task is about to be picked: capture current
 * @start: where its stack is to be unwound from
 *
 * Context: hot path; run-queue lock held, interrupts off.
 */
static __always_inline void perftop_slice_pick(const struct perftop_start *start)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	c->row = slice_leaving_row(c, start);
	c->captured = c->running == current;
}

/**
 * perftop_slice_finish() - A switch has happened: charge, and start anew
 * @missed: how many picks have gone unseen, on any CPU
 *
 * A pick that picks the same task again is no switch, and leaves its capture
 * behind. If the pick of the switch itself went unseen, nothing but @missed
 * tells the one from the other: the task has been switched out as often.
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	arriving task.
 */
static __always_inline void perftop_slice_finish(unsigned long missed)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u32 index = PERFTOP_UNATTRIBUTED;

	if (unlikely(c->missed != missed)) {
		c->missed = missed;
		c->captured = false;
	}
	if (likely(c->captured && slice_task_has_left(c)))
		index = c->row;
	slice_end(c, index, current);
}

/**
 * perftop_slice_switch() - A switch is happening: capture, charge, start anew
 * @start: where current's stack is to be unwound from
 * @next: the arriving task
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	leaving task, and its leaving has been counted.
 */
static __always_inline void
perftop_slice_switch(const struct perftop_start *start,
		     struct task_struct *next)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u32 index = PERFTOP_UNATTRIBUTED;

	if (likely(slice_is_current(c, 1)))
		index = slice_leaving_row(c, start);
	slice_end(c, index, next);
}

#endif /* PERFTOP_SLICE_H */
