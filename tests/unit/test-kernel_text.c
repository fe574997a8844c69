// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of text: nothing until it has been asked for and answered, then
 * the pages whose code lasts and the functions' starts, whichever they are; and
 * nothing again once code has come or gone.
 */
#include "test.h"

#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "switch/kernel_text.h"

#define KERNEL		__START_KERNEL_map

/* A piece is so long, and keeps four functions. */
#define PIECE		0x100UL
#define SMALL		(PIECE / 8)

static struct shim_symbol symbols[5000];

static int setup(void **state)
{
	shim_percpu_reset();
	memset(symbols, 0, sizeof(symbols));
	shim_symbols = symbols;
	shim_cpu = 0;
	assert_int_equal(perftop_text_init(), 0);
	perftop_text_changed();
	return 0;
}

static int teardown(void **state)
{
	perftop_text_exit();
	assert_int_equal(shim_allocated, 0);
	return 0;
}

static void function(unsigned int n, unsigned long start, unsigned long size)
{
	symbols[n] = (struct shim_symbol){ start, size, "function" };
}

/* Returns how many questions were answered by a search. */
static unsigned int answers(void)
{
	const unsigned int lookups = shim_lookups;

	perftop_text_answer();
	return shim_lookups - lookups;
}

/* A switch asks, and never searches. */
static unsigned long ask(unsigned long addr)
{
	const unsigned int lookups = shim_lookups;
	unsigned long start = perftop_text_function(addr);

	assert_int_equal(shim_lookups, lookups);
	return start;
}

/* Memory */

static void text_takes_a_bit_a_page(void **state)
{
	const size_t bytes = (MODULES_END - MODULES_VADDR) / PAGE_SIZE / 8;

	assert_int_equal(perftop_text_bytes(), bytes);
	assert_int_equal(shim_allocated_bytes, bytes);
	perftop_text_exit();
	assert_int_equal(shim_allocated, 0);
	shim_fail_at = 1;
	assert_int_equal(perftop_text_init(), -ENOMEM);
	shim_fail_at = 0;
}

/* Which code lasts */

static bool known(unsigned long addr)
{
	const bool known = perftop_text_is_known(addr);

	assert_int_equal(perftop_text_lasts(addr), known);
	return known;
}

static void text_of_the_image_lasts(void **state)
{
	assert_true(perftop_text_lasts(KERNEL));
	assert_true(perftop_text_lasts(MODULES_VADDR - 1));
	assert_false(perftop_text_lasts(KERNEL - 1));
	assert_false(perftop_text_lasts(0x1000));
	assert_false(perftop_text_lasts(MODULES_END));
	assert_false(perftop_text_lasts(~0UL));
	/* None of them is a module's, nor is it asked for. */
	assert_false(perftop_text_is_known(KERNEL));
	assert_false(perftop_text_is_known(MODULES_VADDR - 1));
	assert_false(perftop_text_is_known(MODULES_END));
	assert_false(perftop_text_is_known(~0UL));
	assert_int_equal(answers(), 0);
}

/* @page of the modules' area becomes known, and no other. */
static void page_lasts(unsigned long page)
{
	const unsigned long last = (MODULES_END - MODULES_VADDR) / PAGE_SIZE - 1;
	const unsigned long at = MODULES_VADDR + page * PAGE_SIZE;

	perftop_text_changed();
	function(0, at, PAGE_SIZE);
	assert_false(known(at));
	assert_int_equal(answers(), 1);
	assert_true(known(at));
	assert_true(known(at + PAGE_SIZE - 1));
	if (page)
		assert_false(perftop_text_is_known(at - 1));
	if (page < last)
		assert_false(perftop_text_is_known(at + PAGE_SIZE));
	assert_int_equal(answers(), 0);
}

static void text_lasts_by_the_page(void **state)
{
	const unsigned long pages = (MODULES_END - MODULES_VADDR) / PAGE_SIZE;
	unsigned long page;

	for (page = 0; page < 200; page++)
		page_lasts(page);
	for (page = 1; page < pages; page *= 3)
		page_lasts(page);
	for (page = pages - 200; page < pages; page++)
		page_lasts(page);
}

/* BPF and trampolines lie among the modules. */
static void text_that_may_go_does_not_last(void **state)
{
	function(0, MODULES_VADDR, PAGE_SIZE);
	symbols[0].module = "bpf";
	assert_false(known(MODULES_VADDR));
	assert_int_equal(answers(), 1);
	assert_false(known(MODULES_VADDR));
	/* Nor does what nobody knows. */
	assert_false(known(MODULES_VADDR + 0x10000));
	assert_int_equal(answers(), 2);
	assert_false(known(MODULES_VADDR + 0x10000));
}

/* Where functions begin */

static void text_knows_all_of_a_function(void **state)
{
	unsigned long at;

	function(0, KERNEL, PIECE);
	/* The first address there is, too. */
	assert_int_equal(ask(KERNEL), KERNEL);
	assert_int_equal(answers(), 1);
	for (at = KERNEL; at < KERNEL + PIECE; at++)
		assert_int_equal(ask(at), KERNEL);
	assert_int_equal(answers(), 0);
	assert_int_equal(ask(KERNEL + PIECE), KERNEL + PIECE);
	assert_int_equal(answers(), 1);
}

/* Only what has been asked for; and not what lies before or behind it. */
static void text_knows_no_neighbour(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		function(i, KERNEL + i * SMALL, SMALL);
	ask(KERNEL + SMALL + 5);
	assert_int_equal(answers(), 1);
	assert_int_equal(ask(KERNEL + SMALL), KERNEL + SMALL);
	assert_int_equal(ask(KERNEL + 2 * SMALL - 1), KERNEL + SMALL);
	assert_int_equal(answers(), 0);
	assert_int_equal(ask(KERNEL + SMALL - 1), KERNEL + SMALL - 1);
	assert_int_equal(answers(), 1);
	assert_int_equal(ask(KERNEL + 2 * SMALL + 1), KERNEL + 2 * SMALL + 1);
	assert_int_equal(answers(), 1);
}

/* A user's address, or a wild one, is nobody's. */
static void text_below_the_kernel_is_not_asked_for(void **state)
{
	unsigned long at;

	for (at = 1; at < KERNEL / 2; at = 2 * at + at / 8 + 1)
		assert_int_equal(ask(at), at);
	assert_int_equal(ask(KERNEL - 1), KERNEL - 1);
	assert_int_equal(answers(), 0);
	assert_int_equal(ask(~0UL), ~0UL);
	assert_int_equal(answers(), 1);
}

/* Of four functions in one piece all are known, whatever is known beside. */
static void text_keeps_four_a_piece(void **state)
{
	const unsigned long at = KERNEL + 0x12000;
	unsigned int i;

	for (i = 0; i < 8; i++)
		function(i, at + i * PIECE / 4, PIECE / 4);
	for (i = 0; i < 8; i++) {
		ask(at + i * PIECE / 4 + 1);
		assert_int_equal(answers(), 1);
	}
	for (i = 0; i < 8; i++)
		assert_int_equal(ask(at + i * PIECE / 4 + 2),
				 at + i * PIECE / 4);
	assert_int_equal(answers(), 0);
}

/* A fifth takes the place of one of them. */
static void text_replaces_one_of_a_piece(void **state)
{
	unsigned int i, kept = 0;

	for (i = 0; i < 5; i++) {
		function(i, KERNEL + i * SMALL, SMALL);
		ask(KERNEL + i * SMALL + 1);
		assert_int_equal(answers(), 1);
	}
	assert_int_equal(ask(KERNEL + 4 * SMALL + 1), KERNEL + 4 * SMALL);
	for (i = 0; i < 4; i++)
		kept += ask(KERNEL + i * SMALL + 1) == KERNEL + i * SMALL;
	assert_int_equal(kept, 3);
}

/* Wherever a function lies it is asked for, by whichever CPU, and known then. */
static void text_knows_any_place(void **state)
{
	const unsigned int n = ARRAY_SIZE(symbols) - 1;
	unsigned long at;
	unsigned int i;

	for (i = 0; i < n; i++) {
		at = KERNEL + i * (0x7f000000UL / n) / PIECE * PIECE;
		function(0, at, SMALL);
		do {
			shim_cpu = (shim_cpu + 1) % SHIM_CPU_IDS;
		} while (!shim_possible(shim_cpu));
		assert_int_equal(ask(at + 1), at + 1);
		assert_int_equal(answers(), 1);
		assert_int_equal(ask(at + SMALL - 1), at);
		assert_int_equal(answers(), 0);
	}
}

/* Questions */

/* A piece asks one question at a time, the last one; two pieces ask two. */
static void text_asks_one_question_a_piece(void **state)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		function(i, KERNEL + i * PIECE / 2, PIECE / 2);
	ask(KERNEL + 1);
	ask(KERNEL + PIECE / 2 + 1);
	assert_int_equal(answers(), 1);
	assert_int_equal(ask(KERNEL + PIECE / 2 + 3), KERNEL + PIECE / 2);
	assert_int_equal(answers(), 0);
	ask(KERNEL + 1);
	ask(KERNEL + PIECE + 1);
	assert_int_equal(answers(), 2);
	assert_int_equal(ask(KERNEL + 2), KERNEL);
	assert_int_equal(ask(KERNEL + PIECE + 2), KERNEL + PIECE);
	assert_int_equal(answers(), 0);
}

/* Each CPU has its own; an offline one's are answered as well. */
static void text_answers_each_cpu(void **state)
{
	unsigned int cpu, n = 0;

	for_each_possible_cpu(cpu) {
		function(n++, KERNEL + cpu * SMALL, SMALL);
		shim_cpu = cpu;
		ask(KERNEL + cpu * SMALL + 1);
	}
	assert_int_equal(answers(), num_possible_cpus());
	for_each_possible_cpu(cpu)
		assert_int_equal(ask(KERNEL + cpu * SMALL + 2),
				 KERNEL + cpu * SMALL);
}

/* Once it is answered it is no question: there is nothing to be done. */
static void text_answers_once(void **state)
{
	unsigned long looks;

	ask(KERNEL + 0x5555);
	looks = shim_resched;
	assert_int_equal(answers(), 1);
	assert_int_equal(shim_resched, looks + 1);
	assert_int_equal(answers(), 0);
	assert_int_equal(shim_resched, looks + 1);
}

/* Where it is wanted at once, it is found, and kept like any other. */
static void text_is_found(void **state)
{
	const unsigned int lookups = shim_lookups;

	function(0, KERNEL + 0x4000, 0x80);
	assert_int_equal(perftop_text_find_function(KERNEL + 0x4033),
			 KERNEL + 0x4000);
	assert_int_equal(shim_lookups, lookups + 1);
	assert_int_equal(perftop_text_find_function(KERNEL + 0x407f),
			 KERNEL + 0x4000);
	assert_int_equal(ask(KERNEL + 0x4044), KERNEL + 0x4000);
	assert_int_equal(shim_lookups, lookups + 1);
	/* What is not kept is searched for each time. */
	symbols[0].start = MODULES_VADDR;
	symbols[0].module = "bpf";
	assert_int_equal(perftop_text_find_function(MODULES_VADDR + 9),
			 MODULES_VADDR);
	assert_int_equal(ask(MODULES_VADDR + 9), MODULES_VADDR + 9);
	assert_int_equal(perftop_text_find_function(MODULES_VADDR + 9),
			 MODULES_VADDR);
	assert_int_equal(shim_lookups, lookups + 3);
	/* Without a symbol the page stands for it. */
	assert_int_equal(perftop_text_find_function(KERNEL + 0x7123),
			 KERNEL + 0x7000);
}

/* Eras */

static void text_is_forgotten(void **state)
{
	u32 era = perftop_text_changed(), last;

	function(0, MODULES_VADDR, SMALL);
	function(1, KERNEL, SMALL);
	function(2, MODULES_END - PAGE_SIZE, SMALL);
	known(MODULES_VADDR);
	known(MODULES_END - PAGE_SIZE);
	ask(KERNEL + 1);
	assert_int_equal(answers(), 3);
	assert_true(known(MODULES_VADDR));
	assert_true(known(MODULES_END - PAGE_SIZE));
	assert_int_equal(ask(KERNEL + 1), KERNEL);
	last = era;
	era = perftop_text_changed();
	assert_int_not_equal(era, last);
	assert_int_not_equal(era, 0);
	assert_false(perftop_text_is_known(MODULES_VADDR));
	assert_false(perftop_text_is_known(MODULES_END - PAGE_SIZE));
	assert_int_equal(ask(MODULES_VADDR + 1), MODULES_VADDR + 1);
	assert_int_equal(ask(KERNEL + 1), KERNEL + 1);
}

/* Who asked may have asked for code that is gone, and another's be there now. */
static void text_answers_in_the_era_of_the_question(void **state)
{
	function(0, KERNEL, SMALL);
	ask(KERNEL + 1);
	perftop_text_changed();
	assert_int_equal(answers(), 0);
	assert_int_equal(ask(KERNEL + 1), KERNEL + 1);
	assert_int_equal(answers(), 1);
	assert_int_equal(ask(KERNEL + 1), KERNEL);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_takes_a_bit_a_page),
		TEST(text_of_the_image_lasts),
		TEST(text_lasts_by_the_page),
		TEST(text_that_may_go_does_not_last),
		TEST(text_knows_all_of_a_function),
		TEST(text_knows_no_neighbour),
		TEST(text_below_the_kernel_is_not_asked_for),
		TEST(text_keeps_four_a_piece),
		TEST(text_replaces_one_of_a_piece),
		TEST(text_knows_any_place),
		TEST(text_asks_one_question_a_piece),
		TEST(text_answers_each_cpu),
		TEST(text_answers_once),
		TEST(text_is_found),
		TEST(text_is_forgotten),
		TEST(text_answers_in_the_era_of_the_question),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
