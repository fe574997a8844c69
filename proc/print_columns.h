/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows as text, by their view's columns.
 */
#ifndef PERFTOP_PRINT_COLUMNS_H
#define PERFTOP_PRINT_COLUMNS_H

struct perftop_row;
struct perftop_snapshot;
struct perftop_view;
struct seq_file;

void perftop_print_titles(struct seq_file *m, const struct perftop_view *view);
void perftop_print_columns(struct seq_file *m,
			   const struct perftop_snapshot *snapshot,
			   const struct perftop_row *row);
void perftop_print_row(struct seq_file *m,
		       const struct perftop_snapshot *snapshot,
		       const struct perftop_row *row);

#endif /* PERFTOP_PRINT_COLUMNS_H */
