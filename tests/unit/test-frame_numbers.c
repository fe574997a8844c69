// SPDX-License-Identifier: GPL-2.0
/*
 * Frames by number: each place and each text has one, whatever the hash, and they
 * stay what they are while there come more.
 */
#include "test.h"

#include <stdio.h>

#include <linux/jhash.h>
#include <linux/slab.h>

#include "proc/frame_numbers.h"

static struct perftop_frame_numbers *numbers;

static int setup(void **state)
{
	numbers = perftop_frame_numbers_create();
	return !numbers;
}

static int teardown(void **state)
{
	perftop_frame_numbers_free(numbers);
	shim_jhash_mask = ~0U;
	assert_int_equal(shim_allocated, 0);
	return 0;
}

static u32 add(u64 space, u64 frame, const char *text)
{
	return perftop_frame_number_add(numbers, space, frame, text, strlen(text));
}

static void frames_have_numbers(void **state)
{
	assert_int_equal(perftop_frame_number(numbers, 1, 2), 0);
	assert_int_equal(add(1, 2, "one"), 1);
	assert_int_equal(perftop_frame_number(numbers, 1, 2), 1);
	assert_int_equal(perftop_frame_number(numbers, 2, 1), 0);
	assert_int_equal(perftop_frame_number(numbers, 1ULL << 32, 2), 0);
	assert_int_equal(perftop_frame_number(numbers, 1, 2ULL << 32), 0);
	assert_int_equal(add(2, 1, "two"), 2);
	assert_string_equal(perftop_frame_text(numbers, 1), "one");
	assert_string_equal(perftop_frame_text(numbers, 2), "two");
	assert_int_equal(perftop_frame_numbers_count(numbers), 2);
}

/* The same text in another place is the same frame; a longer one is not. */
static void frames_of_one_text(void **state)
{
	assert_int_equal(add(1, 2, "one"), 1);
	assert_int_equal(add(3, 4, "one"), 1);
	assert_int_equal(perftop_frame_number(numbers, 3, 4), 1);
	assert_int_equal(add(5, 6, "ones"), 2);
	assert_int_equal(perftop_frame_number_add(numbers, 7, 8, "ones", 3), 1);
	assert_int_equal(perftop_frame_numbers_count(numbers), 2);
}

#define MANY	5000

static void add_many(void)
{
	char text[16];
	u32 i;

	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%u", i % (MANY / 2));
		assert_int_equal(add(i % 7, i, text), i % (MANY / 2) + 1);
	}
	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%u", i % (MANY / 2));
		assert_int_equal(perftop_frame_number(numbers, i % 7, i),
				 i % (MANY / 2) + 1);
		assert_string_equal(perftop_frame_text(numbers, i % (MANY / 2) + 1),
				    text);
	}
	assert_int_equal(perftop_frame_numbers_count(numbers), MANY / 2);
	assert_int_equal(perftop_frame_numbers_lost(numbers), 0);
}

static void frames_of_any_number(void **state)
{
	add_many();
}

/* The whole place and the whole text decide, and there is room behind the last. */
static void frames_of_few_hashes(void **state)
{
	shim_jhash_mask = 0x3ff;
	add_many();
}

/* What there is no memory for is counted, and all else is as it was. */
static void frames_without_memory(void **state)
{
	u64 lost = 0;
	char text[16];
	u32 i, n;

	for (i = 0, n = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		shim_fail_at = i % 3 ? 0 : 1;
		if (add(0, i, text))
			n++;
		else
			lost++;
		shim_fail_at = 0;
	}
	assert_int_equal(lost, 1000);
	assert_int_equal(perftop_frame_numbers_lost(numbers), lost);
	assert_int_equal(perftop_frame_numbers_count(numbers), n);
	for (i = 0, n = 0; i < 3000; i++)
		assert_int_equal(perftop_frame_number(numbers, 0, i),
				 i % 3 ? ++n : 0);
	/* Nor does it begin without. */
	for (i = 1; i <= 4; i++) {
		shim_fail_at = i;
		assert_null(perftop_frame_numbers_create());
	}
	shim_fail_at = 0;
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_have_numbers),
		TEST(frames_of_one_text),
		TEST(frames_of_any_number),
		TEST(frames_of_few_hashes),
		TEST(frames_without_memory),
	};

	return cmocka_run_group_tests_name("frame_numbers", tests, NULL, NULL);
}
