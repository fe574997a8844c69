/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens at a switch, inline in the hooks' handlers.
 */
#ifndef PERFTOP_SWITCH_H
#define PERFTOP_SWITCH_H

#include <linux/jump_label.h>
#include <linux/sched.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/slice.h"
#include "switch/slice_views.h"
#include "switch/stack_row.h"

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

/* Ends the open slice, charges it to a row, and opens @next's. */
static __always_inline void slice_end(struct perftop_cpu *c, u32 index,
				      struct task_struct *next)
{
	u64 now;

	if (static_branch_unlikely(&perftop_watching)) {
		perftop_watch_end_slice(c, index, next);
		return;
	}
	now = rdtsc();
	if (likely(c->start))
		slice_charge(c, index, slice_length(c, now), now);
	else
		slice_begin(c, now, next);
	slice_open(c, now, next);
}

/**
 * perftop_switch_pick() - A task is about to be picked: capture current
 * @start: where its stack is to be unwound from
 *
 * Context: hot path; run-queue lock held, interrupts off.
 */
static __always_inline void perftop_switch_pick(const struct perftop_start *start)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	c->row = slice_leaving_row(c, start);
	c->captured = c->running == current;
}

/**
 * perftop_switch_finish() - A switch has happened: charge, and start anew
 * @missed: how many picks have gone unseen, on any CPU
 *
 * A pick that picks the same task again is no switch, and leaves its capture
 * behind. If the pick of the switch itself went unseen, nothing but @missed
 * tells the one from the other: the task has been switched out as often.
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	arriving task.
 */
static __always_inline void perftop_switch_finish(unsigned long missed)
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
 * perftop_switch() - A switch is happening: capture, charge, start anew
 * @start: where current's stack is to be unwound from
 * @next: the arriving task
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	leaving task, and its leaving has been counted.
 */
static __always_inline void
perftop_switch(const struct perftop_start *start, struct task_struct *next)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u32 index = PERFTOP_UNATTRIBUTED;

	if (likely(slice_is_current(c, 1)))
		index = slice_leaving_row(c, start);
	slice_end(c, index, next);
}

#endif /* PERFTOP_SWITCH_H */
