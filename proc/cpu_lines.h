/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The accounts of a snapshot, CPU by CPU.
 */
#ifndef PERFTOP_CPU_LINES_H
#define PERFTOP_CPU_LINES_H

struct perftop_snapshot;
struct perftop_table;

void perftop_lines_fill(struct perftop_snapshot *snapshot,
			const struct perftop_table *table);

#endif /* PERFTOP_CPU_LINES_H */
