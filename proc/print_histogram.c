// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms as bars:
 *
 *      1.024 us ..  2.047 us       2311 |@@@@@@@@@@@@@@@@@@@@               |
 *      |                           |     |
 *      at least, at most           how many: the longest bar is the most
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>

#include "engine/merged_records.h"
#include "engine/octave.h"
#include "perftop.h"
#include "proc/histogram.h"
#include "proc/print.h"
#include "proc/print_histogram.h"
#include "proc/snapshot.h"

#define BAR	40

static void print_percentile(struct seq_file *m, const struct perftop_row *row,
			     unsigned int percent, unsigned int longest)
{
	seq_printf(m, "   p%u ", percent);
	perftop_print_ns(m, perftop_histogram_percentile(row, percent, longest), 0);
}

/**
 * perftop_print_figures() - Print how many times there are, and how long they are
 * @m: the file
 * @row: of a histogram
 * @sum: the counter of their sum, in ns
 * @longest: likewise
 *
 * Context: process context, as for all in this file.
 */
void perftop_print_figures(struct seq_file *m, const struct perftop_row *row,
			   unsigned int sum, unsigned int longest)
{
	const u64 count = perftop_histogram_count(row);

	seq_printf(m, "   count %llu", count);
	if (!count)
		return;
	seq_puts(m, "   average ");
	perftop_print_ns(m, div64_u64(row->counter[sum], count), 0);
	print_percentile(m, row, 50, longest);
	print_percentile(m, row, 90, longest);
	print_percentile(m, row, 99, longest);
	seq_puts(m, "   longest ");
	perftop_print_ns(m, row->counter[longest], 0);
}

static void print_bar(struct seq_file *m, unsigned int octave, u64 count, u64 most)
{
	/* What is there at all is seen. */
	const unsigned int length = DIV_ROUND_UP_ULL(count * BAR, most);
	unsigned int i;

	perftop_print_ns(m, perftop_octave_begin(octave), 12);
	seq_puts(m, " ..");
	perftop_print_ns(m, perftop_octave_begin(octave + 1) - 1, 10);
	seq_printf(m, " %10llu |", count);
	for (i = 0; i < BAR; i++)
		seq_putc(m, i < length ? '@' : ' ');
	seq_puts(m, "|\n");
}

/**
 * perftop_print_bars() - Print a histogram, a line for each power of two
 * @m: the file
 * @row: its row
 *
 * From the first that occurs to the last, if any does.
 */
void perftop_print_bars(struct seq_file *m, const struct perftop_row *row)
{
	const struct perftop_row *at = row->octave, *end = at + row->octaves;
	const unsigned int last = row->words - 1;
	unsigned int octave;
	u64 most = 1;

	if (!row->octaves)
		return;
	for (; at < end; at++)
		most = max(most, perftop_histogram_count(at));
	at = row->octave;
	for (octave = at->word[last]; at < end; octave++) {
		if (at->word[last] == octave)
			print_bar(m, octave, perftop_histogram_count(at++), most);
		else
			print_bar(m, octave, 0, most);
	}
}

/**
 * perftop_print_lost() - Print what is in none of a view's histograms
 * @m: the file
 * @snapshot: of the view
 *
 * Only where memory was so short that a CPU keeps less than all rows.
 */
void perftop_print_lost(struct seq_file *m, const struct perftop_snapshot *snapshot)
{
	u64 lost = 0;
	unsigned int i;

	for (i = 0; i < snapshot->rows; i++)
		if (perftop_row_is_nobody(&snapshot->row[i]))
			lost += perftop_histogram_count(&snapshot->row[i]);
	if (lost)
		seq_printf(m, "[overflow] %llu are in none of these\n\n", lost);
}
