// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU remembers of sources of spans.
 */
#include <linux/cpumask.h>
#include <linux/kprobes.h>
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
 * @bits: for how many sources, as a power of two, 8 or more
 *
 * Context: process context.
 * Return: each CPU's, to be given to perftop_event_sources_free(); NULL: no memory.
 */
struct perftop_event_sources *__percpu *perftop_event_sources_alloc(unsigned int bits)
{
	struct perftop_event_sources *__percpu *sources;
	struct perftop_event_sources *own;
	unsigned int cpu;

	sources = alloc_percpu(struct perftop_event_sources *);
	if (!sources)
		return NULL;
	for_each_possible_cpu(cpu) {
		own = kvzalloc_node(struct_size(own, source, 1U << bits), GFP_KERNEL,
				    cpu_to_node(cpu));
		*per_cpu_ptr(sources, cpu) = own;
		if (!own) {
			perftop_event_sources_free(sources);
			return NULL;
		}
		own->bits = bits;
	}
	return sources;
}

/**
 * perftop_event_sources_free() - Give it back
 * @sources: from perftop_event_sources_alloc(), NULL: nothing is done
 *
 * Context: process context.
 */
void perftop_event_sources_free(struct perftop_event_sources *__percpu *sources)
{
	unsigned int cpu;

	if (!sources)
		return;
	for_each_possible_cpu(cpu)
		kvfree(*per_cpu_ptr(sources, cpu));
	free_percpu(sources);
}

/**
 * perftop_event_sources_forget_rows() - The rows that are known are of another time
 * @sources: a CPU's
 * @epoch: of the time that it is now
 *
 * Context: interrupts off.
 */
__kprobes void
perftop_event_sources_forget_rows(struct perftop_event_sources *sources, u32 epoch)
{
	unsigned int i;

	sources->epoch = epoch;
	for (i = 0; i < 1U << sources->bits; i++)
		memset(sources->source[i].row, 0, sizeof(sources->source[i].row));
}

/**
 * perftop_event_sources_find() - Find a source wherever it is, or give it a place
 * @sources: as for perftop_event_source_get(), which looks in the first place
 * @of: likewise
 *
 * Context: interrupts off.
 * Return: it.
 */
__kprobes struct perftop_event_source *
perftop_event_sources_find(struct perftop_event_sources *sources, u64 of)
{
	const u32 first = hash_64(of, sources->bits), mask = (1U << sources->bits) - 1;
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
