/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spans of a CPU: what begins and ends there, one within another, as interrupts do.
 *
 *	task      |-----+           +-----------+     +------|
 *	softirq         +--+     +--+           |     |
 *	interrupt          +-----+              +-----+
 *	                |  |     |  |           |     |
 *	                +--+     +--+           +-----+     each span's own time
 *	                +-----------+           +-----+     all of them: from the
 *	                                                    outermost's begin to its end
 *
 * A span ends by its id. Those above it have no end then, and what has no beginning
 * ends nothing; both are counted. What a CPU does not see the end of, it has left
 * behind when it goes on with a task.
 */
#ifndef PERFTOP_CPU_SPANS_H
#define PERFTOP_CPU_SPANS_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define PERFTOP_CPU_SPANS	8

/**
 * struct perftop_span - one that has begun
 * @id: what, as its end will say it
 * @of: whose, the user's to say
 * @since: when, in ticks
 * @inner: ticks of those that have ended within it
 * @before: ticks from what it was for to its beginning; the user's
 */
struct perftop_span {
	u64		id;
	const void	*of;
	u64		since;
	u64		inner;
	u64		before;
};

/**
 * struct perftop_span_losses - spans that are not counted as others are
 * @unbegun: how many have ended that had not begun
 * @unended: have not ended, when one around them did, or another began in their place
 * @full: have begun and found no room
 */
struct perftop_span_losses {
	u64	unbegun;
	u64	unended;
	u64	full;
};

/**
 * struct perftop_cpu_spans - those of a CPU
 * @depth: how many have begun
 * @base: so many of them are the task's own time, 0 or 1
 * @unseen: how many have begun behind them, for which there was no room
 * @counting: @total goes on
 * @outer: when the outermost began that is no task's
 * @total: ticks of all that have ended and are no task's, since load
 * @taken: so much of that has been taken out of slices
 * @lost: a task that goes on ends those that have begun, too
 * @span: the outermost first
 */
struct perftop_cpu_spans {
	u32			depth;
	u32			base;
	u32			unseen;
	bool			counting;
	u64			outer;
	u64			total;
	u64			taken;
	struct perftop_span_losses lost;
	struct perftop_span	span[PERFTOP_CPU_SPANS];
};

bool perftop_cpu_spans_seek(struct perftop_cpu_spans *spans, u64 id);
void perftop_cpu_spans_drop(struct perftop_cpu_spans *spans);

/**
 * perftop_cpu_span_begin() - One begins
 * @spans: of this CPU
 * @id: what
 * @now: in ticks
 *
 * Context: interrupts off.
 * Return: the span, of which @of is to be filled in; NULL: there is no
 *	room, which has been counted.
 */
static __always_inline struct perftop_span *
perftop_cpu_span_begin(struct perftop_cpu_spans *spans, u64 id, u64 now)
{
	struct perftop_span *span;

	if (unlikely(spans->depth == PERFTOP_CPU_SPANS)) {
		spans->unseen++;
		spans->lost.full++;
		return NULL;
	}
	if (spans->depth == spans->base)
		spans->outer = now;
	span = &spans->span[spans->depth++];
	span->id = id;
	span->since = now;
	span->inner = 0;
	span->before = 0;
	return span;
}

/**
 * perftop_cpu_span_is_tasks() - The span that has begun is the task's own time
 * @spans: of this CPU
 *
 * Where it is within another one, it is not.
 *
 * Context: interrupts off, behind perftop_cpu_span_begin().
 */
static __always_inline void
perftop_cpu_span_is_tasks(struct perftop_cpu_spans *spans)
{
	if (spans->depth == 1)
		spans->base = 1;
}

/**
 * perftop_cpu_span_end() - One ends
 * @spans: of this CPU
 * @id: what
 * @now: in ticks
 * @ticks: its own time is left here, without that of those within it
 *
 * Context: interrupts off.
 * Return: the span, until another begins; NULL: it had not begun, which has been
 *	counted.
 */
static __always_inline struct perftop_span *
perftop_cpu_span_end(struct perftop_cpu_spans *spans, u64 id, u64 now, u64 *ticks)
{
	struct perftop_span *span;
	u64 gross;

	if (unlikely(!spans->depth || spans->unseen ||
		     spans->span[spans->depth - 1].id != id) &&
	    !perftop_cpu_spans_seek(spans, id))
		return NULL;
	span = &spans->span[--spans->depth];
	/* The clock may have been set back. */
	gross = max_t(s64, now - span->since, 0);
	*ticks = max_t(s64, gross - span->inner, 0);
	if (spans->depth)
		span[-1].inner += gross;
	if (spans->depth > spans->base)
		return span;
	if (unlikely(spans->depth < spans->base))
		spans->base = 0;
	else if (likely(spans->counting))
		spans->total += max_t(s64, now - spans->outer, 0);
	return span;
}

/**
 * perftop_cpu_spans_until() - The time of all of them, an open one's until now
 * @spans: of this CPU
 * @now: in ticks
 *
 * Context: interrupts off.
 * Return: ticks since load.
 */
static __always_inline u64
perftop_cpu_spans_until(const struct perftop_cpu_spans *spans, u64 now)
{
	if (!spans->counting || spans->depth <= spans->base)
		return spans->total;
	return spans->total + max_t(s64, now - spans->outer, 0);
}

/**
 * perftop_cpu_spans_take() - The time of those that were in a slice that ends
 * @spans: of this CPU
 * @ticks: the slice's length
 *
 * Context: hot path.
 * Return: ticks, which are taken out of it.
 */
static __always_inline u64 perftop_cpu_spans_take(struct perftop_cpu_spans *spans,
						  u64 ticks)
{
	const u64 in = spans->total - spans->taken;

	/* No task is switched within one. */
	if (unlikely(spans->depth))
		perftop_cpu_spans_drop(spans);
	spans->taken = spans->total;
	return min(in, ticks);
}

#endif /* PERFTOP_CPU_SPANS_H */
