// SPDX-License-Identifier: GPL-2.0
/*
 * Where each CPU's time was, as the lines of a snapshot.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/table.h"
#include "proc/cpu_lines.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"
#include "switch/slice.h"

static void add_line(struct perftop_line *to, const struct perftop_line *line)
{
	int i;

	to->elapsed += line->elapsed;
	to->running += line->running;
	to->sums.switches += line->sums.switches;
	to->sums.uncaptured += line->sums.uncaptured;
	to->sums.truncated += line->sums.truncated;
	for (i = 0; i < PERFTOP_ACCOUNTS; i++)
		to->sums.ticks[i] += line->sums.ticks[i];
}

/* One CPU's accounts, its open slice counted where it belongs. */
static void fill_line(struct perftop_line *line,
		      const struct perftop_table *table, unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);
	u64 before = table->sums[cpu].before;
	unsigned int i;

	line->cpu = cpu;
	line->was_offline = perftop_drain_was_offline(cpu, table->epoch);
	line->sums.switches = table->sums[cpu].switches;
	line->sums.uncaptured = table->sums[cpu].uncaptured;
	line->sums.truncated = table->sums[cpu].truncated;
	for (i = 0; i < PERFTOP_ACCOUNTS; i++)
		line->sums.ticks[i] = table->sums[cpu].ticks[i];
	if (!perftop_drain_was_cut(cpu)) {
		line->elapsed = c->closed - before;
		return;
	}
	line->elapsed = c->open->elapsed - before;
	line->sums.ticks[PERFTOP_INTERRUPTS] += c->open->interrupts;
	if (c->open->account == PERFTOP_RANKED)
		line->running = c->open->ticks;
	else
		line->sums.ticks[c->open->account] += c->open->ticks;
}

/**
 * perftop_lines_fill() - Say where each CPU's time was, and all of it
 * @snapshot: its lines, their sum, and what CPUs have counted are filled in
 * @table: the one whose accounts they are
 *
 * Context: what perftop_drain_cut() calls.
 */
void perftop_lines_fill(struct perftop_snapshot *snapshot,
			const struct perftop_table *table)
{
	struct perftop_line *line = snapshot->line;
	unsigned int cpu;
	u64 unwound;

	for_each_possible_cpu(cpu) {
		const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

		snapshot->steps += READ_ONCE(c->steps);
		unwound = READ_ONCE(c->unwound);
		snapshot->captures += READ_ONCE(c->captures);
		snapshot->unwound += unwound;
		snapshot->differ += READ_ONCE(c->differ);
		if (!perftop_drain_was_cut(cpu) && !c->closed)
			continue;
		if (perftop_drain_was_cut(cpu) && !perftop_slice_has_memory(cpu))
			snapshot->bare++;
		fill_line(line, table, cpu);
		snapshot->were_offline += line->was_offline;
		add_line(&snapshot->total, line);
		line++;
	}
	snapshot->lines = line - snapshot->line;
}
