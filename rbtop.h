/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ranking.
 */
#ifndef PERFTOP_RBTOP_H
#define PERFTOP_RBTOP_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct perftop_record;

void perftop_rbtop_insert(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
void perftop_rbtop_update(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
void perftop_rbtop_remove(struct rb_root *top, struct perftop_record *record);
struct perftop_record *perftop_rbtop_first(const struct rb_root *top);
struct perftop_record *perftop_rbtop_next(const struct perftop_record *record);
struct perftop_record *perftop_rbtop_last(const struct rb_root *top);
struct perftop_record *perftop_rbtop_before(const struct perftop_record *record);

#endif /* PERFTOP_RBTOP_H */
