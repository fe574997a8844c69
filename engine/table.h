/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What shards, merged records and ranking are made of: keys, records, and the table
 * that they are the parts of.
 */
#ifndef PERFTOP_TABLE_H
#define PERFTOP_TABLE_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/* What the drain does with two values of one counter. */
enum perftop_merge {
	PERFTOP_SUM,
	PERFTOP_MAX,
	PERFTOP_OR,
	PERFTOP_LAST,
};

/*
 * A table's counters, and the rule of each, from a list of them:
 *
 *	#define LIST(COUNTER) COUNTER(TICKS, SUM) COUNTER(LONGEST, MAX)
 */
#define PERFTOP_COUNTERS(list)						\
	enum counter { list(PERFTOP_COUNTER_NAME) };			\
	static const u8 merge[] = { list(PERFTOP_COUNTER_RULE) }

#define PERFTOP_COUNTER_NAME(name, rule)	name,
#define PERFTOP_COUNTER_RULE(name, rule)	[name] = PERFTOP_##rule,

/* The stamp of a row in which no counter of the rule LAST has been written. */
#define PERFTOP_UNSEEN		1

/*
 * The first rows have no keys, and what each is for is the user's to say, but for
 * the first of all.
 */
#define PERFTOP_RESERVED	5
#define PERFTOP_OVERFLOW	0	/* the key found no place in shard or table */

/* Behind their records comes the one of what was given up, then those with keys. */
#define PERFTOP_OTHERS		PERFTOP_RESERVED
#define PERFTOP_FIRST_RECORD	(PERFTOP_OTHERS + 1)

/* Largest key, in words of 64 bits: three of header, 64 + 64 of frames. */
#define PERFTOP_KERNEL_FRAMES	64
#define PERFTOP_USER_FRAMES	64
#define PERFTOP_KEY_WORDS	(3 + PERFTOP_KERNEL_FRAMES + PERFTOP_USER_FRAMES)

/**
 * struct perftop_key - a key on its way into a table
 * @hash: jhash of the words and a seed, filled in by perftop_shard_lookup()
 * @words: how many of @word are in use
 * @account: the reserved row where what finds no place is counted;
 *	PERFTOP_RESERVED: in the first
 * @word: the key itself
 */
struct perftop_key {
	u32	hash;
	u16	words;
	u8	account;
	u64	word[PERFTOP_KEY_WORDS];
};

/* A key in a shard; its words lie in the generation's pool. */
struct perftop_keyref {
	u32	hash;
	u32	offset;		/* in the pool, in words */
	u16	words;
	u8	account;
};

/**
 * struct perftop_record - one key's counters, merged over all CPUs
 * @node: its place in the ranking; unused in the first records
 * @id: never given twice; 0: the record is not in use, or one of the first
 * @next: next record in the bucket, 0 is none; or the next that is not in use
 * @hash: of the key, see struct perftop_key
 * @block: the first of the key's blocks
 * @words: how many words the key has
 * @account: see struct perftop_key
 * @high: how often its ticks have wrapped, where the table accounts for time
 * @stamp: of the last row merged that was the latest; 0: never charged
 * @since: until when what it was made of had been counted, in ns, since a drain
 *	before; 0 for the first records
 * @counter: as many as the table has
 */
struct perftop_record {
	struct rb_node	node;
	u64		id;
	u32		next;
	u32		hash;
	u32		block;
	u16		words;
	u8		account;
	u8		high;
	u64		stamp;
	u64		since;
	u64		counter[];
};

struct perftop_copy;
struct perftop_shard;
struct perftop_sums;

/**
 * struct perftop_table - key -> counters
 * @name: for messages
 * @merge: the rule of each counter
 * @counters: how many counters
 * @rank: the one that orders the records
 * @time: it accounts for time: the first two counters are PERFTOP_TICKS and
 *	PERFTOP_COUNT, and every slice is charged to it once
 * @by_cpu: the first counter is kept by CPU as well
 * @histogram: the last word of a key is an octave, and the first counters are its
 *	eighths (engine/octave.h)
 * @key_words: words a key on average
 * @owner: the word of a key that says whose it is, 0 if there is none: all rows
 *	of one owner are printed with the name that was seen last in any, which is
 *	at PERFTOP_COMM
 * @limit: records at most, the first ones not counted
 * @ended: NULL, or whether somebody whose key begins like that is dead: what is
 *	theirs is the first to be given up; process context
 * @settle: NULL, or finishes a key that a CPU has stored, in place, before its
 *	record is looked up; process context, perftop_lock is held
 * @drained: told of each row as it is merged: the CPU, the record it went
 *	to, its counters; perftop_lock is held
 * @node: among the tables that are drained
 * @sums: by CPU number
 * @epoch: when it began to count, in ns
 * @flipped: when the banks were that are being merged, in ns
 * @records: records in use, the first ones not counted
 * @moved: records that were given up
 * @copies: of all of it that are not complete
 * @top: the records, ordered
 * @serial: of the record that was made last
 * @begun: records that have been in use
 * @free: one of those that are not in use any more, 0: none
 * @pool: the keys, in blocks
 * @block_words: words a block
 * @blocks: how many there are
 * @blocks_used: how many are in use
 * @blocks_begun: how many have been
 * @free_block: one of those that are not in use any more, 0: none
 * @next_block: which follows each, 0: none
 * @cpu_value: the first counter by record and CPU
 * @shard: by CPU number
 * @capacity: of the shards of CPUs that have been online
 * @bytes: memory taken
 */
struct perftop_table {
	const char		*name;
	const u8		*merge;
	unsigned int		counters;
	unsigned int		rank;
	bool			time;
	bool			by_cpu;
	bool			histogram;
	unsigned int		key_words;
	unsigned int		owner;
	unsigned int		limit;
	void			(*settle)(u64 *word);
	bool			(*ended)(const u64 *head);

	/* private: the engine's own, guarded by perftop_lock */
	void			(*drained)(struct perftop_table *table,
					   unsigned int cpu,
					   const struct perftop_record *record,
					   const u64 *counter);
	struct list_head	node;
	struct perftop_sums	*sums;
	u64			epoch;
	u64			flipped;
	unsigned int		records;
	u64			moved;
	struct list_head	copies;
	struct rb_root		top;
	u64			serial;
	void			*record;
	u32			begun;
	u32			free;
	u32			*bucket;
	u32			bucket_mask;
	u64			*pool;
	u32			block_words;
	u32			blocks;
	u32			blocks_used;
	u32			blocks_begun;
	u32			free_block;
	u32			*next_block;
	u64			*cpu_value;
	struct perftop_shard	**shard;
	u32			capacity;
	size_t			bytes;
};

/* Counters of a record's copy, and with them the first one by CPU. */
static inline size_t perftop_table_values(const struct perftop_table *table)
{
	return table->counters + (table->by_cpu ? nr_cpu_ids : 0);
}

/* Adds a first counter by CPU to another; NULL: the table does not keep them. */
static inline void perftop_add_by_cpu(u64 *to, const u64 *from)
{
	unsigned int cpu;

	for (cpu = 0; to && cpu < nr_cpu_ids; cpu++)
		to[cpu] += from[cpu];
}

#endif /* PERFTOP_TABLE_H */
