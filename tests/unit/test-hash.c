// SPDX-License-Identifier: GPL-2.0
/*
 * The table, from a key that a CPU looks up to the merged and ordered records,
 * beside a model that knows nothing of shards, hashes or generations: one
 * array of counters by the key's number.
 */
#include "test.h"
#include "table.h"

#include <linux/irq_work.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "hash.h"
#include "rbtop.h"

enum counter { TICKS, LONGEST, BITS, LAST, COUNTERS };

static const u8 merge[COUNTERS] = {
	[TICKS]		= PERFTOP_SUM,
	[LONGEST]	= PERFTOP_MAX,
	[BITS]		= PERFTOP_OR,
	[LAST]		= PERFTOP_LAST,
};

#define KEYS	60000

/* Rows to be drained. */
#define ALL	UINT_MAX

struct value {
	u64	stamp;
	u64	counter[COUNTERS];
};

static struct perftop_table table;
static unsigned int bank[SHIM_CPU_IDS];
static u32 flips;
static u64 now;

/* The model: all there is since the start or the last reset. */
static struct value model[KEYS];
static struct value model_reserved[PERFTOP_RESERVED];

/* What the table said of each row that it merged. */
static u64 told[SHIM_CPU_IDS];
static u64 model_told[SHIM_CPU_IDS];

static void drained(struct perftop_table *table, unsigned int cpu,
		    const struct perftop_record *record, const u64 *counter)
{
	told[cpu] += counter[TICKS];
}

static int init(unsigned int limit)
{
	table = (struct perftop_table){
		.name = "test",
		.merge = merge,
		.counters = COUNTERS,
		.rank = TICKS,
		.key_words = 16,
		.limit = limit,
		.drained = drained,
	};
	return table_init(&table);
}

static void start(unsigned int limit)
{
	assert_int_equal(init(limit), 0);
}

/* What all CPUs' shards take for so many keys a generation. */
static size_t shards_bytes(unsigned int capacity)
{
	const size_t row = 8 * (1 + COUNTERS);

	return num_possible_cpus() * (size_t)2 * capacity *
	       (2 * row + 2 * 4 + 8 + 8 * 16 + 20);
}

static int setup(void **state)
{
	memset(model, 0, sizeof(model));
	memset(model_reserved, 0, sizeof(model_reserved));
	memset(told, 0, sizeof(told));
	memset(model_told, 0, sizeof(model_told));
	memset(bank, 0, sizeof(bank));
	table_begin();
	/* However large the table, the shards are as small as the default's. */
	shim_ram_pages = shards_bytes(2048) * 128 / PAGE_SIZE + 200;
	shim_fail_at = 0;
	shim_logged = 0;
	shim_irq_works = 0;
	now = 1000;
	return 0;
}

static int teardown(void **state)
{
	table_end(&table);
	return 0;
}

/*
 * The key of a number. Two numbers that differ in the last bit alone have the
 * same words, and another account; the rest of the number is one word among
 * zeros, so that keys are alike but for that word and their length.
 */
static void make_key(struct perftop_key *key, unsigned int number)
{
	const unsigned int id = number / 2 + 1;

	memset(key, 0, sizeof(*key));
	key->words = id % 50 ? 1 + id % 9 : PERFTOP_KEY_WORDS;
	key->account = number % 2 ? PERFTOP_IDLE : PERFTOP_RANKED;
	key->word[id % key->words] = id;
}

/* The number of a record's key, which has to be exactly that key. */
static unsigned int number_of(const struct perftop_record *record)
{
	static u64 word[PERFTOP_KEY_WORDS];
	struct perftop_key key;
	unsigned int i, number;

	perftop_record_copy_key(&table, record, word);
	for (i = 0; i < record->words && !word[i]; i++)
		;
	assert_true(i < record->words && word[i] <= KEYS / 2);
	number = 2 * (word[i] - 1) + (record->account == PERFTOP_IDLE);

	make_key(&key, number);
	assert_int_equal(record->words, key.words);
	assert_int_equal(record->account, key.account);
	assert_memory_equal(word, key.word, key.words * sizeof(u64));
	return number;
}

/* No place was found: then it is the row of the account, or the overflow's. */
static bool is_lost(unsigned int number, u32 index)
{
	if (index >= PERFTOP_RESERVED)
		return false;
	assert_int_equal(index, number % 2 ? PERFTOP_IDLE : PERFTOP_OVERFLOW);
	return true;
}

static u32 lookup(unsigned int cpu, unsigned int number)
{
	struct perftop_key key;

	make_key(&key, number);
	return perftop_shard_lookup(table.shard[cpu], &key);
}

static void add_value(struct value *v, u64 ticks, u64 bits, u64 last)
{
	v->counter[TICKS] += ticks;
	if (v->counter[LONGEST] < ticks)
		v->counter[LONGEST] = ticks;
	v->counter[BITS] |= bits;
	v->counter[LAST] = last;
	v->stamp = now;
}

/* The hot path: no more than it does. */
static void charge_row(unsigned int cpu, u32 index, u64 ticks, u64 bits)
{
	u64 *counter = perftop_shard_row(table.shard[cpu], bank[cpu], index,
					 ++now);

	counter[TICKS] += ticks;
	if (counter[LONGEST] < ticks)
		counter[LONGEST] = ticks;
	counter[BITS] |= bits;
	counter[LAST] = now * 3;
}

/* Charges to a row that was found for a key, in table and model. */
static void charge(unsigned int cpu, u32 index, unsigned int number, u64 ticks)
{
	u64 bits = BIT_ULL(ticks % 64);

	assert_true(number < KEYS);
	charge_row(cpu, index, ticks, bits);
	add_value(index < PERFTOP_RESERVED ? &model_reserved[index] :
					     &model[number],
		  ticks, bits, now * 3);
	model_told[cpu] += ticks;
}

static u32 add(unsigned int cpu, unsigned int number, u64 ticks)
{
	u32 index = lookup(cpu, number);

	charge(cpu, index, number, ticks);
	return index;
}

/* As drain.c does it: all CPUs flip, then what is idle is merged. */
static void drain(void)
{
	unsigned int cpu;

	flips++;
	for_each_possible_cpu(cpu)
		bank[cpu] = !bank[cpu];
	for_each_possible_cpu(cpu) {
		perftop_table_drain(&table, cpu, !bank[cpu], ALL);
		perftop_table_recycle(&table, cpu, flips);
	}
}

static struct perftop_record *find(unsigned int number)
{
	struct perftop_record *record;
	u32 i;

	for (i = 0; i < table.begun; i++) {
		record = perftop_record_at(&table, PERFTOP_FIRST_RECORD + i);
		if (!record->id)
			continue;
		if (number_of(record) == number)
			return record;
	}
	return NULL;
}

static void check_counters(const struct perftop_record *record,
			   const struct value *v)
{
	assert_int_equal(record->stamp, v->stamp);
	assert_memory_equal(record->counter, v->counter, sizeof(v->counter));
}

/* Each record is the model's, and each of the model's is a record. */
static void check_records(void)
{
	static bool seen[KEYS];
	struct perftop_record *record;
	unsigned int i, number, charged = 0;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < table.begun; i++) {
		record = perftop_record_at(&table, PERFTOP_FIRST_RECORD + i);
		if (!record->id)
			continue;
		number = number_of(record);
		assert_false(seen[number]);
		seen[number] = true;
		check_counters(record, &model[number]);
	}
	for (i = 0; i < KEYS; i++)
		charged += !!model[i].stamp;
	assert_int_equal(table.records, charged);

	for (i = 0; i < PERFTOP_RESERVED; i++) {
		record = perftop_record_at(&table, i);
		assert_int_equal(record->account, i);
		assert_int_equal(record->words, 0);
		check_counters(record, &model_reserved[i]);
	}
}

/* The ranking has every record, the greatest first. */
static void check_ranking(void)
{
	const struct perftop_record *record = perftop_rbtop_first(&table.top);
	u64 ticks = ~0ULL;
	u32 n = 0;

	for (; record; record = perftop_rbtop_next(record)) {
		assert_true(record->counter[TICKS] <= ticks);
		assert_true(record->words);
		ticks = record->counter[TICKS];
		n++;
	}
	assert_int_equal(n, table.records);
}

static void check_told(void)
{
	assert_memory_equal(told, model_told, sizeof(told));
}

static void check(void)
{
	check_records();
	check_ranking();
	check_told();
}

static u64 merged_ticks(void)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < PERFTOP_FIRST_RECORD + table.begun; i++) {
		const struct perftop_record *record =
			perftop_record_at(&table, i);

		if (i < PERFTOP_FIRST_RECORD || record->id)
			sum += record->counter[TICKS];
	}
	return sum;
}

/* Tests */

static void hash_one_key(void **state)
{
	u32 index;

	start(1024);
	index = add(0, 7, 100);
	assert_true(index >= PERFTOP_RESERVED);
	assert_int_equal(add(0, 7, 50), index);
	drain();
	check();
	assert_int_equal(find(7)->counter[TICKS], 150);
	assert_int_equal(find(7)->counter[LONGEST], 100);
}

/* Nothing is merged twice, and nothing before its bank is idle. */
static void hash_drain_empties(void **state)
{
	start(1024);
	add(0, 1, 10);
	assert_int_equal(table.records, 0);
	drain();
	check();
	add(0, 1, 5);
	assert_int_equal(find(1)->counter[TICKS], 10);
	drain();
	drain();
	drain();
	check();
}

/* The two banks of a CPU do not see each other. */
static void hash_banks_are_apart(void **state)
{
	start(1024);
	add(0, 1, 10);
	bank[0] = 1;
	add(0, 1, 20);
	add(0, 2, 30);
	perftop_table_drain(&table, 0, 0, ALL);
	assert_int_equal(merged_ticks(), 10);
	perftop_table_drain(&table, 0, 1, ALL);
	assert_int_equal(merged_ticks(), 60);
	check();
}

/* The work that new rows are, or those that are known. */
static unsigned int work_of(unsigned int rows, bool known)
{
	struct perftop_key key;
	unsigned int i, work = 0;

	for (i = 0; i < rows; i++) {
		make_key(&key, 2 * i);
		work += 16 + (known ? 0 : key.words);
	}
	return work;
}

static void add_some(unsigned int rows)
{
	unsigned int i;

	for (i = 0; i < rows; i++)
		add(0, 2 * i, 10);
}

/* As many rows as there is work for, and the last one whole. */
static void hash_drains_so_much(void **state)
{
	const struct perftop_bank *b;

	start(1024);
	b = &table.shard[0]->bank[0];
	add_some(200);
	assert_int_equal(perftop_table_drain(&table, 0, 0, 0), 0);
	assert_int_equal(b->merged, 0);
	assert_int_equal(perftop_table_drain(&table, 0, 0, 1), 0);
	assert_int_equal(b->merged, 1);
	assert_int_equal(perftop_table_drain(&table, 0, 0, work_of(100, false) -
					     work_of(1, false)), 0);
	assert_int_equal(b->merged, 100);
	assert_int_equal(b->n, 200);
	assert_int_equal(perftop_table_drain(&table, 0, 0, work_of(200, false)),
			 work_of(100, false));
	assert_int_equal(b->merged | b->n, 0);
	check();
	/* No key is looked up again, and the reserved rows have none. */
	add_some(200);
	charge(0, PERFTOP_OVERFLOW, 0, 3);
	assert_int_equal(perftop_table_drain(&table, 0, 0, work_of(70, true)), 0);
	assert_int_equal(b->merged, 70);
	assert_int_equal(perftop_table_drain(&table, 0, 0, 5000),
			 5000 - 131 * 16);
	check();
}

/* What is given up for it is part of the work. */
static void hash_drains_what_is_full(void **state)
{
	start(32);
	add_some(32);
	perftop_table_drain(&table, 0, 0, ALL);
	assert_int_equal(table.moved, 0);
	/* Its key has one word, and two records go at once. */
	add(0, 2 * 80, 1);
	assert_int_equal(perftop_table_drain(&table, 0, 0, 1000),
			 1000 - 16 - 1 - 2 * 16);
	add(0, 2 * 81, 1);
	add(0, 2 * 82, 1);
	assert_int_equal(perftop_table_drain(&table, 0, 0, 1000),
			 1000 - 16 - 2 - 16 - 3 - 2 * 16);
	assert_int_equal(table.moved, 4);
}

static void hash_merges_cpus(void **state)
{
	unsigned int cpu;

	start(1024);
	for_each_possible_cpu(cpu) {
		add(cpu, 3, 100 + cpu);
		add(cpu, 100 + cpu, 5);
	}
	drain();
	check();
	assert_int_equal(table.records, 5);
}

static void all_rules(u64 *row, u64 value)
{
	unsigned int i;

	for (i = 0; i < COUNTERS; i++)
		row[i] = value;
}

static void hash_merge_rules(void **state)
{
	const struct perftop_record *record;

	start(1024);
	all_rules(perftop_shard_row(table.shard[0], 0, lookup(0, 1), 10), 6);
	drain();
	all_rules(perftop_shard_row(table.shard[0], 1, lookup(0, 1), 20), 3);
	drain();
	record = find(1);
	assert_int_equal(record->counter[TICKS], 9);
	assert_int_equal(record->counter[LONGEST], 6);
	assert_int_equal(record->counter[BITS], 7);
	assert_int_equal(record->counter[LAST], 3);
	assert_int_equal(record->stamp, 20);
}

/* CPU 1's row is the later one, and is merged after CPU 3's or before it. */
static void hash_last_follows_the_stamp(void **state)
{
	start(1024);
	all_rules(perftop_shard_row(table.shard[1], 0, lookup(1, 1), 30), 5);
	all_rules(perftop_shard_row(table.shard[3], 0, lookup(3, 1), 20), 9);
	drain();
	assert_int_equal(find(1)->counter[LAST], 5);
	assert_int_equal(find(1)->stamp, 30);
	all_rules(perftop_shard_row(table.shard[1], 1, lookup(1, 1), 40), 2);
	all_rules(perftop_shard_row(table.shard[3], 1, lookup(3, 1), 50), 1);
	drain();
	assert_int_equal(find(1)->counter[LAST], 1);
	assert_int_equal(find(1)->stamp, 50);
}

/* After a sleep the clock may begin anew; what is seen then is the later. */
static void hash_last_follows_a_clock_begun_anew(void **state)
{
	start(1024);
	all_rules(perftop_shard_row(table.shard[1], 0, lookup(1, 1), 30000), 5);
	drain();
	shim_clock[0] = 1000;
	all_rules(perftop_shard_row(table.shard[1], 1, lookup(1, 1), 900), 9);
	drain();
	assert_int_equal(find(1)->counter[LAST], 9);
	assert_int_equal(find(1)->stamp, 900);
	all_rules(perftop_shard_row(table.shard[3], 0, lookup(3, 1), 800), 2);
	drain();
	assert_int_equal(find(1)->counter[LAST], 9);
}

static void hash_reserved_rows(void **state)
{
	u32 i;

	start(1024);
	for (i = 0; i < PERFTOP_RESERVED; i++)
		charge(0, i, 0, 10 + i);
	drain();
	check();
	assert_null(perftop_rbtop_first(&table.top));
}

/* Two keys are one only if all is equal, with whatever hash. */
static void keys_apart(struct perftop_key *a, struct perftop_key *b)
{
	struct perftop_shard *shard = table.shard[0];
	u32 index = perftop_shard_lookup(shard, a);

	assert_int_not_equal(perftop_shard_lookup(shard, b), index);
	assert_int_equal(perftop_shard_lookup(shard, a), index);
	perftop_shard_row(shard, bank[0], index, 1)[TICKS] += 1;
	perftop_shard_row(shard, bank[0], perftop_shard_lookup(shard, b),
			  1)[TICKS] += 1;
	drain();
	assert_int_equal(table.records, 2);
	perftop_records_clear(&table);
}

static void whole_key(u32 mask)
{
	struct perftop_key a = { .words = 5, .account = PERFTOP_RANKED,
				 .word = { 1, 2, 3, 4, 5 } };
	struct perftop_key b;
	unsigned int i;

	shim_jhash_mask = mask;
	start(1024);
	for (i = 0; i < 5; i++) {
		b = a;
		b.word[i] ^= 1;
		keys_apart(&a, &b);
		b.word[i] = a.word[i] ^ 1ULL << 63;
		keys_apart(&a, &b);
	}
	/* One begins with the other. */
	b = a;
	b.words = 6;
	keys_apart(&a, &b);
	keys_apart(&b, &a);
	b = a;
	b.account = PERFTOP_IDLE;
	keys_apart(&a, &b);
}

static void hash_whole_key_decides(void **state)
{
	whole_key(~0U);
}

static void hash_whole_key_decides_on_equal_hashes(void **state)
{
	whole_key(0);
}

/* What is behind the words in use makes no difference. */
static void hash_only_the_key_decides(void **state)
{
	struct perftop_key key = { .words = 2, .account = PERFTOP_RANKED,
				   .word = { 1, 2, 3 } };
	u32 index;

	start(1024);
	index = perftop_shard_lookup(table.shard[0], &key);
	key.word[2] = 4;
	key.hash = 0;
	assert_int_equal(perftop_shard_lookup(table.shard[0], &key), index);
}

/*
 * Keys that whoever knows jhash has aimed at one slot.
 * Return: how many of 500 found room.
 */
static unsigned int aim(u32 seed)
{
	const u32 slots = 2 * 1024;
	struct perftop_key key = { .words = 2, .account = PERFTOP_RANKED };
	unsigned int aimed = 0, found = 0;

	start(1024);
	assert_int_equal(table.shard[0]->capacity, 1024);
	while (aimed < 500) {
		key.word[1]++;
		if (jhash2((const u32 *)key.word, 4, seed) % slots)
			continue;
		aimed++;
		found += perftop_shard_lookup(table.shard[0], &key) !=
			 PERFTOP_OVERFLOW;
	}
	perftop_table_exit(&table);
	return found;
}

/* Only by who knows the seed as well, which is made of what is random. */
static void hash_is_not_to_be_aimed_at(void **state)
{
	assert_int_equal(aim(0), 500);
	assert_int_equal(aim(1), 500);
	assert_in_range(aim(shim_random | 1), 1, 499);
}

/* More keys than a shard has room for, between two drains. */
static void overflow_shard(u32 mask, unsigned int keys)
{
	unsigned int i, lost = 0;

	shim_jhash_mask = mask;
	start(KEYS);
	for (i = 0; i < keys; i++)
		lost += is_lost(i, add(0, i, 1 + i));
	assert_true(lost > 0 && lost < keys);
	drain();
	check();
	assert_int_not_equal(model_reserved[PERFTOP_OVERFLOW].stamp, 0);
	assert_int_not_equal(model_reserved[PERFTOP_IDLE].stamp, 0);
	assert_int_equal(merged_ticks(), (u64)keys * (keys + 1) / 2);
}

static void hash_shard_overflow(void **state)
{
	overflow_shard(~0U, 5000);
}

static void hash_shard_overflow_on_equal_hashes(void **state)
{
	overflow_shard(0, 1000);
}

static void hash_shard_overflow_on_few_hashes(void **state)
{
	overflow_shard(0xf, 5000);
}

/* Keys of the greatest length fill the pool before the slots. */
static void hash_pool_overflow(void **state)
{
	struct perftop_key key;
	unsigned int i, lost = 0;
	u64 *row;
	u32 index;

	start(64);
	for (i = 0; i < 64; i++) {
		memset(&key, 0xff, sizeof(key));
		key.words = PERFTOP_KEY_WORDS;
		key.account = PERFTOP_RANKED;
		key.word[PERFTOP_KEY_WORDS - 1] = i;
		index = perftop_shard_lookup(table.shard[0], &key);
		lost += index == PERFTOP_OVERFLOW;
		row = perftop_shard_row(table.shard[0], 0, index, ++now);
		row[TICKS] += 3;
	}
	assert_true(lost > 0 && lost < 64);
	drain();
	assert_int_equal(merged_ticks(), 3 * 64);
	/* The merged table's pool may be full before that, too. */
	assert_in_range(table.records, 1, 64 - lost);
}

/* The last word of a pool is used, a shard's and the table's. */
static void hash_pools_are_filled(void **state)
{
	struct perftop_key key = { .words = 16 };
	struct perftop_shard *shard;
	unsigned int round, i;

	start(16);
	shard = table.shard[0];
	assert_int_equal(shard->pool_words, 16 * 16);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 16; i++) {
			key.word[0] = i;
			charge_row(0, perftop_shard_lookup(shard, &key), 1, 0);
		}
		assert_int_equal(shard->current_gen, 0);
		assert_int_equal(shard->gen[0].used, 16 * 16);
		drain();
		assert_int_equal(table.records, 16);
		assert_int_equal(table.blocks_used, table.blocks);
		/* After a reset, too. */
		perftop_records_clear(&table);
	}
}

/* A CPU whose shard is full goes on with the newer generation. */
static void hash_full_shard_stays(void **state)
{
	unsigned int number = 0;

	start(KEYS);
	while (!is_lost(number, add(0, number, 1)))
		number++;
	assert_int_equal(table.shard[0]->current_gen, 1);
	number++;
	assert_true(is_lost(number, add(0, number, 1)));
	assert_int_equal(table.shard[0]->current_gen, 1);
}

static u64 others(enum counter counter)
{
	return perftop_record_at(&table, PERFTOP_OTHERS)->counter[counter];
}

/* The CPUs together have more keys than the table: the least make room. */
static void hash_table_is_full(void **state)
{
	const unsigned int limit = 16;
	unsigned int cpu, i;

	start(limit);
	for (i = 0; i < 15; i++)
		for_each_possible_cpu(cpu)
			add(cpu, 2 * (15 * cpu + i), 10 + i);
	drain();
	assert_int_equal(table.records, limit);
	assert_int_equal(table.moved, 4 * 15 - limit);
	assert_int_equal(merged_ticks(), 4 * (15 * 10 + 105));
	assert_int_equal(others(LONGEST), 20);
	assert_int_equal(others(LAST), 0);
	assert_false(perftop_record_at(&table, PERFTOP_OVERFLOW)->stamp);
	check_ranking();
	check_told();

	/* What comes back has a record, and in it what it has had since. */
	for (i = 0; i < 15; i++)
		add(0, 2 * i, 1000 + i);
	drain();
	for (i = 0; i < 15; i++)
		assert_in_range(find(2 * i)->counter[TICKS], 1000 + i,
				1000 + i + 10 + i);
	assert_int_equal(merged_ticks(), 4 * (15 * 10 + 105) + 15000 + 105);
	check_ranking();
	perftop_records_clear(&table);
	assert_int_equal(table.moved | others(TICKS), 0);
	add(1, 2 * 29, 5);
	drain();
	assert_int_equal(find(2 * 29)->counter[TICKS], 5);
	assert_int_equal(merged_ticks(), 5);
}

/* Processes come and go for ever: a shard has room for the new ones. */
static void hash_recycles(void **state)
{
	unsigned int capacity, number = 0, round, i;

	start(KEYS);
	capacity = table.shard[0]->capacity;
	assert_true(capacity >= 256);
	for (round = 0; round < 8 * KEYS / capacity + 1; round++) {
		for (i = 0; i < capacity / 8; i++) {
			number = (number + 1) % KEYS;
			assert_false(is_lost(number, add(0, number, 1 + i)));
		}
		drain();
	}
	check();
	assert_int_equal(table.records, KEYS);
}

/* A key that stays in use keeps its index until it is forgotten for the new. */
static void hash_forgets_what_is_old(void **state)
{
	unsigned int i, number = 10, moved = 0;
	u32 index, last = 0;

	start(KEYS);
	for (i = 0; i < 100; i++) {
		index = add(0, 4, 7);
		moved += last && index != last;
		last = index;
		number += 200;
		while (number % 200 != 9)
			add(0, --number % KEYS, 1);
		number += 191;
		drain();
	}
	check();
	assert_true(moved > 2);
	assert_int_equal(find(4)->counter[TICKS], 700);
}

/* Makes CPU 0 have a generation retired by its next drain. */
static void fill_to_retire(void)
{
	const u32 capacity = table.shard[0]->capacity;
	unsigned int number = 1000;

	while (table.shard[0]->current_gen == 0)
		add(0, number++, 1);
	while (table.shard[0]->gen[1].keys < capacity / 2)
		add(0, number++, 1);
}

/*
 * An index that was found just before its generation is retired, and used
 * just after: it still is that key's.
 */
static void hash_retired_rows_are_not_lost(void **state)
{
	u32 index;

	start(KEYS);
	add(0, 4, 7);
	fill_to_retire();
	index = lookup(0, 4);
	drain();
	assert_int_not_equal(table.shard[0]->retired, 0);
	charge(0, index, 4, 100);
	assert_int_not_equal(add(0, 4, 10), index);
	drain();
	drain();
	assert_int_equal(table.shard[0]->retired, 0);
	drain();
	check();
	assert_int_equal(find(4)->counter[TICKS], 117);
}

/* No generation takes a key while one that was retired is not yet emptied. */
static void hash_retired_takes_no_key(void **state)
{
	unsigned int number = 8000;
	const u32 first = PERFTOP_RESERVED;
	u32 index;

	start(KEYS);
	fill_to_retire();
	drain();
	while (table.shard[0]->retired) {
		do {
			index = add(0, number, 1);
			assert_true(is_lost(number++, index) ||
				    index >= first + table.shard[0]->capacity);
		} while (index >= first);
		drain();
	}
	assert_false(is_lost(number, add(0, number, 1)));
	drain();
	check();
}

/* Nor does it where the keys of a shard are few and long, and fill its pool. */
static void hash_retired_takes_no_short_key(void **state)
{
	const unsigned int step = 100;	/* to the next key of the greatest length */
	struct perftop_shard *shard;
	unsigned int number = step - 2;
	u32 index;

	start(KEYS);
	shard = table.shard[0];
	for (; shard->current_gen == 0; number += step)
		add(0, number, 1);
	drain();
	for (; shard->gen[1].used < shard->pool_words / 2; number += step)
		add(0, number, 1);
	drain();
	assert_int_not_equal(shard->retired, 0);
	for (; !is_lost(number, add(0, number % KEYS, 1)); number += step)
		;
	for (number = 0; number < 40; number++) {
		index = add(0, number, 1);
		assert_true(is_lost(number, index) ||
			    index >= PERFTOP_RESERVED + shard->capacity);
	}
	drain();
	drain();
	drain();
	check();
}

static bool is_half_full(const struct perftop_shard *shard)
{
	return shard->gen[1].keys * 2 >= shard->capacity ||
	       shard->gen[1].used * 2 >= shard->pool_words;
}

/* No epoch is another shard's, or was one's before. */
static void check_epoch(u32 before)
{
	unsigned int cpu;

	assert_int_not_equal(table.shard[0]->epoch, before);
	for_each_possible_cpu(cpu)
		if (cpu)
			assert_int_not_equal(table.shard[cpu]->epoch,
					     table.shard[0]->epoch);
}

/*
 * The older generation is retired as soon as the newer one is half full, by
 * keys or by words, and not before; that is told once, and two flips later there
 * is room.
 */
static void recycles_at_half(unsigned int number, unsigned int step)
{
	struct perftop_shard *shard;
	u32 epoch;

	start(KEYS);
	shard = table.shard[0];
	check_epoch(0);
	epoch = shard->epoch;
	for (; shard->current_gen == 0; number += step) {
		assert_false(perftop_table_recycle(&table, 0, 0));
		add(0, number, 1);
	}
	assert_int_equal(shim_irq_works, 0);
	for (; !is_half_full(shard); number += step) {
		assert_false(perftop_table_recycle(&table, 0, 0));
		assert_int_equal(shard->epoch, epoch);
		assert_int_equal(shim_irq_works, 0);
		add(0, number, 1);
	}
	/* The CPU has asked for it by then, and does so once. */
	assert_int_equal(shim_irq_works, 1);
	add(0, number, 1);
	assert_int_equal(shim_irq_works, 1);
	assert_true(perftop_table_recycle(&table, 0, UINT_MAX));
	check_epoch(epoch);
	epoch = shard->epoch;
	assert_false(perftop_table_recycle(&table, 0, UINT_MAX));
	assert_false(perftop_table_recycle(&table, 0, 0));
	assert_int_not_equal(shard->gen[0].keys, 0);
	assert_false(perftop_table_recycle(&table, 0, 1));
	assert_int_equal(shard->gen[0].keys | shard->gen[0].used, 0);
	assert_false(perftop_table_recycle(&table, 0, 2));
	assert_int_equal(shard->epoch, epoch);
	drain();
	check();
}

static void hash_recycles_at_half_the_keys(void **state)
{
	recycles_at_half(1000, 1);
}

static void hash_recycles_at_half_the_words(void **state)
{
	recycles_at_half(98, 100);
}

/* Where each CPU's part is kept, it is the CPU's: of keys and reserved rows. */
static void check_by_cpu(const struct perftop_record *record, u64 ticks)
{
	const u64 *value = perftop_record_by_cpu(&table, record);
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		assert_int_equal(value[cpu], ticks ? ticks + cpu : 0);
}

static void hash_keeps_each_cpus_part(void **state)
{
	struct perftop_record *record;
	unsigned int cpu, i;
	size_t bytes;

	table = (struct perftop_table){
		.name = "test", .merge = merge, .counters = COUNTERS,
		.rank = TICKS, .key_words = 16, .limit = 64, .by_cpu = true,
	};
	assert_int_equal(table_init(&table), 0);
	for_each_possible_cpu(cpu)
		for (i = 0; i < 64; i++)
			add(cpu, 2 * i, 10 * i + 5);
	drain();
	for_each_possible_cpu(cpu) {
		for (i = 0; i < 64; i++)
			add(cpu, 2 * i, 10 * i + 5 + cpu);
		charge(cpu, PERFTOP_IDLE, 0, 1000 + cpu);
	}
	drain();
	assert_int_equal(table.records, 64);
	for (i = 0; i < 64; i++)
		check_by_cpu(find(2 * i), 20 * i + 10);
	record = perftop_record_at(&table, PERFTOP_IDLE);
	check_by_cpu(record, 1000);
	check_by_cpu(perftop_record_at(&table, PERFTOP_FILTERED), 0);
	perftop_records_clear(&table);
	check_by_cpu(record, 0);
	check_by_cpu(perftop_record_at(&table, PERFTOP_OTHERS), 0);
	bytes = table.bytes;
	perftop_table_exit(&table);
	start(64);
	assert_int_equal(bytes - table.bytes,
			 (64 + PERFTOP_FIRST_RECORD) * nr_cpu_ids * sizeof(u64));
	record = perftop_record_at(&table, 0);
	assert_null(perftop_record_by_cpu(&table, record));
}

static void forget_model(void)
{
	memset(model, 0, sizeof(model));
	memset(model_reserved, 0, sizeof(model_reserved));
	memcpy(model_told, told, sizeof(told));
}

static void reset(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		bank[cpu] = !bank[cpu];
		perftop_table_discard(&table, cpu, !bank[cpu]);
	}
	perftop_records_clear(&table);
	forget_model();
}

static void hash_reset_forgets(void **state)
{
	unsigned int cpu, i;
	u32 index;

	start(1024);
	for_each_possible_cpu(cpu)
		for (i = 0; i < 50; i++)
			add(cpu, i, 3);
	charge(0, PERFTOP_OVERFLOW, 0, 3);
	drain();
	index = add(0, 1, 3);
	charge(0, PERFTOP_IDLE, 0, 3);
	reset();
	check();
	assert_int_equal(merged_ticks(), 0);
	drain();
	check();

	/* The shards' keys are as good as before. */
	assert_int_equal(add(0, 1, 4), index);
	for_each_possible_cpu(cpu)
		for (i = 0; i < 60; i++)
			add(cpu, i, 5);
	drain();
	check();
}

/* What is charged after the flip belongs to the new time. */
static void hash_reset_keeps_what_follows(void **state)
{
	start(1024);
	add(0, 1, 3);
	bank[0] = 1;
	now += 100;
	charge_row(0, lookup(0, 1), 8, 0);
	perftop_table_discard(&table, 0, 0);
	perftop_records_clear(&table);
	bank[0] = 0;
	perftop_table_drain(&table, 0, 1, ALL);
	assert_int_equal(merged_ticks(), 8);
}

static void hash_states_its_memory(void **state)
{
	const unsigned int limits[] = { 16, 17, 1000, 1024, 16384 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		start(limits[i]);
		assert_int_equal(table.bytes, shim_allocated_bytes);
		perftop_table_exit(&table);
		assert_int_equal(table.bytes, 0);
	}
	/* That of the CPUs' sums, too. */
	table.time = true;
	assert_int_equal(table_init(&table), 0);
	assert_int_equal(table.bytes, shim_allocated_bytes);
	perftop_table_exit(&table);
	memset(&table, 0, sizeof(table));
}

/*
 * Shards give way until they keep to half of a 64th of memory, however large the
 * table, and those of the next to half of what is left; a huge table does not.
 */
static void hash_keeps_to_memory(void **state)
{
	start(4096);
	assert_int_equal(table.shard[0]->capacity, 2048);
	perftop_table_exit(&table);

	shim_ram_pages = shards_bytes(2048) * 128 / PAGE_SIZE - 1;
	start(4096);
	assert_int_equal(table.shard[0]->capacity, 1024);
	perftop_table_exit(&table);

	shim_ram_pages = 2000;
	start(4096);
	assert_true(table.shard[0]->capacity < 1024);
	assert_true(shards_bytes(table.shard[0]->capacity) <=
		    shim_ram_pages * PAGE_SIZE / 128);
	assert_int_equal(shim_logged, 0);
	perftop_table_exit(&table);

	shim_ram_pages = 500;
	assert_int_equal(init(4096), -ENOMEM);
	assert_int_equal(shim_logged, 1);
}

/* Each has as much as is left, and those that come later what has been given back. */
static void hash_tables_share_memory(void **state)
{
	struct perftop_table other[2] = { 0 };
	unsigned int i, times;

	for (times = 0; times < 2; times++) {
		start(4096);
		assert_int_equal(table.shard[0]->capacity, 2048);
		for (i = 0; i < 2; i++) {
			other[i].merge = merge;
			other[i].counters = COUNTERS;
			other[i].key_words = 16;
			other[i].limit = 4096;
			assert_int_equal(table_init(&other[i]), 0);
			assert_int_equal(other[i].shard[0]->capacity,
					 i ? 512 : 1024);
		}
		perftop_table_exit(&other[1]);
		perftop_table_exit(&other[0]);
		perftop_table_exit(&table);
	}
}

/* One that takes more than a quarter of memory is refused; how much is said. */
static void hash_refuses_what_is_too_large(void **state)
{
	const size_t quarter = 4 << 20;
	size_t takes;

	start(4096);
	takes = nr_cpu_ids * sizeof(*table.shard) +
		perftop_records_measure(&table);
	perftop_table_exit(&table);
	shim_ram_pages = 4 * quarter / PAGE_SIZE;
	table.bytes = quarter - takes;
	assert_int_equal(table_init(&table), 0);
	perftop_table_exit(&table);
	assert_int_equal(shim_logged, 0);
	table.bytes = quarter - takes + 1;
	assert_int_equal(table_init(&table), -ENOMEM);
	assert_int_equal(shim_logged, 1);
	assert_non_null(strstr(shim_last_logged,
			       "table=4096 takes 4 MiB, more than 1/4 of memory"));
}

/* A larger table has larger shards, so that a CPU can fill it. */
static void hash_shards_grow_with_the_table(void **state)
{
	unsigned int i, lost = 0;

	shim_ram_pages = 1UL << 20;
	start(16384);
	assert_int_equal(table.shard[0]->capacity, 2048);
	perftop_table_exit(&table);

	start(KEYS);
	assert_int_equal(table.shard[0]->capacity, 8192);
	for (i = 0; i < 8192; i++)
		lost += is_lost(i, add(0, i, 1));
	assert_int_equal(lost, 0);
}

/* Small shards and a table in the middle of its smallest size work, too. */
static void hash_smallest(void **state)
{
	unsigned int i;

	shim_ram_pages = 64;
	start(16);
	assert_int_equal(table.shard[0]->capacity, 16);
	for (i = 0; i < 16; i++)
		assert_false(is_lost(i, add(0, i, 1)));
	drain();
	assert_int_equal(merged_ticks(), 16);
}

static void hash_runs_out_of_memory(void **state)
{
	unsigned int n;
	int err;

	for (n = 1; n < 100; n++) {
		shim_fail_at = n;
		err = init(1024);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(shim_fail_at, 0);
		perftop_table_exit(&table);
		assert_int_equal(shim_allocated, 0);
	}
	/* One array of shards, four of the table, three for each CPU. */
	assert_int_equal(n, 1 + 1 + 4 + 3 * num_possible_cpus());
	shim_fail_at = 0;
}

/*
 * Any order of anything. The keys in use move on, so that there is always
 * something new, something old and something that returns.
 */
static void random_operations(u32 mask, unsigned long pages, unsigned int keys,
			      u64 seed, unsigned int operations)
{
	unsigned int i, number, base = 0, cpu;

	seed = test_seed(seed);
	shim_jhash_mask = mask;
	shim_ram_pages = pages;
	start(keys);
	for (i = 0; i < operations; i++) {
		do {
			cpu = test_below(&seed, nr_cpu_ids);
		} while (!shim_possible(cpu));
		/* The older, the rarer. */
		number = base + test_below(&seed,
					   1 + test_below(&seed, 700));
		add(cpu, number % keys, test_below(&seed, 1000));
		if (!test_below(&seed, 500))
			charge(cpu, 1 + test_below(&seed, PERFTOP_RESERVED - 1),
			       0, test_below(&seed, 1000));
		base += !test_below(&seed, 20);
		if (!test_below(&seed, 1000))
			drain();
		if (!test_below(&seed, 40000)) {
			drain();
			check();
		}
		if (!test_below(&seed, 300000))
			reset();
	}
	drain();
	check();
}

static void hash_random(void **state)
{
	random_operations(~0U, 1UL << 20, KEYS, 201, 2000000);
}

static void hash_random_small_shards(void **state)
{
	random_operations(~0U, 900, 3000, 202, 1000000);
	assert_int_equal(table.shard[0]->capacity, 16);
}

static void hash_random_few_hashes(void **state)
{
	random_operations(0x1f, 1UL << 20, KEYS, 203, 300000);
}

static void hash_random_one_hash(void **state)
{
	random_operations(0, 1UL << 20, KEYS, 204, 100000);
}

/* As if the low digit were not known to belong to a key at first. */
static void settle(u64 *word)
{
	word[1] &= ~15ULL;
}

/* Keys that are found to be one merge into one record; others do not. */
static void hash_keys_settle(void **state)
{
	static const u64 settled[] = { 7, 0x10 };
	struct perftop_key key = { .words = 2, .account = PERFTOP_RANKED };
	const struct perftop_record *record;
	unsigned int cpu, i, round;

	start(1024);
	table.settle = settle;
	for (round = 0; round < 2; round++) {
		for (cpu = 0; cpu < 2; cpu++)
			for (i = 0x10; i < 0x30; i++) {
				key.word[0] = 7;
				key.word[1] = i;
				charge_row(cpu,
					   perftop_shard_lookup(table.shard[cpu],
								&key),
					   i, 0);
			}
		drain();
	}
	assert_int_equal(table.records, 2);
	record = perftop_rbtop_next(perftop_rbtop_first(&table.top));
	assert_int_equal(record->words, 2);
	assert_memory_equal(perftop_record_head(&table, record), settled,
			    sizeof(settled));
	assert_int_equal(record->counter[TICKS], 4 * (0x10 + 0x1f) * 16 / 2);
	/* What the shard has is as the switch left it. */
	assert_int_equal(table.shard[0]->gen[0].keys, 0x20);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hash_keys_settle),
		TEST(hash_one_key),
		TEST(hash_drain_empties),
		TEST(hash_banks_are_apart),
		TEST(hash_drains_so_much),
		TEST(hash_drains_what_is_full),
		TEST(hash_merges_cpus),
		TEST(hash_merge_rules),
		TEST(hash_last_follows_the_stamp),
		TEST(hash_last_follows_a_clock_begun_anew),
		TEST(hash_reserved_rows),
		TEST(hash_whole_key_decides),
		TEST(hash_whole_key_decides_on_equal_hashes),
		TEST(hash_only_the_key_decides),
		TEST(hash_is_not_to_be_aimed_at),
		TEST(hash_shard_overflow),
		TEST(hash_shard_overflow_on_equal_hashes),
		TEST(hash_shard_overflow_on_few_hashes),
		TEST(hash_pool_overflow),
		TEST(hash_pools_are_filled),
		TEST(hash_full_shard_stays),
		TEST(hash_table_is_full),
		TEST(hash_recycles),
		TEST(hash_forgets_what_is_old),
		TEST(hash_retired_rows_are_not_lost),
		TEST(hash_retired_takes_no_key),
		TEST(hash_retired_takes_no_short_key),
		TEST(hash_recycles_at_half_the_keys),
		TEST(hash_recycles_at_half_the_words),
		TEST(hash_keeps_each_cpus_part),
		TEST(hash_reset_forgets),
		TEST(hash_reset_keeps_what_follows),
		TEST(hash_states_its_memory),
		TEST(hash_keeps_to_memory),
		TEST(hash_tables_share_memory),
		TEST(hash_refuses_what_is_too_large),
		TEST(hash_shards_grow_with_the_table),
		TEST(hash_smallest),
		TEST(hash_runs_out_of_memory),
		TEST(hash_random),
		TEST(hash_random_small_shards),
		TEST(hash_random_few_hashes),
		TEST(hash_random_one_hash),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
