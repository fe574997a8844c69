/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts and softirqs, as spans of the CPU that serves them, and their table.
 */
#ifndef PERFTOP_INTERRUPTS_H
#define PERFTOP_INTERRUPTS_H

#include <linux/types.h>

#include "engine/octave.h"
#include "engine/table.h"

struct perftop_tracepoint;

/* What is served, with its number in the lower half of the id. */
enum perftop_interrupt {
	PERFTOP_IRQ = 1,	/* a device's, by one of its actions */
	PERFTOP_VECTOR,		/* one of the CPU's own */
	PERFTOP_SOFTIRQ,
};

/**
 * struct perftop_interrupt_key - of a row
 * @id: kind and number
 * @name: of the device's handler, or what it is for
 * @cpu: that has served it; sums leave it out
 * @octave: of its time
 */
struct perftop_interrupt_key {
	u64	id;
	u64	name[2];
	u64	cpu;
	u64	octave;
};

/* Its words. */
enum {
	PERFTOP_INTERRUPT_ID,
	PERFTOP_INTERRUPT_NAME,
	PERFTOP_INTERRUPT_CPU = 3,
	PERFTOP_INTERRUPT_WORDS = sizeof(struct perftop_interrupt_key) / sizeof(u64)
};

/* The counters, behind those of octaves and PERFTOP_SPANS. */
enum {
	PERFTOP_DELAY = PERFTOP_SPANS + 1,	/* from raised to running, in ticks */
	PERFTOP_DELAYS,		/* softirqs of which it is known */
	PERFTOP_DELAY_MAX,
	PERFTOP_STORM,		/* see perftop_event_source_count() */
	PERFTOP_INTERRUPT_COUNTERS
};

extern struct perftop_table perftop_interrupts;
extern struct perftop_tracepoint *const perftop_interrupt_probes[];

unsigned int perftop_interrupts_limit(void);
int perftop_interrupts_start(void);
void perftop_interrupts_stop(void);
u64 perftop_interrupts_window_end(u32 window);

#endif /* PERFTOP_INTERRUPTS_H */
