/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shards of a table: each CPU adds to its own.
 */
#ifndef PERFTOP_HASH_H
#define PERFTOP_HASH_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "engine/table.h"

struct perftop_generation {
	u32	*slot;		/* open addressing: index, 0 is empty */
	u64	*pool;
	u32	keys;		/* in use; written by the CPU, READ_ONCE by others */
	u32	used;		/* words of the pool in use; likewise */
	bool	live;		/* written by the drain, READ_ONCE by the CPU */
};

struct perftop_bank {
	u64	*row;		/* stride words each, the stamp first */
	u32	*touched;	/* indexes of the rows in use */
	u32	n;
	u32	merged;		/* the first so many of them; perftop_lock */
};

/**
 * struct perftop_shard - one CPU's part of one table
 * @bank: rows; the CPU writes one, the drain empties the other
 * @gen: the keys; index = PERFTOP_RESERVED + generation * capacity + number
 * @ref: the key of each index
 * @stride: words a row, the stamp among them
 * @capacity: keys a generation, a power of two; 0: there is no memory for any
 * @pool_words: words a generation's pool holds
 * @current_gen: the generation that takes new keys; the CPU's own
 * @epoch: a number that no shard had before; another one after a generation
 *	is retired; see "Notes on locking"
 * @asked: to be drained before its time, since there is little room
 * @retired: a generation is; perftop_lock
 * @retired_at: how often the banks had been flipped then; perftop_lock
 * @record: the id of each index's record, once known; perftop_lock
 * @memory: the one allocation behind all of it
 */
struct perftop_shard {
	struct perftop_bank		bank[2];
	struct perftop_generation	gen[2];
	struct perftop_keyref		*ref;
	u32				stride;
	u32				capacity;
	u32				pool_words;
	u32				current_gen;
	u32				epoch;
	bool				asked;

	bool				retired ____cacheline_aligned;
	u32				retired_at;
	u64				*record;
	void				*memory;
};

DECLARE_PER_CPU(struct irq_work, perftop_half_full);

/* After which nothing refers to a generation that was retired. */
#define PERFTOP_FLIPS_TO_RECYCLE	2

int perftop_table_init(struct perftop_table *table);
int perftop_table_add_cpu(struct perftop_table *table, unsigned int cpu);
void perftop_table_exit(struct perftop_table *table);
u32 perftop_shard_lookup(struct perftop_shard *shard, struct perftop_key *key);
unsigned int perftop_table_drain(struct perftop_table *table, unsigned int cpu,
				 unsigned int bank, unsigned int work);
bool perftop_table_recycle(struct perftop_table *table, unsigned int cpu,
			   u32 flips);
void perftop_table_discard(struct perftop_table *table, unsigned int cpu,
			   unsigned int bank);
/**
 * perftop_bank_row() - The counters of one row of a bank, to be added to
 * @bank: that the CPU this runs on adds to at the moment
 * @stride: words a row
 * @index: of the row
 * @now: stamp in ticks, not 0
 *
 * Context: hot path, as perftop_shard_row().
 * Return: the row's counters.
 */
static __always_inline u64 *perftop_bank_row(struct perftop_bank *bank,
					     u32 stride, u32 index, u64 now)
{
	u64 *row = bank->row + (size_t)index * stride;

	if (unlikely(!row[0]))
		bank->touched[bank->n++] = index;
	row[0] = now;
	return row + 1;
}

/**
 * perftop_shard_row() - The counters of one row, to be added to
 * @shard: the shard of the CPU this runs on
 * @bank: the bank that CPU adds to at the moment
 * @index: from perftop_shard_lookup(), or a reserved row
 * @now: stamp in ticks, not 0
 *
 * Context: hot path; interrupts off from the reading of @bank until the last
 * store to the counters.
 * Return: the row's counters.
 */
static __always_inline u64 *perftop_shard_row(struct perftop_shard *shard,
					      unsigned int bank, u32 index,
					      u64 now)
{
	return perftop_bank_row(&shard->bank[bank], shard->stride, index, now);
}

/**
 * perftop_shard_row_unseen() - The same where nothing is known of who was seen
 * @shard: as for perftop_shard_row()
 * @bank: likewise
 * @index: likewise
 *
 * No counter of the rule LAST may be written: what stands there stays the last.
 *
 * Context: as perftop_shard_row().
 * Return: the row's counters.
 */
static __always_inline u64 *
perftop_shard_row_unseen(struct perftop_shard *shard, unsigned int bank,
			 u32 index)
{
	u64 seen = shard->bank[bank].row[(size_t)index * shard->stride];

	return perftop_shard_row(shard, bank, index,
				 seen ? seen : PERFTOP_UNSEEN);
}

/**
 * perftop_shard_key() - The key of a row that has one
 * @shard: the shard of the CPU this runs on
 * @index: from perftop_shard_lookup(), not a reserved row
 *
 * Context: hot path.
 * Return: its words; @shard->ref[index] says how many.
 */
static __always_inline const u64 *
perftop_shard_key(const struct perftop_shard *shard, u32 index)
{
	const bool second = index >= PERFTOP_RESERVED + shard->capacity;

	return shard->gen[second].pool + shard->ref[index].offset;
}

#endif /* PERFTOP_HASH_H */
