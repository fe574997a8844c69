// SPDX-License-Identifier: GPL-2.0
/*
 * Logs: each CPU's ring keeps its last entries whole, and a reader gets those
 * of all CPUs, online or not.
 */
#include "test.h"

#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "engine/event_log.h"

#define WORDS	3
#define ENTRIES	64	/* a CPU */
#define CPUS	4

static struct perftop_log logged = { .words = WORDS };

/* As large as is asked for, so that what is beyond is seen. */
static u64 *copy;

static int setup(void **state)
{
	shim_percpu_reset();
	shim_cpu = 0;
	shim_offline = 0;
	assert_int_equal(perftop_log_init(&logged), 0);
	copy = malloc(perftop_log_limit() * WORDS * sizeof(*copy));
	return 0;
}

static int teardown(void **state)
{
	free(copy);
	perftop_log_exit(&logged);
	perftop_log_exit(&logged);
	assert_int_equal(shim_allocated, 0);
	return 0;
}

static void write_entry(unsigned int cpu, u64 value)
{
	u64 *entry;
	unsigned int i;

	shim_cpu = cpu;
	entry = perftop_log_next(&logged);
	for (i = 0; i < WORDS; i++)
		entry[i] = value + i;
	shim_cpu = 0;
}

static void write_entries(unsigned int cpu, u64 first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		write_entry(cpu, first + 10 * i);
}

static unsigned int read_entries(void)
{
	unsigned int n;

	cpus_read_lock();
	n = perftop_log_copy(&logged, copy);
	cpus_read_unlock();
	return n;
}

/* Is an entry there, once and whole? */
static bool is_there(unsigned int n, u64 value)
{
	unsigned int i, j, found = 0;

	for (i = 0; i < n; i++) {
		if (copy[i * WORDS] != value)
			continue;
		for (j = 0; j < WORDS; j++)
			assert_int_equal(copy[i * WORDS + j], value + j);
		found++;
	}
	assert_true(found < 2);
	return found;
}

static void log_is_empty(void **state)
{
	assert_int_equal(read_entries(), 0);
	assert_int_equal(perftop_log_limit(), CPUS * ENTRIES);
}

static void keeps(unsigned int written, unsigned int kept)
{
	unsigned int n, i;

	write_entries(1, 1000, written);
	n = read_entries();
	assert_int_equal(n, kept);
	for (i = 0; i < written; i++)
		assert_int_equal(is_there(n, 1000 + 10 * i),
				 i >= written - kept);
}

static void log_keeps_one(void **state)
{
	keeps(1, 1);
}

static void log_keeps_less_than_its_ring(void **state)
{
	keeps(ENTRIES - 1, ENTRIES - 1);
}

static void log_keeps_its_ring(void **state)
{
	keeps(ENTRIES, ENTRIES);
}

static void log_writes_over_the_oldest(void **state)
{
	keeps(ENTRIES + 1, ENTRIES);
}

static void log_goes_round_more_than_once(void **state)
{
	keeps(3 * ENTRIES + 5, ENTRIES);
}

/* Each CPU is asked for its own; who is offline cannot be. */
static void log_of_all_cpus(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	unsigned int i, n, calls;

	for (i = 0; i < CPUS; i++)
		write_entries(cpus[i], 10000 * (i + 1), i + 1);
	shim_offline = 1U << 3;
	calls = shim_calls;
	n = read_entries();
	assert_int_equal(shim_calls - calls, CPUS - 1);
	assert_int_equal(n, 1 + 2 + 3 + 4);
	for (i = 0; i < CPUS; i++) {
		assert_true(is_there(n, 10000 * (i + 1)));
		assert_true(is_there(n, 10000 * (i + 1) + 10 * i));
	}
}

static void log_of_all_cpus_is_full(void **state)
{
	unsigned int cpu, n;

	for_each_possible_cpu(cpu)
		write_entries(cpu, 10000 * (cpu + 1), ENTRIES + 6);
	n = read_entries();
	assert_int_equal(n, CPUS * ENTRIES);
	for_each_possible_cpu(cpu) {
		assert_false(is_there(n, 10000 * (cpu + 1) + 10 * 5));
		assert_true(is_there(n, 10000 * (cpu + 1) + 10 * 6));
		assert_true(is_there(n, 10000 * (cpu + 1) + 10 * 69));
	}
}

/* Reading takes nothing away. */
static void log_is_read_twice(void **state)
{
	write_entries(1, 1000, 5);
	assert_int_equal(read_entries(), 5);
	assert_int_equal(read_entries(), 5);
	assert_true(is_there(5, 1040));
}

static void log_is_cleared(void **state)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		write_entries(cpu, 1000, ENTRIES + 1);
	shim_offline = 1U << 5;
	perftop_log_clear(&logged);
	assert_int_equal(read_entries(), 0);
	write_entry(5, 77);
	write_entry(0, 88);
	assert_int_equal(read_entries(), 2);
	assert_true(is_there(2, 77));
	assert_true(is_there(2, 88));
}

static void log_runs_out_of_memory(void **state)
{
	unsigned int n;

	perftop_log_exit(&logged);
	for (n = 1; ; n++) {
		shim_fail_at = n;
		if (!perftop_log_init(&logged))
			break;
		assert_int_equal(shim_allocated, 0);
		assert_null(logged.cpu);
	}
	shim_fail_at = 0;
	assert_int_equal(n, 1 + 1 + CPUS);
	assert_int_equal(shim_allocated_bytes,
			 CPUS * (ENTRIES * WORDS + 2) * sizeof(u64));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(log_is_empty),
		TEST(log_keeps_one),
		TEST(log_keeps_less_than_its_ring),
		TEST(log_keeps_its_ring),
		TEST(log_writes_over_the_oldest),
		TEST(log_goes_round_more_than_once),
		TEST(log_of_all_cpus),
		TEST(log_of_all_cpus_is_full),
		TEST(log_is_read_twice),
		TEST(log_is_cleared),
		TEST(log_runs_out_of_memory),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
