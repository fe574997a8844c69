// SPDX-License-Identifier: GPL-2.0
/*
 * The filter: each word keeps in what it says and nothing else, on either side
 * of each bound; a bad word changes nothing.
 */
#include "test.h"

#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>

#include "engine/filter.h"
#include "switch/cpu.h"

/* 2.5 ticks a ns. */
unsigned int tsc_khz = 2500000;

DEFINE_STATIC_KEY_FALSE(perftop_watching);

static struct task_struct task;

static int setup(void **state)
{
	shim_cpu = 0;
	shim_logged = 0;
	task = (struct task_struct){
		.pid = 42, .tgid = 40, .comm = "cc1", .static_prio = 120,
		.prio = 120,
	};
	return 0;
}

static int teardown(void **state)
{
	perftop_filter_exit();
	assert_int_equal(shim_allocated, 0);
	assert_int_equal(perftop_filtering.enabled, 0);
	assert_int_equal(perftop_watching.enabled, 0);
	return 0;
}

static void set(const char *words)
{
	assert_int_equal(perftop_filter_set(words), 0);
}

static bool passes(void)
{
	return perftop_filter_passes(&task);
}

static bool pid_passes(pid_t pid)
{
	task.pid = pid;
	return passes();
}

static bool comm_passes(const char *comm)
{
	memset(task.comm, 0, sizeof(task.comm));
	memcpy(task.comm, comm, strlen(comm));
	return passes();
}

static bool prio_passes(int prio)
{
	task.prio = prio;
	return passes();
}

static bool cpu_passes(unsigned int cpu)
{
	bool result;

	shim_cpu = cpu;
	result = passes();
	shim_cpu = 0;
	return result;
}

static const char *words(void)
{
	static char copy[PERFTOP_FILTER_WORDS + 1];

	memset(copy, 'x', sizeof(copy));
	perftop_filter_copy(copy);
	assert_int_equal(copy[PERFTOP_FILTER_WORDS], 'x');
	return copy;
}

static void filter_is_none(void **state)
{
	assert_true(passes());
	assert_true(perftop_filter_passes_slice(0));
	assert_true(perftop_filter_passes_slice(~0ULL));
	assert_true(perftop_filter_passes_open(&task, ~0ULL));
	assert_string_equal(words(), "");
	assert_int_equal(perftop_filtering.enabled, 0);
}

static void filter_by_pid(void **state)
{
	set("pid=42");
	assert_true(pid_passes(42));
	assert_false(pid_passes(41));
	assert_false(pid_passes(43));
	assert_false(pid_passes(40));
	assert_false(perftop_filter_passes_open(&task, 0));
	task.pid = 42;
	assert_true(perftop_filter_passes_open(&task, ~0ULL));
	assert_true(perftop_filter_passes_slice(0));
	assert_true(perftop_filter_passes_slice(~0ULL));
}

static void filter_by_tgid(void **state)
{
	set("tgid=40");
	assert_true(pid_passes(42));
	assert_true(pid_passes(40));
	task.tgid = 42;
	assert_false(pid_passes(40));
	assert_false(pid_passes(42));
}

static void filter_by_comm(void **state)
{
	set("comm=cc1");
	assert_true(comm_passes("cc1"));
	assert_false(comm_passes("cc"));
	assert_false(comm_passes("cc1p"));
	assert_false(comm_passes("cc2"));
	set("comm=c");
	assert_true(comm_passes("c"));
	assert_false(comm_passes("cc1"));
	set("comm=0123456789abcde");
	assert_true(comm_passes("0123456789abcde"));
	assert_false(comm_passes("0123456789abcdf"));
	assert_int_equal(perftop_filter_set("comm=0123456789abcdef"), -EINVAL);
}

/* By the priority that the scheduler goes by, not by the nice level. */
static void filter_by_class(void **state)
{
	set("class=fair");
	assert_true(prio_passes(100));
	assert_true(prio_passes(120));
	assert_true(prio_passes(139));
	assert_false(prio_passes(99));
	assert_false(prio_passes(0));
	assert_false(prio_passes(-1));
	/* From the first bound up, and below the other down, there is no end. */
	assert_true(prio_passes(INT_MAX));
	assert_false(prio_passes(INT_MIN));
	set("class=rt");
	assert_true(prio_passes(99));
	assert_true(prio_passes(0));
	assert_false(prio_passes(-1));
	assert_false(prio_passes(100));
	assert_false(prio_passes(139));
	set("class=deadline");
	assert_true(prio_passes(-1));
	assert_true(prio_passes(INT_MIN));
	assert_false(prio_passes(INT_MAX));
	assert_false(prio_passes(0));
	assert_false(prio_passes(120));
	set("class=any");
	assert_true(prio_passes(-1));
	assert_true(prio_passes(0));
	assert_true(prio_passes(139));
}

static void filter_by_cpu(void **state)
{
	set("cpu=1,3-5");
	assert_false(cpu_passes(0));
	assert_true(cpu_passes(1));
	assert_true(cpu_passes(3));
	assert_true(cpu_passes(5));
	set("cpu=0");
	assert_true(cpu_passes(0));
	assert_false(cpu_passes(1));
	/* A comma also stands between words. */
	set("cpu=1,3,pid=42");
	assert_true(cpu_passes(3));
	assert_false(cpu_passes(0));
	task.pid = 43;
	assert_false(cpu_passes(3));
	set("pid=43,cpu=0,5 tgid=40");
	assert_true(cpu_passes(5));
	assert_false(cpu_passes(1));
	task.tgid = 41;
	assert_false(cpu_passes(5));
	/* Quotes may stand where they need not. */
	set("cpu=\"1\",\"3-5\"");
	assert_true(cpu_passes(1));
	assert_false(cpu_passes(0));
	assert_true(cpu_passes(3));
	assert_true(cpu_passes(5));
	set("cpu=\"0,3\"");
	assert_true(cpu_passes(0));
	assert_false(cpu_passes(1));
	assert_true(cpu_passes(3));
}

/* In any order; what lies between them is none of them. */
static void filter_by_lists_of_ids(void **state)
{
	static const pid_t listed[] = { 7, 42, 46, 2147483647 };
	unsigned int i;

	set("pid=46,2147483647,,7,42");
	for (i = 0; i < ARRAY_SIZE(listed); i++) {
		assert_true(pid_passes(listed[i]));
		assert_false(pid_passes(listed[i] - 1));
	}
	assert_false(pid_passes(8));
	assert_false(pid_passes(43));
	assert_false(pid_passes(47));
	set("tgid=39,41,pid=1,3");
	task.tgid = 39;
	assert_true(pid_passes(1));
	assert_false(pid_passes(2));
	assert_true(pid_passes(3));
	assert_false(pid_passes(4));
	task.tgid = 40;
	assert_false(pid_passes(1));
	task.tgid = 41;
	assert_true(pid_passes(1));
	/* A word in front of a list is asked as well. */
	set("cpu=1 pid=41,43");
	task.pid = 43;
	assert_true(cpu_passes(1));
	assert_false(cpu_passes(0));
	/* The word's other values are no ids of the other kind. */
	set("tgid=39,41");
	assert_true(pid_passes(7));
}

static void filter_by_lists_of_names(void **state)
{
	set("comm=cc1,ld,\"Web Content\",make cpu=0");
	assert_true(comm_passes("cc1"));
	assert_true(comm_passes("ld"));
	assert_true(comm_passes("Web Content"));
	assert_true(comm_passes("make"));
	assert_false(comm_passes("Web"));
	assert_false(comm_passes("Content"));
	assert_false(comm_passes("cc"));
	assert_false(comm_passes("l"));
	assert_false(comm_passes(""));
	assert_false(cpu_passes(1));
}

/* A list of so many, with a gap before the last, and one more. */
static void filter_by_long_lists(void **state)
{
	static const char *const words[] = { "pid", "tgid", "comm" };
	char list[100] = "";
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		n = snprintf(list, sizeof(list),
			     "%s=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,17",
			     words[i]);
		set(list);
		task.tgid = 17;
		memcpy(task.comm, "17", 3);
		assert_true(pid_passes(17));
		task.tgid = 16;
		memcpy(task.comm, "16", 3);
		assert_false(pid_passes(16));
		memcpy(list + n, ",18", 4);
		assert_int_equal(perftop_filter_set(list), -EINVAL);
		assert_non_null(strstr(shim_last_logged, "16 at most"));
	}
	/* Behind all of one list, how many the other has is no id. */
	set("tgid=15,16,17,pid=1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17");
	assert_true(pid_passes(4));
	assert_false(pid_passes(3));
}

/* What is written, and the name that it is. */
static const char *const names[][2] = {
	{ "comm=\"Web Content\"", "Web Content" },
	{ "comm=\"DOM,Worker\"", "DOM,Worker" },
	{ "comm=\"a=b\"", "a=b" },
	{ "comm=a=b", "a=b" },
	{ "comm=\"\"", "" },
	{ "comm=\"pid=7 x\"", "pid=7 x" },
	{ "comm=\"a\\\"b\"", "a\"b" },
	{ "comm=\"a\\\" b\" cpu=0", "a\" b" },
	{ "comm=\"\\\\\"", "\\" },
	{ "comm=a\\b\\", "a\\b\\" },
	{ "comm=\"\\x0a\\xC3\\xb37\\x01\"", "\n\xc3\xb3\x37\x01" },
	{ "comm=\"a\tb\"", "a\tb" },
	{ "comm=Żółw", "Żółw" },
	{ "comm=voil\xc3\xa0", "voil\xc3\xa0" },
	{ "comm=[overflow]", "[overflow]" },
	{ "comm=\"0123456789abcde\"", "0123456789abcde" },
	{ "pid=42,comm=\"x,y\",tgid=40", "x,y" },
	{ "comm=\"x y\"\tpid=42", "x y" },
	{ "comm=\"\\x41\\\\x42\"", "A\\x42" },
};

static void filter_by_any_name(void **state)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (perftop_filter_set(names[i][0]))
			fail_msg("%s is refused", names[i][0]);
		assert_string_equal(words(), names[i][0]);
		for (j = 0; j < ARRAY_SIZE(names); j++)
			if (comm_passes(names[j][1]) !=
			    !strcmp(names[i][1], names[j][1]))
				fail_msg("%s: %s", names[i][0], names[j][1]);
	}
}

/* A slice of just so many ticks is long enough, one of one less is not. */
static void shortest_is(const char *with, u64 ticks)
{
	set(with);
	assert_false(perftop_filter_passes_slice(ticks - 1));
	assert_true(perftop_filter_passes_slice(ticks));
	assert_true(perftop_filter_passes_slice(ticks + 1));
	assert_true(perftop_filter_passes_slice(~0ULL));
	/* Nobody knows yet how long an open one will be. */
	assert_true(perftop_filter_passes_open(&task, 0));
	assert_true(perftop_filter_passes_open(&task, ~0ULL));
	assert_true(passes());
}

static void filter_by_shortest(void **state)
{
	shortest_is("shortest=10ns", 25);
	shortest_is("shortest=10us", 25000);
	shortest_is("shortest=10", 25000);
	shortest_is("shortest=10ms", 25000000);
	shortest_is("shortest=10s", 25000000000);
	shortest_is("shortest=000000000000010", 25000);
	/* 12.5 ticks: down. */
	shortest_is("shortest=5ns", 12);
	shortest_is("shortest=4294967295s", 10737418237500000000ULL);
}

static void longest_is(const char *with, u64 ticks)
{
	set(with);
	assert_true(perftop_filter_passes_slice(0));
	assert_true(perftop_filter_passes_slice(ticks));
	assert_false(perftop_filter_passes_slice(ticks + 1));
	assert_true(perftop_filter_passes_open(&task, ticks));
	assert_false(perftop_filter_passes_open(&task, ticks + 1));
	assert_true(passes());
}

static void filter_by_longest(void **state)
{
	longest_is("longest=10ns", 25);
	longest_is("longest=10us", 25000);
	longest_is("longest=10", 25000);
	longest_is("longest=10ms", 25000000);
	longest_is("longest=2s", 5000000000);
	longest_is("longest=0", 0);
}

static void filter_between_two_lengths(void **state)
{
	set("shortest=2us longest=3us");
	assert_false(perftop_filter_passes_slice(4999));
	assert_true(perftop_filter_passes_slice(5000));
	assert_true(perftop_filter_passes_slice(7500));
	assert_false(perftop_filter_passes_slice(7501));
	set("shortest=3us longest=3us");
	assert_true(perftop_filter_passes_slice(7500));
	assert_int_equal(perftop_filter_set("shortest=3us longest=2us"),
			 -EINVAL);
}

/* What would have no room as ticks. */
static void filter_of_a_length_without_end(void **state)
{
	tsc_khz = 4294967295;
	set("longest=4294967s");
	assert_true(perftop_filter_passes_slice(18446742798104265000ULL));
	assert_false(perftop_filter_passes_slice(18446742798104265000ULL + 1));
	assert_int_equal(perftop_filter_set("longest=4294968s"), -EINVAL);
	assert_int_equal(perftop_filter_set("shortest=4294968s"), -EINVAL);
	/* As many thousands as all ticks are, by the clock's. */
	tsc_khz = 3000000337;
	assert_int_equal(~0ULL / tsc_khz, 6148914000);
	assert_int_equal(perftop_filter_set("longest=6148914s"), -EINVAL);
	set("longest=6148913s");
	tsc_khz = 2500000;
}

static void filter_of_all_words(void **state)
{
	set("pid=42 tgid=40 comm=cc1 cpu=0 class=fair");
	assert_true(passes());
	assert_false(cpu_passes(1));
	task.prio = 50;
	assert_false(passes());
	task.prio = 120;
	task.pid = 43;
	assert_false(passes());
	task.pid = 42;
	task.tgid = 41;
	assert_false(passes());
	task.tgid = 40;
	assert_true(comm_passes("cc1"));
	assert_false(comm_passes("cc2"));
}

static const char *const bad[] = {
	"pid", "pid=", "pid=0", "pid=-1", "pid=x", "pid=1x", "pid=2147483648",
	"tgid=0", "tgid=", "comm=", "class=", "class=idle", "class=RT",
	"cpu=", "cpu=x", "cpu=6", "cpu=3-1", "shortest=", "shortest=us",
	"shortest=-1", "shortest=1h", "shortest=1 us", "shortest=4294967296",
	"shortest=1000000000000000", "shortest=0000000000000010",
	"longest=10000000000000000",
	"longest=5m", "prio=3", "=3", "pid=42 bogus=1", "bogus=1 pid=42",
	"pid=42,off", "on", "pid=42 3", "pid=42 pid=43", "cpu=0,cpu=1",
	"comm=a,pid=42,comm=b", "tgid=40 pid=42 tgid=40", "shortest=1 shortest=1",
	"longest=1,longest=2", "class=rt class=rt", "class=fair,rt",
	"shortest=1,2", "longest=1,2", "pid=,", "pid=\"\"", "comm=,",
	"comm=a,b=c", "comm=\"a", "comm=\"a b", "comm=\"a\"b", "comm=a\"b\"",
	"comm=\"a\"\"b\"", "comm=a,\"b", "comm=\"\\\"", "comm=\"\\q\"",
	"comm=\"\\x\"", "comm=\"\\x1\"", "comm=\"\\x00\"", "comm=\"\\xg1\"",
	"comm=\"\\x1g\"", "comm=\"\\x-1\"", "comm=\"\\x1\n\"", "comm=\"\\x1",
	"comm=\"\\q41\"", "comm=\"\\x+1\"", "comm=\"\\",
	"comm=\"\\x", "comm=0123456789abcdef", "\"pid\"=42", "pid =42",
	"cpu=0,7", "cpu=\"0,7\"", "pid=42,7x", "=,=", "\"", "\"\"",
};

static void filter_refuses_what_it_does_not_know(void **state)
{
	unsigned int i, logged;

	set("pid=42 cpu=0-5");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		logged = shim_logged;
		if (perftop_filter_set(bad[i]) != -EINVAL)
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(shim_logged, logged + 1);
		assert_non_null(strstr(shim_last_logged, bad[i]));
		/* All is as before. */
		assert_string_equal(words(), "pid=42 cpu=0-5");
		assert_true(pid_passes(42));
		assert_false(pid_passes(43));
	}
}

static void filter_shows_its_words(void **state)
{
	char longest[PERFTOP_FILTER_WORDS + 2];

	set("  pid=42,,tgid=40  ");
	assert_true(passes());
	assert_string_equal(words(), "  pid=42,,tgid=40  ");
	/* Just as many as are kept, and one more. */
	memset(longest, ' ', sizeof(longest));
	memcpy(longest, "pid=42", 6);
	longest[PERFTOP_FILTER_WORDS] = '\0';
	assert_int_equal(perftop_filter_set(longest), -EINVAL);
	longest[PERFTOP_FILTER_WORDS - 1] = '\0';
	set(longest);
	assert_string_equal(words(), longest);
}

/* The line says what is accepted, however much was written. */
static void filter_refuses_at_length(void **state)
{
	char long_word[102] = "";

	memset(long_word, 'x', 101);
	assert_int_equal(perftop_filter_set(long_word), -EINVAL);
	assert_non_null(strstr(shim_last_logged, "xx...: give"));
	long_word[100] = '\0';
	assert_int_equal(perftop_filter_set(long_word), -EINVAL);
	assert_non_null(strstr(shim_last_logged, "xx: give"));
}

/* All is as before, whether it could be or not. */
static void filter_is_only_checked(void **state)
{
	set("pid=42");
	assert_int_equal(perftop_filter_check("pid=43"), 0);
	assert_int_equal(perftop_filter_check("off"), 0);
	assert_int_equal(perftop_filter_check(""), 0);
	assert_int_equal(shim_logged, 0);
	assert_int_equal(perftop_filter_check("pid=0"), -EINVAL);
	assert_int_equal(shim_logged, 1);
	assert_int_equal(shim_allocated, 1);
	assert_string_equal(words(), "pid=42");
	assert_true(pid_passes(42));
	assert_false(pid_passes(43));
}

static void filter_goes_off(void **state)
{
	set("pid=1");
	assert_int_equal(perftop_filtering.enabled, 1);
	assert_int_equal(perftop_watching.enabled, 1);
	set("pid=2");
	assert_int_equal(perftop_filtering.enabled, 1);
	assert_int_equal(perftop_watching.enabled, 1);
	assert_false(passes());
	set("off");
	assert_true(passes());
	assert_int_equal(perftop_filtering.enabled, 0);
	assert_int_equal(perftop_watching.enabled, 0);
	assert_int_equal(shim_allocated, 0);
	set("pid=1");
	assert_false(passes());
	set("");
	assert_true(passes());
	assert_string_equal(words(), "");
	assert_int_equal(perftop_filtering.enabled, 0);
	assert_int_equal(shim_allocated, 0);
}

static unsigned int waited, allocated;

/* Who has begun to read the old one goes on reading it. */
static void read_the_old_one(void)
{
	waited++;
	allocated = shim_allocated;
	assert_int_equal(perftop_filtering.enabled, allocated - 1);
}

static void filter_waits_for_readers(void **state)
{
	set("pid=1");
	shim_grace_period = read_the_old_one;
	set("pid=2");
	assert_int_equal(waited, 1);
	assert_int_equal(allocated, 2);
	assert_int_equal(shim_allocated, 1);
	shim_grace_period = NULL;
}

static void count_grace_periods(void)
{
	waited++;
}

/* Where there is none, nobody reads it. */
static void filter_that_is_none_is_not_waited_for(void **state)
{
	waited = 0;
	shim_grace_period = count_grace_periods;
	set("off");
	perftop_filter_exit();
	assert_int_equal(waited, 0);
	set("pid=1");
	assert_int_equal(waited, 1);
	set("off");
	assert_int_equal(waited, 2);
	shim_grace_period = NULL;
}

static void filter_runs_out_of_memory(void **state)
{
	unsigned int n;
	int err;

	set("pid=42");
	for (n = 1; ; n++) {
		shim_fail_at = n;
		err = perftop_filter_set("pid=43,cpu=1");
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_string_equal(words(), "pid=42");
		assert_int_equal(shim_allocated, 1);
	}
	shim_fail_at = 0;
	assert_int_equal(n, 4);
	assert_int_equal(shim_logged, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filter_is_none),
		TEST(filter_by_pid),
		TEST(filter_by_tgid),
		TEST(filter_by_comm),
		TEST(filter_by_class),
		TEST(filter_by_cpu),
		TEST(filter_by_lists_of_ids),
		TEST(filter_by_lists_of_names),
		TEST(filter_by_long_lists),
		TEST(filter_by_any_name),
		TEST(filter_by_shortest),
		TEST(filter_by_longest),
		TEST(filter_between_two_lengths),
		TEST(filter_of_a_length_without_end),
		TEST(filter_of_all_words),
		TEST(filter_refuses_what_it_does_not_know),
		TEST(filter_shows_its_words),
		TEST(filter_refuses_at_length),
		TEST(filter_is_only_checked),
		TEST(filter_goes_off),
		TEST(filter_waits_for_readers),
		TEST(filter_that_is_none_is_not_waited_for),
		TEST(filter_runs_out_of_memory),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
