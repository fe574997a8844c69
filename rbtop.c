// SPDX-License-Identifier: GPL-2.0
/*
 * The ranking: merged records in an rb-tree, ordered by one of their counters,
 * the greatest first; among equals the one first that had the value first.
 */
#include <linux/rbtree.h>

#include "engine/table.h"
#include "rbtop.h"

static struct perftop_record *record_of(const struct rb_node *node)
{
	return rb_entry_safe(node, struct perftop_record, node);
}

/* What orders records: ticks may be more than 64 bits hold, and hardly ever are. */
static bool is_more(const struct perftop_record *one,
		    const struct perftop_record *other, unsigned int rank)
{
	if (unlikely(one->high != other->high))
		return one->high > other->high;
	return one->counter[rank] > other->counter[rank];
}

/**
 * perftop_rbtop_insert() - Put a record in its place
 * @top: the ranking
 * @record: not in it yet
 * @rank: which counter orders it
 *
 * Context: perftop_lock held.
 */
void perftop_rbtop_insert(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank)
{
	struct rb_node **link = &top->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		if (is_more(record, record_of(parent), rank))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&record->node, parent, link);
	rb_insert_color(&record->node, top);
}

/**
 * perftop_rbtop_remove() - Take a record out
 * @top: the ranking
 * @record: in it
 *
 * Context: perftop_lock held.
 */
void perftop_rbtop_remove(struct rb_root *top, struct perftop_record *record)
{
	rb_erase(&record->node, top);
}

/**
 * perftop_rbtop_update() - Move a record whose counter has changed
 * @top: the ranking
 * @record: in it already
 * @rank: which counter orders it
 *
 * Does nothing if the record still stands between its neighbours.
 *
 * Context: perftop_lock held.
 */
void perftop_rbtop_update(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank)
{
	struct perftop_record *before = record_of(rb_prev(&record->node));
	struct perftop_record *after = record_of(rb_next(&record->node));

	if ((!before || !is_more(record, before, rank)) &&
	    (!after || !is_more(after, record, rank)))
		return;
	perftop_rbtop_remove(top, record);
	perftop_rbtop_insert(top, record, rank);
}

/**
 * perftop_rbtop_first() - The record with the greatest counter
 * @top: the ranking
 *
 * Context: perftop_lock held.
 * Return: the record, NULL if there is none.
 */
struct perftop_record *perftop_rbtop_first(const struct rb_root *top)
{
	return record_of(rb_first(top));
}

/**
 * perftop_rbtop_next() - The record that follows another in the ranking
 * @record: a record of the ranking
 *
 * Context: perftop_lock held.
 * Return: the record, NULL after the last.
 */
struct perftop_record *perftop_rbtop_next(const struct perftop_record *record)
{
	return record_of(rb_next(&record->node));
}

/**
 * perftop_rbtop_last() - The record with the least counter
 * @top: the ranking
 *
 * Context: perftop_lock held.
 * Return: the record, NULL if there is none.
 */
struct perftop_record *perftop_rbtop_last(const struct rb_root *top)
{
	return record_of(rb_last(top));
}

/**
 * perftop_rbtop_before() - The record that is followed by another
 * @record: a record of the ranking
 *
 * Context: perftop_lock held.
 * Return: the record, NULL before the first.
 */
struct perftop_record *perftop_rbtop_before(const struct perftop_record *record)
{
	return record_of(rb_prev(&record->node));
}
