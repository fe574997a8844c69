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
 */
#include <linux/seq_file.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_folded.h"
#include "proc/print_frames.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "switch/slice.h"

/* Time that has no stack is a line behind those that have one. */
static perftop_wide unattributed(const struct perftop_snapshot *snapshot)
{
	return snapshot->total.sums.ticks[PERFTOP_UNATTRIBUTED];
}

/**
 * perftop_folded_rows() - How many lines there are
 * @snapshot: of all stacks
 *
 * Context: any.
 * Return: how many.
 */
unsigned int perftop_folded_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->rows + !!unattributed(snapshot);
}

/**
 * perftop_print_folded() - Print a line
 * @m: the file
 * @snapshot: of all stacks
 * @number: of the line, from 0
 *
 * Context: process context, may sleep.
 */
void perftop_print_folded(struct seq_file *m, const struct perftop_snapshot *snapshot,
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
