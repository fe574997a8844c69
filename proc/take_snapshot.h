/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking a snapshot.
 */
#ifndef PERFTOP_TAKE_SNAPSHOT_H
#define PERFTOP_TAKE_SNAPSHOT_H

#include <linux/types.h>

struct perftop_snapshot;
struct perftop_view;

struct perftop_snapshot *perftop_snapshot_take(const struct perftop_view *view,
					       unsigned int rank, bool all);
struct perftop_snapshot *perftop_snapshot_take_all(void);
void perftop_snapshot_free(struct perftop_snapshot *snapshot);

#endif /* PERFTOP_TAKE_SNAPSHOT_H */
