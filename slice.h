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

static __always_inline unsigned long
slice_task_switches(const struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

/* Policy, and below it the real-time priority or the nice level. */
static __always_inline u64 slice_task_priority(const struct task_struct *task)
{
	s32 level = task->rt_priority ? (s32)task->rt_priority :
					PRIO_TO_NICE(task->static_prio);

	return (u64)task->policy << 32 | (u32)level;
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

static __always_inline void slice_open(struct perftop_cpu *c, u64 now,
				       struct task_struct *task)
{
	c->start = now;
	c->running = task;
	c->arrived = slice_task_switches(task);
	c->captured = false;
}

/* Keeps what is known of a task beyond its leaving. */
static __always_inline void slice_keep_name(struct perftop_cpu *c,
					    const struct task_struct *task)
{
	c->task = slice_task_ids(task);
	memcpy(c->comm, task->comm, sizeof(c->comm));
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

/* @leaving: whose slice it was; NULL: whose name was kept */
static __always_inline void slice_charge(struct perftop_cpu *c, u32 index,
					 u64 ticks, u64 now,
					 const struct task_struct *leaving)
{
	const void *comm = c->comm;
	u64 task = c->task;
	u64 *counter;

	counter = perftop_hash_row(c->stacks, READ_ONCE(c->bank), index, now);
	counter[PERFTOP_TICKS] += ticks;
	counter[PERFTOP_COUNT]++;
	if (counter[PERFTOP_LONGEST] < ticks)
		counter[PERFTOP_LONGEST] = ticks;
	if (index < PERFTOP_RESERVED)
		return;
	if (leaving) {
		task = slice_task_ids(leaving);
		comm = leaving->comm;
	}
	counter[PERFTOP_THREADS] |= BIT_ULL(hash_32(task, 6));
	counter[PERFTOP_TASK] = task;
	memcpy(&counter[PERFTOP_COMM], comm, TASK_COMM_LEN);
}

/* What may choose another row for a slice that has ended. */
typedef u32 slice_watch_t(struct perftop_cpu *c, u32 index, u64 ticks, u64 now,
			  struct task_struct *next);

/*
 * Ends the open slice, charges it to a row, and opens @next's. @leaving is as
 * for slice_charge().
 */
static __always_inline void slice_end_here(struct perftop_cpu *c, u32 index,
					   struct task_struct *next,
					   const struct task_struct *leaving,
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
		slice_charge(c, index, ticks, now, leaving);
	} else {
		c->first = now;
		c->voluntary = next->nvcsw;
	}
	slice_open(c, now, next);
}

static __always_inline void slice_end(struct perftop_cpu *c, u32 index,
				      struct task_struct *next,
				      const struct task_struct *leaving)
{
	if (static_branch_unlikely(&perftop_watching)) {
		if (leaving)
			slice_keep_name(c, leaving);
		perftop_view_end_slice(c, index, next);
	} else {
		slice_end_here(c, index, next, leaving, NULL);
	}
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

	slice_keep_name(c, current);
	c->row = slice_leaving_row(c, start);
	c->captured = c->running == current;
}

/**
 * perftop_slice_finish() - A switch has happened: charge, and start anew
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	arriving task.
 */
static __always_inline void perftop_slice_finish(void)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u32 index = PERFTOP_UNATTRIBUTED;

	if (likely(c->captured && slice_task_has_left(c)))
		index = c->row;
	slice_end(c, index, current, NULL);
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
	slice_end(c, index, next, current);
}

#endif /* PERFTOP_SLICE_H */
