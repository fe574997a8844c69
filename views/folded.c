// SPDX-License-Identifier: GPL-2.0
/*
 * All stacks, one a line, as tools that draw flame graphs read them:
 *
 *   cc;cc+0x1f29;cc+0x169c;entry_SYSCALL_64_after_hwframe;...;schedule 6254812345
 *   |  |                   |                                           |
 *   |  user frames         kernel functions                            ticks
 *   the task seen last, and below it its stack, the outermost first
 *
 * A blank and a semicolon in a name are printed as _.
 * There is no header. The lines add up to /proc/perftop's tasks, running,
 * overflow and unattributed; with idle=1 idle stacks are lines as well.
 */
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

/* Time that has no stack is a line behind those that have one. */
static perftop_wide unattributed(const struct perftop_snapshot *snapshot)
{
	return snapshot->total.sums.ticks[PERFTOP_UNATTRIBUTED];
}

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->rows + !!unattributed(snapshot);
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	struct perftop_row *row = &snapshot->row[number];

	if (number == snapshot->rows) {
		seq_puts(m, "[unattributed]");
		perftop_print_number(m, unattributed(snapshot), 1);
		seq_putc(m, '\n');
		return;
	}
	if (row->words) {
		perftop_print_folded_comm(m, &row->counter[PERFTOP_COMM]);
		perftop_frames_fold(m, row->word, row->counter[PERFTOP_TASK],
				    &row->printed);
	} else {
		perftop_print_nobody(m, row);
	}
	perftop_print_number(m, perftop_row_ticks(row), 1);
	seq_putc(m, '\n');
}

const struct perftop_view perftop_view_folded = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "all stacks, for flame graphs",
	.table		= &perftop_stacks,
	.open_slice	= perftop_slice_open_row,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
	.bare		= true,
};
