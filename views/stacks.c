// SPDX-License-Identifier: GPL-2.0
/*
 * The stacks: the view that /proc/perftop prints.
 *
 * perftop 1   up 10.002 s   2 CPUs   2000.000 MHz tsc   hook kprobe   opened 3
 *         |      |                                      |             |
 *         |      since load or reset                    |    likewise, times
 *         version of this format       how switches are seen, "(not armed)"
 *                                      added where they are not
 * cpu time   tasks 40.12%   running 1.11%   idle 58.77%   overflow 0.00% ...
 *            |              |                             |
 *            |              slices not ended yet          no place in the table
 *            slices that ended, ranked below
 * ticks      8024401 + 222011 + 11754203 + 0 + 0 = 20000615
 *            the same five in ticks, and all that all CPUs have had
 * switches   104829   uncaptured 0   missed 0   stacks 143   truncated 0
 *                     |              |          |            |
 *                     |              |          |   switches by stacks with
 *                     |              |          |   frames left out
 *                     |              |          distinct ones
 *                     |              probes that fired and were not run
 *                     charged to no stack: unattributed
 * captures   104829   remembered 99.62%
 *            |        not unwound again
 *            stacks taken, one or two a switch
 *
 * RANK  TIME%          TICKS     TIME    COUNT      AVG  LONGEST JHASH    TASK
 *    1  15.63     6254812345  3.127 s     1204 2.597 ms 9.313 ms 1f3a90c2 cc[4] +3
 *       |                               |             |       |        |
 *       of all CPUs' time               slices        slice   of the   seen
 *                                       that ended            key      last; +3:
 *         schedule+0x5a                                  other threads as well
 *         |
 *         where the task left the CPU; below, its callers
 */
#include <linux/bitops.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_frames.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "switch/slice.h"

/* More threads than this share a bit of the bitmap too often to be counted. */
#define THREADS_COUNTED	16

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_puts(m, "RANK  TIME%          TICKS     TIME    COUNT      AVG");
	seq_puts(m, "  LONGEST JHASH    TASK\n");
}

/* The same at every load, unlike what the table makes its buckets of. */
static u32 hash_key(const struct perftop_row *row)
{
	return row->words ? jhash2((const u32 *)row->word, row->words * 2, 0) :
			    0;
}

static void show_task(struct seq_file *m, const struct perftop_row *row)
{
	unsigned int threads = hweight64(row->counter[PERFTOP_THREADS]);

	if (!row->words) {
		perftop_print_nobody(m, row);
		seq_putc(m, '\n');
		return;
	}
	perftop_print_comm(m, &row->counter[PERFTOP_COMM]);
	seq_printf(m, "[%u]", lower_32_bits(row->counter[PERFTOP_TASK]));
	if (row->open)
		seq_puts(m, " (running)");
	else if (threads > THREADS_COUNTED)
		seq_puts(m, " +many");
	else if (threads > 1)
		seq_printf(m, " +%u", threads - 1);
	seq_putc(m, '\n');
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;
	const perftop_wide ticks = perftop_row_ticks(row);
	u64 count = counter[PERFTOP_COUNT];

	seq_printf(m, "%4u", number + 1);
	perftop_print_share(m, ticks, snapshot->total.elapsed, 7);
	perftop_print_number(m, ticks, 15);
	perftop_print_ticks(m, ticks, 9);
	seq_printf(m, " %8llu", count);
	perftop_print_average(m, ticks, count, 9);
	perftop_print_ticks(m, counter[PERFTOP_LONGEST], 9);
	seq_printf(m, " %08x ", hash_key(row));
	show_task(m, row);
	if (row->words)
		perftop_frames_show(m, row->word, counter[PERFTOP_TASK],
				    &row->printed);
}

const struct perftop_view perftop_view_stacks = {
	.name		= "stacks",
	.what		= "call stacks by CPU time: /proc/perftop",
	.table		= &perftop_stacks,
	.open_slice	= perftop_slice_open_row,
	.open_apart	= true,
	.header		= show_header,
	.row		= show_row,
};
