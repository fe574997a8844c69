/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks as lines for flame graphs.
 */
#ifndef PERFTOP_PRINT_FOLDED_H
#define PERFTOP_PRINT_FOLDED_H

struct perftop_snapshot;
struct seq_file;

unsigned int perftop_folded_rows(const struct perftop_snapshot *snapshot);
void perftop_print_folded(struct seq_file *m, const struct perftop_snapshot *snapshot,
			  unsigned int number);

#endif /* PERFTOP_PRINT_FOLDED_H */
