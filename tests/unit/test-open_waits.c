// SPDX-License-Identifier: GPL-2.0
/* Waits that have not ended, and those in which a CPU was idle. */
#include "machine.h"

#include <stdio.h>

#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/params.h"
#include "engine/task_state.h"
#include "engine/open_waits.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "switch/cpu.h"

static struct task_struct *worker, *starved, *thread;

/*
 * CPU 0 has worker for 10 ms, who is preempted by hog, which runs for 30 ms more;
 * starved has never run, and has been queued for 25 of these.
 */
static void load(const char *views)
{
	struct task_struct *hog;

	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
	worker = machine_task(10, 10, "worker");
	starved = machine_task(20, 20, "starved");
	thread = machine_task(21, 20, "thread");
	hog = machine_task(30, 30, "hog");
	machine_set_rt(hog, 50);
	machine_block(0, worker);
	machine_pass(10 * MS);
	machine_preempt(0, hog);
	machine_pass(5 * MS);
	machine_wake(starved);
	machine_pass(25 * MS);
}

static int keep_cuts(void *data)
{
	struct perftop_cut *cuts = data;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		cuts[cpu].clock = per_cpu_ptr(&perftop_cpu, cpu)->open->clock;
		cuts[cpu].idle = per_cpu_ptr(&perftop_cpu, cpu)->open->idle;
	}
	return 0;
}

/* All CPUs are cut: when, and how long each had been idle. */
static struct perftop_cut *cut(void)
{
	static struct perftop_cut cuts[SHIM_CPU_IDS];

	assert_int_equal(perftop_drain_cut(keep_cuts, cuts), 0);
	return cuts;
}

static int collect_into(struct perftop_snapshot *snapshot)
{
	return perftop_waits_collect(snapshot->cut, &snapshot->waiter,
				     &snapshot->waiting);
}

static void expect_part(const char *file, const char *part)
{
	if (!strstr(machine_read(file), part))
		fail_msg("no %s in %s", part, machine_read(file));
}

static void expect_row(const char *file, const char *row)
{
	machine_expect(machine_read(file), row);
}

static void waits_are_shown_as_they_go_on(void **state)
{
	load("tasks");
	expect_row("tasks",
		   "     10      10 normal      0   6.25       20000000 10.00 ms        1        0 30.00 ms     0 ns 30.00 ms  25.00      0 0       100.00 worker (waiting)");
	expect_row("tasks",
		   "     20      20 normal      0   0.00              0     0 ns        0        0 25.00 ms     0 ns 25.00 ms   0.00      0 -         0.00 starved (waiting)");
	/* Reading changes nothing, and time goes on. */
	machine_pass(MS);
	expect_row("tasks",
		   "     20      20 normal      0   0.00              0     0 ns        0        0 26.00 ms     0 ns 26.00 ms   0.00      0 -         0.00 starved (waiting)");
	/* It has got the CPU: the same wait, which no longer grows. */
	machine_block(0, starved);
	machine_pass(9 * MS);
	expect_row("tasks",
		   "     20      20 normal      0   4.50       18000000 9.000 ms        0        0 26.00 ms     0 ns 26.00 ms  25.71      0 0       100.00 starved (running)");
	machine_block(0, worker);
	expect_row("tasks",
		   "     20      20 normal      0   4.50       18000000 9.000 ms        1        1 26.00 ms     0 ns 26.00 ms  25.71      0 0       100.00 starved");
}

/* One that has waited most first, had it ended or not. */
static void waits_are_sorted(void **state)
{
	const char *text;

	load("tasks");
	thread->cpu = 3;
	machine_wake(thread);
	machine_pass(15 * MS);
	machine_slice(3, thread, MS);
	text = machine_read("tasks.wait");
	/* 46, 41, 15 ms and none. */
	assert_true(strstr(text, " worker (") < strstr(text, " starved ("));
	assert_true(strstr(text, " starved (") < strstr(text, " thread\n"));
	assert_true(strstr(text, " thread\n") < strstr(text, " hog ("));
	perftop_params.top = 2;
	text = machine_read("tasks.wait");
	assert_non_null(strstr(text, " worker ("));
	assert_non_null(strstr(text, " starved ("));
	assert_null(strstr(text, " thread\n"));
	assert_null(strstr(text, " hog ("));
	/* By time, who has had none is left out for those who have. */
	text = machine_read("tasks");
	assert_non_null(strstr(text, " worker (waiting)"));
	assert_null(strstr(text, " starved ("));
}

/* By what a task has waited together, not by the longest: 3 times 10, and 20. */
static void waits_are_sorted_by_sums(void **state)
{
	const char *text;
	unsigned int i;

	load("tasks");
	machine_block(0, worker);
	machine_block(0, starved);
	machine_write("0");
	machine_wake(thread);
	machine_pass(20 * MS);
	machine_slice(3, thread, MS);
	for (i = 0; i < 3; i++) {
		machine_wake(worker);
		machine_pass(10 * MS);
		machine_slice(3, worker, MS);
	}
	text = machine_read("tasks.wait");
	assert_true(strstr(text, " worker\n") < strstr(text, " thread\n"));
}

static void waits_of_a_process(void **state)
{
	load("processes");
	machine_wake(thread);
	machine_pass(5 * MS);
	expect_row("processes",
		   "     20       0       0   0.00              0     0 ns        0        0 35.00 ms     0 ns 30.00 ms   0.00 starved (waiting)");
	/* One of its threads runs, the other does not. */
	machine_block(3, thread);
	machine_pass(5 * MS);
	expect_row("processes",
		   "     20       0       0   2.50       10000000 5.000 ms        0        0 40.00 ms     0 ns 35.00 ms  11.11 starved (running, waiting)");
	machine_block(3, machine_idle(3));
	expect_row("processes",
		   "     20      11       2   2.50       10000000 5.000 ms        1        1 40.00 ms     0 ns 35.00 ms  11.11 starved (waiting)");
}

/* Of one process, however the ids of its threads lie among the others'. */
static void waits_of_threads_apart(void **state)
{
	load("processes");
	machine_wake(machine_task(5, 20, "low"));
	machine_wake(machine_task(25, 25, "other"));
	machine_wake(machine_task(26, 20, "high"));
	machine_pass(5 * MS);
	expect_row("processes",
		   "     20       0       0   0.00              0     0 ns        0        0 40.00 ms     0 ns 30.00 ms   0.00 starved (waiting)");
}

/* However many of them run, and however many wait, both are said. */
static void waits_beside_threads_that_run(void **state)
{
	unsigned int i;

	load("processes");
	shim_sort_mixes = true;
	machine_block(1, thread);
	for (i = 0; i < 6; i++) {
		expect_part("processes", " starved (running, waiting)\n");
		if (i < 2)
			machine_block(3 + 2 * i, machine_task(40 + i, 20, "more"));
		else
			machine_wake(machine_task(40 + i, 20, "more"));
	}
}

/* What began before the view did is known when it ends, too. */
static void waits_from_before_the_view(void **state)
{
	load("cpus");
	machine_wake(thread);
	machine_pass(3 * MS);
	machine_slice(3, thread, MS);
	machine_write("-cpus");
	machine_wake(thread);
	machine_pass(4 * MS);
	machine_write("+tasks");
	machine_pass(2 * MS);
	expect_row("tasks",
		   "     21      20 normal      0   0.00              0     0 ns        0        0 6.000 ms     0 ns 6.000 ms   0.00      0 -         0.00 thread (waiting)");
	machine_slice(3, thread, 2 * MS);
	expect_part("tasks",
		    " 6.000 ms     0 ns 6.000 ms  25.00      0 3       100.00 thread\n");
}

/* Who is queued and not on a CPU, by the scheduler and by its account. */
static void waits_are_claimed_of_who_waits(void **state)
{
	static struct task_struct *task[16];
	unsigned int i;

	load(NULL);
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		task[i] = machine_task(500 + i, 500, "some");
		task[i]->__state = i & 1 ? 1 : TASK_RUNNING;
		task[i]->on_rq = !(i & 2);
		task[i]->on_cpu = !!(i & 4);
		task[i]->sched_info.last_queued = i & 8 ? 0 : local_clock();
	}
	machine_write("+tasks");
	for (i = 0; i < ARRAY_SIZE(task); i++)
		assert_int_equal(!!perftop_state_seek(task[i]), !i);
	assert_non_null(perftop_state_seek(worker));
	assert_non_null(perftop_state_seek(starved));
	assert_null(perftop_state_seek(thread));
}

/* More of them than there are slots. */
static void waits_are_claimed_of_many(void **state)
{
	static struct task_struct *task[60];
	unsigned int i, n = 0;
	unsigned long before;

	perftop_params.table = 16;
	load(NULL);
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		task[i] = machine_task(500 + i, 500, "some");
		machine_wake(task[i]);
	}
	machine_write("+tasks");
	for (i = 0; i < ARRAY_SIZE(task); i++)
		n += !!perftop_state_seek(task[i]);
	n += !!perftop_state_seek(worker) + !!perftop_state_seek(starved);
	assert_in_range(n, 1, 16 + PERFTOP_STATE_WINDOW);
	assert_int_equal(n + perftop_state_full(), ARRAY_SIZE(task) + 2);
	/* Others may run after each id, and in the end. */
	before = shim_resched;
	perftop_waits_begin();
	assert_int_equal(shim_resched - before, ARRAY_SIZE(task) + 4 + 1);
}

/* While it waits, from CPU 0 to CPU 3. */
static void move(struct task_struct *task)
{
	struct sched_info *info = &task->sched_info;

	info->run_delay += shim_local_clock[0] - info->last_queued;
	info->last_queued = shim_local_clock[0];
	task->cpu = 3;
	task->se.nr_migrations++;
}

/* The kernel ends a wait when a task is moved, and begins another. */
static void waits_of_who_is_moved(void **state)
{
	load("tasks");
	move(worker);
	/* Who has never run has no slot. */
	move(starved);
	machine_pass(2 * MS);
	expect_part("tasks",
		    " 27.00 ms     0 ns 27.00 ms   0.00      0 -         0.00 starved (waiting)\n");
	expect_part("tasks",
		    " 32.00 ms     0 ns 32.00 ms  23.80      0 0       100.00 worker (waiting)\n");
	machine_slice(3, worker, 2 * MS);
	expect_part("tasks",
		    " 32.00 ms     0 ns 32.00 ms  27.27      1 0,3      83.33 worker\n");
}

/* A group's leader may have gone, and its number not. */
static void waits_of_who_has_gone(void **state)
{
	load("tasks");
	shim_lone_pid = worker->pid;
	assert_null(strstr(machine_read("tasks"), " worker (waiting)\n"));
	expect_part("tasks", " starved (waiting)\n");
}

/* Later kernels leave some on a queue that sleep. */
static void waits_of_who_sleeps(void **state)
{
	load("tasks");
	worker->__state = 1;
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
	worker->__state = TASK_RUNNING;
	worker->on_cpu = 1;
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
	worker->on_cpu = 0;
	worker->on_rq = 0;
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
}

/* It has got its CPU between the cut and the walk. */
static void waits_that_end_after_the_cut(void **state)
{
	struct perftop_snapshot snapshot = {};
	struct sched_info *info;

	load("tasks");
	info = &worker->sched_info;
	snapshot.cut = cut();
	machine_pass(US);
	info->run_delay += shim_local_clock[0] - info->last_queued;
	info->last_queued = 0;
	info->last_arrival = shim_local_clock[0];
	info->pcount++;
	assert_int_equal(collect_into(&snapshot), 0);
	assert_int_equal(snapshot.waiting, 2);
	assert_int_equal(snapshot.waiter[0].who.task, (10ULL << 32) | 10);
	assert_int_equal(snapshot.waiter[0].wait, 30 * MS);
	kvfree(snapshot.waiter);
	/* However soon after the cut. */
	info->last_arrival -= US - 1;
	assert_int_equal(collect_into(&snapshot), 0);
	assert_int_equal(snapshot.waiting, 2);
	kvfree(snapshot.waiter);
	info->last_arrival += US - 1;
	/* Not if it had it at the cut, or has waited since. */
	info->last_arrival -= 2 * US;
	assert_int_equal(collect_into(&snapshot), 0);
	assert_int_equal(snapshot.waiting, 1);
	kvfree(snapshot.waiter);
	info->last_arrival += 2 * US;
	info->pcount++;
	assert_int_equal(collect_into(&snapshot), 0);
	assert_int_equal(snapshot.waiting, 1);
	kvfree(snapshot.waiter);
}

/* A row that rises into the table by what is open has its waits as well. */
static void waits_of_a_row_from_below(void **state)
{
	perftop_params.top = 1;
	load("processes");
	machine_block(0, machine_idle(0));
	machine_slice(3, thread, MS);
	machine_block(3, thread);
	machine_pass(40 * MS);
	/* It has 41 ms, and hog has had 30. */
	assert_non_null(strstr(machine_read("processes"), " (running, waiting)\n"));
}

static void waits_in_latency(void **state)
{
	load("latency");
	expect_row("latency",
		   "wait, all tasks   count 1   average 0 ns   p50 0 ns   p90 0 ns   p99 0 ns   longest 0 ns   waiting 2, longest 30.00 ms");
	machine_write("latency pid=20");
	expect_row("latency", "wait, all tasks   count 0   waiting 2, longest 30.00 ms");
	expect_row("latency", "wait, pid 20   count 0   waiting 1, longest 25.00 ms");
	expect_row("latency", "slice, pid 20   count 0");
	machine_write("latency comm=worker");
	expect_row("latency", "wait, comm worker   count 0   waiting 1, longest 30.00 ms");
	/* By a thread's own name, not by its process's. */
	machine_write("latency comm=thread");
	expect_row("latency", "wait, comm thread   count 0");
	machine_wake(thread);
	machine_pass(MS);
	expect_row("latency", "wait, comm thread   count 0   waiting 1, longest 1.000 ms");
	machine_write("latency comm=starved");
	expect_row("latency", "wait, comm starved   count 0   waiting 1, longest 26.00 ms");
	machine_write("latency comm=nobody");
	expect_row("latency", "wait, comm nobody   count 0");
}

/* Each wait is until the cut of its CPU, by that one's clock. */
static void waits_end_at_the_cut(void **state)
{
	load("tasks");
	shim_local_clock[3] += 7 * MS;
	starved->cpu = 3;
	machine_wake(thread);
	thread->cpu = 3;
	thread->sched_info.last_queued = shim_local_clock[3];
	worker->sched_info.last_queued = shim_local_clock[0] + 1;
	expect_row("tasks",
		   "     20      20 normal      0   0.00              0     0 ns        0        0 32.00 ms     0 ns 32.00 ms   0.00      0 -         0.00 starved (waiting)");
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
	assert_null(strstr(machine_read("tasks"), " thread"));
	/* It may be a nanosecond long. */
	worker->sched_info.last_queued -= 2;
	assert_non_null(strstr(machine_read("tasks"), " worker (waiting)\n"));
}

static void waits_of_whom_the_filter_passes(void **state)
{
	load("tasks");
	machine_write("filter comm=starved");
	assert_non_null(strstr(machine_read("tasks"), " starved (waiting)\n"));
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
	machine_write("filter cpu=0");
	assert_non_null(strstr(machine_read("tasks"), " worker (waiting)\n"));
	machine_write("filter cpu=1");
	assert_null(strstr(machine_read("tasks"), "(waiting)"));
	/* For what is not known yet nobody is left out. */
	machine_write("filter shortest=1s");
	assert_non_null(strstr(machine_read("tasks"), " starved (waiting)\n"));
}

/* More than are looked at in one piece, and than there is room for at first. */
static void waits_of_many(void **state)
{
	struct perftop_snapshot *snapshot;
	unsigned int i;

	load("tasks");
	for (i = 0; i < 200; i++)
		machine_wake(machine_task(1000 + 3 * i, 1000, "one"));
	machine_pass(MS);
	perftop_params.top = 1000;
	snapshot = perftop_snapshot_take(&perftop_view_tasks, PERFTOP_TICKS, false);
	assert_int_equal(snapshot->waiting, 202);
	assert_int_equal(snapshot->rows, 203);
	perftop_snapshot_free(snapshot);
	assert_non_null(strstr(machine_read("tasks.wait"), "   1597    1000 "));
	/* Nobody else is asked for by those who do not show it. */
	snapshot = perftop_snapshot_take(&perftop_view_stacks, PERFTOP_TICKS, false);
	assert_int_equal(snapshot->waiting, 0);
	perftop_snapshot_free(snapshot);
}

/* Who is queued on a CPU that is idle is held back. */
static void held_is_idle_time(void **state)
{
	load("tasks");
	/* Idle from 40 to 60 ms, and from 63 to 68. */
	machine_block(0, machine_idle(0));
	machine_pass(20 * MS);
	machine_slice(0, thread, 3 * MS);
	machine_pass(5 * MS);
	/* As it goes on, and while its slice does. */
	expect_part("tasks",
		    " 58.00 ms 25.00 ms 58.00 ms  14.70      0 0       100.00 worker (waiting)\n");
	machine_block(0, worker);
	expect_part("tasks",
		    " 58.00 ms 25.00 ms 58.00 ms  14.70      0 0       100.00 worker (running)\n");
	machine_pass(2 * MS);
	machine_block(0, machine_idle(0));
	expect_row("tasks",
		   "     10      10 normal      0   4.28       24000000 12.00 ms        2        1 58.00 ms 25.00 ms 58.00 ms  17.14      0 0       100.00 worker");
	/* Who has slept was not there when it began to be idle. */
	machine_pass(5 * MS);
	machine_wake(worker);
	machine_pass(10 * MS);
	expect_part("tasks", " 68.00 ms 25.00 ms 58.00 ms ");
	machine_slice(0, worker, 2 * MS);
	expect_row("tasks",
		   "     10      10 normal      0   4.02       28000000 14.00 ms        3        2 68.00 ms 25.00 ms 58.00 ms  17.07      0 0       100.00 worker");
}

/* As often as it has been, also where nobody reads in between. */
static void held_twice(void **state)
{
	unsigned int i;

	load("tasks,processes,cpus");
	machine_block(0, machine_idle(0));
	machine_write("0");
	for (i = 0; i < 2; i++) {
		machine_pass(20 * MS);
		machine_block(0, worker);
		machine_preempt(0, machine_idle(0));
	}
	machine_pass(3 * MS);
	machine_slice(0, worker, MS);
	/* 30 ms from before, and 43. */
	expect_part("tasks", " 73.00 ms 43.00 ms 50.00 ms ");
	expect_part("processes", " 73.00 ms 43.00 ms 50.00 ms ");
	expect_part("cpus", " 73.00 ms   43.00 ms   24.33 ms   50.00 ms ");
}

/* Not if it has been elsewhere, though it comes back. */
static void held_on_one_cpu(void **state)
{
	load("tasks");
	machine_block(0, machine_idle(0));
	machine_pass(20 * MS);
	worker->se.nr_migrations += 2;
	machine_slice(0, worker, 2 * MS);
	assert_non_null(strstr(machine_read("tasks"), "50.00 ms     0 ns 50.00 ms"));
	/* On another one it was, and this one was not. */
	machine_block(0, worker);
	machine_preempt(0, machine_idle(0));
	machine_pass(10 * MS);
	machine_slice(3, worker, 2 * MS);
	assert_non_null(strstr(machine_read("tasks"), "60.00 ms     0 ns 50.00 ms"));
}

/* It has come and gone meanwhile, and nobody knows what it waited for then. */
static void held_after_one_unseen(void **state)
{
	load("tasks");
	machine_block(0, machine_idle(0));
	machine_pass(5 * MS);
	machine_armed = false;
	machine_slice(0, worker, MS);
	machine_armed = true;
	machine_slice(0, thread, MS);
	machine_pass(5 * MS);
	machine_slice(0, worker, MS);
	assert_null(strstr(machine_read("tasks"), " 5.000 ms  "));
	assert_non_null(strstr(machine_read("tasks"), "     0 ns     0 ns "));
	assert_non_null(strstr(machine_read("tasks"), " worker\n"));
}

static void held_in_latency_of_one(void **state)
{
	load("latency");
	/* The wait itself began before who is asked for was known. */
	machine_write("latency pid=10");
	machine_preempt(0, machine_idle(0));
	machine_block(0, worker);
	machine_preempt(0, machine_idle(0));
	machine_pass(7 * MS);
	machine_slice(0, worker, MS);
	machine_slice(0, thread, MS);
	expect_row("latency",
		   "held, pid 10   count 1   average 7.000 ms   p50 7.000 ms   p90 7.000 ms   p99 7.000 ms   longest 7.000 ms");
	expect_row("latency",
		   "held, all tasks   count 1   average 7.000 ms   p50 7.000 ms   p90 7.000 ms   p99 7.000 ms   longest 7.000 ms");
}

/* Somebody is, of everybody, while the CPU is idle. */
static void is_held_20_ms(const char *views)
{
	load(views);
	machine_block(0, machine_idle(0));
	machine_pass(20 * MS);
	machine_slice(0, worker, 2 * MS);
	expect_row("latency",
		   "held, all tasks   count 1   average 20.00 ms   p50 20.00 ms   p90 20.00 ms   p99 20.00 ms   longest 20.00 ms");
}

/* Who is held back has no rows of its own unless it is asked for. */
static void held_in_latency_of_nobody(void **state)
{
	is_held_20_ms("latency");
	/* Waits of 0 and 50 ms, one held, slices of three lengths, a period. */
	expect_row("latency",
		   "switches   5   uncaptured 0   missed 0   latency 7");
}

/* The same of everybody, and of the CPU. */
static void held_in_latency_and_cpus_of_all(void **state)
{
	is_held_20_ms("latency,cpus");
	expect_row("cpus",
		   "0            5         2         1      80.6  67.74  32.25   0.00   14.00 ms   30.00 ms         3   50.00 ms   20.00 ms   16.66 ms   50.00 ms       0       0");
}

/* Of a CPU that has not been there all the time. */
static void rates_are_of_the_time_online(void **state)
{
	load("cpus");
	machine_slice(3, thread, 5 * MS);
	machine_cpu_dies(3);
	machine_pass(55 * MS);
	/* 2 in 45 ms of 100. */
	assert_non_null(strstr(machine_read("cpus"),
			       "\n3*           2         1         0      44.4 "));
}

/* Who waits, with the CPUs cut; the n-th piece of memory is not to be had. */
static int collect(unsigned int n, unsigned int *waiting)
{
	struct perftop_snapshot snapshot = { .cut = cut() };
	int err;

	shim_fail_at = n;
	err = collect_into(&snapshot);
	shim_fail_at = 0;
	*waiting = snapshot.waiting;
	kvfree(snapshot.waiter);
	return err;
}

/* Who has been cut, and how often others might run before somebody was found. */
static unsigned long pieces_of_walk(void)
{
	unsigned long before = shim_resched;
	unsigned int n;

	cut();
	before = 2 * shim_resched - before;
	assert_int_equal(collect(0, &n), 0);
	assert_int_equal(n, 2);
	return shim_resched - before;
}

/* Others may run after each 64 ids, and in the end. */
static void waits_are_looked_for_in_pieces(void **state)
{
	unsigned int i;

	load("tasks");
	for (i = 4; i < 191; i++)
		machine_task(1000 + i, 1000, "one");
	assert_int_equal(pieces_of_walk(), 3);
	machine_task(1000 + i, 1000, "one");
	assert_int_equal(pieces_of_walk(), 4);
}

/* There is room for 64, 128 and 256; what was taken is given back. */
static void waits_without_memory(void **state)
{
	struct machine_memory memory;
	unsigned int i, n;

	load("tasks");
	for (i = 0; i < 127; i++)
		machine_wake(machine_task(1000 + i, 1000, "one"));
	machine_pass(1);
	memory = machine_memory();
	assert_int_equal(collect(1, &n), -ENOMEM);
	assert_int_equal(n, 0);
	assert_int_equal(collect(2, &n), -ENOMEM);
	assert_int_equal(n, 64);
	assert_int_equal(collect(3, &n), -ENOMEM);
	assert_int_equal(n, 128);
	assert_int_equal(collect(4, &n), 0);
	assert_int_equal(n, 129);
	machine_check_memory(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(waits_are_shown_as_they_go_on),
		MACHINE_TEST(waits_are_sorted),
		MACHINE_TEST(waits_are_sorted_by_sums),
		MACHINE_TEST(waits_of_a_process),
		MACHINE_TEST(waits_of_threads_apart),
		MACHINE_TEST(waits_beside_threads_that_run),
		MACHINE_TEST(waits_from_before_the_view),
		MACHINE_TEST(waits_are_claimed_of_who_waits),
		MACHINE_TEST(waits_are_claimed_of_many),
		MACHINE_TEST(waits_of_who_is_moved),
		MACHINE_TEST(waits_of_who_has_gone),
		MACHINE_TEST(waits_of_who_sleeps),
		MACHINE_TEST(waits_that_end_after_the_cut),
		MACHINE_TEST(waits_of_a_row_from_below),
		MACHINE_TEST(waits_in_latency),
		MACHINE_TEST(waits_end_at_the_cut),
		MACHINE_TEST(waits_of_whom_the_filter_passes),
		MACHINE_TEST(waits_of_many),
		MACHINE_TEST(waits_are_looked_for_in_pieces),
		MACHINE_TEST(waits_without_memory),
		MACHINE_TEST(held_is_idle_time),
		MACHINE_TEST(held_twice),
		MACHINE_TEST(held_on_one_cpu),
		MACHINE_TEST(held_after_one_unseen),
		MACHINE_TEST(held_in_latency_of_one),
		MACHINE_TEST(held_in_latency_of_nobody),
		MACHINE_TEST(held_in_latency_and_cpus_of_all),
		MACHINE_TEST(rates_are_of_the_time_online),
	};

	return cmocka_run_group_tests_name("waits", tests, NULL, NULL);
}
