// SPDX-License-Identifier: GPL-2.0
/*
 * Views switched on and off, and what they are shown of a slice that ends.
 */
#include "machine.h"

#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "engine/task_state.h"
#include "engine/table.h"
#include "engine/view.h"
#include "switch/cpu.h"
#include "switch/stack_key.h"

static void load(const char *views)
{
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
}

static bool is_on(const char *name)
{
	return perftop_view_is_on(perftop_view_find(name));
}

/* --- On and off ----------------------------------------------------------- */

static void view_is_found_by_its_name(void **state)
{
	load(NULL);
	assert_ptr_equal(perftop_view_find("tasks"), &perftop_view_tasks);
	assert_ptr_equal(perftop_view_find("stacks"), &perftop_view_stacks);
	assert_null(perftop_view_find("views"));
	assert_null(perftop_view_find("task"));
	assert_null(perftop_view_find("taskss"));
	assert_null(perftop_view_find(""));
}

static void view_that_costs_nothing_is_on(void **state)
{
	load(NULL);
	assert_true(is_on("stacks"));
	assert_true(is_on("accounts"));
	assert_false(is_on("tasks"));
	assert_int_equal(machine_write("+stacks"), -EINVAL);
	assert_int_equal(machine_write("-stacks"), -EINVAL);
	assert_int_equal(perftop_view_switch(&perftop_view_stacks, true),
			 -EINVAL);
	assert_true(is_on("stacks"));
}

/* Whatever is taken is given back, and the hot path is asked no more. */
static void view_leaves_nothing(void **state)
{
	static const char *const names[][2] = {
		{ "+tasks", "-tasks" }, { "+cpus", "-cpus" },
		{ "+latency", "-latency" }, { "+inversion", "-inversion" },
		{ "+exits", "-exits" },
	};
	struct machine_memory before, between;
	unsigned int i;

	load(NULL);
	before = machine_memory();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(machine_write(names[i][0]),
				 strlen(names[i][0]));
		assert_true(is_on(names[i][0] + 1));
		assert_int_equal(perftop_watching.enabled, 1);
		machine_write(names[i][1]);
		assert_false(is_on(names[i][0] + 1));
		assert_int_equal(perftop_watching.enabled, 0);
		machine_check_memory(before);
		/* Nor is it an error to say so again. */
		assert_true(machine_write(names[i][1]) > 0);
		assert_int_equal(perftop_watching.enabled, 0);
	}
	/* The tasks' states go with the last. */
	machine_write("+tasks");
	assert_non_null(perftop_states);
	between = machine_memory();
	machine_write("+cpus");
	assert_int_equal(perftop_watching.enabled, 2);
	machine_write("-cpus");
	machine_check_memory(between);
	assert_non_null(perftop_states);
	machine_write("-tasks");
	assert_null(perftop_states);
	machine_check_memory(before);
}

static void view_that_is_on_starts_over(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct machine_memory before;

	load("tasks");
	before = machine_memory();
	machine_slice(0, task, MS);
	machine_pass(MS);
	assert_true(machine_write("+tasks") > 0);
	machine_check_memory(before);
	assert_int_equal(perftop_watching.enabled, 1);
	assert_true(machine_has(machine_read("tasks"), "perftop 1   up 0 ns"));
	assert_false(machine_has(machine_read("tasks"), "      7       7"));
	assert_true(machine_has(machine_read("perftop"),
				"perftop 1   up 2.000 ms"));
}

/* Each bit is another view's. */
static void views_are_switched_apart(void **state)
{
	load("tasks,cpus,exits");
	assert_true(is_on("tasks") && is_on("cpus") && is_on("exits"));
	assert_false(is_on("latency") || is_on("inversion"));
	machine_write("-cpus");
	assert_true(is_on("tasks") && is_on("exits"));
	assert_false(is_on("cpus"));
	machine_write("+inversion");
	machine_write("-tasks");
	assert_true(is_on("inversion") && is_on("exits"));
	assert_false(is_on("tasks"));
}

static void views_by_names(void **state)
{
	load(",tasks,,cpus,");
	assert_true(is_on("tasks") && is_on("cpus"));
	assert_int_equal(shim_logged, 1);
}

/* How many lines are logged, and what is left behind. */
static int fails(unsigned int n)
{
	static const char *const views[] = {
		"tasks,nosuch", "stacks", "tasks,accounts,cpus", "tasks,Tasks",
	};

	*shim_param_views = (char *)views[n];
	if (machine_load() != -EINVAL || shim_logged != 1)
		return 1;
	machine_check_gone();
	return 0;
}

static void views_by_wrong_names(void **state)
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		assert_int_equal(machine_try(fails, n), 0);
}

/* Nothing is on, and nothing is taken, after an error. */
static void switch_fails_at(const char *words, unsigned int pieces)
{
	const struct machine_memory before = machine_memory();
	const int watching = perftop_watching.enabled;
	unsigned int n;
	int err;

	for (n = 1; ; n++) {
		shim_fail_at = n;
		err = perftop_view_switch(perftop_view_find(words + 1), true);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		machine_check_memory(before);
		assert_false(is_on(words + 1));
		assert_int_equal(perftop_watching.enabled, watching);
	}
	shim_fail_at = 0;
	assert_true(is_on(words + 1));
	assert_int_equal(n, pieces + 1);
}

static void view_runs_out_of_memory(void **state)
{
	load(NULL);
	/* The states, the table's five and sums and time by CPU, the shards. */
	switch_fails_at("+tasks", 1 + 5 + 2 + 12);
	switch_fails_at("+cpus", 5 + 1 + 12);
	switch_fails_at("+inversion", 5 + 12);
	/* And what is known of rows, by CPU. */
	switch_fails_at("+latency", 5 + 12 + 1);
	/* A log's rings. */
	switch_fails_at("+exits", 1 + 4);
	machine_write("-tasks");
	machine_write("-cpus");
	machine_write("-exits");
	machine_write("-inversion");
	machine_write("-latency");
	switch_fails_at("+exits", 1 + 1 + 4);
	/* Nothing is left of what was there before. */
	switch_fails_at("+tasks", 5 + 2 + 12);
}

static void probe_fails_at(const char *words, unsigned int probes)
{
	const struct machine_memory before = machine_memory();
	struct tracepoint *tp;
	unsigned int n;

	for (n = 1; n <= probes; n++) {
		shim_tracepoint_fail_at = n;
		assert_int_equal(machine_write(words), -ENOMEM);
		machine_check_memory(before);
		assert_false(is_on(words + 1));
		for (tp = shim_tracepoints; tp->name; tp++)
			assert_true(!tp->probe[0] && !tp->running);
	}
	shim_tracepoint_fail_at = 0;
	assert_true(machine_write(words) > 0);
	assert_true(is_on(words + 1));
}

static void view_has_no_probe(void **state)
{
	load(NULL);
	probe_fails_at("+exits", 1);
	machine_write("-exits");
	probe_fails_at("+inversion", 3);
	/* On a kernel without the tracepoint. */
	machine_write("-inversion");
	shim_tracepoints[2].name = "another";
	assert_int_equal(machine_write("+inversion"), -EOPNOTSUPP);
	assert_non_null(strstr(shim_last_logged, "contention_begin"));
	shim_tracepoints[2].name = "contention_begin";
}

/* --- What a slice is ------------------------------------------------------ */

/* The nice level, and what follows. */
static void expect_task(int nice, const char *rest)
{
	char line[200];

	snprintf(line, sizeof(line), "      7       7 normal   %4d %s",
		 nice, rest);
	if (!machine_has(machine_read("tasks"), line))
		machine_expect(machine_read("tasks"), line);
}

/* One that goes unseen: its wait is no other's. */
static void slice_after_one_unseen(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_wake(task);
	machine_pass(MS);
	machine_slice(0, task, MS);
	expect_task(0,
		    " 12.50        2000000 1.000 ms        1        1 1.000 ms     0 ns 1.000 ms ");
	machine_wake(task);
	machine_pass(5 * MS);
	machine_armed = false;
	machine_slice(0, task, MS);
	machine_armed = true;
	machine_pass(2 * MS);
	/* The hook finds its way again; this wait has a predecessor unseen. */
	machine_slice(0, machine_task(8, 8, "other"), MS);
	machine_wake(task);
	machine_pass(3 * MS);
	machine_slice(0, task, MS);
	expect_task(0,
		    "  3.33        4000000 2.000 ms        2        2 1.000 ms     0 ns 1.000 ms ");
	machine_wake(task);
	machine_pass(3 * MS);
	machine_slice(0, task, MS);
	expect_task(0,
		    "  3.94        6000000 3.000 ms        3        3 4.000 ms     0 ns 3.000 ms ");
}

/* The same while the slice is open, and of one that begins. */
static void open_slice_after_one_unseen(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct task_struct *other = machine_task(8, 8, "other");

	load("tasks");
	machine_slice(0, task, MS);
	machine_armed = false;
	machine_wake(task);
	machine_pass(5 * MS);
	machine_slice(0, task, MS);
	machine_armed = true;
	machine_slice(0, other, MS);
	machine_wake(task);
	machine_pass(3 * MS);
	machine_block(0, task);
	machine_pass(MS);
	expect_task(0,
		    "  4.16        4000000 2.000 ms        1        1     0 ns     0 ns     0 ns ");
}

/* How it waited for the slice that is open on this CPU. */
static void expect_open(u64 wait, u64 held)
{
	const struct perftop_open *open = this_cpu_ptr(&perftop_cpu)->open;

	machine_read("tasks");
	assert_true(open->waited);
	assert_int_equal(open->wait, wait);
	assert_int_equal(open->held, held);
}

static void open_slice_says_how_it_waited(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_pass(MS);
	machine_wake(task);
	machine_pass(2 * MS);
	machine_block(0, task);
	expect_open(2 * MS, 0);
	machine_pass(MS);
	machine_preempt(0, machine_idle(0));
	machine_pass(3 * MS);
	machine_block(0, task);
	expect_open(3 * MS, TICKS(3 * MS));
	/* That the CPU was idle while it slept is none of its wait. */
	machine_block(0, machine_idle(0));
	machine_pass(5 * MS);
	machine_wake(task);
	machine_pass(2 * MS);
	machine_block(0, task);
	expect_open(2 * MS, 0);
}

/* Whether its last leaving was by its own will, as the kernel counts it. */
static void slice_is_voluntary_or_not(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load(NULL);
	/* Already running, and having slept before, when the view comes. */
	machine_slice(0, task, MS);
	machine_slice(0, task, MS);
	machine_block(0, task);
	machine_write("+tasks");
	machine_pass(MS);
	machine_preempt(0, machine_idle(0));
	expect_task(0, " 10.00        2000000 1.000 ms        1        0 ");
	machine_block(0, task);
	machine_pass(MS);
	machine_block(0, machine_idle(0));
	expect_task(0, " 14.28        4000000 2.000 ms        2        1 ");
	/* The same on a CPU that comes. */
	machine_cpu_dies(1);
	machine_cpu_comes(1);
	machine_block(1, task);
	machine_pass(MS);
	machine_preempt(1, machine_idle(1));
	expect_task(0,
		    " 21.42        6000000 3.000 ms        3        1 ");
	machine_block(1, task);
	machine_block(1, machine_idle(1));
	machine_block(1, task);
	machine_preempt(1, machine_idle(1));
	assert_non_null(strstr(machine_read("tasks"),
			       "        5        2 "));
}

/* A task's slot is another's when it has ended, filtered or not. */
static void slot_is_given_back(void **state)
{
	struct task_struct *one = machine_task(7, 7, "one");
	struct task_struct *other = machine_task(8, 8, "other");

	load("cpus");
	machine_slice(0, one, MS);
	assert_non_null(perftop_state_seek(one));
	machine_block(0, one);
	machine_end(0, machine_idle(0));
	assert_null(perftop_state_seek(one));
	machine_write("filter pid=7");
	machine_slice(0, other, MS);
	assert_non_null(perftop_state_seek(other));
	machine_block(0, other);
	machine_end(0, machine_idle(0));
	assert_null(perftop_state_seek(other));
}

/* Time that is filtered is in each table that accounts for it, and once. */
static void slice_is_filtered(void **state)
{
	struct task_struct *some = machine_task(7, 7, "some");
	struct task_struct *other = machine_task(8, 8, "other");
	static const char *const files[] = { "perftop", "tasks", "cpus" };
	unsigned int i;

	load("tasks,cpus,latency,exits");
	machine_write("filter pid=7 shortest=2ms longest=5ms");
	machine_slice(0, some, 2 * MS);
	machine_slice(0, some, 2 * MS - 1);
	machine_slice(0, some, 5 * MS);
	machine_slice(0, some, 5 * MS + 1);
	machine_slice(3, other, 3 * MS);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		machine_expect(machine_read(files[i]),
			       "ticks      14000000 + 0 + 102000000 + 0 + 0 + 20000000 = 136000000");
	expect_task(0, " 10.29       14000000 7.000 ms        2        2 ");
	assert_true(machine_has(machine_read("latency"),
				"slice, all tasks   count 2 "));
	machine_expect(machine_read("tasks"),
		       "filter     pid=7 shortest=2ms longest=5ms");
	/* It is known all the same where a task was. */
	machine_write("filter off");
	machine_slice(0, other, MS);
	assert_true(machine_has(machine_read("cpus"), "3            2         0 "));
	assert_non_null(strstr(machine_read("cpus"), "       0       1\n"));
	assert_non_null(strstr(machine_read("cpus"), "       1       0\n"));
}

/* What is open is counted as it would be. */
static void open_slice_is_filtered(void **state)
{
	struct task_struct *some = machine_task(7, 7, "some");
	struct task_struct *other = machine_task(8, 8, "other");

	load("tasks");
	machine_write("filter pid=7 longest=5ms");
	machine_block(0, some);
	machine_block(3, other);
	machine_pass(5 * MS);
	machine_expect(machine_read("tasks"),
		       "ticks      0 + 10000000 + 20000000 + 0 + 0 + 10000000 = 40000000");
	machine_pass(2);
	machine_expect(machine_read("tasks"),
		       "ticks      0 + 0 + 20000008 + 0 + 0 + 20000008 = 40000016");
}

static void slice_of_nobody(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks,cpus");
	machine_set_stack(task, 0);
	machine_slice(0, task, MS);
	machine_pass(MS);
	/* No task's, but the CPU's all the same. */
	machine_expect(machine_read("tasks"),
		       "ticks      0 + 0 + 14000000 + 0 + 2000000 = 16000000");
	machine_expect(machine_read("tasks"),
		       "switches   2   uncaptured 1   missed 0   tasks 0");
	assert_true(machine_has(machine_read("cpus"),
				"0            2         0         0    1000.0   0.00  50.00 "));
}

/* What was looked up last on this CPU. */
static bool looked_up(unsigned int words, u64 word)
{
	const struct perftop_key *key = this_cpu_ptr(&perftop_cpu)->key;

	return key->words == words && key->word[0] == word;
}

/* A view's row is looked up behind the stack's, as long as it is not known. */
static void looks_up_once(const char *view, unsigned int words, u64 word)
{
	struct task_struct *task = machine_task(7, 7, "task");
	unsigned int i;

	task->start_time = 1;
	machine_write(view);
	for (i = 0; i < 3; i++) {
		machine_slice(0, task, MS);
		assert_int_equal(looked_up(words, word), !i);
		assert_int_equal(looked_up(KEY_HEADER_WORDS, 7), !!i);
	}
}

static void row_is_looked_up_once(void **state)
{
	load(NULL);
	looks_up_once("+tasks", 2, 7ULL << 32 | 7);
	machine_write("-tasks");
	looks_up_once("+processes", 1, 7ULL << 32 | 7);
	machine_write("-processes");
	looks_up_once("+cpus", 1, 0);
}

/* On each CPU it is another one, of which the last is known. */
static void row_is_of_one_cpu(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_slice(0, task, MS);
	machine_slice(3, task, MS);
	machine_slice(0, task, MS);
	assert_true(looked_up(2, 7ULL << 32 | 7));
	machine_slice(0, task, MS);
	assert_true(looked_up(KEY_HEADER_WORDS, 7));
	expect_task(0, " 25.00        8000000 4.000 ms        4        4 ");
}

/* Each bit of a name tells, and the name alone. */
static void name_that_differs_in_a_bit(void **state)
{
	static const char names[][TASK_COMM_LEN] = { "a", "kworker/u8:2-ev" };
	char other[TASK_COMM_LEN];
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (bit = 0; bit < 8 * TASK_COMM_LEN; bit++) {
			u64 seen[4] = { 0 };

			memcpy(other, names[i], sizeof(other));
			other[bit / 8] ^= 1 << bit % 8;
			perftop_view_add_name(seen, names[i]);
			perftop_view_add_name(seen, names[i]);
			assert_false(perftop_view_was_renamed(seen));
			perftop_view_add_name(seen, other);
			assert_true(perftop_view_was_renamed(seen));
			assert_memory_equal(&seen[2], other, sizeof(other));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(view_is_found_by_its_name),
		MACHINE_TEST(view_that_costs_nothing_is_on),
		MACHINE_TEST(view_leaves_nothing),
		MACHINE_TEST(view_that_is_on_starts_over),
		MACHINE_TEST(views_are_switched_apart),
		MACHINE_TEST(views_by_names),
		MACHINE_TEST(views_by_wrong_names),
		MACHINE_TEST(view_runs_out_of_memory),
		MACHINE_TEST(view_has_no_probe),
		MACHINE_TEST(slice_after_one_unseen),
		MACHINE_TEST(open_slice_after_one_unseen),
		MACHINE_TEST(open_slice_says_how_it_waited),
		MACHINE_TEST(slice_is_voluntary_or_not),
		MACHINE_TEST(slot_is_given_back),
		MACHINE_TEST(slice_is_filtered),
		MACHINE_TEST(open_slice_is_filtered),
		MACHINE_TEST(slice_of_nobody),
		MACHINE_TEST(row_is_looked_up_once),
		MACHINE_TEST(row_is_of_one_cpu),
		MACHINE_TEST(name_that_differs_in_a_bit),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
