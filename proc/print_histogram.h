/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms as bars.
 */
#ifndef PERFTOP_PRINT_HISTOGRAM_H
#define PERFTOP_PRINT_HISTOGRAM_H

struct perftop_row;
struct perftop_snapshot;
struct seq_file;

void perftop_print_figures(struct seq_file *m, const struct perftop_row *row,
			   unsigned int sum, unsigned int longest);
void perftop_print_bars(struct seq_file *m, const struct perftop_row *row);
void perftop_print_lost(struct seq_file *m,
			const struct perftop_snapshot *snapshot);

#endif /* PERFTOP_PRINT_HISTOGRAM_H */
