// SPDX-License-Identifier: GPL-2.0
/*
 * The cut of a CPU: for a read, a reset, or views that are switched on or off. It
 * ends no slice.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/cpu_spans.h"
#include "switch/slice.h"
#include "switch/slice_cut.h"
#include "switch/slice_views.h"

/* Where the open slice counts, if it is current's. */
static enum perftop_account open_account(const struct perftop_cpu *c, u64 ticks)
{
	if (is_idle_task(current))
		return PERFTOP_IDLE;
	if (unlikely(!c->recall))
		return PERFTOP_UNATTRIBUTED;
	return perftop_filter_passes_open(current, ticks) ? PERFTOP_RANKED :
							    PERFTOP_FILTERED;
}

/* How the running task waited for its slice; views are on. */
static void report_wait(struct perftop_open *open)
{
#ifdef CONFIG_SCHED_INFO
	const struct perftop_state *state = perftop_state_seek(current);
	const struct sched_info *info = &current->sched_info;

	/* As for views; what has not left a CPU yet has waited once. */
	if ((u32)info->pcount != (state ? state->next : 1))
		return;
	open->waited = true;
	open->wait = info->run_delay - (state ? state->run_delay : 0);
	open->held = state ? perftop_state_held(state, current, open->idle) : 0;
#endif
}

/* What views are to know of the running task, which they would be shown. */
static void report_views(const struct perftop_cpu *c, struct perftop_open *open)
{
	open->faults.minor = current->min_flt - c->faults.minor;
	open->faults.major = current->maj_flt - c->faults.major;
	report_wait(open);
}

/* Describes the slice that is open on this CPU. */
static void report_open(struct perftop_cpu *c, u64 now)
{
	struct perftop_open *open = c->open;

	open->account = PERFTOP_UNATTRIBUTED;
	open->cpu = smp_processor_id();
	open->ticks = 0;
	open->interrupts = 0;
	open->elapsed = c->closed;
	open->waited = false;
	open->idle = c->idle;
	if (!c->start)
		return;
	open->ticks = now - c->start;
	open->elapsed += now - c->first;
	if ((s64)open->ticks < 0) {
		/* The next switch will fold this step in and count it. */
		open->elapsed -= open->ticks;
		open->ticks = 0;
	}

	if (slice_is_current(c, 0))
		open->account = open_account(c, open->ticks);
	open->interrupts = min(perftop_cpu_spans_untaken(&c->spans, now), open->ticks);
	open->ticks -= open->interrupts;
	if (open->account == PERFTOP_IDLE)
		open->idle += open->ticks;
	else if (c->views)
		report_views(c, open);
	perftop_task_describe(&open->who, current);
	perftop_stack_capture_open(c, &open->key);
}

static void reset_counts(struct perftop_cpu *c)
{
	c->closed = 0;
	c->steps = 0;
	c->captures = 0;
	c->unwound = 0;
	c->differ = 0;
}

/*
 * From now on interrupts are taken out of slices, or no more: what has been of the
 * open one is charged, as if it had ended.
 */
static void switch_interrupts(struct perftop_cpu *c, u64 now)
{
	struct perftop_cpu_spans *spans = &c->spans;
	const bool counting = perftop_views_on & perftop_views_of_interrupts;
	u64 ticks;

	if (counting == spans->counting)
		return;
	if (!counting && c->start) {
		ticks = min_t(u64, perftop_cpu_spans_untaken(spans, now),
			      max_t(s64, now - c->start, 0));
		perftop_watch_charge_interrupts(c, ticks, now);
		c->start += ticks;
	}
	perftop_cpu_spans_set(spans, counting, spans->base);
	spans->taken = perftop_cpu_spans_until(spans, now);
}

/* The views that are on are others than before. */
static void switch_views(struct perftop_cpu *c, u64 now)
{
	switch_interrupts(c, now);
	c->voluntary = current->nvcsw;
	/* The faults before are another time's, unless they are noted already. */
	if (perftop_views_on & ~c->views & perftop_views_of_faults)
		slice_note_faults(c, current);
	c->views = perftop_views_on;
}

/**
 * perftop_slice_cut() - Flip this CPU's bank and say what is open
 * @reset: not NULL: time before now is to be forgotten as well
 *
 * What the other bank holds then ends exactly where the open slice begins.
 * From here on the views that are on now, and no others, are shown slices.
 *
 * Context: interrupts off on the CPU to cut, while the caller waits with
 *	perftop_lock held.
 */
void perftop_slice_cut(void *reset)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u64 now;

	/* First of all, since finish= may name what it calls. */
	c->open->clock = local_clock();
	now = rdtsc();
	if (c->views != perftop_views_on)
		switch_views(c, now);
	perftop_cpu_flip(c);
	/* No switch is going on here: a pick has picked the same task again. */
	c->captured = false;
	if (!reset) {
		report_open(c, now);
		return;
	}
	c->first = now;
	reset_counts(c);
	slice_note_task(c, current);
	slice_open(c, now, current);
	c->spans.taken = perftop_cpu_spans_until(&c->spans, now);
}

/**
 * perftop_slice_cut_offline() - The same of a CPU that does not run
 * @cpu: which
 * @reset: as for perftop_slice_cut()
 *
 * Context: process context, perftop_lock held.
 */
void perftop_slice_cut_offline(unsigned int cpu, const void *reset)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	c->views = perftop_views_on;
	perftop_cpu_spans_set(&c->spans, c->views & perftop_views_of_interrupts,
			      c->spans.base);
	c->spans.taken = c->spans.total;
	perftop_cpu_flip(c);
	if (reset)
		reset_counts(c);
}
