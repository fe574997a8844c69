// SPDX-License-Identifier: GPL-2.0
/*
 * The table: key -> counters. Per-CPU shards that are added to without a lock,
 * and the drain between them and the merged table (engine/merged_records.c). The
 * essay in perftop.h says how the parts fit.
 *
 * What is full is never lost: a key that finds no place in a shard gets the row
 * of its account, if that has one, or the overflow's.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irq_work.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
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

#include "engine/merged_records.h"
#include "engine/table.h"
#include "hash.h"
#include "perftop.h"
#include "rbtop.h"

/*
 * Bounds of a shard: keys a generation, slots probed. A table of more than eight
 * times SHARD_KEYS has larger ones.
 */
#define SHARD_KEYS_MIN		16
#define SHARD_KEYS		2048
#define PROBES_MAX		64

/* What it takes to merge a row, in words of a key that are looked up. */
#define ROW_WORK	16

/*
 * Memory limits: shards shrink until those of all tables keep to the first part of
 * RAM, and a merged table that is larger than the second is refused.
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

/* Queued by a CPU when one of its shards is half full; drain.c says what it does. */
DEFINE_PER_CPU(struct irq_work, perftop_half_full);

static __always_inline bool half_full(const struct perftop_shard *shard,
				      const struct perftop_generation *gen)
{
	return READ_ONCE(gen->keys) >= shard->capacity / 2 ||
	       READ_ONCE(gen->used) >= shard->pool_words / 2;
}

/* Where the other generation has keys, it is time to retire it. */
static __kprobes void ask_for_drain(struct perftop_shard *shard, unsigned int g)
{
	if (READ_ONCE(shard->asked) || !READ_ONCE(shard->gen[!g].keys) ||
	    !half_full(shard, &shard->gen[g]))
		return;
	WRITE_ONCE(shard->asked, true);
	irq_work_queue(this_cpu_ptr(&perftop_half_full));
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
	ask_for_drain(shard, g);
	return index;
}

/* Where the time of a key counts that finds no place. */
static __always_inline u32 homeless(u8 account)
{
	return account < PERFTOP_RESERVED ? account : PERFTOP_OVERFLOW;
}

/**
 * perftop_shard_lookup() - Find the row of a key, store the key if it is new
 * @shard: the shard of the CPU this runs on
 * @key: words, their number and the account are read, the hash is written
 *
 * Context: hot path, interrupts off.
 * Return: the row's index, a reserved one if the key has no place.
 */
__kprobes u32 perftop_shard_lookup(struct perftop_shard *shard,
				   struct perftop_key *key)
{
	unsigned int g = shard->current_gen;
	bool live;
	u32 index;

	if (unlikely(!shard->capacity))
		return homeless(key->account);
	key->hash = hash_words(key->word, key->words);

	index = generation_find(shard, g, key);
	if (index)
		return index;

	/* Pairs with the release in perftop_table_recycle(). */
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
	return index ? index : homeless(key->account);
}

/* The id of the record that a key of a shard merges into; 0: no room. */
static u64 key_record(struct perftop_table *table,
		      const struct perftop_shard *shard, u32 index)
{
	const struct perftop_keyref *ref = &shard->ref[index];
	const u64 *word = perftop_shard_key(shard, index);
	struct perftop_keyref settled = *ref;
	/* Guarded by perftop_lock. */
	static u64 copy[PERFTOP_KEY_WORDS];

	if (!table->settle)
		return perftop_record_lookup(table, ref, word);
	memcpy(copy, word, ref->words * sizeof(u64));
	table->settle(copy);
	settled.hash = hash_words(copy, ref->words);
	return perftop_record_lookup(table, &settled, copy);
}

/* The record that a row of a shard merges into; adds what it takes to find it. */
static struct perftop_record *row_record(struct perftop_table *table,
					 struct perftop_shard *shard,
					 u32 index, unsigned int *work)
{
	struct perftop_record *record;

	if (index < PERFTOP_RESERVED)
		return perftop_record_at(table, index);

	record = perftop_record_of(table, shard->record[index]);
	if (!record) {
		*work += shard->ref[index].words;
		shard->record[index] = key_record(table, shard, index);
		record = perftop_record_of(table, shard->record[index]);
	}
	return record ? : perftop_record_at(table,
					    homeless(shard->ref[index].account));
}

/*
 * A stamp of a time to come is older than any: the clock has begun anew. A row
 * that is stamped as PERFTOP_UNSEEN has nothing to say of what was seen last.
 */
static void merge_row(const struct perftop_table *table,
		      struct perftop_record *record, const u64 *row, u64 now)
{
	const bool later = row[0] != PERFTOP_UNSEEN &&
			   (row[0] > record->stamp || record->stamp > now);

	record->high += perftop_record_merge(table, record->counter, row + 1,
					     later);
	if (later || !record->stamp)
		record->stamp = row[0];
}

static void merge_into_record(struct perftop_table *table, unsigned int cpu,
			      struct perftop_record *record, const u64 *row,
			      u64 now)
{
	const bool is_new = !record->stamp;

	perftop_record_change(table, record);
	merge_row(table, record, row, now);
	if (table->by_cpu)
		perftop_record_by_cpu(table, record)[cpu] += row[1];
	/* The first records have no key and no rank. */
	if (!record->words)
		return;
	if (is_new)
		perftop_rbtop_insert(&table->top, record, table->rank);
	else
		perftop_rbtop_update(&table->top, record, table->rank);
}

/* Merges a row of a bank and empties it; returns how much work that was. */
static unsigned int drain_row(struct perftop_table *table, unsigned int cpu,
			      struct perftop_bank *bank, u32 index, u64 now)
{
	struct perftop_shard *shard = table->shard[cpu];
	u64 *row = bank->row + (size_t)index * shard->stride;
	const u64 moved = table->moved;
	struct perftop_record *record;
	unsigned int work = ROW_WORK;

	record = row_record(table, shard, index, &work);
	merge_into_record(table, cpu, record, row, now);
	if (table->drained)
		table->drained(table, cpu, record, row + 1);
	memset64(row, 0, shard->stride);
	return work + (table->moved - moved) * ROW_WORK;
}

/**
 * perftop_table_drain() - Merge rows of an idle bank and empty it
 * @table: the table
 * @cpu: whose shard
 * @bank: the bank that the CPU does not add to, now and since the last hot
 *	path that did has ended
 * @work: how much at the most, but for what the last row takes: that is ROW_WORK
 *	for a row, and for a record that is given up, and one for each word of a key
 *	that is looked up
 *
 * Context: process context, perftop_lock held.
 * Return: how much less than @work it was; 0: there may be more rows.
 */
unsigned int perftop_table_drain(struct perftop_table *table, unsigned int cpu,
				 unsigned int bank, unsigned int work)
{
	struct perftop_bank *b = &table->shard[cpu]->bank[bank];
	const u64 now = rdtsc();
	unsigned int done;

	while (b->merged < b->n && work) {
		done = drain_row(table, cpu, b, b->touched[b->merged++], now);
		work -= min(work, done);
	}
	if (b->merged == b->n) {
		b->n = 0;
		b->merged = 0;
	}
	return work;
}

/**
 * perftop_table_discard() - Empty an idle bank without merging it
 * @table: the table
 * @cpu: whose shard
 * @bank: as for perftop_table_drain()
 *
 * Context: process context, perftop_lock held.
 */
void perftop_table_discard(struct perftop_table *table, unsigned int cpu,
			   unsigned int bank)
{
	struct perftop_shard *shard = table->shard[cpu];
	struct perftop_bank *b = &shard->bank[bank];
	u32 i;

	for (i = 0; i < b->n; i++)
		memset64(b->row + (size_t)b->touched[i] * shard->stride, 0,
			 shard->stride);
	b->n = 0;
	b->merged = 0;
}

/**
 * perftop_table_recycle() - Make room in a shard for new keys
 * @table: the table
 * @cpu: whose shard
 * @flips: how often its banks have been flipped
 *
 * To be called when the idle bank is empty. Retire: the older generation is not
 * looked up any more. Two flips later, when what they left idle is merged, no row
 * in use and no capture refers to it: empty it.
 *
 * Context: process context, perftop_lock held.
 * Return: true if rows were retired that somebody may have remembered.
 */
bool perftop_table_recycle(struct perftop_table *table, unsigned int cpu,
			   u32 flips)
{
	struct perftop_shard *shard = table->shard[cpu];
	unsigned int g = READ_ONCE(shard->current_gen);
	struct perftop_generation *old = &shard->gen[!g];

	if (!shard->retired) {
		WRITE_ONCE(shard->asked, false);
		if (!READ_ONCE(old->keys) || !half_full(shard, &shard->gen[g]))
			return false;
		/*
		 * The CPU may have moved to the older one just now, which was
		 * empty: it is current before it has keys.
		 */
		if (READ_ONCE(shard->current_gen) != g)
			return false;
		WRITE_ONCE(old->live, false);
		WRITE_ONCE(shard->epoch, next_epoch());
		shard->retired = true;
		shard->retired_at = flips;
		return true;
	}
	if (flips - shard->retired_at < PERFTOP_FLIPS_TO_RECYCLE)
		return false;

	memset(old->slot, 0, shard->capacity * 2 * sizeof(u32));
	memset(shard->record + generation_first(shard, !g), 0,
	       shard->capacity * sizeof(*shard->record));
	old->keys = 0;
	old->used = 0;
	shard->retired = false;
	/* Pairs with the acquire in perftop_shard_lookup(). */
	smp_store_release(&old->live, true);
	return false;
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
	shard->pool_words = capacity ? max_t(u32, capacity * table->key_words,
					     PERFTOP_KEY_WORDS) : 0;
	shard->stride = table->counters + 1;
}

/* Gives a shard its memory, and the keys and rows that have room there. */
static int shard_make(struct perftop_shard *shard, struct perftop_table *table,
		      unsigned int cpu, u32 capacity)
{
	size_t size;

	shard_measure(shard, table, capacity);
	size = shard_layout(shard, NULL);
	shard->memory = vzalloc_node(size, cpu_to_node(cpu));
	if (!shard->memory)
		return -ENOMEM;
	shard_layout(shard, shard->memory);
	shard->gen[0].live = true;
	shard->gen[1].live = true;
	shard->epoch = next_epoch();
	table->bytes += size;
	return 0;
}

/* A CPU that is not there needs the rows of the accounts alone. */
static int shard_init(struct perftop_table *table, unsigned int cpu)
{
	struct perftop_shard *shard;

	shard = kzalloc_node(sizeof(*shard), GFP_KERNEL, cpu_to_node(cpu));
	if (!shard)
		return -ENOMEM;
	table->shard[cpu] = shard;
	table->bytes += sizeof(*shard);
	return shard_make(shard, table, cpu, 0);
}

/* What has been added to the accounts goes on there. */
static void bank_move(struct perftop_bank *to, const struct perftop_bank *from,
		      u32 stride)
{
	memcpy(to->row, from->row, PERFTOP_RESERVED * stride * sizeof(*to->row));
	memcpy(to->touched, from->touched, from->n * sizeof(*to->touched));
	to->n = from->n;
	to->merged = from->merged;
}

/**
 * perftop_table_add_cpu() - Take the memory for a CPU's keys, if it has none
 * @table: the table
 * @cpu: which
 *
 * Context: process context, perftop_lock held or nobody uses the table; the CPU
 *	does not run, or adds nothing to it yet.
 * Return: 0, or -ENOMEM where none is to be had: then its keys find no place.
 */
int perftop_table_add_cpu(struct perftop_table *table, unsigned int cpu)
{
	struct perftop_shard *shard = table->shard[cpu];
	struct perftop_shard larger = {};
	int err, i;

	if (shard->capacity)
		return 0;
	err = shard_make(&larger, table, cpu, table->capacity);
	if (err)
		return err;
	for (i = 0; i < 2; i++)
		bank_move(&larger.bank[i], &shard->bank[i], larger.stride);
	vfree(shard->memory);
	table->bytes -= shard_layout(shard, NULL);
	*shard = larger;
	return 0;
}

static u64 ram_bytes(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

static int records_init(struct perftop_table *table)
{
	table->bytes += perftop_records_measure(table);
	if (table->bytes > ram_bytes() / RAM_REFUSE) {
		pr_err("%s: table=%u takes %zu MiB, more than 1/%d of memory\n",
		       table->name, table->limit, table->bytes >> 20,
		       RAM_REFUSE);
		return -ENOMEM;
	}
	return perftop_records_init(table);
}

/* Bytes that all CPUs' shards of all tables may come to; one table at a time. */
static u64 promised;

static size_t all_shards(const struct perftop_table *table, u32 capacity)
{
	struct perftop_shard shard = {};

	shard_measure(&shard, table, capacity);
	return num_possible_cpus() * shard_layout(&shard, NULL);
}

/* The largest shards of which all CPUs' keep to half of what is left. */
static u32 fitting_capacity(const struct perftop_table *table)
{
	const u64 ram = ram_bytes() / RAM_SHRINK;
	const u64 left = ram - min(ram, promised);
	u32 limit = roundup_pow_of_two(table->limit);
	u32 capacity = clamp_t(u32, limit, SHARD_KEYS_MIN,
			       max_t(u32, SHARD_KEYS, limit / 8));

	while (capacity > SHARD_KEYS_MIN &&
	       all_shards(table, capacity) > left / 2)
		capacity /= 2;
	return capacity;
}

/**
 * perftop_table_init() - Take all memory of a table
 * @table: all but the private fields is set, and bytes to what the caller
 *	takes besides
 *
 * Bytes, with r = 8 * (1 + counters) for a row, c keys a generation, k =
 * 8 * key_words for a key's words on average (136 for a stack's), and b blocks of
 * four words, or of key_words if they are fewer, for as many (5 for a stack's):
 *
 *   merged table	limit * (64 + 8 * counters + 36 * b) +
 *			4 * limit rounded up to a power of two
 *			and with by_cpu limit * 8 * possible CPUs
 *   each CPU that is or was online
 *			2c * (2r + 2 * 4 + 8 + k + 20)
 *
 * c is 2048, or an eighth of the limit if that is more, or the limit if that is
 * less, as a power of two; it is halved until all CPUs' together take no more than
 * half of what the tables before have left of one 64th of RAM, but not below 16.
 * @table->bytes says what was taken, to the byte. No CPU has memory for keys until
 * perftop_table_add_cpu().
 *
 * Context: process context.
 * Return: 0 or -ENOMEM, where too large a table has its line in the log;
 *	perftop_table_exit() is called in either case.
 */
int perftop_table_init(struct perftop_table *table)
{
	unsigned int cpu;
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

	table->capacity = fitting_capacity(table);
	promised += all_shards(table, table->capacity);
	for_each_possible_cpu(cpu) {
		err = shard_init(table, cpu);
		if (err)
			return err;
	}
	return 0;
}

/**
 * perftop_table_exit() - Give back all memory of a table
 * @table: whatever perftop_table_init() left of it
 *
 * Context: process context; nothing may add to the table any more.
 */
void perftop_table_exit(struct perftop_table *table)
{
	unsigned int cpu;

	if (table->capacity)
		promised -= all_shards(table, table->capacity);
	table->capacity = 0;
	for_each_possible_cpu(cpu) {
		if (!table->shard || !table->shard[cpu])
			continue;
		vfree(table->shard[cpu]->memory);
		kfree(table->shard[cpu]);
	}
	kfree(table->shard);
	perftop_records_exit(table);
	table->shard = NULL;
	table->bytes = 0;
}
