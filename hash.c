// SPDX-License-Identifier: GPL-2.0
/*
 * The table: key -> counters. Per-CPU shards that are added to without a lock,
 * one merged table that is read, and the drain between them. The essay in
 * perftop.h says how the parts fit.
 *
 * What is full is never lost: a key that finds no place in a shard gets the
 * overflow row, a row that finds no place in the merged table goes to the
 * overflow record.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/jhash.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#include "perftop.h"

/*
 * Bounds of a shard: keys a generation, slots probed. A table of more than eight
 * times SHARD_KEYS has larger ones.
 */
#define SHARD_KEYS_MIN		16
#define SHARD_KEYS		2048
#define PROBES_MAX		64

/* Drains since a retirement after which nothing refers to it any more. */
#define DRAINS_TO_RECYCLE	2

/*
 * Memory limits: shards shrink until they keep to the first part of RAM, and a
 * merged table that is larger than the second is refused.
 */
#define RAM_SHRINK		64
#define RAM_REFUSE		4

/*
 * Part of every hash, and shown to nobody: who runs programs decides on words
 * of their keys, and could otherwise aim them all at one bucket.
 */
static u32 seed;

static __kprobes u32 hash_words(const u64 *word, unsigned int words)
{
	return jhash2((const u32 *)word, words * 2, seed);
}

/*
 * No two shards ever have the same epoch, nor one shard twice: an index that
 * was remembered with it is this shard's, and of this time.
 */
static u32 next_epoch(void)
{
	static atomic_t last = ATOMIC_INIT(0);

	return atomic_inc_return(&last);
}

static u32 generation_first(const struct perftop_shard *shard, unsigned int g)
{
	return PERFTOP_RESERVED + g * shard->capacity;
}

static u32 slot_mask(const struct perftop_shard *shard)
{
	return shard->capacity * 2 - 1;
}

/* The index of a key in one generation; 0 if it is not there. */
static __kprobes u32 generation_find(const struct perftop_shard *shard,
				     unsigned int g,
				     const struct perftop_key *key)
{
	const struct perftop_generation *gen = &shard->gen[g];
	const size_t size = key->words * sizeof(u64);
	unsigned int probe;

	for (probe = 0; probe < PROBES_MAX; probe++) {
		u32 index = gen->slot[(key->hash + probe) & slot_mask(shard)];
		const struct perftop_keyref *ref = &shard->ref[index];

		if (!index)
			return 0;
		if (ref->hash == key->hash && ref->words == key->words &&
		    ref->account == key->account &&
		    !memcmp(gen->pool + ref->offset, key->word, size))
			return index;
	}
	return 0;
}

/* Stores a new key; 0 if the generation has no room for it. */
static __kprobes u32 generation_insert(struct perftop_shard *shard,
				       unsigned int g,
				       const struct perftop_key *key)
{
	struct perftop_generation *gen = &shard->gen[g];
	struct perftop_keyref *ref;
	unsigned int probe;
	u32 *slot;
	u32 index;

	if (gen->keys == shard->capacity ||
	    key->words > shard->pool_words - gen->used)
		return 0;

	for (probe = 0; probe < PROBES_MAX; probe++) {
		slot = &gen->slot[(key->hash + probe) & slot_mask(shard)];
		if (!*slot)
			break;
	}
	if (probe == PROBES_MAX)
		return 0;

	index = generation_first(shard, g) + gen->keys;
	ref = &shard->ref[index];
	ref->hash = key->hash;
	ref->offset = gen->used;
	ref->words = key->words;
	ref->account = key->account;
	memcpy(gen->pool + gen->used, key->word, key->words * sizeof(u64));
	*slot = index;
	WRITE_ONCE(gen->used, gen->used + key->words);
	WRITE_ONCE(gen->keys, gen->keys + 1);
	return index;
}

/**
 * perftop_hash_lookup() - Find the row of a key, store the key if it is new
 * @shard: the shard of the CPU this runs on
 * @key: words, their number and the account are read, the hash is written
 *
 * Context: hot path, interrupts off.
 * Return: the row's index, PERFTOP_OVERFLOW if the key has no place.
 */
__kprobes u32 perftop_hash_lookup(struct perftop_shard *shard,
				  struct perftop_key *key)
{
	unsigned int g = shard->current_gen;
	bool live;
	u32 index;

	key->hash = hash_words(key->word, key->words);

	index = generation_find(shard, g, key);
	if (index)
		return index;

	/* Pairs with the release in perftop_hash_recycle(). */
	live = smp_load_acquire(&shard->gen[!g].live);
	if (live) {
		index = generation_find(shard, !g, key);
		if (index)
			return index;
	}

	index = generation_insert(shard, g, key);
	if (!index && live && !shard->gen[!g].keys) {
		WRITE_ONCE(shard->current_gen, !g);
		index = generation_insert(shard, !g, key);
	}
	return index ? index : PERFTOP_OVERFLOW;
}

static size_t record_size(const struct perftop_table *table)
{
	return sizeof(struct perftop_record) + table->counters * sizeof(u64);
}

/**
 * perftop_hash_record() - A record by its number
 * @table: the table
 * @number: a reserved row, or PERFTOP_RESERVED and up
 *
 * Context: perftop_lock held.
 * Return: the record.
 */
struct perftop_record *perftop_hash_record(const struct perftop_table *table,
					   u32 number)
{
	return table->record + number * record_size(table);
}

static bool record_matches(const struct perftop_table *table,
			   const struct perftop_record *record,
			   const struct perftop_keyref *ref, const u64 *word)
{
	return record->hash == ref->hash && record->words == ref->words &&
	       record->account == ref->account &&
	       !memcmp(table->pool + record->offset, word,
		       ref->words * sizeof(u64));
}

static u32 *record_bucket(const struct perftop_table *table, u32 hash)
{
	return &table->bucket[hash & table->bucket_mask];
}

/* The number of a key's record; 0 if there is none. */
static u32 record_find(const struct perftop_table *table,
		       const struct perftop_keyref *ref, const u64 *word)
{
	const struct perftop_record *record;
	u32 number;

	for (number = *record_bucket(table, ref->hash); number;
	     number = record->next) {
		record = perftop_hash_record(table, number);
		if (record_matches(table, record, ref, word))
			return number;
	}
	return 0;
}

/* The same, but made if it is new; 0 if the table is full. */
static u32 record_lookup(struct perftop_table *table,
			 const struct perftop_keyref *ref, const u64 *word)
{
	u32 *bucket = record_bucket(table, ref->hash);
	struct perftop_record *record;
	u32 number = record_find(table, ref, word);

	if (number)
		return number;
	if (table->records == table->limit ||
	    ref->words > table->pool_words - table->pool_used)
		return 0;

	number = PERFTOP_RESERVED + table->records++;
	record = perftop_hash_record(table, number);
	memset(record, 0, record_size(table));
	record->hash = ref->hash;
	record->offset = table->pool_used;
	record->words = ref->words;
	record->account = ref->account;
	record->next = *bucket;
	*bucket = number;
	memcpy(table->pool + table->pool_used, word,
	       ref->words * sizeof(u64));
	table->pool_used += ref->words;
	return number;
}

/**
 * perftop_hash_find() - The record of a key
 * @table: the table
 * @word: the key's words
 * @words: how many they are
 *
 * Context: perftop_lock held.
 * Return: the record, NULL if there is none. Keys of the account RANKED only.
 */
struct perftop_record *perftop_hash_find(const struct perftop_table *table,
					 const u64 *word, unsigned int words)
{
	const struct perftop_keyref ref = {
		.hash		= hash_words(word, words),
		.words		= words,
		.account	= PERFTOP_RANKED,
	};
	u32 number = record_find(table, &ref, word);

	return number ? perftop_hash_record(table, number) : NULL;
}

static u64 *record_by_cpu(const struct perftop_table *table,
			  const struct perftop_record *record)
{
	u32 number = ((void *)record - table->record) / record_size(table);

	return table->cpu_value + (size_t)number * nr_cpu_ids;
}

/**
 * perftop_hash_by_cpu() - A record's first counter by CPU
 * @table: the table
 * @record: one of its records
 *
 * Context: perftop_lock held.
 * Return: nr_cpu_ids values, NULL if the table does not keep them.
 */
const u64 *perftop_hash_by_cpu(const struct perftop_table *table,
			       const struct perftop_record *record)
{
	return table->by_cpu ? record_by_cpu(table, record) : NULL;
}

/* The record that a row of a shard merges into. */
static struct perftop_record *row_record(struct perftop_table *table,
					 struct perftop_shard *shard,
					 u32 index)
{
	const struct perftop_keyref *ref = &shard->ref[index];
	unsigned int g;

	/* Where there was no room, 0 is the overflow record's number. */
	static_assert(PERFTOP_OVERFLOW == 0);

	if (index < PERFTOP_RESERVED)
		return perftop_hash_record(table, index);

	if (!shard->record[index]) {
		g = index >= generation_first(shard, 1);
		shard->record[index] =
			record_lookup(table, ref,
				      shard->gen[g].pool + ref->offset);
	}
	return perftop_hash_record(table, shard->record[index]);
}

/* A stamp of a time to come is older than any: the clock has begun anew. */
static void merge_row(const struct perftop_table *table,
		      struct perftop_record *record, const u64 *row, u64 now)
{
	bool later = row[0] > record->stamp || record->stamp > now;
	const u64 *value = row + 1;
	unsigned int i;

	for (i = 0; i < table->counters; i++) {
		u64 *sum = &record->counter[i];

		switch (table->merge[i]) {
		case PERFTOP_SUM:
			*sum += value[i];
			break;
		case PERFTOP_MAX:
			*sum = max(*sum, value[i]);
			break;
		case PERFTOP_OR:
			*sum |= value[i];
			break;
		case PERFTOP_LAST:
			if (later)
				*sum = value[i];
			break;
		}
	}
	if (later)
		record->stamp = row[0];
}

/**
 * perftop_hash_drain() - Merge the rows of an idle bank and empty it
 * @table: the table
 * @cpu: whose shard
 * @bank: the bank that the CPU does not add to, now and since the last hot
 *	path that did has ended
 *
 * Context: process context, perftop_lock held.
 */
void perftop_hash_drain(struct perftop_table *table, unsigned int cpu,
			unsigned int bank)
{
	struct perftop_shard *shard = table->shard[cpu];
	struct perftop_bank *b = &shard->bank[bank];
	struct perftop_record *record;
	u64 *row, now = rdtsc();
	bool is_new;
	u32 i;

	for (i = 0; i < b->n; i++) {
		row = b->row + (size_t)b->touched[i] * shard->stride;
		record = row_record(table, shard, b->touched[i]);
		is_new = !record->stamp;
		merge_row(table, record, row, now);
		if (table->by_cpu)
			record_by_cpu(table, record)[cpu] += row[1];
		if (table->drained)
			table->drained(table, cpu, record, row + 1);
		memset(row, 0, shard->stride * sizeof(u64));

		/* The reserved records have no key and no rank. */
		if (!record->words)
			continue;
		if (is_new)
			perftop_rbtop_insert(&table->top, record, table->rank);
		else
			perftop_rbtop_update(&table->top, record, table->rank);
	}
	b->n = 0;
}

/**
 * perftop_hash_discard() - Empty an idle bank without merging it
 * @table: the table
 * @cpu: whose shard
 * @bank: as for perftop_hash_drain()
 *
 * Context: process context, perftop_lock held.
 */
void perftop_hash_discard(struct perftop_table *table, unsigned int cpu,
			  unsigned int bank)
{
	struct perftop_shard *shard = table->shard[cpu];
	struct perftop_bank *b = &shard->bank[bank];
	u32 i;

	for (i = 0; i < b->n; i++)
		memset(b->row + (size_t)b->touched[i] * shard->stride, 0,
		       shard->stride * sizeof(u64));
	b->n = 0;
}

static bool generation_half_full(const struct perftop_shard *shard,
				 const struct perftop_generation *gen)
{
	return READ_ONCE(gen->keys) >= shard->capacity / 2 ||
	       READ_ONCE(gen->used) >= shard->pool_words / 2;
}

/**
 * perftop_hash_recycle() - Make room in a shard for new keys
 * @table: the table
 * @cpu: whose shard
 *
 * To be called after every drain of both banks' current contents; takes one
 * step a call. Retire: the older generation is not looked up any more. Two
 * drains later no row in use and no capture refers to it: empty it.
 *
 * Context: process context, perftop_lock held.
 * Return: true if rows were retired that somebody may have remembered.
 */
bool perftop_hash_recycle(struct perftop_table *table, unsigned int cpu)
{
	struct perftop_shard *shard = table->shard[cpu];
	unsigned int g = READ_ONCE(shard->current_gen);
	struct perftop_generation *old = &shard->gen[!g];

	if (!shard->retired) {
		if (!READ_ONCE(old->keys) ||
		    !generation_half_full(shard, &shard->gen[g]))
			return false;
		/*
		 * The CPU may have moved to the older one just now, which was
		 * empty: it is current before it has keys.
		 */
		if (READ_ONCE(shard->current_gen) != g)
			return false;
		WRITE_ONCE(old->live, false);
		WRITE_ONCE(shard->epoch, next_epoch());
		shard->retired = 1;
		return true;
	}
	if (shard->retired++ < DRAINS_TO_RECYCLE)
		return false;

	memset(old->slot, 0, shard->capacity * 2 * sizeof(u32));
	memset(shard->record + generation_first(shard, !g), 0,
	       shard->capacity * sizeof(u32));
	old->keys = 0;
	old->used = 0;
	shard->retired = 0;
	/* Pairs with the acquire in perftop_hash_lookup(). */
	smp_store_release(&old->live, true);
	return false;
}

static size_t cpu_value_bytes(const struct perftop_table *table)
{
	return ((size_t)table->limit + PERFTOP_RESERVED) * nr_cpu_ids *
	       sizeof(u64);
}

/**
 * perftop_hash_clear() - Forget all merged records
 * @table: the table
 *
 * The shards keep their keys, which are a cache of what to merge into.
 *
 * Context: process context, perftop_lock held.
 */
void perftop_hash_clear(struct perftop_table *table)
{
	unsigned int cpu;
	u32 i;

	memset(table->bucket, 0, (table->bucket_mask + 1) * sizeof(u32));
	table->records = 0;
	table->pool_used = 0;
	table->top = RB_ROOT;

	if (table->by_cpu)
		memset(table->cpu_value, 0, cpu_value_bytes(table));
	memset(table->record, 0, PERFTOP_RESERVED * record_size(table));
	for (i = 0; i < PERFTOP_RESERVED; i++)
		perftop_hash_record(table, i)->account = i;

	for_each_possible_cpu(cpu) {
		struct perftop_shard *shard = table->shard[cpu];

		memset(shard->record, 0,
		       generation_first(shard, 2) * sizeof(u32));
	}
}

/* Takes @number objects of @size at the end of what is laid out so far. */
static void *place(size_t *end, void *memory, size_t number, size_t size)
{
	void *at = memory + *end;

	*end += ALIGN(number * size, SMP_CACHE_BYTES);
	return at;
}

/* Lays a shard out in @memory; where that is NULL, says how large it is. */
static size_t shard_layout(struct perftop_shard *shard, void *memory)
{
	const size_t rows = generation_first(shard, 2);
	size_t end = 0;
	int i;

	for (i = 0; i < 2; i++) {
		struct perftop_bank *bank = &shard->bank[i];
		struct perftop_generation *gen = &shard->gen[i];

		bank->row = place(&end, memory, rows * shard->stride,
				  sizeof(*bank->row));
		bank->touched = place(&end, memory, rows,
				      sizeof(*bank->touched));
		gen->slot = place(&end, memory, shard->capacity * 2,
				  sizeof(*gen->slot));
		gen->pool = place(&end, memory, shard->pool_words,
				  sizeof(*gen->pool));
	}
	shard->ref = place(&end, memory, rows, sizeof(*shard->ref));
	shard->record = place(&end, memory, rows, sizeof(*shard->record));
	return end;
}

static void shard_measure(struct perftop_shard *shard,
			  const struct perftop_table *table, u32 capacity)
{
	shard->capacity = capacity;
	/* However few the keys, the largest one fits. */
	shard->pool_words = max_t(u32, capacity * table->key_words,
				  PERFTOP_KEY_WORDS);
	shard->stride = table->counters + 1;
}

static int shard_init(struct perftop_table *table, unsigned int cpu,
		      u32 capacity)
{
	struct perftop_shard *shard;
	size_t size;

	shard = kzalloc_node(sizeof(*shard), GFP_KERNEL, cpu_to_node(cpu));
	if (!shard)
		return -ENOMEM;
	table->shard[cpu] = shard;

	shard_measure(shard, table, capacity);
	size = shard_layout(shard, NULL);
	shard->memory = vzalloc_node(size, cpu_to_node(cpu));
	if (!shard->memory)
		return -ENOMEM;
	shard_layout(shard, shard->memory);
	shard->gen[0].live = true;
	shard->gen[1].live = true;
	shard->epoch = next_epoch();
	table->bytes += sizeof(*shard) + size;
	return 0;
}

static u64 ram_bytes(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

static int records_init(struct perftop_table *table)
{
	const unsigned int limit = table->limit;
	size_t records, buckets, pool, by_cpu;

	table->bucket_mask = roundup_pow_of_two(limit) - 1;
	table->pool_words = max_t(u64, (u64)limit * table->key_words,
				  PERFTOP_KEY_WORDS);

	records = (limit + PERFTOP_RESERVED) * record_size(table);
	buckets = (table->bucket_mask + 1) * sizeof(u32);
	pool = table->pool_words * sizeof(u64);
	by_cpu = table->by_cpu ? cpu_value_bytes(table) : 0;
	table->bytes += records + buckets + pool + by_cpu;
	if (table->bytes > ram_bytes() / RAM_REFUSE) {
		pr_err("%s: table=%u takes %zu MiB, more than 1/%d of memory\n",
		       table->name, limit, table->bytes >> 20, RAM_REFUSE);
		return -ENOMEM;
	}

	table->record = vzalloc(records);
	table->bucket = vzalloc(buckets);
	table->pool = vzalloc(pool);
	if (table->time) {
		table->sums = kcalloc(nr_cpu_ids, sizeof(*table->sums),
				      GFP_KERNEL);
		if (!table->sums)
			return -ENOMEM;
		table->bytes += nr_cpu_ids * sizeof(*table->sums);
	}
	if (by_cpu) {
		table->cpu_value = vzalloc(by_cpu);
		if (!table->cpu_value)
			return -ENOMEM;
	}
	return table->record && table->bucket && table->pool ? 0 : -ENOMEM;
}

/* The largest shards that together keep to their part of RAM. */
static u32 fitting_capacity(const struct perftop_table *table)
{
	u64 ram = ram_bytes() / RAM_SHRINK;
	u32 limit = roundup_pow_of_two(table->limit);
	u32 capacity = clamp_t(u32, limit, SHARD_KEYS_MIN,
			       max_t(u32, SHARD_KEYS, limit / 8));
	struct perftop_shard shard = {};

	for (; capacity > SHARD_KEYS_MIN; capacity /= 2) {
		shard_measure(&shard, table, capacity);
		if (num_possible_cpus() * (u64)shard_layout(&shard, NULL) <= ram)
			break;
	}
	return capacity;
}

/**
 * perftop_hash_init() - Take all memory of a table
 * @table: all but the private fields is set, and bytes to what the caller
 *	takes besides
 *
 * Bytes, with r = 8 * (1 + counters) for a row, c keys a generation, and
 * k = 8 * key_words for a key's words on average (128 for a stack's):
 *
 *   merged table	limit * (48 + 8 * counters + k) +
 *			4 * limit rounded up to a power of two
 *			and with by_cpu limit * 8 * possible CPUs
 *   each CPU		2c * (2r + 2 * 4 + 8 + k + 16)
 *
 * c is 2048, or an eighth of the limit if that is more, or the limit if that is
 * less, as a power of two; it is halved until all CPUs' together keep to one
 * 64th of RAM, but not below 16. @table->bytes says what was taken, to the byte.
 *
 * Context: process context.
 * Return: 0 or -ENOMEM, where too large a table has its line in the log;
 *	perftop_hash_exit() is called in either case.
 */
int perftop_hash_init(struct perftop_table *table)
{
	unsigned int cpu;
	u32 capacity;
	int err;

	/* Odd, so that it is taken once: other tables may be in use. */
	if (!seed)
		seed = get_random_u32() | 1;

	table->shard = kcalloc(nr_cpu_ids, sizeof(*table->shard), GFP_KERNEL);
	if (!table->shard)
		return -ENOMEM;
	table->bytes += nr_cpu_ids * sizeof(*table->shard);

	err = records_init(table);
	if (err)
		return err;

	capacity = fitting_capacity(table);
	for_each_possible_cpu(cpu) {
		err = shard_init(table, cpu, capacity);
		if (err)
			return err;
	}
	perftop_hash_clear(table);
	return 0;
}

/**
 * perftop_hash_exit() - Give back all memory of a table
 * @table: whatever perftop_hash_init() left of it
 *
 * Context: process context; nothing may add to the table any more.
 */
void perftop_hash_exit(struct perftop_table *table)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!table->shard || !table->shard[cpu])
			continue;
		vfree(table->shard[cpu]->memory);
		kfree(table->shard[cpu]);
	}
	kfree(table->shard);
	kfree(table->sums);
	vfree(table->record);
	vfree(table->bucket);
	vfree(table->pool);
	vfree(table->cpu_value);
	table->shard = NULL;
	table->sums = NULL;
	table->record = NULL;
	table->bucket = NULL;
	table->pool = NULL;
	table->cpu_value = NULL;
	table->bytes = 0;
}
