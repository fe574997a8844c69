// SPDX-License-Identifier: GPL-2.0
/*
 * The ranking: whatever is inserted and updated, a walk from the first record
 * to the last sees all of them, the greatest first. The counters of a table
 * only grow, so that among equals the one that was there first stays first.
 */
#include "test.h"

#include "engine/table.h"
#include "rbtop.h"

#define RECORDS		200
#define COUNTERS	3
#define RANK		1	/* neither the first nor the last */

struct entry {
	struct perftop_record	record;
	u64			counter[COUNTERS];
};

static struct entry entries[RECORDS];

/* When each record came to the value that it has. */
static u64 since[RECORDS];
static u64 time;

static struct rb_root top;

static int setup(void **state)
{
	memset(entries, 0, sizeof(entries));
	memset(since, 0, sizeof(since));
	top = RB_ROOT;
	return 0;
}

static struct perftop_record *record(unsigned int i)
{
	return &entries[i].record;
}

static void insert(unsigned int i, u64 value)
{
	record(i)->counter[RANK] = value;
	since[i] = ++time;
	perftop_rbtop_insert(&top, record(i), RANK);
}

static void add(unsigned int i, u64 value)
{
	record(i)->counter[RANK] += value;
	if (value)
		since[i] = ++time;
	perftop_rbtop_update(&top, record(i), RANK);
}

static unsigned int number_of(const struct perftop_record *record)
{
	return (const struct entry *)record - entries;
}

/* The first @n entries are in the ranking, and in their order. */
static void check(unsigned int n)
{
	const struct perftop_record *r = perftop_rbtop_first(&top);
	const struct perftop_record *last = NULL;
	unsigned int seen = 0;

	for (; r; last = r, r = perftop_rbtop_next(r)) {
		assert_true(number_of(r) < n);
		seen++;
		if (!last)
			continue;
		assert_true(last->counter[RANK] >= r->counter[RANK]);
		if (last->counter[RANK] == r->counter[RANK])
			assert_true(since[number_of(last)] <
				    since[number_of(r)]);
	}
	assert_int_equal(seen, n);
}

static void rbtop_empty(void **state)
{
	assert_null(perftop_rbtop_first(&top));
}

static void rbtop_one(void **state)
{
	insert(0, 5);
	assert_ptr_equal(perftop_rbtop_first(&top), record(0));
	assert_null(perftop_rbtop_next(record(0)));
	add(0, 1);
	check(1);
}

/* The other counters do not order. */
static void rbtop_orders_by_its_counter(void **state)
{
	record(0)->counter[0] = 9;
	record(1)->counter[2] = 9;
	insert(0, 1);
	insert(1, 2);
	insert(2, 3);
	assert_ptr_equal(perftop_rbtop_first(&top), record(2));
	check(3);
}

static void rbtop_equals_keep_their_order(void **state)
{
	unsigned int i;

	for (i = 0; i < RECORDS; i++)
		insert(i, 7);
	check(RECORDS);
	/* From both ends and the middle up to the value of another. */
	add(0, 3);
	add(RECORDS - 1, 3);
	add(RECORDS / 2, 3);
	check(RECORDS);
}

static void rbtop_moves_past_many(void **state)
{
	unsigned int i;

	for (i = 0; i < RECORDS; i++)
		insert(i, 1000 - i);
	add(RECORDS - 1, 10000);
	assert_ptr_equal(perftop_rbtop_first(&top), record(RECORDS - 1));
	check(RECORDS);
}

/* A counter that is what was last, and not a sum, may also fall. */
static void rbtop_moves_down(void **state)
{
	unsigned int i;

	for (i = 0; i < RECORDS; i++)
		insert(i, 1000 - i);
	record(0)->counter[RANK] = 990;
	since[0] = ++time;
	perftop_rbtop_update(&top, record(0), RANK);
	check(RECORDS);
	assert_ptr_equal(perftop_rbtop_first(&top), record(1));
	assert_ptr_equal(perftop_rbtop_next(record(10)), record(0));
}

/* Above 2^63, and a difference that has no sign. */
static void rbtop_compares_unsigned(void **state)
{
	insert(0, 1);
	insert(1, ~0ULL);
	insert(2, 1ULL << 63);
	assert_ptr_equal(perftop_rbtop_first(&top), record(1));
	check(3);
}

static void rbtop_random_updates(void **state)
{
	u64 seed = test_seed(101);
	unsigned int round, i;

	for (i = 0; i < RECORDS; i++) {
		insert(i, test_below(&seed, 20));
		check(i + 1);
	}
	for (round = 0; round < 20000; round++) {
		/* Small steps, so that there are many equals. */
		add(test_below(&seed, RECORDS), test_below(&seed, 4));
		if (round % 16 == 0)
			check(RECORDS);
	}
	check(RECORDS);
}

static void check_order(unsigned int first, unsigned int second,
			unsigned int third)
{
	const struct perftop_record *r = perftop_rbtop_first(&top);

	assert_int_equal(number_of(r), first);
	r = perftop_rbtop_next(r);
	assert_int_equal(number_of(r), second);
	r = perftop_rbtop_next(r);
	assert_int_equal(number_of(r), third);
}

/* What has wrapped is more than what has not, whoever has come first. */
static void rbtop_orders_more_than_64_bits(void **state)
{
	record(0)->account = 3;
	record(2)->high = 2;
	insert(0, -1ULL);
	insert(1, -2ULL);
	insert(2, 5);
	check_order(2, 0, 1);
	record(1)->high = 1;
	add(1, 3);
	check_order(2, 1, 0);
	record(0)->high = 1;
	add(0, 1);
	check_order(2, 1, 0);
	add(0, 2);
	check_order(2, 0, 1);
	record(1)->high = 3;
	add(1, 0);
	check_order(1, 2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rbtop_empty, setup),
		cmocka_unit_test_setup(rbtop_one, setup),
		cmocka_unit_test_setup(rbtop_orders_by_its_counter, setup),
		cmocka_unit_test_setup(rbtop_equals_keep_their_order, setup),
		cmocka_unit_test_setup(rbtop_moves_past_many, setup),
		cmocka_unit_test_setup(rbtop_moves_down, setup),
		cmocka_unit_test_setup(rbtop_compares_unsigned, setup),
		cmocka_unit_test_setup(rbtop_orders_more_than_64_bits, setup),
		cmocka_unit_test_setup(rbtop_random_updates, setup),
	};

	return cmocka_run_group_tests_name("rbtop", tests, NULL, NULL);
}
