/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The octaves of a key, together.
 */
#ifndef PERFTOP_HISTOGRAM_H
#define PERFTOP_HISTOGRAM_H

#include <linux/types.h>

struct perftop_row;
struct perftop_snapshot;

int perftop_histogram_join(struct perftop_snapshot *snapshot);
int perftop_histogram_complete(struct perftop_snapshot *snapshot);
void perftop_histogram_order(struct perftop_snapshot *snapshot, unsigned int rank);
u64 perftop_histogram_count(const struct perftop_row *row);
u64 perftop_histogram_percentile(const struct perftop_row *row,
				 unsigned int percent, unsigned int longest);

#endif /* PERFTOP_HISTOGRAM_H */
