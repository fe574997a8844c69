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
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define PERFTOP_CPU_SPANS	8

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
 * @alone: what @depth is where there is one whose time goes into @total, and nothing
 *	around it: 1; another number where no such one's does
 * @base: so many of them are the task's own time, 0 or 1
 * @unseen: how many have begun behind them, for which there was no room
 * @counting: @total goes on
 * @total: ticks of all that have ended and are no task's, since load
 * @taken: so much of that has been taken out of slices
 * @lost: a task that goes on ends those that have begun, too
 * @id: what each is, as its end will say it; the outermost is number 1
 * @since: when it began, in ticks, and later by the time of those that have ended
 *	within it
 */
struct perftop_cpu_spans {
	u32			depth;
	u32			alone;
	u32			base;
	u32			unseen;
	bool			counting;
	u64			total;
	u64			taken;
	struct perftop_span_losses lost;
	u64			id[1 + PERFTOP_CPU_SPANS];
	u64			since[1 + PERFTOP_CPU_SPANS];
};

bool perftop_cpu_span_end(struct perftop_cpu_spans *spans, u64 id, u64 now, u64 *ticks);
void perftop_cpu_spans_drop(struct perftop_cpu_spans *spans);

/* Whether @total goes on, and how many are the task's own time. */
static __always_inline void
perftop_cpu_spans_set(struct perftop_cpu_spans *spans, bool counting, u32 base)
{
	spans->counting = counting;
	spans->base = base;
	spans->alone = counting && !base ? 1 : U32_MAX;
}

/**
 * perftop_cpu_span_begin() - One begins
 * @spans: of this CPU
 * @id: what
 * @now: in ticks
 *
 * Context: interrupts off.
 * Return: whether there was room; if not, that has been counted.
 */
static __always_inline bool perftop_cpu_span_begin(struct perftop_cpu_spans *spans,
						   u64 id, u64 now)
{
	const u32 number = spans->depth + 1;

	if (unlikely(number > PERFTOP_CPU_SPANS)) {
		spans->unseen++;
		spans->lost.full++;
		return false;
	}
	spans->id[number] = id;
	spans->since[number] = now;
	spans->depth = number;
	return true;
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
		perftop_cpu_spans_set(spans, spans->counting, 1);
}

/**
 * perftop_cpu_span_is_alone() - Is the one that ends alone, as nearly all are?
 * @spans: of this CPU
 * @id: what
 * @ticks: how long it would have been, from perftop_cpu_span_ticks_alone()
 * @most: how long it may have been
 *
 * Context: interrupts off.
 * Return: whether it is, and perftop_cpu_span_end_alone() may end it; if not,
 *	perftop_cpu_span_end() is to.
 */
static __always_inline bool
perftop_cpu_span_is_alone(const struct perftop_cpu_spans *spans, u64 id, u64 ticks,
			  u64 most)
{
	/* The clock may have been set back, which is no less than most. */
	return likely(spans->depth == spans->alone && spans->id[1] == id &&
		      ticks <= most);
}

static __always_inline u64
perftop_cpu_span_ticks_alone(const struct perftop_cpu_spans *spans, u64 now)
{
	return now - spans->since[1];
}

static __always_inline void perftop_cpu_span_end_alone(struct perftop_cpu_spans *spans,
						       u64 ticks)
{
	spans->depth = 0;
	spans->total += ticks;
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
	return spans->total + max_t(s64, now - spans->since[spans->base + 1], 0);
}

/* Of these, what has not been taken out of a slice. The clock may have been set back. */
static __always_inline u64
perftop_cpu_spans_untaken(const struct perftop_cpu_spans *spans, u64 now)
{
	return max_t(s64, perftop_cpu_spans_until(spans, now) - spans->taken, 0);
}

/* Have there been any since some were taken last, or is one left behind? */
static __always_inline bool
perftop_cpu_spans_are_new(const struct perftop_cpu_spans *spans)
{
	return spans->total != spans->taken || spans->depth;
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
	u64 in;

	/* No task is switched within one. */
	if (unlikely(spans->depth))
		perftop_cpu_spans_drop(spans);
	in = max_t(s64, spans->total - spans->taken, 0);
	spans->taken = spans->total;
	return min(in, ticks);
}

#endif /* PERFTOP_CPU_SPANS_H */
