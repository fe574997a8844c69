// SPDX-License-Identifier: GPL-2.0
/*
 * Functions by name and by address: a name is found with the compiler's
 * suffixes, an extent is what the kernel says of the symbol.
 */
#include "test.h"

#include <stdio.h>

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "switch/symbol.h"

#define FUNCTION(n)	(0xffffffff81000000UL + (n) * 0x100UL)
#define NOWHERE		0xffffffff90000abcUL

static struct shim_symbol symbols[] = {
	{ FUNCTION(0), 0x100, "plain" },
	{ FUNCTION(1), 0x40, "twice.isra.0" },
	{ FUNCTION(2), 0x100, "twice.constprop.0" },
	{ FUNCTION(3), 0x2c0, "long_one" },
	{ FUNCTION(6), 0x100, "in_module", "ext4" },
	{ FUNCTION(7), 0x100, "bpf_prog_1", "bpf" },
	{ FUNCTION(8), 0x100, "bpf_like", "bpf_preload" },
	{ FUNCTION(9), 0x100, "ftrace_trampoline", "__builtin__ftrace" },
	{ FUNCTION(10), 0x100, "kprobe_insn_page", "__builtin__kprobes" },
	{ FUNCTION(11), 0x100, "in_name", "x__builtin__" },
	{ }
};

static char *symbol;

static int setup(void **state)
{
	shim_symbols = symbols;
	shim_kprobe_refused = NULL;
	/* As large as is asked for, so that what is beyond is seen. */
	symbol = shim_kzalloc(KSYM_SYMBOL_LEN);
	return 0;
}

static int teardown(void **state)
{
	kfree(symbol);
	assert_int_equal(shim_allocated, 0);
	assert_int_equal(shim_kprobes_n, 0);
	return 0;
}

static int probe_of(struct kprobe *probe, const char *first, const char *second)
{
	const char *const names[] = { first, second, NULL };

	return perftop_symbol_probe(probe, names, symbol);
}

/* The probe is set, once, on this function. */
static void probes(const char *first, const char *second, const char *found,
		   unsigned long start)
{
	struct kprobe probe = { .flags = KPROBE_FLAG_DISABLED };

	assert_int_equal(probe_of(&probe, first, second), 0);
	assert_ptr_equal(probe.symbol_name, symbol);
	assert_string_equal(symbol, found);
	assert_int_equal(shim_kprobes_n, 1);
	assert_int_equal((unsigned long)probe.addr, start);
	assert_int_equal(probe.flags, KPROBE_FLAG_DISABLED);
	unregister_kprobe(&probe);
}

static void symbol_is_probed_by_the_first_name(void **state)
{
	probes("plain", "long_one", "plain", FUNCTION(0));
	probes("none", "long_one", "long_one", FUNCTION(3));
	/* The first name's suffixes come before the second name. */
	probes("twice", "plain", "twice.isra.0", FUNCTION(1));
	/* And no more than a suffix may follow. */
	probes("twi", "plain", "plain", FUNCTION(0));
}

static void symbol_is_probed_with_any_suffix(void **state)
{
	static const char *const suffixes[] = {
		"", ".isra.0", ".constprop.0", ".isra.0.constprop.0",
		".constprop.0.isra.0", ".isra.1", ".constprop.1", ".isra.2",
		".constprop.2",
	};
	char name[64];
	struct shim_symbol one[] = { { FUNCTION(5), 0x100, name }, { } };
	unsigned int i;

	shim_symbols = one;
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(name, sizeof(name), "some%s", suffixes[i]);
		probes("some", NULL, name, FUNCTION(5));
	}
	strcpy(name, "some.cold");
	assert_int_equal(probe_of(&(struct kprobe){}, "some", NULL), -ENOENT);
}

/* What the kernel says of the first that it has is what is returned. */
static void symbol_that_is_refused(void **state)
{
	struct kprobe probe = {};

	shim_kprobe_refused = "twice.isra.0";
	shim_kprobe_error = -EINVAL;
	assert_int_equal(probe_of(&probe, "twice", "plain"), -EINVAL);
	assert_string_equal(symbol, "twice.isra.0");
	shim_kprobe_error = -ENOMEM;
	assert_int_equal(probe_of(&probe, "none", "twice"), -ENOMEM);
	assert_int_equal(shim_kprobes_n, 0);
}

/* One that has no room is not there, and no byte lies outside. */
static void symbol_of_any_length(void **state)
{
	char name[2 * KSYM_NAME_LEN], *room = shim_kzalloc(KSYM_NAME_LEN);
	const char *const names[] = { name, NULL };
	struct kprobe probe = {};

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(perftop_symbol_probe(&probe, names, room), -ENOENT);
	assert_int_equal(strlen(room), KSYM_NAME_LEN - 1);
	kfree(room);
}

static void extends(unsigned long addr, unsigned long start,
		    unsigned long size)
{
	struct perftop_range range;

	assert_true(perftop_symbol_extent(addr, symbol, &range));
	assert_int_equal(range.start, start);
	assert_int_equal(range.size, size);
}

static void symbol_extends(void **state)
{
	struct perftop_range range;

	extends(FUNCTION(3), FUNCTION(3), 0x2c0);
	assert_string_equal(symbol, "long_one+0x0/0x2c0");
	extends(FUNCTION(3) + 0x2bf, FUNCTION(3), 0x2c0);
	assert_string_equal(symbol, "long_one+0x2bf/0x2c0");
	extends(FUNCTION(6) + 9, FUNCTION(6), 0x100);
	assert_string_equal(symbol, "in_module+0x9/0x100 [ext4]");
	assert_false(perftop_symbol_extent(FUNCTION(3) + 0x2c0, symbol, &range));
	assert_false(perftop_symbol_extent(NOWHERE, symbol, &range));
}

static void is_in_range(const struct perftop_range *range)
{
	assert_true(perftop_in_range(range, range->start));
	assert_true(perftop_in_range(range, range->start + range->size - 1));
	assert_false(perftop_in_range(range, range->start - 1));
	assert_false(perftop_in_range(range, range->start + range->size));
}

/* By a probe that is never armed, and does not stay. */
static void symbol_has_a_range(void **state)
{
	const unsigned int armed = shim_kprobes_armed;
	struct perftop_range range;

	assert_true(perftop_symbol_range("long_one", &range));
	assert_int_equal(range.start, FUNCTION(3));
	assert_int_equal(range.size, 0x2c0);
	is_in_range(&range);
	assert_int_equal(shim_kprobes_n, 0);
	assert_true(perftop_symbol_range("twice", &range));
	assert_int_equal(range.start, FUNCTION(1));
	assert_int_equal(range.size, 0x40);
	assert_false(perftop_symbol_range("none", &range));
	assert_int_equal(shim_kprobes_armed, armed);
}

static void lasts(bool lasting, unsigned int n)
{
	struct perftop_function function;

	perftop_symbol_function(FUNCTION(n) + 1, symbol, &function);
	assert_int_equal(function.range.start, FUNCTION(n));
	assert_int_equal(function.range.size, 0x100);
	assert_int_equal(function.lasting, lasting);
}

/* A module's goes with the module, others when they like. */
static void symbol_lasts(void **state)
{
	lasts(true, 0);
	lasts(true, 6);
	lasts(false, 7);
	lasts(true, 8);
	lasts(false, 9);
	lasts(false, 10);
	lasts(true, 11);
}

static void symbol_stands_for_nothing_known(void **state)
{
	struct perftop_function function = { .lasting = true };

	perftop_symbol_function(NOWHERE, symbol, &function);
	assert_int_equal(function.range.start, NOWHERE - 0xabc);
	assert_int_equal(function.range.size, PAGE_SIZE);
	assert_false(function.lasting);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(symbol_is_probed_by_the_first_name),
		TEST(symbol_is_probed_with_any_suffix),
		TEST(symbol_that_is_refused),
		TEST(symbol_of_any_length),
		TEST(symbol_extends),
		TEST(symbol_has_a_range),
		TEST(symbol_lasts),
		TEST(symbol_stands_for_nothing_known),
	};

	return cmocka_run_group_tests_name("symbol", tests, NULL, NULL);
}
