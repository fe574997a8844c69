// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a snapshot while others go on: they are what there was at the cut,
 * in the order that is wanted, however long it takes to copy them, and whoever
 * changes, forgets, kills or switches off what meanwhile.
 */
#include "machine.h"

#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/params.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/view.h"
#include "proc/log_rows.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "switch/slice.h"
#include "switch/stack_key.h"

/* More than two pieces of a copy. */
#define MANY	5000

#define STACKS	0x10000

static struct task_struct *worker;

/* What has been charged to each stack, in ns. */
static u64 ran[STACKS];

static void load(unsigned int table, const char *views)
{
	perftop_params.table = table;
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
	worker = machine_task(7, 7, "worker");
}

static void run(unsigned int stack, u64 ns)
{
	machine_set_stack(worker, stack);
	machine_slice(0, worker, ns);
	ran[stack] += ns;
}

static int begin(void *unused)
{
	return 0;
}

static void drain(void)
{
	assert_int_equal(perftop_drain_cut(begin, NULL), 0);
}

/* Stacks from a number on, of which the first has most. */
static void run_many(unsigned int first, unsigned int n, u64 least)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		run(first + i, least + n - i);
		if (i % 200 == 199)
			drain();
	}
	drain();
}

static struct perftop_snapshot *take(const struct perftop_view *view)
{
	return perftop_snapshot_take(view, view->table->rank, false);
}

/* While it is taken, others do that. */
static struct perftop_snapshot *take_while(const struct perftop_view *view,
					   void (*others)(void))
{
	struct perftop_snapshot *snapshot;

	shim_others = others;
	snapshot = take(view);
	shim_others = NULL;
	return snapshot;
}

/* Each stack's row, once, in order; what was moved is given. */
static void check_stacks(const struct perftop_snapshot *snapshot, u64 *had,
			 unsigned int stacks, u64 moved)
{
	const struct perftop_row *row = snapshot->row;
	u64 last = U64_MAX;
	unsigned int i;

	assert_int_equal(snapshot->rows, stacks + !!moved);
	for (i = 0; i < snapshot->rows; i++, row++) {
		assert_true(row->counter[PERFTOP_TICKS] <= last);
		last = row->counter[PERFTOP_TICKS];
		if (!row->words) {
			assert_true(perftop_row_is_others(row));
			assert_int_equal(last, TICKS(moved));
			continue;
		}
		assert_in_range(row->word[0], 1, STACKS - 1);
		assert_int_not_equal(had[row->word[0]], 0);
		assert_int_equal(last, TICKS(had[row->word[0]]));
		had[row->word[0]] = 0;
	}
	assert_int_equal(snapshot->records, stacks);
}

static unsigned int times;

/* --- Of one moment -------------------------------------------------------- */

static void go_on(void)
{
	unsigned int i;

	if (++times > 2)
		return;
	for (i = 1; i < MANY; i += 7)
		run(i, 3);
	run_many(10000 + 1000 * times, 600, 5);
	machine_pass(MS);
}

/* What each of so many stacks had before others went on. */
static u64 had[STACKS];

static void begin_with_many(void)
{
	load(8192, NULL);
	run_many(1, MANY, 10);
	memcpy(had, ran, sizeof(had));
}

static void rows_of_one_moment(void **state)
{
	struct perftop_snapshot *snapshot;

	begin_with_many();
	snapshot = take_while(&perftop_view_folded, go_on);
	assert_true(times > 2);
	check_stacks(snapshot, had, MANY, 0);
	perftop_snapshot_free(snapshot);
	memcpy(had, ran, sizeof(had));
	snapshot = take(&perftop_view_folded);
	check_stacks(snapshot, had, MANY + 1200, 0);
	perftop_snapshot_free(snapshot);
}

static void come_anew(void)
{
	if (++times > 2)
		return;
	run_many(10000 + 1000 * times, 600, 100000);
}

/* What they had is in their rows, and of the others none is new. */
static void rows_of_what_is_given_up(void **state)
{
	struct perftop_snapshot *snapshot;
	u64 moved;

	load(MANY, NULL);
	run_many(1, MANY, 10);
	run(6000, 100000);
	drain();
	/* A sixteenth, whose least has 11 ns. */
	assert_int_equal(perftop_stacks.moved, MANY / 16);
	moved = 11 * (MANY / 16) + (MANY / 16) * (MANY / 16 - 1) / 2;
	memset(&ran[MANY - MANY / 16 + 1], 0, MANY / 16 * sizeof(*ran));
	memcpy(had, ran, sizeof(had));
	snapshot = take_while(&perftop_view_folded, come_anew);
	assert_true(perftop_stacks.moved > 1000);
	assert_int_equal(snapshot->moved, MANY / 16);
	check_stacks(snapshot, had, MANY - MANY / 16 + 1, moved);
	perftop_snapshot_free(snapshot);
}

static void start_over(void)
{
	if (!times++)
		assert_int_equal(machine_write("0"), 1);
}

/* Who resets ends the copy first. */
static void rows_from_before_a_reset(void **state)
{
	struct perftop_snapshot *snapshot;

	load(8192, NULL);
	run_many(1, MANY, 10);
	snapshot = take_while(&perftop_view_folded, start_over);
	assert_int_equal(perftop_stacks.records, 0);
	check_stacks(snapshot, ran, MANY, 0);
	perftop_snapshot_free(snapshot);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 0);
	perftop_snapshot_free(snapshot);
}

static u64 then[STACKS];
static struct perftop_snapshot *second;

static void read_as_well(void)
{
	if (times++)
		return;
	go_on();
	times = 3;
	memcpy(then, ran, sizeof(then));
	second = take(&perftop_view_folded);
	run_many(20000, 100, 5);
}

static void rows_of_two_readers(void **state)
{
	struct perftop_snapshot *snapshot;

	begin_with_many();
	snapshot = take_while(&perftop_view_folded, read_as_well);
	check_stacks(second, then, MANY + 600, 0);
	check_stacks(snapshot, had, MANY, 0);
	perftop_snapshot_free(snapshot);
	perftop_snapshot_free(second);
}

/* --- Views that come and go ----------------------------------------------- */

static struct task_struct *task[3];

static void run_three(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		task[i] = machine_task(100 + i, 100 + i, "task");
		machine_slice(0, task[i], (3 - i) * MS);
	}
}

static void switch_off(void)
{
	if (!times++)
		assert_int_equal(machine_write("-tasks"), 6);
}

static void rows_of_a_view_that_goes(void **state)
{
	struct perftop_snapshot *snapshot;
	unsigned int i;

	load(64, "tasks");
	run_three();
	snapshot = take_while(&perftop_view_tasks, switch_off);
	assert_int_not_equal(times, 0);
	assert_false(perftop_view_is_on(&perftop_view_tasks));
	assert_int_equal(snapshot->rows, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal((u32)snapshot->row[i].word[0], 100 + i);
		assert_int_equal(snapshot->row[i].counter[PERFTOP_TICKS],
				 TICKS((3 - i) * MS));
		assert_int_equal(snapshot->row[i].by_cpu[0],
				 TICKS((3 - i) * MS));
	}
	perftop_snapshot_free(snapshot);
}

/* What a log had is not to be read any more. */
static void rows_of_a_log_that_goes(void **state)
{
	struct perftop_snapshot snapshot = {
		.view = &perftop_view_exits, .on = true,
	};

	load(64, "exits");
	machine_block(0, machine_task(8, 8, "ends"));
	machine_end(0, machine_idle(0));
	snapshot.taken = shim_ns;
	assert_int_equal(perftop_entries_fill(&snapshot), 0);
	assert_int_equal(snapshot.rows, 1);
	kvfree(snapshot.entry);
	kvfree(snapshot.row);
	/* What came behind the cut is not of it. */
	snapshot.taken = shim_ns - 1;
	assert_int_equal(perftop_entries_fill(&snapshot), 0);
	assert_int_equal(snapshot.rows, 0);
	kvfree(snapshot.entry);
	kvfree(snapshot.row);
	snapshot.taken = shim_ns;
	machine_write("-exits");
	assert_int_equal(perftop_entries_fill(&snapshot), 0);
	assert_int_equal(snapshot.rows, 0);
	kvfree(snapshot.entry);
	kvfree(snapshot.row);
}

/* So many threads of the worker's have had a slice, the first the longest. */
static void run_threads(unsigned int n)
{
	struct task_struct *thread = machine_task(8, 7, "thread");
	unsigned int i;

	machine_set_stack(thread, 1);
	for (i = 0; i < n; i++) {
		thread->pid = 1000 + i;
		thread->start_time++;
		machine_slice(0, thread, n - i);
		if (i % 200 == 199)
			drain();
	}
	drain();
}

static unsigned long gave_way;

static void switch_off_and_count(void)
{
	if (times++)
		return;
	gave_way = shim_resched;
	assert_int_equal(machine_write("-tasks"), 6);
	gave_way = shim_resched - gave_way;
}

/* Who switches it off copies all first, and lets others in after each 2048. */
static void rows_of_many_of_a_view_that_goes(void **state)
{
	struct perftop_snapshot *snapshot;
	unsigned int i;

	load(8192, "tasks");
	run_threads(MANY);
	snapshot = take_while(&perftop_view_tasks, switch_off_and_count);
	assert_int_equal(gave_way, MANY / 2048);
	assert_int_equal(snapshot->records, MANY);
	assert_int_equal(snapshot->rows, 20);
	for (i = 0; i < 20; i++) {
		assert_int_equal((u32)snapshot->row[i].word[0], 1000 + i);
		assert_int_equal(snapshot->row[i].counter[PERFTOP_TICKS],
				 TICKS(MANY - i));
	}
	perftop_snapshot_free(snapshot);
}

/* All of a table, with as much room as that takes. */
static void begin_copy(struct perftop_copy *copy, struct perftop_table *table)
{
	size_t rows, words;

	perftop_copy_measure(table, &rows, &words);
	copy->row = kvcalloc(rows, sizeof(*copy->row), GFP_KERNEL);
	copy->word = kvcalloc(words, sizeof(u64), GFP_KERNEL);
	copy->done = kvcalloc(BITS_TO_LONGS(table->limit + PERFTOP_FIRST_RECORD),
			      sizeof(long), GFP_KERNEL);
	copy->table = table;
	perftop_copy_begin(copy);
}

static void end_copy(struct perftop_copy *copy)
{
	kvfree(copy->row);
	kvfree(copy->word);
	kvfree(copy->done);
}

static void count_times(void)
{
	times++;
}

/* A reset copies 2048 of one table, and lets others come in between. */
static void rows_of_two_tables_before_a_reset(void **state)
{
	struct perftop_table *table = perftop_view_tasks.table;
	struct perftop_copy copy[2] = { 0 };

	load(8192, "tasks");
	/* The worker is a thread as well. */
	run_threads(2 * 2048 - 1);
	run_many(1, 2 * 2048, 1);
	begin_copy(&copy[0], &perftop_stacks);
	begin_copy(&copy[1], table);
	shim_others = count_times;
	perftop_drain_reset();
	shim_others = NULL;
	assert_int_equal(copy[0].rows, 2 * 2048);
	assert_int_equal(copy[1].rows, 2 * 2048);
	assert_int_equal(times, 3);
	end_copy(&copy[0]);
	end_copy(&copy[1]);
}

static void switch_on(void)
{
	unsigned int i;

	if (times++)
		return;
	assert_int_equal(machine_write("+tasks"), 6);
	for (i = 0; i < 200; i++)
		machine_slice(0, machine_task(1000 + i, 1000, "late"), MS);
}

static struct perftop_snapshot *late;

/* It has to wait for what the drain has begun, and lets others run. */
static void read_late(void)
{
	late = take_while(&perftop_view_tasks, switch_on);
}

/* Nobody knew how large it was to be. */
static void rows_of_a_view_that_comes(void **state)
{
	load(4096, NULL);
	machine_slice(0, worker, MS);
	shim_grace_period = read_late;
	machine_drain();
	shim_grace_period = NULL;
	assert_int_not_equal(times, 0);
	assert_true(late->on);
	assert_int_equal(late->records, 200);
	assert_int_equal(late->rows, 20);
	perftop_snapshot_free(late);
}

static void count_copies(void)
{
	times += !list_empty(&perftop_stacks.copies);
}

/* The top is copied in one go, if it is not long. */
static void rows_of_a_long_top(void **state)
{
	struct perftop_snapshot *snapshot;

	load(8192, NULL);
	run_many(1, MANY, 10);
	perftop_params.top = 1024;
	snapshot = take_while(&perftop_view_stacks, count_copies);
	assert_int_equal(times, 0);
	assert_int_equal(snapshot->rows, 1024);
	perftop_snapshot_free(snapshot);
	perftop_params.top++;
	snapshot = take_while(&perftop_view_stacks, count_copies);
	assert_int_equal(times, 2);
	assert_int_equal(snapshot->rows, 1025);
	perftop_snapshot_free(snapshot);
}

/* --- Room ----------------------------------------------------------------- */

/* What the drain of the first cut brings is more than there was room for. */
static void rows_need_more_room(void **state)
{
	struct perftop_snapshot *snapshot;
	struct machine_memory before;
	unsigned int calls, i;

	load(1024, NULL);
	for (i = 0; i < 100; i++)
		run(1 + i, 1000 - i);
	memcpy(had, ran, sizeof(had));
	before = machine_memory();
	calls = shim_calls;
	snapshot = take(&perftop_view_folded);
	assert_int_equal(shim_calls - calls, 2 * 4);
	check_stacks(snapshot, had, 100, 0);
	perftop_snapshot_free(snapshot);
	machine_check_memory(before);
	memcpy(had, ran, sizeof(had));
	calls = shim_calls;
	snapshot = take(&perftop_view_folded);
	assert_int_equal(shim_calls - calls, 4);
	check_stacks(snapshot, had, 100, 0);
	perftop_snapshot_free(snapshot);
	/* For some more there is. */
	for (i = 0; i < 25; i++)
		run(200 + i, 800 - i);
	memcpy(had, ran, sizeof(had));
	calls = shim_calls;
	snapshot = take(&perftop_view_folded);
	assert_int_equal(shim_calls - calls, 4);
	check_stacks(snapshot, had, 125, 0);
	perftop_snapshot_free(snapshot);
}

static int open_file(const char *name, struct file *file)
{
	struct proc_dir_entry *entry = shim_proc_find(name);
	struct inode inode = { .i_private = entry->data };

	*file = (struct file){ .f_mode = FMODE_READ };
	return entry->ops->proc_open(&inode, file);
}

/* Four are held, and those that failed do not count. */
static void rows_of_five_readers(void **state)
{
	struct perftop_snapshot *snapshot[4];
	struct machine_memory before;
	struct file file;
	unsigned int i;

	load(64, "tasks");
	run_three();
	for (i = 1; i < 10; i++) {
		shim_fail_at = i % 9 + 1;
		assert_int_equal(PTR_ERR(take(&perftop_view_tasks)), -ENOMEM);
	}
	shim_fail_at = 0;
	for (i = 0; i < 4; i++) {
		snapshot[i] = take(i % 2 ? &perftop_view_tasks :
					   &perftop_view_stacks);
		assert_false(IS_ERR(snapshot[i]));
	}
	before = machine_memory();
	for (i = 0; i < 3; i++) {
		assert_int_equal(PTR_ERR(take(&perftop_view_folded)), -EBUSY);
		assert_int_equal(open_file("perftop", &file), -EBUSY);
	}
	machine_check_memory(before);
	perftop_snapshot_free(snapshot[0]);
	snapshot[0] = take(&perftop_view_folded);
	assert_int_equal(snapshot[0]->rows, 3);
	assert_int_equal(PTR_ERR(take(&perftop_view_folded)), -EBUSY);
	for (i = 0; i < 4; i++)
		perftop_snapshot_free(snapshot[i]);
	assert_non_null(machine_read("perftop"));
}

/* --- Who is killed -------------------------------------------------------- */

static void kill_it(void)
{
	shim_killed = true;
}

static void rows_of_who_is_killed(void **state)
{
	struct machine_memory before;
	struct perftop_snapshot *snapshot;
	unsigned int i;

	load(8192, NULL);
	run_many(1, MANY, 10);
	before = machine_memory();
	/* While it waits for the lock. */
	shim_killed = true;
	for (i = 0; i < 6; i++)
		assert_int_equal(PTR_ERR(take(&perftop_view_folded)), -EINTR);
	shim_killed = false;
	machine_check_memory(before);
	/* Nothing is locked. */
	machine_drain();
	/* While it copies. */
	for (i = 0; i < 6; i++) {
		snapshot = take_while(&perftop_view_folded, kill_it);
		assert_int_equal(PTR_ERR(snapshot), -EINTR);
		shim_killed = false;
		machine_check_memory(before);
		assert_true(list_empty(&perftop_stacks.copies));
	}
	run_many(1, MANY, 10);
	snapshot = take(&perftop_view_folded);
	check_stacks(snapshot, ran, MANY, 0);
	perftop_snapshot_free(snapshot);
}

/* --- CPUs that go --------------------------------------------------------- */

static void let_cpu_go(void)
{
	if (times++)
		return;
	machine_pass(10 * MS);
	machine_cpu_dies(1);
}

/* What was open, and who waited, was so at the cut. */
static void rows_of_a_cpu_that_goes(void **state)
{
	struct perftop_snapshot *snapshot;
	const struct perftop_row *row;

	load(64, "tasks");
	run_three();
	machine_block(1, task[2]);
	machine_pass(2 * MS);
	task[1]->cpu = 1;
	machine_wake(task[1]);
	machine_pass(3 * MS);
	snapshot = take_while(&perftop_view_tasks, let_cpu_go);
	assert_int_not_equal(times, 0);
	assert_int_equal(snapshot->rows, 3);
	row = &snapshot->row[0];
	assert_int_equal((u32)row->word[0], 102);
	assert_int_equal(row->counter[PERFTOP_TICKS], TICKS((1 + 5) * MS));
	assert_int_equal(row->by_cpu[1], TICKS(5 * MS));
	assert_true(row->open);
	row = &snapshot->row[2];
	assert_int_equal((u32)row->word[0], 101);
	assert_true(row->waiting);
	assert_int_equal(row->counter[PERFTOP_SLICES_WAITS + 1], 3 * MS);
	assert_int_equal(snapshot->cpus, 4);
	assert_int_equal(snapshot->total.running, TICKS(5 * MS));
	perftop_snapshot_free(snapshot);
	/* And now it is closed. */
	snapshot = take(&perftop_view_tasks);
	assert_int_equal(snapshot->cpus, 3);
	assert_int_equal(snapshot->row[0].counter[PERFTOP_TICKS],
			 TICKS((1 + 15) * MS));
	assert_false(snapshot->row[0].open);
	perftop_snapshot_free(snapshot);
}

/* CPUs are not cut at the very same time: one that moves may be found twice. */
static void rows_of_who_is_found_twice(void **state)
{
	struct perftop_snapshot *snapshot;
	struct task_struct *here, *there;
	const u64 *by_cpu;

	load(64, "tasks");
	here = machine_task(50, 50, "moves");
	there = machine_task(50, 50, "moves");
	there->start_time = here->start_time;
	machine_block(1, here);
	machine_pass(2 * MS);
	machine_block(3, there);
	machine_pass(3 * MS);
	snapshot = take(&perftop_view_tasks);
	assert_int_equal(snapshot->rows, 1);
	assert_int_equal(snapshot->row[0].counter[PERFTOP_TICKS],
			 TICKS(8 * MS));
	by_cpu = snapshot->row[0].by_cpu;
	assert_int_equal(by_cpu[0], 0);
	assert_int_equal(by_cpu[1], TICKS(5 * MS));
	assert_int_equal(by_cpu[3], TICKS(3 * MS));
	assert_true(snapshot->row[0].open);
	perftop_snapshot_free(snapshot);
}

/* --- Order and names ------------------------------------------------------ */

/* Among equals the oldest, behind them what has no record, and the first ones. */
static void rows_that_are_equal(void **state)
{
	static const unsigned int stacks[] = { 300, 100, 200, 50 };
	struct perftop_snapshot *snapshot;
	struct task_struct *thread;
	unsigned int i;

	load(64, NULL);
	for (i = 0; i < 4; i++) {
		run(stacks[i], i == 2 ? MS : 2 * MS);
		drain();
	}
	run(200, MS);
	machine_set_stack(worker, 10);
	machine_block(3, worker);
	thread = machine_task(8, 7, "thread");
	machine_set_stack(thread, 11);
	machine_block(5, thread);
	machine_pass(2 * MS);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 6);
	for (i = 0; i < 4; i++)
		assert_int_equal(snapshot->row[i].word[0], stacks[i]);
	for (; i < 6; i++) {
		assert_in_range(snapshot->row[i].word[0], 10, 11);
		assert_int_equal(snapshot->row[i].id, 0);
		assert_true(snapshot->row[i].open);
	}
	perftop_snapshot_free(snapshot);
}

/* One begins with the other; what is open is added to its own. */
static void rows_of_two_lengths(void **state)
{
	struct task_struct *thread;
	struct perftop_snapshot *snapshot;

	load(64, NULL);
	thread = machine_task(8, 7, "thread");
	machine_set_stack(worker, 5);
	machine_slice(0, worker, 4 * MS);
	machine_set_stack(worker, 5 | MACHINE_LONGER);
	machine_slice(0, worker, 2 * MS);
	machine_set_stack(thread, 5);
	machine_block(1, thread);
	machine_pass(10 * MS);
	machine_block(3, worker);
	machine_pass(MS);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 2);
	assert_int_equal(snapshot->row[0].words, KEY_HEADER_WORDS);
	assert_int_equal(snapshot->row[0].counter[PERFTOP_TICKS],
			 TICKS(15 * MS));
	assert_int_equal(snapshot->row[1].words, KEY_HEADER_WORDS + 1);
	assert_int_equal(snapshot->row[1].counter[PERFTOP_TICKS],
			 TICKS(3 * MS));
	assert_true(snapshot->row[0].open && snapshot->row[1].open);
	perftop_snapshot_free(snapshot);
}

static void expect_name(const char *name)
{
	struct perftop_snapshot *snapshot = take(&perftop_view_stacks);

	assert_int_equal(snapshot->rows, 1);
	assert_int_equal(snapshot->row[0].word[0], 40000);
	assert_string_equal((char *)&snapshot->row[0].counter[PERFTOP_COMM],
			    name);
	perftop_snapshot_free(snapshot);
}

/* One name for an owner: that of the record seen last, wherever it is. */
static void rows_are_named(void **state)
{
	struct task_struct *other;

	perftop_params.top = 1;
	load(8192, NULL);
	run(1, US);
	run(40000, 50 * MS);
	expect_name("worker");
	other = machine_task(8, 8, "other");
	machine_set_stack(other, 2);
	machine_slice(0, other, US);
	expect_name("worker");
	run_many(10, MANY, 10);
	/* In the newest record, which is in the last piece. */
	strcpy(worker->comm, "later");
	run(30000, US);
	expect_name("later");
	/* In the oldest. */
	strcpy(worker->comm, "latest");
	run(1, US);
	expect_name("latest");
	/* And in a slice that is open, but is no row. */
	strcpy(worker->comm, "open");
	machine_set_stack(worker, 30001);
	machine_block(3, worker);
	machine_pass(US);
	expect_name("open");
}

/* What of the first ones has nothing is no row; both may have something. */
static void rows_of_the_first(void **state)
{
	struct perftop_snapshot *snapshot;
	unsigned int i;

	load(16, NULL);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 0);
	perftop_snapshot_free(snapshot);
	/* Three find no room in the shard, sixteen in the table. */
	for (i = 0; i < 35; i++)
		run(1 + i, MS);
	snapshot = take(&perftop_view_folded);
	assert_int_equal(snapshot->rows, 18);
	assert_true(perftop_row_is_others(&snapshot->row[0]));
	assert_int_equal(snapshot->row[0].counter[PERFTOP_TICKS],
			 TICKS(16 * MS));
	assert_int_equal(snapshot->row[1].words, 0);
	assert_int_equal(snapshot->row[1].account, PERFTOP_OVERFLOW);
	assert_int_equal(snapshot->row[1].counter[PERFTOP_TICKS],
			 TICKS(3 * MS));
	perftop_snapshot_free(snapshot);
	/* Also where only the top is copied. */
	perftop_params.top = 3;
	snapshot = take(&perftop_view_stacks);
	assert_int_equal(snapshot->rows, 3);
	assert_true(perftop_row_is_others(&snapshot->row[0]));
	assert_int_equal(snapshot->row[1].account, PERFTOP_OVERFLOW);
	assert_int_equal(snapshot->row[2].word[0], 1);
	perftop_snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(rows_of_one_moment),
		MACHINE_TEST(rows_of_what_is_given_up),
		MACHINE_TEST(rows_from_before_a_reset),
		MACHINE_TEST(rows_of_two_readers),
		MACHINE_TEST(rows_of_a_view_that_goes),
		MACHINE_TEST(rows_of_a_log_that_goes),
		MACHINE_TEST(rows_of_many_of_a_view_that_goes),
		MACHINE_TEST(rows_of_two_tables_before_a_reset),
		MACHINE_TEST(rows_of_a_view_that_comes),
		MACHINE_TEST(rows_of_a_long_top),
		MACHINE_TEST(rows_need_more_room),
		MACHINE_TEST(rows_of_five_readers),
		MACHINE_TEST(rows_of_who_is_killed),
		MACHINE_TEST(rows_of_a_cpu_that_goes),
		MACHINE_TEST(rows_of_who_is_found_twice),
		MACHINE_TEST(rows_that_are_equal),
		MACHINE_TEST(rows_of_two_lengths),
		MACHINE_TEST(rows_are_named),
		MACHINE_TEST(rows_of_the_first),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
