// SPDX-License-Identifier: GPL-2.0
/*
 * Spans of a CPU that are in one another, or whose beginnings and ends do not fit
 * together: what is out of the way of those that are alone (cpu_spans.h).
 */
#include <linux/kprobes.h>

#include "perftop.h"
#include "switch/cpu_spans.h"

/* Whether there is one that ends, which is the innermost then. */
static __kprobes bool seek(struct perftop_cpu_spans *spans, u64 id)
{
	u32 i;

	/* The one that ends is the last of those that found no room. */
	if (spans->unseen) {
		spans->unseen--;
		return false;
	}
	for (i = spans->depth; i && spans->id[i] != id; i--)
		;
	if (!i) {
		spans->lost.unbegun++;
		return false;
	}
	/* Their time is that of the one around them, but for what ended in them. */
	spans->lost.unended += spans->depth - i;
	spans->depth = i;
	return true;
}

/**
 * perftop_cpu_span_end() - One ends, whatever there is around it
 * @spans: of this CPU
 * @id: what
 * @now: in ticks
 * @ticks: its own time is left here, without that of those within it
 *
 * Context: interrupts off.
 * Return: whether it had begun; if not, that has been counted.
 */
__kprobes bool perftop_cpu_span_end(struct perftop_cpu_spans *spans, u64 id, u64 now,
				    u64 *ticks)
{
	u32 number, i;

	if (!seek(spans, id))
		return false;
	number = spans->depth--;
	/* The clock may have been set back. */
	*ticks = max_t(s64, now - spans->since[number], 0);
	for (i = 1; i < number; i++)
		spans->since[i] += *ticks;
	if (number <= spans->base)
		perftop_cpu_spans_set(spans, spans->counting, 0);
	else if (spans->counting)
		spans->total += *ticks;
	return true;
}

/**
 * perftop_cpu_spans_drop() - A task goes on: whatever has begun has ended unseen
 * @spans: of this CPU
 *
 * Context: interrupts off.
 */
__kprobes void perftop_cpu_spans_drop(struct perftop_cpu_spans *spans)
{
	spans->lost.unended += spans->depth + spans->unseen;
	spans->depth = 0;
	spans->unseen = 0;
	/* A part of one that has no end has been taken. */
	spans->taken = min(spans->taken, spans->total);
	perftop_cpu_spans_set(spans, spans->counting, 0);
}
