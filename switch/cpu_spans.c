// SPDX-License-Identifier: GPL-2.0
/*
 * Spans of a CPU whose beginnings and ends do not fit together: what is out of the
 * way of those that do (cpu_spans.h).
 */
#include <linux/kprobes.h>

#include "perftop.h"
#include "switch/cpu_spans.h"

/**
 * perftop_cpu_spans_seek() - Find the span that ends where it is not the innermost
 * @spans: of this CPU
 * @id: what ends
 *
 * Context: interrupts off.
 * Return: whether there is one, which is the innermost now.
 */
__kprobes bool perftop_cpu_spans_seek(struct perftop_cpu_spans *spans, u64 id)
{
	u32 i;

	/* The one that ends is the last of those that found no room. */
	if (spans->unseen) {
		spans->unseen--;
		return false;
	}
	for (i = spans->depth; i && spans->span[i - 1].id != id; i--)
		;
	if (!i) {
		spans->lost.unbegun++;
		return false;
	}
	/* Their time is that of the one around them, but for what ended in them. */
	for (; spans->depth > i; spans->depth--) {
		spans->span[i - 1].inner += spans->span[spans->depth - 1].inner;
		spans->lost.unended++;
	}
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
	spans->base = 0;
}
