// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots: which rows, in what order, with what is open; that they are copies
 * of one moment, and change nothing.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/err.h>
#include <linux/slab.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "engine/merged_records.h"
#include "engine/view.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "switch/slice.h"

static struct task_struct *task[40];

static void load(const char *views)
{
	unsigned int i;

	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
	for (i = 0; i < 40; i++)
		task[i] = machine_task(100 + i, 100, "task");
}

static struct perftop_snapshot *take(const struct perftop_view *view)
{
	struct perftop_snapshot *snapshot;

	snapshot = perftop_snapshot_take(view, view->table ? view->table->rank :
							     0, false);
	assert_false(IS_ERR(snapshot));
	return snapshot;
}

/* The rows' ticks, from the top, end with 0. */
static void expect_ticks(const struct perftop_snapshot *snapshot,
			 const u64 *ms)
{
	unsigned int i;

	for (i = 0; ms[i]; i++) {
		assert_true(i < snapshot->rows);
		assert_int_equal(snapshot->row[i].counter[PERFTOP_TICKS],
				 TICKS(ms[i] * MS));
	}
	assert_int_equal(snapshot->rows, i);
}

/* Slices of 1 to n ms. */
static void run(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		machine_slice(0, task[i], (i + 1) * MS);
}

/* Three CPUs have been running for 4, 6 and 5 ms. */
static void open_three(void)
{
	machine_block(3, task[31]);
	machine_pass(MS);
	machine_block(5, task[32]);
	machine_pass(MS);
	machine_block(1, task[30]);
	machine_pass(4 * MS);
}

static void snapshot_of_the_top(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.top = 4;
	load("tasks");
	run(10);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 10, 9, 8, 7, 0 });
	assert_int_equal(snapshot->records, 10);
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_tasks);
	expect_ticks(snapshot, (const u64[]){ 10, 9, 8, 7, 0 });
	perftop_snapshot_free(snapshot);
	/* Where there are fewer, all of them. */
	machine_write("0");
	run(3);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 3, 2, 1, 0 });
	perftop_snapshot_free(snapshot);
}

static void snapshot_with_open_rows_in_order(void **state)
{
	static const struct perftop_view *const views[] = {
		&perftop_view_stacks, &perftop_view_tasks,
	};
	struct perftop_snapshot *snapshot;
	unsigned int i;

	perftop_params.top = 6;
	load("tasks");
	run(7);
	open_three();
	for (i = 0; i < 2; i++) {
		snapshot = take(views[i]);
		/* 7, 6, 6 open, 5, 5 open, 4 */
		expect_ticks(snapshot, (const u64[]){ 7, 6, 6, 5, 5, 4, 0 });
		assert_false(snapshot->row[1].open);
		assert_true(snapshot->row[2].open);
		assert_false(snapshot->row[3].open);
		assert_true(snapshot->row[4].open);
		assert_int_equal(snapshot->records, 7);
		perftop_snapshot_free(snapshot);
	}
}

/* Less than the last of the top is no row. */
static void snapshot_leaves_out_what_is_low(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.top = 2;
	load(NULL);
	run(9);
	open_three();
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 9, 8, 0 });
	perftop_snapshot_free(snapshot);
	/* And more than the first stands above it. */
	machine_pass(10 * MS);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 16, 15, 0 });
	assert_int_equal(snapshot->row[0].word[0], 131);
	assert_int_equal(snapshot->row[1].word[0], 132);
	perftop_snapshot_free(snapshot);
}

static void snapshot_of_all_rows(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.top = 2;
	load(NULL);
	run(5);
	open_three();
	snapshot = take(&perftop_view_folded);
	expect_ticks(snapshot, (const u64[]){ 6, 5, 5, 4, 4, 3, 2, 1, 0 });
	perftop_snapshot_free(snapshot);
}

/* Of one stack: 5 ms that ended, 4 and 6 that did not, on three CPUs. */
static void share_a_stack(void)
{
	machine_slice(0, task[4], 5 * MS);
	machine_set_stack(task[30], 104);
	machine_set_stack(task[31], 104);
	open_three();
}

static void snapshot_adds_what_is_open_once(void **state)
{
	struct perftop_snapshot *snapshot;

	load("tasks");
	share_a_stack();
	/* CPU 1's 4 ms are added, and CPU 3's 6. */
	snapshot = take(&perftop_view_folded);
	expect_ticks(snapshot, (const u64[]){ 15, 5, 0 });
	assert_int_equal(snapshot->row[0].counter[PERFTOP_COUNT], 1);
	assert_int_equal(snapshot->row[0].counter[PERFTOP_LONGEST],
			 TICKS(6 * MS));
	/* Who has it now: one of the two. */
	assert_in_range((u32)snapshot->row[0].counter[PERFTOP_TASK], 130, 131);
	assert_true(snapshot->row[0].open);
	assert_true(snapshot->row[1].open);
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 6, 5, 5, 4, 0 });
	perftop_snapshot_free(snapshot);
}

/* By CPU, the open slice is where it is. */
static void snapshot_by_cpu(void **state)
{
	struct perftop_snapshot *snapshot;
	const u64 *by_cpu;

	load("tasks");
	machine_slice(0, task[1], 5 * MS);
	machine_slice(5, task[1], 3 * MS);
	machine_block(1, task[1]);
	machine_pass(4 * MS);
	snapshot = take(&perftop_view_tasks);
	expect_ticks(snapshot, (const u64[]){ 12, 0 });
	by_cpu = snapshot->row[0].by_cpu;
	assert_int_equal(by_cpu[0], TICKS(5 * MS));
	assert_int_equal(by_cpu[1], TICKS(4 * MS));
	assert_int_equal(by_cpu[3], 0);
	assert_int_equal(by_cpu[5], TICKS(3 * MS));
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_stacks);
	assert_null(snapshot->row[0].by_cpu);
	perftop_snapshot_free(snapshot);
}

/* idle=1 ranks the idle tasks' stacks, and theirs alone. */
static void snapshot_of_idle_time(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.idle = true;
	load("tasks");
	machine_pass(3 * MS);
	machine_slice(0, task[0], 2 * MS);
	machine_pass(MS);
	snapshot = take(&perftop_view_stacks);
	/* The others' 6 ms and CPU 0's last one are open. */
	expect_ticks(snapshot, (const u64[]){ 6, 6, 6, 3, 2, 1, 0 });
	assert_int_equal(snapshot->row[0].account, PERFTOP_IDLE);
	assert_int_equal(snapshot->row[3].account, PERFTOP_IDLE);
	assert_int_equal(snapshot->row[4].account, PERFTOP_RANKED);
	perftop_snapshot_free(snapshot);
	/* Whom a filter keeps out has no row. */
	machine_write("filter pid=1");
	machine_block(0, task[0]);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 6, 6, 6, 4, 2, 0 });
	machine_write("filter off");
	machine_block(0, machine_idle(0));
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_tasks);
	expect_ticks(snapshot, (const u64[]){ 2, 0 });
	perftop_snapshot_free(snapshot);
}

/* A record below the rows rises by what is open of it. */
static void snapshot_with_an_open_row_from_below(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.top = 2;
	load("tasks");
	machine_slice(0, task[0], 30 * MS);
	machine_slice(0, task[1], 20 * MS);
	machine_slice(0, task[2], MS);
	machine_block(0, task[2]);
	machine_pass(24 * MS);
	snapshot = take(&perftop_view_tasks);
	expect_ticks(snapshot, (const u64[]){ 30, 25, 0 });
	assert_int_equal((u32)snapshot->row[1].word[0], 102);
	assert_true(snapshot->row[1].open);
	assert_int_equal(snapshot->row[1].counter[PERFTOP_COUNT], 1);
	perftop_snapshot_free(snapshot);
}

/* What was given up stands where its time puts it: 20, 4, 4, 4, and 2 ms. */
static void snapshot_with_others(void **state)
{
	struct perftop_snapshot *snapshot;
	unsigned int i;

	perftop_params.table = 16;
	perftop_params.top = 3;
	load(NULL);
	for (i = 0; i < 16; i++)
		machine_slice(0, task[i], (i + 20) * MS);
	for (; i < 19; i++)
		machine_slice(0, task[i], 4 * MS);
	machine_slice(0, task[i], 2 * MS);
	machine_slice(1, task[20], 30 * MS);
	snapshot = take(&perftop_view_stacks);
	expect_ticks(snapshot, (const u64[]){ 35, 34, 34, 0 });
	assert_true(perftop_row_is_others(&snapshot->row[2]));
	assert_int_equal(snapshot->row[2].words, 0);
	assert_int_equal(snapshot->row[2].id, 0);
	assert_int_equal(snapshot->records, 16);
	assert_int_equal(snapshot->moved, 5);
	perftop_snapshot_free(snapshot);
	machine_expect(machine_read("perftop"),
		       "   3   1.75       68000000 34.00 ms        5 6.800 ms 20.00 ms 00000000 [others]");
	assert_string_equal(strstr(machine_read("perftop"), "[others]"),
			    "[others]\n");
}

/* As many rows as there can be: all records, the overflow, all CPUs'. */
static void snapshot_of_as_much_as_there_is(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	struct perftop_snapshot *snapshot;
	unsigned int i;

	perftop_params.table = 16;
	perftop_params.top = 1000;
	load(NULL);
	run(20);
	for (i = 0; i < 4; i++)
		machine_block(cpus[i], task[30 + i]);
	machine_pass(MS);
	snapshot = take(&perftop_view_stacks);
	assert_int_equal(snapshot->rows, 16 + 1 + 4);
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 16 + 1 + 4);
	perftop_snapshot_free(snapshot);
}

/* By another counter, of which there may be any number of records. */
static void snapshot_sorted(void **state)
{
	static const unsigned int slices[] = { 3, 1, 5, 2, 4, 3 };
	static const u64 counts[] = { 5, 4, 3, 3, 2, 1, 0, 0 };
	struct perftop_snapshot *snapshot;
	const struct perftop_view *view = &perftop_view_tasks;
	unsigned int i, j;

	load("tasks");
	for (i = 0; i < 6; i++)
		for (j = 0; j < slices[i]; j++)
			machine_slice(0, task[i], (10 - i) * MS);
	machine_block(1, task[10]);
	machine_block(3, task[11]);
	machine_pass(500 * MS);
	snapshot = perftop_snapshot_take(view, view->sorted[0].rank, false);
	assert_int_equal(snapshot->rows, ARRAY_SIZE(counts));
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		assert_int_equal(snapshot->row[i].counter[PERFTOP_COUNT],
				 counts[i]);
	assert_int_equal((u32)snapshot->row[0].word[0], 102);
	assert_int_equal((u32)snapshot->row[5].word[0], 101);
	perftop_snapshot_free(snapshot);
	perftop_params.top = 2;
	snapshot = perftop_snapshot_take(view, view->sorted[0].rank, false);
	assert_int_equal(snapshot->rows, 2);
	perftop_snapshot_free(snapshot);
}

/* What comes later is in none that was taken before. */
static void snapshot_is_a_copy(void **state)
{
	struct perftop_snapshot *snapshot;

	load("tasks");
	run(3);
	machine_slice(3, task[2], MS);
	snapshot = take(&perftop_view_tasks);
	expect_ticks(snapshot, (const u64[]){ 4, 2, 1, 0 });
	run(5);
	machine_read("tasks");
	expect_ticks(snapshot, (const u64[]){ 4, 2, 1, 0 });
	machine_write("0");
	run(1);
	machine_read("tasks");
	machine_write("-tasks");
	expect_ticks(snapshot, (const u64[]){ 4, 2, 1, 0 });
	assert_int_equal((u32)snapshot->row[0].word[0], 102);
	assert_int_equal(snapshot->row[0].by_cpu[3], TICKS(MS));
	assert_int_equal(snapshot->total.sums.ticks[PERFTOP_RANKED],
			 TICKS(7 * MS));
	assert_int_equal(snapshot->up, 7 * MS);
	perftop_snapshot_free(snapshot);
}

static void snapshot_totals(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	struct perftop_snapshot *snapshot;
	const struct perftop_line *all;
	unsigned int i;

	load(NULL);
	machine_set_stack(task[1], 7 | MACHINE_TRUNCATED);
	machine_set_stack(task[2], 0);
	run(3);
	machine_slice(3, task[1], MS);
	machine_slice(5, task[2], MS);
	machine_cpu_dies(5);
	machine_block(3, task[0]);
	machine_pass(MS);
	snapshot = take(&perftop_view_accounts);
	all = &snapshot->total;
	assert_int_equal(snapshot->lines, 4);
	assert_int_equal(snapshot->cpus, 3);
	for (i = 0; i < 4; i++)
		assert_int_equal(snapshot->line[i].cpu, cpus[i]);
	/* CPU 5 has lived 7 and 1 ms, the others 9. */
	assert_int_equal(all->elapsed, TICKS(3 * 9 + 8) * MS);
	assert_int_equal(all->running, TICKS(MS));
	assert_int_equal(all->sums.ticks[PERFTOP_RANKED], TICKS(4 * MS));
	assert_int_equal(all->sums.ticks[PERFTOP_UNATTRIBUTED], TICKS(4 * MS));
	assert_int_equal(all->sums.switches, 11);
	assert_int_equal(all->sums.uncaptured, 2);
	assert_int_equal(all->sums.truncated, 2);
	assert_int_equal(snapshot->line[2].running, TICKS(MS));
	assert_int_equal(snapshot->line[2].sums.truncated, 1);
	assert_int_equal(snapshot->line[3].sums.uncaptured, 1);
	perftop_snapshot_free(snapshot);
}

/* Of whose id a snapshot has the row, since when there has been a record of it. */
static u64 since_of(const struct perftop_snapshot *snapshot, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < snapshot->rows; i++)
		if (lower_32_bits(snapshot->row[i].word[0]) == id)
			return snapshot->row[i].since;
	fail_msg("no row of %u", id);
	return 0;
}

/* What an earlier one did not have has begun to count at it, or behind it. */
static void snapshot_says_since_when_a_record_is(void **state)
{
	struct perftop_snapshot *first, *second;
	u64 drained;

	load("tasks");
	run(1);
	first = take(&perftop_view_tasks);
	machine_pass(MS);
	run(2);
	second = take(&perftop_view_tasks);
	assert_true(first->taken < second->taken);
	assert_int_equal(since_of(first, 100), first->taken);
	assert_int_equal(since_of(second, 100), first->taken);
	assert_int_equal(since_of(second, 101), second->taken);
	perftop_snapshot_free(first);
	perftop_snapshot_free(second);
	/* At a drain, where that comes first. */
	machine_slice(0, task[2], MS);
	machine_drain();
	drained = shim_ns;
	machine_pass(MS);
	first = take(&perftop_view_tasks);
	assert_int_equal(since_of(first, 102), drained);
	perftop_snapshot_free(first);
}

static void snapshot_keeps_the_filters_words(void **state)
{
	struct perftop_snapshot *snapshot;

	load("exits");
	machine_write("filter pid=100");
	snapshot = take(&perftop_view_exits);
	machine_write("filter off");
	assert_string_equal(snapshot->filter, "pid=100");
	assert_int_equal(snapshot->rows, 0);
	perftop_snapshot_free(snapshot);
	machine_write("-exits");
	snapshot = take(&perftop_view_exits);
	assert_false(snapshot->on);
	assert_null(snapshot->table);
	assert_string_equal(snapshot->filter, "");
	perftop_snapshot_free(snapshot);
}

/* --- Against a model ------------------------------------------------------ */

/* What a row has, by the numbers of its counters. */
enum had {
	HAD_TICKS,
	HAD_SLICES,
	HAD_WAITS,
	HAD_WAITED,		/* ns */
	HAD_LONGEST,		/* of these */
	HAD
};

static const unsigned int ranks[HAD] = {
	[HAD_TICKS]	= PERFTOP_TICKS,
	[HAD_SLICES]	= PERFTOP_COUNT,
	[HAD_WAITS]	= PERFTOP_SLICES_WAITS,
	[HAD_WAITED]	= PERFTOP_SLICES_WAITS + 1,
	[HAD_LONGEST]	= PERFTOP_SLICES_WAITS + 2,
};

/* Those of eight processes, two of each, and what they have had. */
#define THREADS		16

static struct thread {
	struct task_struct	*task;
	u64			since;	/* it runs or waits, 0: it sleeps */
	unsigned int		cpu;	/* where it runs */
	bool			runs;
	u64			had[HAD];
} thread[THREADS];

static void make_threads(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		thread[i].task = machine_task(1000 + i, 1000 + i / 2 * 2, "of");
}

static void has_waited(u64 *had, u64 ns)
{
	had[HAD_WAITS]++;
	had[HAD_WAITED] += ns;
	had[HAD_LONGEST] = max(had[HAD_LONGEST], ns);
}

/* Whom there is a CPU for gets it. */
static void gets_a_cpu(struct thread *one)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpus); i++) {
		if (!is_idle_task(shim_current[cpus[i]]))
			continue;
		has_waited(one->had, shim_ns - one->since);
		one->since = shim_ns;
		one->cpu = cpus[i];
		one->runs = true;
		machine_block(one->cpu, one->task);
		return;
	}
}

static void leaves_its_cpu(struct thread *one, bool sleeps)
{
	one->had[HAD_TICKS] += TICKS(shim_ns - one->since);
	one->had[HAD_SLICES]++;
	one->since = sleeps ? 0 : shim_ns;
	one->runs = false;
	if (sleeps)
		machine_block(one->cpu, machine_idle(one->cpu));
	else
		machine_preempt(one->cpu, machine_idle(one->cpu));
}

/* Some thread does the next thing that it can. */
static void go_on(u64 *seed)
{
	struct thread *one = &thread[test_below(seed, THREADS)];

	if (one->runs) {
		leaves_its_cpu(one, test_below(seed, 2));
	} else if (one->since) {
		gets_a_cpu(one);
	} else {
		machine_wake(one->task);
		one->since = shim_ns;
	}
	machine_pass(1 + test_below(seed, 3 * MS));
	if (!test_below(seed, 8))
		machine_drain();
}

/* What all threads of a row have had by now, and how they are. */
struct sums {
	u64	had[HAD];
	bool	runs;
	bool	waits;
};

static void add_thread(struct sums *sums, const struct thread *one)
{
	const u64 ns = shim_ns - one->since;

	sums->had[HAD_TICKS] += one->had[HAD_TICKS];
	sums->had[HAD_SLICES] += one->had[HAD_SLICES];
	sums->had[HAD_WAITS] += one->had[HAD_WAITS];
	sums->had[HAD_WAITED] += one->had[HAD_WAITED];
	sums->had[HAD_LONGEST] = max(sums->had[HAD_LONGEST],
				     one->had[HAD_LONGEST]);
	if (one->runs) {
		sums->had[HAD_TICKS] += TICKS(ns);
		sums->runs = true;
	} else if (one->since) {
		has_waited(sums->had, ns);
		sums->waits = true;
	}
}

/* By tasks a row is a thread's, by processes a process's: of whose first is i. */
static struct sums sums_of(const struct perftop_view *view, unsigned int i)
{
	struct sums sums = {};

	add_thread(&sums, &thread[i]);
	if (view == &perftop_view_processes)
		add_thread(&sums, &thread[i + 1]);
	return sums;
}

static unsigned int step_of(const struct perftop_view *view)
{
	return view == &perftop_view_processes ? 2 : 1;
}

static void expect_sums(const struct perftop_view *view,
			const struct perftop_row *row)
{
	const u32 id = view == &perftop_view_processes ?
		       upper_32_bits(row->word[0]) : lower_32_bits(row->word[0]);
	struct sums sums;
	unsigned int i;

	assert_in_range(id, 1000, 1000 + THREADS - 1);
	sums = sums_of(view, id - 1000);
	for (i = 0; i < HAD; i++)
		assert_int_equal(row->counter[ranks[i]], sums.had[i]);
	assert_int_equal(row->open, sums.runs);
	assert_int_equal(row->waiting, sums.waits);
	assert_int_equal(row->account, PERFTOP_RANKED);
}

static int higher_first(const void *a, const void *b)
{
	const u64 one = *(const u64 *)a, other = *(const u64 *)b;

	return one < other ? 1 : one > other ? -1 : 0;
}

/* The rows are those that have most, in order, and each has what is its own. */
static void expect_model(const struct perftop_view *view, enum had by)
{
	struct perftop_snapshot *snapshot;
	unsigned int i, n = 0;
	u64 value[THREADS];

	for (i = 0; i < THREADS; i += step_of(view)) {
		const struct sums sums = sums_of(view, i);

		if (sums.had[HAD_SLICES] || sums.runs || sums.waits)
			value[n++] = sums.had[by];
	}
	qsort(value, n, sizeof(*value), higher_first);
	snapshot = perftop_snapshot_take(view, ranks[by], false);
	assert_int_equal(snapshot->rows, min(n, perftop_params.top));
	for (i = 0; i < snapshot->rows; i++) {
		assert_int_equal(snapshot->row[i].counter[ranks[by]], value[i]);
		expect_sums(view, &snapshot->row[i]);
	}
	perftop_snapshot_free(snapshot);
}

/* Rows are in order of sums, of which the longest wait is none. */
static void expect_all_orders(const struct perftop_view *view, unsigned int top)
{
	unsigned int by;

	perftop_params.top = top;
	for (by = 0; by < HAD_LONGEST; by++)
		expect_model(view, by);
}

static void snapshot_has_what_everybody_has(void **state)
{
	u64 seed = test_seed(20261126);
	unsigned int i, some;

	load("tasks,processes");
	make_threads();
	for (i = 0; i < 300; i++) {
		go_on(&seed);
		some = 1 + test_below(&seed, THREADS);
		expect_all_orders(&perftop_view_tasks, some);
		expect_all_orders(&perftop_view_processes, some);
	}
}

/*
 * 16 records and the overflow, 5 waits and 4 open slices that have none: all that
 * there can be is looked at, however few of them are rows.
 */
static void snapshot_has_room(void **state)
{
	static const unsigned int cpus[] = { 0, 1, 3, 5 };
	static const unsigned int tops[] = { 1, 2, 15, 16, 17, 21, 25, 26, 99 };
	struct perftop_snapshot *snapshot;
	unsigned int i, by;

	perftop_params.table = 16;
	load("tasks");
	run(20);
	for (i = 25; i < 30; i++)
		machine_wake(task[i]);
	for (i = 0; i < 4; i++)
		machine_block(cpus[i], task[30 + i]);
	machine_pass(MS);
	for (i = 0; i < ARRAY_SIZE(tops); i++) {
		for (by = 0; by < HAD; by++) {
			perftop_params.top = tops[i];
			snapshot = perftop_snapshot_take(&perftop_view_tasks,
							 ranks[by], false);
			assert_int_equal(snapshot->rows, min(tops[i], 26));
			perftop_snapshot_free(snapshot);
		}
	}
}

/* Two threads of a process that has no record yet are one row, also high up. */
static void snapshot_of_two_open_slices_of_one(void **state)
{
	struct perftop_snapshot *snapshot;

	load("processes");
	machine_slice(0, machine_task(7, 7, "other"), MS);
	machine_block(1, task[0]);
	machine_block(3, task[1]);
	machine_pass(5 * MS);
	snapshot = take(&perftop_view_processes);
	expect_ticks(snapshot, (const u64[]){ 10, 1, 0 });
	perftop_snapshot_free(snapshot);
}

/*
 * A process that has no record yet: one thread waits, another one runs, and what
 * has one fills the table that is shown.
 */
static void snapshot_of_waits_below_the_rows(void **state)
{
	struct perftop_snapshot *snapshot;

	perftop_params.top = 1;
	load("processes");
	machine_slice(0, machine_task(7, 7, "other"), MS);
	machine_wake(task[0]);
	machine_block(1, task[1]);
	machine_pass(5 * MS);
	snapshot = take(&perftop_view_processes);
	expect_ticks(snapshot, (const u64[]){ 5, 0 });
	assert_true(snapshot->row[0].open);
	assert_true(snapshot->row[0].waiting);
	assert_int_equal(snapshot->row[0].counter[PERFTOP_SLICES_WAITS + 1],
			 5 * MS);
	perftop_snapshot_free(snapshot);
}

/* Two whose keys differ in few bits are two. */
static void snapshot_of_keys_that_are_alike(void **state)
{
	struct task_struct *one, *other;
	struct perftop_snapshot *snapshot;

	load("processes");
	one = machine_task(0x101, 0x101, "one");
	other = machine_task(0x201, 0x201, "other");
	one->start_time = 0;
	other->start_time = 0;
	machine_block(1, one);
	machine_pass(MS);
	machine_block(3, other);
	machine_pass(5 * MS);
	snapshot = take(&perftop_view_processes);
	expect_ticks(snapshot, (const u64[]){ 6, 5, 0 });
	assert_int_equal(snapshot->row[0].word[0], 0x10100000101);
	assert_int_equal(snapshot->row[1].word[0], 0x20100000201);
	perftop_snapshot_free(snapshot);
}

/* How often others may run while one is taken. */
static unsigned long gives_way(const struct perftop_view *view,
			       unsigned int rank)
{
	unsigned long before;

	perftop_snapshot_free(perftop_snapshot_take(view, rank, false));
	before = shim_resched;
	perftop_snapshot_free(perftop_snapshot_take(view, rank, false));
	return shim_resched - before;
}

/*
 * For a record that is looked at for its name or is asked about, for two that are
 * compared, which is done both ways round here, and for what is open.
 */
static void snapshot_gives_way(void **state)
{
	unsigned long stacks, by_ticks, by_count;

	load("tasks");
	stacks = gives_way(&perftop_view_stacks, PERFTOP_TICKS);
	by_ticks = gives_way(&perftop_view_tasks, PERFTOP_TICKS);
	by_count = gives_way(&perftop_view_tasks, PERFTOP_COUNT);
	run(1);
	assert_int_equal(gives_way(&perftop_view_stacks, PERFTOP_TICKS),
			 stacks + 1);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_TICKS),
			 by_ticks + 1);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_COUNT),
			 by_count + 1);
	run(2);
	assert_int_equal(gives_way(&perftop_view_stacks, PERFTOP_TICKS),
			 stacks + 2 + 2);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_TICKS),
			 by_ticks + 2 + 2);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_COUNT),
			 by_count + 2 + 2);
	/*
	 * One that waits, and one that runs: compared with each other and with the
	 * records, of which each is looked at once more, and all with all.
	 */
	machine_wake(task[1]);
	machine_block(1, task[2]);
	machine_pass(1);
	assert_int_equal(gives_way(&perftop_view_stacks, PERFTOP_TICKS),
			 stacks + 2 + 2 + 2);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_TICKS),
			 by_ticks + 18);
	machine_wake(task[3]);
	machine_pass(1);
	assert_int_equal(gives_way(&perftop_view_tasks, PERFTOP_TICKS),
			 by_ticks + 24);
}

/* Without memory there is none, and nothing stays of it. */
static void runs_out(const struct perftop_view *view, unsigned int rank,
		     unsigned int pieces)
{
	struct machine_memory before = machine_memory();
	struct perftop_snapshot *snapshot;
	unsigned int n;

	for (n = 1; ; n++) {
		shim_fail_at = n;
		snapshot = perftop_snapshot_take(view, rank, false);
		if (!IS_ERR(snapshot))
			break;
		assert_int_equal(PTR_ERR(snapshot), -ENOMEM);
		machine_check_memory(before);
	}
	shim_fail_at = 0;
	assert_int_equal(n, pieces + 1);
	perftop_snapshot_free(snapshot);
	machine_check_memory(before);
}

static void snapshot_runs_out_of_memory(void **state)
{
	load("tasks,exits,inversion");
	run(3);
	/*
	 * The snapshot, its lines and cuts; what is open, the copies' two and what
	 * has been copied; the rows and their order; the names.
	 */
	runs_out(&perftop_view_stacks, PERFTOP_TICKS, 3 + 4 + 2 + 1);
	/* No names; who waits, and if somebody does, three for what that adds. */
	runs_out(&perftop_view_tasks, PERFTOP_TICKS, 3 + 4 + 2 + 1);
	machine_wake(task[0]);
	machine_pass(1);
	runs_out(&perftop_view_tasks, PERFTOP_TICKS, 3 + 4 + 2 + 1 + 3);
	runs_out(&perftop_view_tasks, PERFTOP_COUNT, 3 + 4 + 2 + 1 + 3);
	runs_out(&perftop_view_exits, 0, 3 + 2);
	/* The CPUs' rows, and the counters of those that have none. */
	runs_out(&perftop_view_accounts, 0, 3 + 2);
}

/* What nothing is to be kept in need not be had. */
static void snapshot_of_nothing(void **state)
{
	load("tasks");
	runs_out(&perftop_view_tasks, PERFTOP_COUNT, 3 + 4 + 2 + 1);
	/* Nor what a view would show that is off. */
	runs_out(&perftop_view_exits, 0, 3);
	runs_out(&perftop_view_processes, PERFTOP_TICKS, 3 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(snapshot_of_the_top),
		MACHINE_TEST(snapshot_with_open_rows_in_order),
		MACHINE_TEST(snapshot_leaves_out_what_is_low),
		MACHINE_TEST(snapshot_of_all_rows),
		MACHINE_TEST(snapshot_adds_what_is_open_once),
		MACHINE_TEST(snapshot_by_cpu),
		MACHINE_TEST(snapshot_of_idle_time),
		MACHINE_TEST(snapshot_with_an_open_row_from_below),
		MACHINE_TEST(snapshot_with_others),
		MACHINE_TEST(snapshot_of_as_much_as_there_is),
		MACHINE_TEST(snapshot_sorted),
		MACHINE_TEST(snapshot_is_a_copy),
		MACHINE_TEST(snapshot_totals),
		MACHINE_TEST(snapshot_says_since_when_a_record_is),
		MACHINE_TEST(snapshot_keeps_the_filters_words),
		MACHINE_TEST(snapshot_has_what_everybody_has),
		MACHINE_TEST(snapshot_has_room),
		MACHINE_TEST(snapshot_of_two_open_slices_of_one),
		MACHINE_TEST(snapshot_of_waits_below_the_rows),
		MACHINE_TEST(snapshot_of_keys_that_are_alike),
		MACHINE_TEST(snapshot_gives_way),
		MACHINE_TEST(snapshot_runs_out_of_memory),
		MACHINE_TEST(snapshot_of_nothing),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
