/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entries of a log, as the rows of a snapshot.
 */
#ifndef PERFTOP_LOG_ROWS_H
#define PERFTOP_LOG_ROWS_H

struct perftop_snapshot;

int perftop_entries_fill(struct perftop_snapshot *snapshot);

#endif /* PERFTOP_LOG_ROWS_H */
