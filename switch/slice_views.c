// SPDX-License-Identifier: GPL-2.0
/*
 * What else happens when a slice ends, while filters or views want to know: it is
 * filtered, what views are to be told of it is found out, and it is shown to them.
 */
#include <linux/bitops.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/msr.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/table.h"
#include "engine/task_state.h"
#include "hash.h"
#include "switch/cpu.h"
#include "switch/slice.h"
#include "switch/slice_views.h"

/* By the bit of @perftop_cpu.views. Written while no CPU has that bit. */
static struct perftop_watcher watchers[PERFTOP_WATCHERS];

/**
 * perftop_watch_set() - Say who is to be shown the slices that end
 * @number: of the bit that CPUs have while that is so
 * @watcher: what is to be called, and charged
 *
 * Context: process context; no CPU has that bit.
 */
void perftop_watch_set(unsigned int number, const struct perftop_watcher *watcher)
{
	watchers[number] = *watcher;
}

/* --- Hot path ------------------------------------------------------------- */

static __always_inline void fill_no_wait(struct perftop_slice *slice)
{
	slice->wait = 0;
	slice->period = 0;
	slice->waited = false;
}

#ifdef CONFIG_SCHED_INFO
/*
 * How long the task had waited for this slice, by the kernel's own account,
 * which is complete when the task arrives. If the slice before was not seen,
 * there is nothing to compare with: several waits would be taken for one.
 */
static __always_inline void fill_wait(struct perftop_slice *slice,
				      struct perftop_state *state,
				      const struct sched_info *info)
{
	const u64 arrival = info->last_arrival;
	const u64 run_delay = info->run_delay;
	const u32 pcount = info->pcount;

	if (likely(pcount == state->next)) {
		slice->wait = run_delay - state->run_delay;
		/* By another CPU's clock, if the task has moved. */
		slice->period = max_t(s64, arrival - state->arrival, 0);
		slice->waited = true;
	} else {
		fill_no_wait(slice);
	}
	state->next = pcount + 1;
	state->run_delay = run_delay;
	state->arrival = arrival;
}

#else
static __always_inline void fill_wait(struct perftop_slice *slice,
				      struct perftop_state *state,
				      const struct sched_info *info)
{
	fill_no_wait(slice);
}
#endif

/* The task leaves a CPU though it could go on, and is queued there. */
static __kprobes void begin_queued(const struct perftop_cpu *c,
				   const struct perftop_slice *slice,
				   struct perftop_state *state)
{
	state->queued = true;
	state->idle = c->idle;
	state->moves = slice->task->se.nr_migrations;
}

/* It has come back to one, and leaves it now. */
static __kprobes void end_queued(const struct perftop_cpu *c,
				 struct perftop_slice *slice,
				 struct perftop_state *state)
{
	if (slice->waited)
		slice->held = perftop_state_held(state, slice->task, c->idle);
	state->queued = false;
}

static __always_inline void fill_task(const struct perftop_cpu *c,
				      struct perftop_slice *slice)
{
	struct task_struct *task = slice->task;
	struct perftop_state *state;

	slice->voluntary = task->nvcsw != c->voluntary;
	slice->dead = perftop_task_is_dead(task);
	slice->held = 0;
	state = perftop_state_get(task);
	slice->state = state;
	if (unlikely(!state)) {
		slice->from = slice->cpu;
		fill_no_wait(slice);
		return;
	}
	fill_wait(slice, state, &task->sched_info);
	if (unlikely(state->queued))
		end_queued(c, slice, state);
	if (unlikely(!slice->voluntary))
		begin_queued(c, slice, state);
	slice->from = likely(state->cpu != PERFTOP_STATE_NEW) ? state->cpu :
								slice->cpu;
	state->cpu = slice->cpu;
}

/* Every slice is charged once to each table that accounts for time. */
static void charge_reserved(struct perftop_cpu *c, u32 account)
{
	const struct perftop_table *table;
	u32 mask;

	for (mask = c->views; mask; mask &= mask - 1) {
		table = watchers[__ffs(mask)].table;
		if (table)
			perftop_view_charge(table, &c->slice, account);
	}
}

/**
 * perftop_watch_charge_interrupts() - Charge interrupts' time to their account
 * @c: this CPU
 * @ticks: how long
 * @now: stamp in ticks
 *
 * It is no slice, and counts as none.
 *
 * Context: hot path.
 */
__kprobes void perftop_watch_charge_interrupts(struct perftop_cpu *c, u64 ticks,
					       u64 now)
{
	const unsigned int bank = READ_ONCE(c->bank), cpu = smp_processor_id();
	const struct perftop_table *table;
	u32 mask;

	perftop_shard_row(c->stacks, bank, PERFTOP_INTERRUPTS,
			  now)[PERFTOP_TICKS] += ticks;
	for (mask = c->views; mask; mask &= mask - 1) {
		table = watchers[__ffs(mask)].table;
		if (table)
			perftop_shard_row(table->shard[cpu], bank, PERFTOP_INTERRUPTS,
					  now)[PERFTOP_TICKS] += ticks;
	}
}

/* To each view that is on; there is one. */
static __always_inline void show_slice(struct perftop_cpu *c)
{
	unsigned long mask = c->views;

	do {
		watchers[__ffs(mask)].slice(c);
		mask &= mask - 1;
	} while (mask);
}

/* Which account a slice is for, in tables other than the stacks. */
static __always_inline u32 slice_account(const struct perftop_cpu *c, u32 index)
{
	if (unlikely(index == PERFTOP_UNATTRIBUTED))
		return index;
	if (is_idle_task(c->running))
		return PERFTOP_IDLE;
	return index == PERFTOP_FILTERED ? index : PERFTOP_RANKED;
}

/*
 * A slice has ended: filter it, show it to the views, return the row to charge.
 *
 * Where a stack was captured, and where the task was filtered or idle, the
 * slice has been found to be @c->running's, which is leaving now and may be
 * read; otherwise @index is PERFTOP_UNATTRIBUTED. Of its @length, @ticks are its own.
 */
static __always_inline u32 watch_slice(struct perftop_cpu *c, u32 index,
				       u64 length, u64 ticks, u64 now,
				       struct task_struct *next)
{
	struct perftop_slice *slice = &c->slice;
	u32 account = slice_account(c, index);

	if (account == PERFTOP_RANKED &&
	    static_branch_unlikely(&perftop_filtering) &&
	    !perftop_filter_passes_slice(length))
		account = PERFTOP_FILTERED;
	if (account == PERFTOP_FILTERED)
		index = PERFTOP_FILTERED;
	if (!c->views)
		return index;

	slice->task = c->running;
	slice->ticks = ticks;
	slice->length = length;
	slice->now = now;
	slice->cpu = smp_processor_id();
	slice->bank = READ_ONCE(c->bank);
	if (likely(account == PERFTOP_RANKED)) {
		fill_task(c, slice);
		show_slice(c);
	} else {
		slice->dead = false;
		if (account == PERFTOP_IDLE)
			c->idle += ticks;
		if (account == PERFTOP_FILTERED ||
		    (account == PERFTOP_UNATTRIBUTED && slice_has_left(c)))
			fill_task(c, slice);
		charge_reserved(c, account);
	}
	if (unlikely(slice->dead) && slice->state)
		perftop_state_put(slice->state);
	slice_note_task(c, next);
	return index;
}

/**
 * perftop_watch_end_slice() - End a slice where filter or views want to know
 * @c: this CPU
 * @index: the row of the stack by which its task leaves
 * @next: the arriving task
 *
 * Context: hot path.
 */
__kprobes void perftop_watch_end_slice(struct perftop_cpu *c, u32 index,
				       struct task_struct *next)
{
	u64 now = rdtsc(), length, interrupts = 0;

	if (likely(c->start)) {
		length = slice_length(c, now);
		if (unlikely(perftop_cpu_spans_are_new(&c->spans))) {
			interrupts = perftop_cpu_spans_take(&c->spans, length);
			perftop_watch_charge_interrupts(c, interrupts, now);
		}
		index = watch_slice(c, index, length, length - interrupts, now, next);
		slice_charge(c, index, length - interrupts, now);
	} else {
		slice_begin(c, now, next);
		/* What was before is in no slice. */
		perftop_cpu_spans_take(&c->spans, 0);
	}
	slice_open(c, now, next);
}
