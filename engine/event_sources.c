// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU remembers of sources of spans.
 */
#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "engine/event_sources.h"
#include "perftop.h"

/* Places that are looked at, so that it is bounded. */
#define PLACES	8U

/**
 * perftop_event_sources_alloc() - Memory for what CPUs remember
 * @sources: each CPU's is left here
 * @bits: for how many sources, as a power of two, 8 or more
 *
 * Context: process context.
 * Return: 0; or -ENOMEM, and nothing is left.
 */
int perftop_event_sources_alloc(struct perftop_event_sources *__percpu *sources,
				unsigned int bits)
{
	struct perftop_event_sources *own;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		own = kvzalloc_node(struct_size(own, source, 1U << bits), GFP_KERNEL,
				    cpu_to_node(cpu));
		*per_cpu_ptr(sources, cpu) = own;
		if (!own) {
			perftop_event_sources_free(sources);
			return -ENOMEM;
		}
		own->bits = bits;
	}
	return 0;
}

/**
 * perftop_event_sources_free() - Give it back
 * @sources: each CPU's, or NULL
 *
 * Context: process context.
 */
void perftop_event_sources_free(struct perftop_event_sources *__percpu *sources)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		kvfree(*per_cpu_ptr(sources, cpu));
		*per_cpu_ptr(sources, cpu) = NULL;
	}
}

static __kprobes struct perftop_event_source *
place_of(struct perftop_event_sources *sources, u32 first, u64 of)
{
	const u32 mask = (1U << sources->bits) - 1;
	struct perftop_event_source *source;
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		source = &sources->source[(first + i) & mask];
		if (source->of == of)
			return source;
		if (!source->of)
			break;
	}
	/* One of those that are here, another each time. */
	if (i == PLACES)
		source = &sources->source[(first + sources->lost++ % PLACES) & mask];
	*source = (struct perftop_event_source){ .of = of };
	return source;
}

/**
 * perftop_event_source_find() - Find a source wherever it is, or give it a place
 * @sources: this CPU's
 * @place: where it is looked for first
 * @of: what it is, not 0
 * @flips: how often this CPU's banks have been flipped
 * @counters: which rows' places are counted from now
 *
 * Where there is no room, another one is forgotten for it.
 *
 * Context: interrupts off.
 * Return: it, without rows of another time.
 */
__kprobes struct perftop_event_source *
perftop_event_source_find(struct perftop_event_sources *sources, u32 place, u64 of,
			  u32 flips, u64 *counters)
{
	struct perftop_event_source *source = place_of(sources, place, of);

	sources->counters = counters;
	if (source->flips != flips) {
		memset(source->row, 0, sizeof(source->row));
		source->flips = flips;
	}
	return source;
}

/**
 * perftop_event_source_open_window() - Begin the window in which it is now
 * @source: which
 * @now: in ticks
 * @window: length of a window in ticks
 *
 * Context: interrupts off.
 */
__kprobes void perftop_event_source_open_window(struct perftop_event_source *source,
						u64 now, u64 window)
{
	const u32 number = div64_u64(now, window);

	source->window_end = (number + 1ULL) * window;
	source->in_window = number;
}
