/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of a snapshot.
 */
#ifndef PERFTOP_ROWS_H
#define PERFTOP_ROWS_H

struct perftop_snapshot;

int perftop_rows_by_cpu(struct perftop_snapshot *snapshot);
int perftop_rows_finish(struct perftop_snapshot *snapshot, unsigned int rank);

#endif /* PERFTOP_ROWS_H */
