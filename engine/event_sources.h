/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU remembers of each source of spans that end on it: an interrupt, a
 * system call, a device. That is where the rows of its histogram are, and how many
 * there have been in the present window.
 */
#ifndef PERFTOP_EVENT_SOURCES_H
#define PERFTOP_EVENT_SOURCES_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "engine/octave.h"

/**
 * struct perftop_event_source - one of them
 * @of: what it is, not 0
 * @window_end: in ticks
 * @in_window: how many there have been in the present window, and below that its
 *	number, from when ticks were 0
 * @flips: how often the CPU's banks had been flipped when the rows were found
 * @row: of each octave the place of its counters in the bank; 0: not known
 */
struct perftop_event_source {
	u64	of;
	u64	window_end;
	u64	in_window;
	u32	flips;
	u32	row[PERFTOP_OCTAVES];
};

/**
 * struct perftop_event_sources - those of a CPU
 * @counters: which rows' places are counted from
 * @bits: how many there is room for, as a power of two
 * @lost: how many have been forgotten for others
 * @source: each in a place that the user says, or behind it
 */
struct perftop_event_sources {
	u64			*counters;
	u32			bits;
	u32			lost;
	struct perftop_event_source	source[];
};

int perftop_event_sources_alloc(struct perftop_event_sources *__percpu *sources,
				unsigned int bits);
void perftop_event_sources_free(struct perftop_event_sources *__percpu *sources);
struct perftop_event_source *
perftop_event_source_find(struct perftop_event_sources *sources, u32 place, u64 of,
			  u32 flips, u64 *counters);
void perftop_event_source_open_window(struct perftop_event_source *source, u64 now,
				      u64 window);

/* Where a source is to be. */
static __always_inline struct perftop_event_source *
perftop_event_source_at(struct perftop_event_sources *sources, u32 place)
{
	struct perftop_event_source *source = &sources->source[place];

	/* It is said once where that is. */
	OPTIMIZER_HIDE_VAR(source);
	return source;
}

/**
 * perftop_event_source_is() - Is it there, and its rows of this time?
 * @source: from perftop_event_source_at()
 * @of: what it is to be, not 0
 * @flips: how often this CPU's banks have been flipped
 *
 * Context: interrupts off.
 * Return: whether it is; if not, perftop_event_source_find() is to find it.
 */
static __always_inline bool
perftop_event_source_is(const struct perftop_event_source *source, u64 of, u32 flips)
{
	return likely(source->of == of && source->flips == flips);
}

/**
 * perftop_event_source_in_window() - Is it still the window in which the last was?
 * @source: which
 * @now: in ticks
 * @window: length of a window in ticks
 *
 * Windows of all sources and CPUs are the same.
 *
 * Context: interrupts off.
 * Return: whether it is; if not, perftop_event_source_open_window() is to follow.
 */
static __always_inline bool
perftop_event_source_in_window(const struct perftop_event_source *source, u64 now,
			       u64 window)
{
	/* Or the clock was set back. */
	return likely(source->window_end - now <= window);
}

/* One more of it in the window. */
static __always_inline u64 perftop_event_source_count(struct perftop_event_source *source)
{
	source->in_window += 1ULL << 32;
	return source->in_window;
}

#endif /* PERFTOP_EVENT_SOURCES_H */
