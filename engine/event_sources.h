/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU remembers of each source of spans that end on it: an interrupt, a
 * system call, a device. That is where the rows of its histogram are, and how many
 * there have been in the present window.
 */
#ifndef PERFTOP_EVENT_SOURCES_H
#define PERFTOP_EVENT_SOURCES_H

#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/math64.h>
#include <linux/types.h>

#include "engine/octave.h"

/**
 * struct perftop_event_source - one of them
 * @of: what it is, not 0
 * @window_end: in ticks
 * @window: its number, from when ticks were 0
 * @in_window: how many there have been in it
 * @row: of each octave, 0 where it is not known
 */
struct perftop_event_source {
	u64	of;
	u64	window_end;
	u32	window;
	u32	in_window;
	u32	row[PERFTOP_OCTAVES];
};

/**
 * struct perftop_event_sources - those of a CPU
 * @epoch: of the shard that the rows are in
 * @bits: how many there is room for, as a power of two
 * @lost: how many have been forgotten for others
 * @source: each in the place that its hash names, or behind it
 */
struct perftop_event_sources {
	u32			epoch;
	u32			bits;
	u32			lost;
	struct perftop_event_source	source[];
};

/**
 * struct perftop_known_rows - what a CPU remembers of rows whose keys are two words
 * @epoch: of the shard that they are in
 * @row: each in the place that its hash names, 0: it is not known
 */
struct perftop_known_rows {
	u32	epoch;
	struct {
		u64	word[2];
		u32	row;
	} row[128];
};

#define PERFTOP_KNOWN_ROWS_BITS	7

struct perftop_event_sources *__percpu *perftop_event_sources_alloc(unsigned int bits);
void perftop_event_sources_free(struct perftop_event_sources *__percpu *sources);
void perftop_event_sources_forget_rows(struct perftop_event_sources *sources, u32 epoch);
struct perftop_event_source *
perftop_event_sources_find(struct perftop_event_sources *sources, u64 of);

/**
 * perftop_event_source_get() - What is remembered of a source
 * @sources: this CPU's
 * @epoch: that the shard has which its rows are in
 * @of: what it is, not 0
 *
 * Where there is no room, another one is forgotten for it.
 *
 * Context: interrupts off.
 * Return: it.
 */
static __always_inline struct perftop_event_source *
perftop_event_source_get(struct perftop_event_sources *sources, u32 epoch, u64 of)
{
	struct perftop_event_source *source = &sources->source[hash_64(of, sources->bits)];

	if (unlikely(sources->epoch != epoch))
		perftop_event_sources_forget_rows(sources, epoch);
	return likely(source->of == of) ? source : perftop_event_sources_find(sources, of);
}

/**
 * perftop_event_source_count() - One more of it in the present window
 * @source: which
 * @now: in ticks
 * @window: length of a window in ticks
 *
 * Windows of all sources and CPUs are the same.
 *
 * Context: interrupts off.
 * Return: how many there have been in it, and below that its number, so that the
 *	largest is of the window with the most.
 */
static __always_inline u64
perftop_event_source_count(struct perftop_event_source *source, u64 now, u64 window)
{
	/* Or the clock was set back. */
	if (unlikely(now - (source->window_end - window) >= window)) {
		source->window = div64_u64(now, window);
		source->window_end = (source->window + 1ULL) * window;
		source->in_window = 0;
	}
	source->in_window++;
	return (u64)source->in_window << 32 | source->window;
}

#endif /* PERFTOP_EVENT_SOURCES_H */
