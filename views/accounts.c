// SPDX-License-Identifier: GPL-2.0
/*
 * The accounts: where each CPU's time went, in ticks. One line a CPU, and one
 * for all. On each line
 *
 *   RANKED + IDLE + OVERFLOW + UNATTRIBUTED + FILTERED + RUNNING = ELAPSED
 *
 * exactly. ELAPSED comes from two stamps, the others from what was charged
 * slice by slice and went through shards and drains, so the equality shows
 * that nothing was lost on the way. "*" marks a CPU that was offline for a while.
 */
#include <linux/seq_file.h>

#include "engine/accounts.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/snapshot.h"

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%-4s %14s %14s %14s %10s %12s %10s %12s %10s %10s\n",
		   "CPU", "ELAPSED", "RANKED", "IDLE", "OVERFLOW",
		   "UNATTRIBUTED", "FILTERED", "RUNNING", "SWITCHES",
		   "UNCAPTURED");
}

/* The lines of the CPUs, and their sum. */
static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->lines + 1;
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	bool all = number == snapshot->lines;
	const struct perftop_line *line = all ? &snapshot->total :
					  &snapshot->line[number];
	const perftop_wide *ticks = line->sums.ticks;

	if (all)
		seq_puts(m, "all  ");
	else
		perftop_print_cpu(m, line);
	perftop_print_number(m, line->elapsed, 14);
	perftop_print_number(m, ticks[PERFTOP_RANKED], 15);
	perftop_print_number(m, ticks[PERFTOP_IDLE], 15);
	perftop_print_number(m, ticks[PERFTOP_OVERFLOW], 11);
	perftop_print_number(m, ticks[PERFTOP_UNATTRIBUTED], 13);
	perftop_print_number(m, ticks[PERFTOP_FILTERED], 11);
	perftop_print_number(m, line->running, 13);
	seq_printf(m, " %10llu %10llu\n", line->sums.switches,
		   line->sums.uncaptured);
}

const struct perftop_view perftop_view_accounts = {
	.name	= "accounts",
	.what	= "each CPU's time, to the tick",
	.header	= show_header,
	.rows	= count_rows,
	.row	= show_row,
	.bare	= true,
	.shared	= true,
};
