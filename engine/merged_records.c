// SPDX-License-Identifier: GPL-2.0
/*
 * The merged table: jhash buckets of records, each with its key, its counters
 * and its place in the ranking. hash.c merges shards into it.
 *
 * A table that is full gives up what is lowest in its ranking, what belongs to
 * the dead first. What that had is added to one record, "[others]", so that all
 * sums stay what they are, and its place goes to what is new. Who remembers a
 * record remembers its id, which is never given twice.
 *
 * Keys differ much in length and come and go: each is a chain of blocks.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "engine/merged_records.h"
#include "engine/params.h"
#include "engine/table.h"
#include "rbtop.h"

/* Words a block, or as many as a shorter key has. */
#define BLOCK_WORDS		4

/*
 * An id is a serial number, and below it the record's number. So many are never
 * given: 2^43 at 100,000 a second are 2.8 years.
 */
#define NUMBER_BITS		21

static_assert(PERFTOP_TABLE_MAX + PERFTOP_FIRST_RECORD < 1 << NUMBER_BITS);

/* Records that are given up at once: a part of all, and at the most. */
#define GIVEN_UP_PART		16
#define GIVEN_UP_MAX		1024

/* How many are asked whether they belong to the dead, for one that is to go. */
#define ASKED_EACH		8

static size_t record_size(const struct perftop_table *table)
{
	return sizeof(struct perftop_record) + table->counters * sizeof(u64);
}

/**
 * perftop_record_at() - A record by its number
 * @table: the table
 * @number: a reserved row, PERFTOP_OTHERS, or PERFTOP_FIRST_RECORD and up
 *
 * Context: perftop_lock held, as for all in this file.
 * Return: the record; it is in use if it is none of the first or has an id.
 */
struct perftop_record *perftop_record_at(const struct perftop_table *table,
					 u32 number)
{
	return table->record + number * record_size(table);
}

/**
 * perftop_record_of() - The record that an id was given to
 * @table: the table
 * @id: from perftop_record_lookup(), or 0
 *
 * Return: the record, NULL if it has been given up since, and for 0.
 */
struct perftop_record *perftop_record_of(const struct perftop_table *table,
					 u64 id)
{
	struct perftop_record *record =
		perftop_record_at(table, id & GENMASK_ULL(NUMBER_BITS - 1, 0));

	return id && record->id == id ? record : NULL;
}

static u32 number_of(const struct perftop_table *table,
		     const struct perftop_record *record)
{
	return ((void *)record - table->record) / record_size(table);
}

static u64 *by_cpu(const struct perftop_table *table, u32 number)
{
	return table->cpu_value + (size_t)number * nr_cpu_ids;
}

/**
 * perftop_record_by_cpu() - A record's first counter by CPU
 * @table: the table
 * @record: one of its records
 *
 * Return: nr_cpu_ids values, NULL if the table does not keep them.
 */
u64 *perftop_record_by_cpu(const struct perftop_table *table,
			   const struct perftop_record *record)
{
	return table->by_cpu ? by_cpu(table, number_of(table, record)) : NULL;
}

/* --- Keys ----------------------------------------------------------------- */

static unsigned int blocks_of(const struct perftop_table *table,
			      unsigned int words)
{
	return DIV_ROUND_UP(words, table->block_words);
}

/* They are numbered from 1. */
static u64 *block_at(const struct perftop_table *table, u32 block)
{
	return table->pool + (size_t)(block - 1) * table->block_words;
}

/* There is one. */
static u32 take_block(struct perftop_table *table)
{
	u32 block = table->free_block;

	if (block)
		table->free_block = table->next_block[block - 1];
	else
		block = ++table->blocks_begun;
	table->blocks_used++;
	return block;
}

static void store_key(struct perftop_table *table, struct perftop_record *record,
		      const u64 *word, unsigned int words)
{
	u32 *link = &record->block;
	unsigned int n;

	for (; words; words -= n, word += n) {
		n = min_t(unsigned int, words, table->block_words);
		*link = take_block(table);
		memcpy(block_at(table, *link), word, n * sizeof(*word));
		link = &table->next_block[*link - 1];
	}
	*link = 0;
}

static void drop_key(struct perftop_table *table,
		     const struct perftop_record *record)
{
	u32 block = record->block, next;

	for (; block; block = next) {
		next = table->next_block[block - 1];
		table->next_block[block - 1] = table->free_block;
		table->free_block = block;
		table->blocks_used--;
	}
}

static bool is_key(const struct perftop_table *table,
		   const struct perftop_record *record, const u64 *word)
{
	unsigned int words = record->words, n;
	u32 block = record->block;

	for (; words; words -= n, word += n) {
		n = min_t(unsigned int, words, table->block_words);
		if (memcmp(block_at(table, block), word, n * sizeof(*word)))
			return false;
		block = table->next_block[block - 1];
	}
	return true;
}

/**
 * perftop_record_copy_key() - Copy the key of a record
 * @table: the table
 * @record: one of its records
 * @to: where its words are left, @record->words of them
 */
void perftop_record_copy_key(const struct perftop_table *table,
			     const struct perftop_record *record, u64 *to)
{
	unsigned int words = record->words, n;
	u32 block = record->block;

	for (; words; words -= n, to += n) {
		n = min_t(unsigned int, words, table->block_words);
		memcpy(to, block_at(table, block), n * sizeof(*to));
		block = table->next_block[block - 1];
	}
}

/**
 * perftop_record_head() - How the key of a record begins
 * @table: the table
 * @record: one of its records that have a key
 *
 * Return: four of its words, or all if they are fewer.
 */
const u64 *perftop_record_head(const struct perftop_table *table,
			       const struct perftop_record *record)
{
	return block_at(table, record->block);
}

/* --- Counters ------------------------------------------------------------- */

/**
 * perftop_record_merge() - Add counters to others, each by its rule
 * @table: whose they are
 * @to: the counters that are added to
 * @from: what is added
 * @later: it was seen later than what @to has
 *
 * Return: whether the ticks have wrapped, if the table accounts for time.
 */
bool perftop_record_merge(const struct perftop_table *table, u64 *to,
			  const u64 *from, bool later)
{
	const unsigned int counters = table->counters;
	const u8 *merge = table->merge;
	const u64 ticks = to[0];
	unsigned int i;

	for (i = 0; i < counters; i++) {
		switch (merge[i]) {
		case PERFTOP_SUM:
			to[i] += from[i];
			break;
		case PERFTOP_MAX:
			to[i] = max(to[i], from[i]);
			break;
		case PERFTOP_OR:
			to[i] |= from[i];
			break;
		case PERFTOP_LAST:
			if (later)
				to[i] = from[i];
			break;
		}
	}
	return table->time && to[0] < ticks;
}

/* --- Copies --------------------------------------------------------------- */

/* Records that are copied without letting go of the lock. */
#define COPIED_AT_ONCE		2048

/**
 * perftop_copy_measure() - How much room all records of a table take
 * @table: the table
 * @rows: how many rows is left there
 * @words: how many words
 */
void perftop_copy_measure(const struct perftop_table *table, size_t *rows,
			  size_t *words)
{
	*rows = PERFTOP_FIRST_RECORD + table->records;
	*words = *rows * perftop_table_values(table) +
		 (size_t)table->blocks_used * table->block_words;
}

static void add_row(struct perftop_copy *copy,
		    const struct perftop_record *record)
{
	const struct perftop_table *table = copy->table;
	const u64 *value = perftop_record_by_cpu(table, record);
	struct perftop_row *row = &copy->row[copy->rows++];
	u64 *to = copy->word + copy->words;

	*row = (struct perftop_row){
		.id		= record->id,
		.stamp		= record->stamp,
		.since		= record->since,
		.account	= record->account,
		.high		= record->high,
		.words		= record->words,
		.word		= to,
		.counter	= to + record->words,
	};
	perftop_record_copy_key(table, record, to);
	memcpy(row->counter, record->counter, table->counters * sizeof(*to));
	if (value) {
		row->by_cpu = row->counter + table->counters;
		memcpy(row->by_cpu, value, nr_cpu_ids * sizeof(*to));
	}
	copy->words += record->words + perftop_table_values(table);
}

/* Is it to be copied, and has not been? */
static bool is_due(const struct perftop_copy *copy,
		   const struct perftop_record *record, u32 number)
{
	return record->id && record->id >> NUMBER_BITS <= copy->serial &&
	       !test_bit(number, copy->done);
}

/**
 * perftop_copy_record() - Copy one record, if it has not been
 * @copy: where to
 * @record: the record
 */
void perftop_copy_record(struct perftop_copy *copy,
			 const struct perftop_record *record)
{
	const u32 number = number_of(copy->table, record);

	if (test_bit(number, copy->done))
		return;
	__set_bit(number, copy->done);
	add_row(copy, record);
}

/* What is about to change is copied as it is. */
static void copy_ahead(const struct perftop_table *table,
		       const struct perftop_record *record)
{
	const u32 number = number_of(table, record);
	struct perftop_copy *copy;

	list_for_each_entry(copy, &table->copies, node)
		if (number >= copy->next && is_due(copy, record, number))
			perftop_copy_record(copy, record);
}

/**
 * perftop_record_change() - A record is about to be changed
 * @table: the table
 * @record: one of its records
 */
void perftop_record_change(const struct perftop_table *table,
			   const struct perftop_record *record)
{
	if (unlikely(!list_empty(&table->copies)))
		copy_ahead(table, record);
}

/**
 * perftop_copy_begin() - From now on, keep what records are at this moment
 * @copy: where to; it has room for all, and its table is set
 *
 * Those that change before perftop_copy_some() has come to them are copied first.
 */
void perftop_copy_begin(struct perftop_copy *copy)
{
	struct perftop_table *table = copy->table;

	copy->serial = table->serial;
	copy->next = PERFTOP_FIRST_RECORD;
	copy->end = PERFTOP_FIRST_RECORD + table->begun;
	list_add(&copy->node, &table->copies);
}

/**
 * perftop_copy_some() - Copy some of the records that have not been
 * @copy: begun
 *
 * Return: whether there are more; if not, the table has forgotten @copy.
 */
bool perftop_copy_some(struct perftop_copy *copy)
{
	const u32 end = min(copy->next + COPIED_AT_ONCE, copy->end);
	const struct perftop_record *record;

	if (list_empty(&copy->node))
		return false;
	for (; copy->next < end; copy->next++) {
		record = perftop_record_at(copy->table, copy->next);
		if (is_due(copy, record, copy->next))
			add_row(copy, record);
	}
	if (copy->next < copy->end)
		return true;
	list_del_init(&copy->node);
	return false;
}

/**
 * perftop_copies_some() - The same for any copy of a table
 * @table: the table
 *
 * Return: whether there are more.
 */
bool perftop_copies_some(struct perftop_table *table)
{
	struct perftop_copy *first = list_first_entry_or_null(&table->copies,
					struct perftop_copy, node);

	return first && (perftop_copy_some(first) || !list_empty(&table->copies));
}

/* --- Places --------------------------------------------------------------- */

static u32 *bucket_of(const struct perftop_table *table, u32 hash)
{
	return &table->bucket[hash & table->bucket_mask];
}

static void unlink(const struct perftop_table *table,
		   const struct perftop_record *record)
{
	const u32 number = number_of(table, record);
	u32 *link = bucket_of(table, record->hash);

	while (*link != number)
		link = &perftop_record_at(table, *link)->next;
	*link = record->next;
}

/* Nobody is seen last in what is many. */
static void add_to_others(struct perftop_table *table,
			  const struct perftop_record *record)
{
	struct perftop_record *others = perftop_record_at(table, PERFTOP_OTHERS);

	others->high += record->high +
			perftop_record_merge(table, others->counter,
					     record->counter, false);
	others->stamp = PERFTOP_UNSEEN;
	perftop_add_by_cpu(perftop_record_by_cpu(table, others),
			   perftop_record_by_cpu(table, record));
	table->moved++;
}

static void give_up(struct perftop_table *table, struct perftop_record *record)
{
	perftop_record_change(table, record);
	add_to_others(table, record);
	perftop_rbtop_remove(&table->top, record);
	unlink(table, record);
	drop_key(table, record);
	record->id = 0;
	record->next = table->free;
	table->free = number_of(table, record);
	table->records--;
}

/* What has a reserved row to count in is never mixed with what has none. */
static bool may_go(const struct perftop_table *table,
		   const struct perftop_record *record, bool living)
{
	return record->account == PERFTOP_RESERVED &&
	       (living || (table->ended &&
			   table->ended(perftop_record_head(table, record))));
}

/*
 * Gives up @wanted of the lowest @asked records, of the dead alone unless @living.
 * Returns how many.
 */
static unsigned int give_up_lowest(struct perftop_table *table,
				   unsigned int wanted, unsigned int asked,
				   bool living)
{
	struct perftop_record *record = perftop_rbtop_last(&table->top);
	struct perftop_record *higher;
	unsigned int n = 0;

	for (; record && n < wanted && asked; asked--, record = higher) {
		higher = perftop_rbtop_before(record);
		if (!may_go(table, record, living))
			continue;
		give_up(table, record);
		n++;
	}
	return n;
}

static bool has_room(const struct perftop_table *table, unsigned int words)
{
	return table->records < table->limit &&
	       blocks_of(table, words) <= table->blocks - table->blocks_used;
}

static void make_room(struct perftop_table *table, unsigned int words)
{
	unsigned int n = clamp_t(unsigned int, table->limit / GIVEN_UP_PART, 1,
				 GIVEN_UP_MAX);

	n -= give_up_lowest(table, n, n * ASKED_EACH, false);
	give_up_lowest(table, n, UINT_MAX, true);
	/* A long key may need the blocks of some more. */
	while (!has_room(table, words) &&
	       give_up_lowest(table, 1, UINT_MAX, true))
		;
}

static u32 take_number(struct perftop_table *table)
{
	u32 number = table->free;

	if (number)
		table->free = perftop_record_at(table, number)->next;
	else
		number = PERFTOP_FIRST_RECORD + table->begun++;
	table->records++;
	return number;
}

static struct perftop_record *make(struct perftop_table *table,
				   const struct perftop_keyref *ref,
				   const u64 *word)
{
	const u32 number = take_number(table);
	struct perftop_record *record = perftop_record_at(table, number);
	u32 *bucket = bucket_of(table, ref->hash);

	memset(record, 0, record_size(table));
	record->id = ++table->serial << NUMBER_BITS | number;
	record->hash = ref->hash;
	record->words = ref->words;
	record->account = ref->account;
	record->since = table->flipped;
	record->next = *bucket;
	*bucket = number;
	store_key(table, record, word, ref->words);
	if (table->by_cpu)
		memset(by_cpu(table, number), 0, nr_cpu_ids * sizeof(u64));
	return record;
}

/* The record of a key, NULL if there is none. */
static struct perftop_record *find(const struct perftop_table *table,
				   const struct perftop_keyref *ref,
				   const u64 *word)
{
	struct perftop_record *record;
	u32 number;

	for (number = *bucket_of(table, ref->hash); number;
	     number = record->next) {
		record = perftop_record_at(table, number);
		if (record->hash == ref->hash && record->words == ref->words &&
		    record->account == ref->account &&
		    is_key(table, record, word))
			return record;
	}
	return NULL;
}

/**
 * perftop_record_lookup() - Find the record of a key, make one if it is new
 * @table: the table
 * @ref: hash, words and account of the key
 * @word: its words
 *
 * Other records may be given up for it.
 *
 * Return: its id, 0 if there is no room for it.
 */
u64 perftop_record_lookup(struct perftop_table *table,
			  const struct perftop_keyref *ref, const u64 *word)
{
	const struct perftop_record *record = find(table, ref, word);

	if (!record) {
		if (!has_room(table, ref->words))
			make_room(table, ref->words);
		if (!has_room(table, ref->words))
			return 0;
		record = make(table, ref, word);
	}
	return record->id;
}

/* --- Memory --------------------------------------------------------------- */

static size_t by_cpu_bytes(unsigned int records)
{
	return (size_t)records * nr_cpu_ids * sizeof(u64);
}

/**
 * perftop_records_clear() - Forget all records
 * @table: the table
 */
void perftop_records_clear(struct perftop_table *table)
{
	u32 i;

	for (i = 0; i < table->begun; i++)
		perftop_record_at(table, PERFTOP_FIRST_RECORD + i)->id = 0;
	memset(table->bucket, 0, (table->bucket_mask + 1) * sizeof(u32));
	table->begun = 0;
	table->free = 0;
	table->records = 0;
	table->moved = 0;
	table->blocks_begun = 0;
	table->free_block = 0;
	table->blocks_used = 0;
	table->top = RB_ROOT;

	if (table->by_cpu)
		memset(table->cpu_value, 0, by_cpu_bytes(PERFTOP_FIRST_RECORD));
	memset(table->record, 0, PERFTOP_FIRST_RECORD * record_size(table));
	for (i = 0; i < PERFTOP_FIRST_RECORD; i++)
		perftop_record_at(table, i)->account = i;
}

/**
 * perftop_records_measure() - Lay a table's records out
 * @table: the table; how many buckets and blocks it has is filled in
 *
 * Context: any.
 * Return: how many bytes they take.
 */
size_t perftop_records_measure(struct perftop_table *table)
{
	const size_t records = table->limit + PERFTOP_FIRST_RECORD;

	table->bucket_mask = roundup_pow_of_two(table->limit) - 1;
	table->block_words = min_t(unsigned int, table->key_words, BLOCK_WORDS);
	/* However few, the largest key fits. */
	table->blocks = max(table->limit * blocks_of(table, table->key_words),
			    blocks_of(table, PERFTOP_KEY_WORDS));
	return records * record_size(table) +
	       (table->bucket_mask + 1) * sizeof(u32) +
	       (size_t)table->blocks * (table->block_words * sizeof(u64) +
					sizeof(u32)) +
	       (table->by_cpu ? by_cpu_bytes(records) : 0);
}

/**
 * perftop_records_init() - Take the memory of a table's records
 * @table: the table, measured
 *
 * Context: process context.
 * Return: 0 or -ENOMEM; perftop_records_exit() is called in either case.
 */
int perftop_records_init(struct perftop_table *table)
{
	const size_t records = table->limit + PERFTOP_FIRST_RECORD;

	table->record = vzalloc(records * record_size(table));
	table->bucket = vzalloc((table->bucket_mask + 1) * sizeof(u32));
	table->pool = vzalloc((size_t)table->blocks * table->block_words *
			      sizeof(u64));
	table->next_block = vzalloc((size_t)table->blocks * sizeof(u32));
	if (!table->record || !table->bucket || !table->pool ||
	    !table->next_block)
		return -ENOMEM;
	if (table->by_cpu) {
		table->cpu_value = vzalloc(by_cpu_bytes(records));
		if (!table->cpu_value)
			return -ENOMEM;
	}
	INIT_LIST_HEAD(&table->copies);
	table->begun = 0;
	perftop_records_clear(table);
	return 0;
}

/**
 * perftop_records_exit() - Give it back
 * @table: whatever perftop_records_init() left of it
 *
 * Context: process context.
 */
void perftop_records_exit(struct perftop_table *table)
{
	vfree(table->record);
	vfree(table->bucket);
	vfree(table->pool);
	vfree(table->next_block);
	vfree(table->cpu_value);
	table->record = NULL;
	table->bucket = NULL;
	table->pool = NULL;
	table->next_block = NULL;
	table->cpu_value = NULL;
}
