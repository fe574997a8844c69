// SPDX-License-Identifier: GPL-2.0
/*
 * The merged table: what it gives up and what it keeps, keys in blocks, and copies
 * of one moment, beside a model that has counters by the key's number and forgets
 * nothing.
 */
#include "test.h"
#include "table.h"

#include <linux/jhash.h>
#include <linux/list.h>
#include <linux/mm.h>
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

#define KEYS	40000

/* From here on, keys are of the account IDLE. */
#define IDLE	30000

static struct perftop_table table;
static bool dead[KEYS];
static unsigned int asked;
static u64 now;

/* Of each key, how many words it has; 0: two. */
static u16 length[KEYS];

/* What each key's record has; id 0: it has none. */
static struct value {
	u64	id;
	u64	stamp;
	u64	counter[COUNTERS];
	u64	by_cpu[SHIM_CPU_IDS];
} model[KEYS];

static bool ended(const u64 *head)
{
	asked++;
	return dead[head[0] - 1];
}

static int start(unsigned int limit, unsigned int key_words)
{
	table = (struct perftop_table){
		.name = "test",
		.merge = merge,
		.counters = COUNTERS,
		.rank = TICKS,
		.key_words = key_words,
		.limit = limit,
		.by_cpu = true,
		.ended = ended,
	};
	return table_init(&table);
}

static void begin(unsigned int limit, unsigned int key_words)
{
	assert_int_equal(start(limit, key_words), 0);
}

static int setup(void **state)
{
	memset(dead, 0, sizeof(dead));
	memset(length, 0, sizeof(length));
	memset(model, 0, sizeof(model));
	asked = 0;
	now = 1000;
	table_begin();
	shim_ram_pages = 1UL << 20;
	return 0;
}

static int teardown(void **state)
{
	table_end(&table);
	return 0;
}

/* --- Keys and records ----------------------------------------------------- */

/* All words are other ones than those of any other number. */
static void make_key(struct perftop_key *key, unsigned int number)
{
	unsigned int i;

	memset(key, 0, sizeof(*key));
	key->words = length[number] ? length[number] : 2;
	key->account = number < IDLE ? PERFTOP_RANKED : PERFTOP_IDLE;
	for (i = 0; i < key->words; i++)
		key->word[i] = number + 1 + ((u64)i << 32);
	key->hash = number * 7;
}

static unsigned int number_of_words(const u64 *word, unsigned int words)
{
	struct perftop_key key;

	assert_in_range(word[0], 1, KEYS);
	make_key(&key, word[0] - 1);
	assert_int_equal(words, key.words);
	assert_memory_equal(word, key.word, words * sizeof(*word));
	return word[0] - 1;
}

static unsigned int number_of(const struct perftop_record *record)
{
	u64 word[PERFTOP_KEY_WORDS];

	perftop_record_copy_key(&table, record, word);
	assert_memory_equal(perftop_record_head(&table, record), word,
			    min_t(int, record->words, table.block_words) *
			    sizeof(*word));
	return number_of_words(word, record->words);
}

static u64 lookup(unsigned int number)
{
	struct perftop_key key;
	struct perftop_keyref ref;

	make_key(&key, number);
	ref = (struct perftop_keyref){
		.hash = key.hash, .words = key.words, .account = key.account,
	};
	return perftop_record_lookup(&table, &ref, key.word);
}

/* As it is merged: into a record that is there, or into a new one. */
static void merge_into(struct perftop_record *record, unsigned int cpu,
		       u64 ticks)
{
	const u64 counter[COUNTERS] = { ticks, ticks, BIT_ULL(ticks % 64), now };
	const bool is_new = !record->stamp;

	perftop_record_change(&table, record);
	perftop_record_merge(&table, record->counter, counter, true);
	perftop_record_by_cpu(&table, record)[cpu] += ticks;
	record->stamp = now;
	if (is_new)
		perftop_rbtop_insert(&table.top, record, TICKS);
	else
		perftop_rbtop_update(&table.top, record, TICKS);
}

/* What the model has of a record that is new. */
static struct value *model_of(unsigned int number, u64 id)
{
	struct value *v = &model[number];

	if (v->id != id)
		*v = (struct value){ .id = id };
	return v;
}

static u64 charge_on(unsigned int cpu, unsigned int number, u64 ticks)
{
	const u64 id = lookup(number);
	struct perftop_record *record = perftop_record_of(&table, id);
	struct value *v = model_of(number, id);

	now++;
	if (!id) {
		assert_null(record);
		return 0;
	}
	merge_into(record, cpu, ticks);
	v->stamp = now;
	v->counter[TICKS] += ticks;
	v->counter[LONGEST] = max(v->counter[LONGEST], ticks);
	v->counter[BITS] |= BIT_ULL(ticks % 64);
	v->counter[LAST] = now;
	v->by_cpu[cpu] += ticks;
	return id;
}

static u64 charge(unsigned int number, u64 ticks)
{
	return charge_on(0, number, ticks);
}

static bool is_there(unsigned int number)
{
	return perftop_record_of(&table, model[number].id);
}

static struct perftop_record *others(void)
{
	return perftop_record_at(&table, PERFTOP_OTHERS);
}

/* Blocks that a key takes. */
static unsigned int blocks(unsigned int number)
{
	const unsigned int words = length[number] ? length[number] : 2;

	return DIV_ROUND_UP(words, table.block_words);
}

/* Every record is the model's, is found, is ranked, and has its own blocks. */
static void check_records(void)
{
	const struct perftop_record *record;
	unsigned int i, n = 0, used = 0, number;

	for (i = 0; i < table.begun; i++) {
		record = perftop_record_at(&table, PERFTOP_FIRST_RECORD + i);
		if (!record->id)
			continue;
		n++;
		number = number_of(record);
		used += blocks(number);
		assert_int_equal(record->id, model[number].id);
		assert_int_equal(lookup(number), record->id);
		assert_int_equal(record->stamp, model[number].stamp);
		assert_memory_equal(record->counter, model[number].counter,
				    sizeof(model[number].counter));
		assert_memory_equal(perftop_record_by_cpu(&table, record),
				    model[number].by_cpu,
				    sizeof(model[number].by_cpu));
	}
	assert_int_equal(n, table.records);
	assert_int_equal(used, table.blocks_used);
	assert_true(table.begun <= table.limit);
	assert_true(table.blocks_begun <= table.blocks);
	for (record = perftop_rbtop_first(&table.top); record;
	     record = perftop_rbtop_next(record))
		n--;
	assert_int_equal(n, 0);
}

/* --- What is given up ----------------------------------------------------- */

/* So many, of which number 0 has most. */
static void fill(unsigned int n, u64 most)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		assert_true(charge(i, most - i));
	assert_int_equal(table.records, n);
	assert_int_equal(table.moved, 0);
}

static void others_are_the_lowest(void **state)
{
	u64 bits = 0;
	unsigned int i;

	begin(64, 4);
	assert_int_equal(others()->account, PERFTOP_RANKED);
	assert_int_equal(others()->stamp, 0);
	fill(64, 1000);
	charge_on(3, 63, 1);
	charge_on(5, 62, 1);
	/* A sixteenth of them goes. */
	charge(100, 1);
	assert_int_equal(table.records, 64 - 4 + 1);
	assert_int_equal(table.moved, 4);
	for (i = 0; i < 60; i++)
		assert_true(is_there(i));
	for (; i < 64; i++) {
		assert_false(is_there(i));
		bits |= model[i].counter[BITS];
	}
	assert_int_equal(others()->counter[TICKS], 937 + 938 + 939 + 940 + 2);
	assert_int_equal(others()->counter[LONGEST], 940);
	assert_int_equal(others()->counter[BITS], bits);
	assert_int_equal(others()->counter[LAST], 0);
	assert_int_equal(others()->stamp, PERFTOP_UNSEEN);
	assert_int_equal(others()->words, 0);
	assert_int_equal(others()->id, 0);
	check_records();
	/* There is room for three more. */
	charge(101, 1);
	charge(102, 1);
	charge(103, 1);
	assert_int_equal(table.moved, 4);
	assert_int_equal(table.records, 64);
	charge(104, 1);
	assert_int_equal(table.moved, 8);
	assert_int_equal(others()->counter[LONGEST], 940);
	assert_int_equal(others()->counter[TICKS],
			 937 + 938 + 939 + 940 + 2 + 4);
	check_records();
}

static void others_by_cpu(void **state)
{
	const u64 *value;
	unsigned int i;

	begin(16, 4);
	fill(16, 1000);
	for (i = 0; i < 14; i++)
		charge(i, 100);
	charge_on(3, 15, 7);
	charge_on(5, 14, 9);
	charge(100, 2000);
	charge(101, 2000);
	value = perftop_record_by_cpu(&table, others());
	assert_int_equal(value[0], 985 + 986);
	assert_int_equal(value[1], 0);
	assert_int_equal(value[3], 7);
	assert_int_equal(value[5], 9);
	perftop_records_clear(&table);
	assert_int_equal(value[0] | value[3] | value[5], 0);
	assert_int_equal(others()->counter[TICKS] | others()->stamp, 0);
	assert_int_equal(table.moved, 0);
	/* What has the number then has nothing of who had it before. */
	memset(model, 0, sizeof(model));
	fill(16, 100);
	check_records();
}

/* However small the table, one goes. */
static void others_of_few(void **state)
{
	begin(15, 4);
	fill(15, 100);
	charge(100, 1);
	assert_int_equal(table.moved, 1);
	assert_int_equal(table.records, 15);
	assert_false(is_there(14));
	assert_true(is_there(13));
}

/* What had more than 64 bits hold is as much behind them. */
static void others_have_what_wrapped(void **state)
{
	const struct perftop_record *others;
	unsigned int i;

	begin(15, 4);
	table.time = true;
	fill(15, 100);
	for (i = 0; i < 15; i++)
		perftop_record_of(&table, model[i].id)->high = 3;
	charge(100, 1);
	others = perftop_record_at(&table, PERFTOP_OTHERS);
	assert_int_equal(table.moved, 1);
	assert_int_equal(others->high, 3);
}

/* And however large, no more than 1024 at once. */
static void others_of_many(void **state)
{
	begin(20000, 4);
	fill(20000, 100000);
	charge(20000, 1);
	assert_int_equal(table.moved, 1024);
	assert_int_equal(table.records, 20000 - 1024 + 1);
	assert_true(is_there(20000 - 1024 - 1));
	assert_false(is_there(20000 - 1024));
}

/* The lowest 32 are asked: as many dead as are to go. */
static void others_are_the_dead_first(void **state)
{
	unsigned int i;

	begin(64, 4);
	fill(64, 1000);
	for (i = 63 - 31; i < 63 - 31 + 5; i++)
		dead[i] = true;
	dead[63 - 33] = true;
	charge(100, 5000);
	assert_int_equal(table.moved, 4);
	/* Of five, the lowest. */
	assert_true(is_there(63 - 31));
	for (i = 63 - 30; i < 63 - 31 + 5; i++)
		assert_false(is_there(i));
	for (; i < 64; i++)
		assert_true(is_there(i));
	assert_true(asked <= 32);
	check_records();
}

/* Where they are fewer, some that live go as well. */
static void others_are_the_living_then(void **state)
{
	begin(64, 4);
	fill(64, 1000);
	dead[63 - 31] = true;
	dead[63 - 32] = true;
	dead[63] = true;
	charge(100, 5000);
	assert_int_equal(asked, 32);
	assert_int_equal(table.moved, 4);
	assert_false(is_there(63));
	assert_false(is_there(63 - 31));
	assert_false(is_there(62));
	assert_false(is_there(61));
	assert_true(is_there(60));
	/* Which is not among the lowest any more that were asked. */
	assert_true(is_there(63 - 32));
	check_records();
}

/* All are alike where nobody knows who is dead. */
static void others_of_who_knows(void **state)
{
	begin(64, 4);
	table.ended = NULL;
	fill(64, 1000);
	dead[0] = true;
	charge(100, 5000);
	assert_int_equal(table.moved, 4);
	assert_true(is_there(59));
	assert_false(is_there(60));
}

/* Idle time is never mixed with tasks', be it the lowest, or of the dead. */
static void others_are_not_idle(void **state)
{
	unsigned int i;

	begin(64, 4);
	for (i = 0; i < 40; i++) {
		charge(IDLE + i, 1 + i);
		dead[IDLE + i] = true;
	}
	for (i = 0; i < 24; i++)
		charge(i, 1000 - i);
	charge(100, 5000);
	assert_int_equal(table.moved, 4);
	for (i = 0; i < 40; i++)
		assert_true(is_there(IDLE + i));
	assert_true(is_there(19));
	assert_false(is_there(20));
	/* A new idle key makes room likewise. */
	for (i = 40; i < 44; i++)
		assert_true(charge(IDLE + i, 1));
	assert_int_equal(table.moved, 8);
	check_records();
}

static void others_are_none_where_all_is_idle(void **state)
{
	unsigned int i;

	begin(16, 4);
	for (i = 0; i < 16; i++)
		charge(IDLE + i, 5);
	assert_int_equal(charge(1, 100), 0);
	assert_int_equal(charge(IDLE + 16, 100), 0);
	assert_int_equal(table.moved, 0);
	assert_int_equal(others()->stamp, 0);
	assert_int_equal(table.records, 16);
	assert_true(charge(IDLE, 1));
	check_records();
}

/* It is another one, and begins with nothing; what it had stays moved. */
static void others_come_back(void **state)
{
	u64 id, moved;

	begin(16, 4);
	fill(16, 1000);
	id = model[15].id;
	charge(100, 5000);
	assert_null(perftop_record_of(&table, id));
	moved = others()->counter[TICKS];
	assert_int_equal(moved, 985);
	assert_int_not_equal(charge(15, 5), id);
	assert_null(perftop_record_of(&table, id));
	assert_int_equal(model[15].counter[TICKS], 5);
	assert_int_equal(others()->counter[TICKS], moved + 986);
	check_records();
}

/* The number has a new tenant, whom nobody's id leads to but its own. */
static void others_leave_their_numbers(void **state)
{
	struct perftop_record *record;
	u64 id, again;

	begin(16, 4);
	assert_null(perftop_record_of(&table, 0));
	fill(16, 1000);
	id = model[15].id;
	record = perftop_record_of(&table, id);
	assert_non_null(record);
	again = charge(100, 5000);
	assert_ptr_equal(perftop_record_of(&table, again), record);
	assert_null(perftop_record_of(&table, id));
	/* Nor after a reset, when numbers are given anew. */
	perftop_records_clear(&table);
	assert_null(perftop_record_of(&table, again));
	assert_null(perftop_record_of(&table, model[3].id));
	memset(model, 0, sizeof(model));
	fill(16, 1000);
	assert_null(perftop_record_of(&table, again));
	assert_null(perftop_record_of(&table, id));
	check_records();
}

/* --- Keys in blocks ------------------------------------------------------- */

/* A long key takes the blocks of some, and of no more than it needs. */
static void keys_need_blocks(void **state)
{
	unsigned int i;

	begin(16, 5);
	assert_int_equal(table.block_words, 4);
	assert_int_equal(table.blocks, DIV_ROUND_UP(PERFTOP_KEY_WORDS, 4));
	for (i = 0; i < 16; i++)
		length[i] = 8;
	fill(16, 1000);
	assert_int_equal(table.blocks_used, 32);
	/* One is free; with two that go there are five. */
	length[100] = 20;
	charge(100, 5000);
	assert_int_equal(table.moved, 2);
	assert_int_equal(table.blocks_used, 33);
	assert_int_equal(table.records, 15);
	check_records();
	/* The largest takes all there are. */
	length[101] = PERFTOP_KEY_WORDS;
	charge(101, 5000);
	assert_int_equal(table.records, 1);
	assert_int_equal(table.moved, 17);
	assert_int_equal(table.blocks_used, 33);
	check_records();
	charge(102, 1);
	assert_int_equal(table.records, 1);
	assert_false(is_there(101));
	check_records();
}

/* Idle time that is lower stays where it is. */
static void keys_need_blocks_beside_idle(void **state)
{
	unsigned int i;

	begin(16, 5);
	for (i = 0; i < 13; i++)
		length[i] = 8;
	fill(13, 1000);
	charge(IDLE, 1);
	charge(IDLE + 1, 2);
	assert_int_equal(table.blocks_used, 28);
	length[100] = 40;
	charge(100, 5000);
	/* Five are free, and ten are needed. */
	assert_int_equal(table.moved, 3);
	assert_true(is_there(IDLE));
	assert_true(is_there(IDLE + 1));
	assert_true(is_there(9));
	check_records();
}

/* As long as there are enough, none goes. */
static void keys_fill_all_blocks(void **state)
{
	unsigned int i;

	begin(16, 16);
	assert_int_equal(table.blocks, 64);
	for (i = 0; i < 4; i++)
		length[i] = 15 * 4;
	length[4] = 4;
	fill(5, 1000);
	assert_int_equal(table.blocks_used, 61);
	length[5] = 12;
	charge(5, 1);
	assert_int_equal(table.blocks_used, 64);
	assert_int_equal(table.moved, 0);
	check_records();
}

/* Blocks are as short as the keys. */
static void keys_are_short(void **state)
{
	begin(64, 1);
	assert_int_equal(table.block_words, 1);
	assert_int_equal(table.blocks, PERFTOP_KEY_WORDS);
	length[0] = 1;
	length[1] = 2;
	length[2] = 3;
	fill(3, 100);
	assert_int_equal(table.blocks_used, 6);
	check_records();
}

/* Two of each length that there is, told apart by their last words. */
static void keys_of_every_length(void **state)
{
	struct perftop_key key;
	struct perftop_keyref ref;
	unsigned int i, round;
	u64 id;

	begin(1024, 17);
	for (round = 0; round < 3; round++) {
		memset(model, 0, sizeof(model));
		for (i = 0; i < PERFTOP_KEY_WORDS; i++) {
			/* Another order each time. */
			unsigned int n = i * (2 * round + 1) % PERFTOP_KEY_WORDS;

			length[n] = 1 + n;
			id = charge(n, 1 + n);
			make_key(&key, n);
			key.word[n] ^= 1ULL << 63;
			ref = (struct perftop_keyref){
				.hash = key.hash, .words = key.words,
				.account = key.account,
			};
			assert_int_not_equal(perftop_record_lookup(&table, &ref,
								   key.word),
					     id);
			assert_int_equal(lookup(n), id);
		}
		assert_int_equal(table.records, 2 * PERFTOP_KEY_WORDS);
		for (i = 0; i < PERFTOP_KEY_WORDS; i++)
			number_of(perftop_record_of(&table, model[i].id));
		perftop_records_clear(&table);
		assert_int_equal(table.blocks_used | table.records, 0);
	}
}

/* Of those with one hash: the whole key decides, the account and the length. */
static void keys_of_one_bucket(void **state)
{
	struct perftop_keyref ref = { .hash = 5, .words = 6,
				      .account = PERFTOP_RANKED };
	u64 word[7] = { 1, 2, 3, 4, 5, 6, 0 };
	u64 id[10];
	unsigned int i, j;

	begin(64, 4);
	id[0] = perftop_record_lookup(&table, &ref, word);
	for (i = 0; i < 6; i++) {
		word[i] ^= 64;
		id[1 + i] = perftop_record_lookup(&table, &ref, word);
		word[i] ^= 64;
	}
	ref.account = PERFTOP_IDLE;
	id[7] = perftop_record_lookup(&table, &ref, word);
	ref.account = PERFTOP_RANKED;
	ref.words = 7;
	id[8] = perftop_record_lookup(&table, &ref, word);
	ref.words = 6;
	ref.hash += table.bucket_mask + 1;
	id[9] = perftop_record_lookup(&table, &ref, word);
	ref.hash = 5;
	for (i = 0; i < 10; i++)
		for (j = 0; j < i; j++)
			assert_int_not_equal(id[i], id[j]);
	assert_int_equal(perftop_record_lookup(&table, &ref, word), id[0]);
	assert_int_equal(table.records, 10);
}

/* --- Ticks ---------------------------------------------------------------- */

/* Whether more than 64 bits are needed is asked of ticks, and where they are. */
static void ticks_wrap(void **state)
{
	const u64 from[COUNTERS] = { 5, 1, 0, 0 };
	u64 to[COUNTERS] = { -6ULL, 0, 0, 0 };

	begin(16, 2);
	table.time = true;
	assert_false(perftop_record_merge(&table, to, from, false));
	assert_true(perftop_record_merge(&table, to, from, false));
	assert_int_equal(to[TICKS], 4);
	to[LONGEST] = -1ULL;
	assert_false(perftop_record_merge(&table, to, from, false));
	to[TICKS] = -1ULL;
	table.time = false;
	assert_false(perftop_record_merge(&table, to, from, false));
	assert_int_equal(to[TICKS], 4);
}

/* --- Copies --------------------------------------------------------------- */

#define COPIES	4

/* A copy, and what the table was when it was begun. */
static struct taken {
	struct perftop_copy	copy;
	size_t			rows;
	size_t			words;
	unsigned int		records;
	struct value		was[KEYS];
} taken[COPIES];

/* With as much room as there is to be, to the word. */
static void take(struct taken *t)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	perftop_copy_measure(&table, &t->rows, &t->words);
	assert_int_equal(t->rows, PERFTOP_FIRST_RECORD + table.records);
	assert_int_equal(t->words, t->rows * (COUNTERS + nr_cpu_ids) +
				   table.blocks_used * table.block_words);
	t->copy.row = kvcalloc(t->rows, sizeof(*t->copy.row), GFP_KERNEL);
	t->copy.word = kvcalloc(t->words, sizeof(u64), GFP_KERNEL);
	t->copy.done = kvcalloc(BITS_TO_LONGS(table.limit +
					      PERFTOP_FIRST_RECORD),
				sizeof(long), GFP_KERNEL);
	t->copy.table = &table;
	t->records = table.records;
	for (i = 0; i < KEYS; i++)
		if (is_there(i))
			t->was[i] = model[i];
	perftop_copy_record(&t->copy, others());
	perftop_copy_begin(&t->copy);
}

static void give_back(struct taken *t)
{
	kvfree(t->copy.row);
	kvfree(t->copy.word);
	kvfree(t->copy.done);
}

static void check_row(struct taken *t, const struct perftop_row *row)
{
	const unsigned int number = number_of_words(row->word, row->words);
	struct value *was = &t->was[number];

	/* Each once. */
	assert_int_not_equal(was->id, 0);
	assert_int_equal(row->id, was->id);
	assert_int_equal(row->stamp, was->stamp);
	assert_int_equal(row->account,
			 number < IDLE ? PERFTOP_RANKED : PERFTOP_IDLE);
	assert_memory_equal(row->counter, was->counter, sizeof(was->counter));
	assert_memory_equal(row->by_cpu, was->by_cpu, sizeof(was->by_cpu));
	was->id = 0;
}

/* All that was there, as it was, and nothing else. */
static void check_taken(struct taken *t)
{
	unsigned int i;

	assert_true(list_empty(&t->copy.node));
	assert_int_equal(t->copy.rows, 1 + t->records);
	assert_true(t->copy.words <= t->words);
	assert_true(perftop_row_is_others(&t->copy.row[0]));
	for (i = 1; i < t->copy.rows; i++)
		check_row(t, &t->copy.row[i]);
	give_back(t);
}

static void end(struct taken *t)
{
	while (perftop_copy_some(&t->copy))
		;
	check_taken(t);
}

static void copy_of_all(void **state)
{
	unsigned int i, pieces;

	begin(6000, 17);
	for (i = 0; i < 5000; i++) {
		length[i] = 1 + i % 20;
		charge_on(i % 2, i, i);
	}
	take(&taken[0]);
	assert_int_equal(taken[0].copy.rows, 1);
	for (pieces = 1; perftop_copy_some(&taken[0].copy); pieces++)
		assert_int_equal(taken[0].copy.rows, 1 + 2048 * pieces);
	assert_int_equal(pieces, 3);
	assert_true(list_empty(&table.copies));
	assert_false(perftop_copy_some(&taken[0].copy));
	check_taken(&taken[0]);
}

static void copy_of_nothing(void **state)
{
	begin(64, 4);
	take(&taken[0]);
	assert_false(list_empty(&table.copies));
	assert_false(perftop_copy_some(&taken[0].copy));
	check_taken(&taken[0]);
	assert_false(perftop_copies_some(&table));
}

/* Exactly as many as are copied at once. */
static void copy_of_one_piece(void **state)
{
	begin(2049, 4);
	fill(2048, 10000);
	take(&taken[0]);
	assert_false(perftop_copy_some(&taken[0].copy));
	check_taken(&taken[0]);
	charge(3000, 1);
	take(&taken[0]);
	assert_true(perftop_copy_some(&taken[0].copy));
	end(&taken[0]);
}

/* What changes is copied first, in front of the turn and behind it. */
static void copy_of_what_changes(void **state)
{
	unsigned int i;

	begin(6000, 4);
	fill(5000, 10000);
	take(&taken[0]);
	charge(0, 1);
	charge(4999, 1);
	assert_int_equal(taken[0].copy.rows, 3);
	charge(0, 1);
	assert_int_equal(taken[0].copy.rows, 3);
	perftop_copy_some(&taken[0].copy);
	for (i = 0; i < 5000; i += 3)
		charge(i, 5);
	perftop_copy_some(&taken[0].copy);
	for (i = 0; i < 5000; i += 2)
		charge_on(3, i, 5);
	end(&taken[0]);
	check_records();
}

static void copy_of_what_is_given_up(void **state)
{
	unsigned int i;

	begin(5000, 4);
	fill(5000, 10000);
	/* Some have gone, so that there are fewer than there have been. */
	charge(5000, 20000);
	take(&taken[0]);
	/* Those that are new have the numbers of those that have gone. */
	for (i = 0; i < 1000; i++)
		charge(6000 + i, 1 + i % 7);
	perftop_copy_some(&taken[0].copy);
	take(&taken[1]);
	for (i = 0; i < 1000; i++)
		charge(7000 + i, 20000);
	end(&taken[0]);
	for (i = 0; i < 1000; i++)
		charge(8000 + i, 20000 + i);
	end(&taken[1]);
	assert_true(table.moved > 2000);
	check_records();
}

/* Whose number is free when it is begun, and taken again before its turn. */
static void copy_of_what_was_free(void **state)
{
	begin(64, 4);
	fill(64, 1000);
	charge(100, 1);
	take(&taken[0]);
	charge(101, 2000);
	charge(102, 2000);
	end(&taken[0]);
	check_records();
}

/* Nothing is written to one that has been dropped. */
static void copy_that_is_dropped(void **state)
{
	unsigned int i, rows;

	begin(5000, 4);
	fill(5000, 10000);
	take(&taken[0]);
	take(&taken[1]);
	perftop_copy_some(&taken[0].copy);
	list_del_init(&taken[0].copy.node);
	rows = taken[0].copy.rows;
	give_back(&taken[0]);
	for (i = 0; i < 5000; i++)
		charge(i, 1);
	assert_int_equal(taken[0].copy.rows, rows);
	assert_false(perftop_copy_some(&taken[0].copy));
	end(&taken[1]);
	assert_true(list_empty(&table.copies));
}

/* Whoever waits for all of them brings them on. */
static void copies_are_ended_by_others(void **state)
{
	unsigned int i, n = 1;

	begin(5000, 4);
	fill(5000, 10000);
	take(&taken[0]);
	take(&taken[1]);
	assert_true(perftop_copy_some(&taken[0].copy));
	take(&taken[2]);
	for (; perftop_copies_some(&table); n++)
		charge(n, 1);
	/* Three pieces each, and one was there. */
	assert_int_equal(n, 3 * 3 - 1);
	assert_true(list_empty(&table.copies));
	for (i = 0; i < 3; i++)
		check_taken(&taken[i]);
	assert_false(perftop_copies_some(&table));
}

static void drop(struct taken *t)
{
	list_del_init(&t->copy.node);
	give_back(t);
}

/* Any order of anything, with several copies. */
static void copies_by_chance(void **state)
{
	bool used[COPIES] = { false };
	u64 seed = test_seed(501);
	unsigned int i, n;

	begin(5000, 17);
	for (i = 0; i < IDLE; i++)
		length[i] = 1 + test_below(&seed, 40);
	for (i = 0; i < 60000; i++) {
		n = test_below(&seed, 2) ? test_below(&seed, 9000) :
					   test_below(&seed, 200);
		charge_on(test_below(&seed, 2), n, test_below(&seed, 100));
		if (!test_below(&seed, 50))
			charge(IDLE + test_below(&seed, 20), 3);
		if (test_below(&seed, 400))
			continue;
		n = test_below(&seed, COPIES);
		if (!used[n]) {
			take(&taken[n]);
			used[n] = true;
		} else if (!test_below(&seed, 8)) {
			drop(&taken[n]);
			used[n] = false;
		} else if (!perftop_copy_some(&taken[n].copy)) {
			check_taken(&taken[n]);
			used[n] = false;
		}
	}
	assert_true(table.moved > 1000);
	for (n = 0; n < COPIES; n++)
		if (used[n])
			end(&taken[n]);
	check_records();
}

/* --- Through the shards, by chance ---------------------------------------- */

/* What each key has been charged with, and all of each account. */
static u64 ticks_of[KEYS], longest_of[KEYS];
static u64 total_ranked, total_idle, total_by_cpu[SHIM_CPU_IDS];

static void add(unsigned int cpu, unsigned int number, u64 ticks)
{
	struct perftop_key key;
	u64 *counter;
	u32 index;

	make_key(&key, number);
	index = perftop_shard_lookup(table.shard[cpu], &key);
	counter = perftop_shard_row(table.shard[cpu], 0, index, ++now);
	counter[TICKS] += ticks;
	counter[LONGEST] = max(counter[LONGEST], ticks);
	counter[BITS] |= BIT_ULL(ticks % 64);
	counter[LAST] = now;
	ticks_of[number] += ticks;
	longest_of[number] = max(longest_of[number], ticks);
	total_by_cpu[cpu] += ticks;
	if (number < IDLE)
		total_ranked += ticks;
	else
		total_idle += ticks;
}

static void drain(void)
{
	static u32 flips;
	unsigned int cpu;

	flips++;
	for_each_possible_cpu(cpu) {
		perftop_table_drain(&table, cpu, 0, UINT_MAX);
		perftop_table_recycle(&table, cpu, flips);
	}
}

static void check_record(const struct perftop_record *record)
{
	const unsigned int number = number_of(record);

	assert_true(record->counter[TICKS] <= ticks_of[number]);
	assert_true(record->counter[LONGEST] <= longest_of[number]);
	assert_int_equal(record->account,
			 number < IDLE ? PERFTOP_RANKED : PERFTOP_IDLE);
}

static void check_totals(void)
{
	u64 ranked = 0, idle = 0, by_cpu[SHIM_CPU_IDS] = { 0 };
	const struct perftop_record *record;
	unsigned int i, cpu;

	for (i = 0; i < PERFTOP_FIRST_RECORD + table.begun; i++) {
		record = perftop_record_at(&table, i);
		if (i >= PERFTOP_FIRST_RECORD && !record->id)
			continue;
		if (record->words)
			check_record(record);
		if (record->account == PERFTOP_IDLE)
			idle += record->counter[TICKS];
		else
			ranked += record->counter[TICKS];
		for_each_possible_cpu(cpu)
			by_cpu[cpu] += perftop_record_by_cpu(&table,
							     record)[cpu];
	}
	assert_int_equal(ranked, total_ranked);
	assert_int_equal(idle, total_idle);
	assert_memory_equal(by_cpu, total_by_cpu, sizeof(by_cpu));
}

static void forget(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		perftop_table_discard(&table, cpu, 0);
	perftop_records_clear(&table);
	memset(ticks_of, 0, sizeof(ticks_of));
	memset(longest_of, 0, sizeof(longest_of));
	memset(total_by_cpu, 0, sizeof(total_by_cpu));
	total_ranked = 0;
	total_idle = 0;
}

static void sums_by_chance(u64 seed, unsigned int limit, unsigned int words,
			   u32 mask)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	unsigned int i, base = 0;
	u64 moved = 0;

	seed = test_seed(seed);
	shim_jhash_mask = mask;
	begin(limit, 8);
	forget();
	for (i = 0; i < KEYS; i++) {
		length[i] = 1 + test_below(&seed, test_below(&seed, 20) ? words :
							PERFTOP_KEY_WORDS);
		dead[i] = test_below(&seed, 2);
	}
	for (i = 0; i < 200000; i++) {
		unsigned int number = base + test_below(&seed,
						1 + test_below(&seed, 200));

		add(cpus[test_below(&seed, 4)], number % IDLE,
		    test_below(&seed, 1000));
		if (!test_below(&seed, 30))
			add(cpus[test_below(&seed, 4)],
			    IDLE + test_below(&seed, 8), 7);
		base += !test_below(&seed, 9);
		if (!test_below(&seed, 20))
			drain();
		if (!test_below(&seed, 2000)) {
			drain();
			check_totals();
		}
		if (!test_below(&seed, 50000)) {
			moved += table.moved;
			forget();
		}
	}
	drain();
	check_totals();
	assert_true(moved + table.moved > 1000);
}

static void sums_of_a_small_table(void **state)
{
	sums_by_chance(601, 16, 8, ~0U);
}

static void sums_of_long_keys(void **state)
{
	sums_by_chance(602, 64, 40, ~0U);
}

static void sums_of_one_bucket(void **state)
{
	sums_by_chance(603, 50, 8, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(others_are_the_lowest),
		TEST(others_by_cpu),
		TEST(others_of_few),
		TEST(others_have_what_wrapped),
		TEST(others_of_many),
		TEST(others_are_the_dead_first),
		TEST(others_are_the_living_then),
		TEST(others_of_who_knows),
		TEST(others_are_not_idle),
		TEST(others_are_none_where_all_is_idle),
		TEST(others_come_back),
		TEST(others_leave_their_numbers),
		TEST(keys_need_blocks),
		TEST(keys_need_blocks_beside_idle),
		TEST(keys_fill_all_blocks),
		TEST(keys_are_short),
		TEST(keys_of_every_length),
		TEST(keys_of_one_bucket),
		TEST(ticks_wrap),
		TEST(copy_of_all),
		TEST(copy_of_nothing),
		TEST(copy_of_one_piece),
		TEST(copy_of_what_changes),
		TEST(copy_of_what_is_given_up),
		TEST(copy_of_what_was_free),
		TEST(copy_that_is_dropped),
		TEST(copies_are_ended_by_others),
		TEST(copies_by_chance),
		TEST(sums_of_a_small_table),
		TEST(sums_of_long_keys),
		TEST(sums_of_one_bucket),
	};

	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
