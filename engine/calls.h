/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls, as spans of the task that makes them, and their tables.
 */
#ifndef PERFTOP_CALLS_H
#define PERFTOP_CALLS_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "engine/accounts.h"
#include "engine/octave.h"
#include "engine/table.h"
#include "switch/cpu_spans.h"
#include "switch/slice.h"

struct perftop_tracepoint;

/* The key of a row: the call, see perftop_call_id(), and whose it was. */
enum {
	PERFTOP_CALL_ID,
	PERFTOP_CALL_OWNER,
	PERFTOP_CALL_WORDS
};

/*
 * The counters of a row, the first three and the name as those of a stack. Threads
 * that have long been in one are counted when a snapshot is taken.
 */
enum {
	PERFTOP_CALL_TICKS = PERFTOP_TICKS,
	PERFTOP_CALL_COUNT = PERFTOP_COUNT,
	PERFTOP_CALL_LONGEST = PERFTOP_LONGEST,
	PERFTOP_CALL_ERRORS,
	PERFTOP_CALL_OPEN,
	PERFTOP_CALL_COMM = PERFTOP_COMM,
	PERFTOP_CALL_OPEN_LONGEST = PERFTOP_COMM + 2,
	PERFTOP_CALL_COUNTERS
};

/* Of sums, whose keys are the call and the octave, behind those of octaves. */
enum {
	PERFTOP_CALL_SUM_ERRORS = PERFTOP_SPANS + 1,
	PERFTOP_CALL_SUM_COUNTERS
};

extern struct perftop_table perftop_calls;
extern struct perftop_table perftop_call_sums;
extern struct perftop_tracepoint *const perftop_call_probes[];
DECLARE_PER_CPU(struct perftop_span_losses, perftop_calls_lost);

int perftop_calls_start(void);
void perftop_calls_stop(void);

#endif /* PERFTOP_CALLS_H */
