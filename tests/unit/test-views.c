// SPDX-License-Identifier: GPL-2.0
/*
 * Each column of each view, against slices whose lengths, waits and ends the
 * test has chosen.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/jhash.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <trace/events/lock.h>
#include <asm/msr.h>

#include "engine/params.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "views/all.h"

static void load(const char *views)
{
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
}

static void expect(const char *file, const char *line)
{
	machine_expect(machine_read(file), line);
}

/* The lines stand in this order, one behind the other: where they end. */
static const char *find_lines(const char *text, const char *const *line,
			      unsigned int n)
{
	char all[16384] = "\n";
	const char *at;

	while (n--) {
		strcat(all, *line++);
		strcat(all, "\n");
	}
	at = strstr(text, all);
	if (at)
		return at + strlen(all);
	fprintf(stderr, "no lines%sin\n%s", all, text);
	fail();
	return NULL;
}

static void expect_lines(const char *file, const char *const *line,
			 unsigned int n)
{
	find_lines(machine_read(file), line, n);
}

/* Those, and nothing behind them. */
static void expect_end(const char *file, const char *const *line,
		       unsigned int n)
{
	assert_string_equal(find_lines(machine_read(file), line, n), "");
}

/* Nothing in front of them either. */
static void expect_all(const char *file, const char *const *line,
		       unsigned int n)
{
	char text[16384] = "\n";

	strcat(text, machine_read(file));
	assert_string_equal(find_lines(text, line, n), "");
	assert_memory_equal(text + 1, line[0], strlen(line[0]));
}

/*
 * 20 ms, in which, on four CPUs of which one stays idle,
 *
 *	alpha waits 2 ms, runs 4 ms on CPU 0, is preempted for 1 ms, runs 3 ms,
 *	is preempted, waits 2 ms and runs 6 ms on CPU 3;
 *	beta preempts it that 1 ms;
 *	gamma preempts it and has been running for 10 ms;
 *	delta runs 1.5 and 0.5 ms on CPU 5 and ends.
 */
static struct task_struct *alpha, *beta, *gamma_, *delta;

static void make_tasks(void)
{
	alpha = machine_task(101, 100, "alpha");
	beta = machine_task(202, 202, "beta");
	gamma_ = machine_task(303, 300, "gamma");
	delta = machine_task(404, 404, "a b;c");
	machine_set_rt(beta, 50);
	machine_set_nice(gamma_, -5);
}

static void spend_20_ms(void)
{
	make_tasks();
	machine_wake(alpha);
	machine_until(1 * MS);
	machine_block(5, delta);
	machine_until(2 * MS);
	machine_block(0, alpha);
	machine_until(2500 * US);
	machine_block(5, machine_idle(5));
	machine_until(3 * MS);
	machine_block(5, delta);
	machine_until(3500 * US);
	machine_end(5, machine_idle(5));
	machine_until(6 * MS);
	machine_preempt(0, beta);
	machine_until(7 * MS);
	machine_block(0, alpha);
	machine_until(10 * MS);
	machine_preempt(0, gamma_);
	machine_until(12 * MS);
	machine_block(3, alpha);
	machine_until(18 * MS);
	machine_block(3, machine_idle(3));
	machine_until(20 * MS);
}

static const char *const header_of_20_ms[] = {
	"perftop 1   up 20.00 ms   4 CPUs   2000.000 MHz tsc   hook kprobe   opened 1",
	"cpu time   tasks 20.00%   running 12.50%   idle 67.50%   overflow 0.00%   unattributed 0.00%",
	"ticks      32000000 + 20000000 + 108000000 + 0 + 0 = 160000000",
	"clock      4 CPUs x 40000000 = 160000000",
	"switches   10   uncaptured 0   missed 0   stacks 3   truncated 0",
	"captures   12   remembered 100.00%",
	"",
};

static void header_says_it_all(void **state)
{
	load(NULL);
	spend_20_ms();
	expect("perftop", header_of_20_ms[0]);
	expect_lines("perftop", &header_of_20_ms[1],
		     ARRAY_SIZE(header_of_20_ms) - 1);
}

static u32 hash_of(const struct task_struct *task)
{
	const u64 owner = (u64)task->tgid << 32 |
			  (task->pid ^ (u32)(task->start_time >> 8));
	const u64 key[] = { (unsigned long)task->stack, owner, 0 };

	return jhash2((u32 *)key, 6, 0);
}

static const char *with_hash(const struct task_struct *task, const char *line)
{
	static char lines[4][200];
	static unsigned int n;
	char *to = lines[n++ % 4];

	snprintf(to, sizeof(lines[0]), line, hash_of(task));
	return to;
}

/* With their keys' hashes. */
static const char *const stacks_20_ms[] = {
	"   1  16.25       26000000 13.00 ms        3 4.333 ms 6.000 ms %08x alpha[101]",
	"   2  12.50       20000000 10.00 ms        0        - 10.00 ms %08x gamma[303] (running)",
	"   3   2.50        4000000 2.000 ms        2 1.000 ms 1.500 ms %08x a b;c[404]",
	"   4   1.25        2000000 1.000 ms        1 1.000 ms 1.000 ms %08x beta[202]",
};

static void stacks_are_ranked(void **state)
{
	const char *lines[9] = {
		"RANK  TIME%          TICKS     TIME    COUNT      AVG  LONGEST JHASH    TASK",
		NULL, "        stack 101 of 101",
		NULL, "        stack 303 of 303",
		NULL, "        stack 404 of 404",
		NULL, "        stack 202 of 202",
	};

	load(NULL);
	spend_20_ms();
	lines[1] = with_hash(alpha, stacks_20_ms[0]);
	lines[3] = with_hash(gamma_, stacks_20_ms[1]);
	lines[5] = with_hash(delta, stacks_20_ms[2]);
	lines[7] = with_hash(beta, stacks_20_ms[3]);
	expect_end("perftop", lines, ARRAY_SIZE(lines));
}

/* Tasks whose ids share no bit of the bitmap, but the last and the first. */
static void run_with_one_stack(unsigned int n)
{
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < n; i++) {
		task = machine_task(1000 + i, 1, "thread");
		machine_set_stack(task, 7);
		machine_slice(0, task, MS);
	}
}

static unsigned int bits_of(unsigned int n)
{
	u64 bits = 0;

	while (n--)
		bits |= 1ULL << hash_32(1000 + n, 6);
	return hweight64(bits);
}

static void expect_who(const char *end)
{
	const char *text = strstr(machine_read("perftop"), "RANK");
	const char *line = strstr(text, "thread[");

	assert_non_null(line);
	assert_memory_equal(strchr(line, ']') + 1, end, strlen(end));
}

static void stacks_say_how_many_threads(void **state)
{
	unsigned int n = 1;

	load(NULL);
	run_with_one_stack(1);
	expect_who("\n");
	machine_write("0");
	run_with_one_stack(2);
	expect_who(" +1\n");
	while (bits_of(n) < 16)
		n++;
	machine_write("0");
	run_with_one_stack(n);
	expect_who(" +15\n");
	while (bits_of(n) < 17)
		n++;
	machine_write("0");
	run_with_one_stack(n);
	expect_who(" +many\n");
}

static void stacks_show_who_was_last(void **state)
{
	load(NULL);
	run_with_one_stack(3);
	assert_non_null(strstr(machine_read("perftop"), " thread[1002] +2\n"));
}

static const char *const folded_20_ms[] = {
	"alpha;stack 101 of 101 26000000",
	"gamma;stack 303 of 303 20000000",
	"a_b_c;stack 404 of 404 4000000",
	"beta;stack 202 of 202 2000000",
};

static void folded_has_all_stacks(void **state)
{
	load(NULL);
	spend_20_ms();
	expect_all("folded", folded_20_ms, ARRAY_SIZE(folded_20_ms));
	machine_set_stack(alpha, 0);
	machine_slice(3, alpha, 3 * MS);
	expect("folded", "[unattributed] 6000000");
}

/* What calls itself as perftop calls its own rows, or nothing, is not one. */
static void folded_has_names_of_its_own(void **state)
{
	load(NULL);
	machine_slice(0, machine_task(7, 7, "[unattributed]"), MS);
	machine_slice(0, machine_task(8, 8, "[overflow]"), MS);
	machine_slice(0, machine_task(9, 9, ""), MS);
	machine_slice(0, machine_task(10, 10, "Żółw\xe2\x80\xae\xc5"), MS);
	expect("folded", "?unattributed];stack 7 of 7 2000000");
	expect("folded", "?overflow];stack 8 of 8 2000000");
	expect("folded", "?;stack 9 of 9 2000000");
	expect("folded", "Żółw?\ufffd;stack 10 of 10 2000000");
	assert_null(strstr(machine_read("perftop"), " [overflow]"));
	assert_non_null(strstr(machine_read("perftop"), " ?overflow][8]\n"));
}

/* Both are one line: the open slice and its stack. */
static void folded_adds_what_is_open(void **state)
{
	load(NULL);
	spend_20_ms();
	machine_block(3, alpha);
	machine_pass(5 * MS);
	expect("folded", "alpha;stack 101 of 101 36000000");
}

static const char *const accounts_20_ms[] = {
	"CPU         ELAPSED         RANKED           IDLE   OVERFLOW UNATTRIBUTED   FILTERED   INTERRUPTS      RUNNING   SWITCHES UNCAPTURED",
	"0          40000000       16000000        4000000          0            0          0            0     20000000          4          0",
	"1          40000000              0       40000000          0            0          0            0            0          0          0",
	"3          40000000       12000000       28000000          0            0          0            0            0          2          0",
	"5          40000000        4000000       36000000          0            0          0            0            0          4          0",
	"all       160000000       32000000      108000000          0            0          0            0     20000000         10          0",
};

static void accounts_of_each_cpu(void **state)
{
	load(NULL);
	spend_20_ms();
	expect_all("accounts", accounts_20_ms, ARRAY_SIZE(accounts_20_ms));
}

/*
 * 1 ms and 2 switches filtered, 4 ms and 1 unattributed, and 16 ms overflow, since
 * no drain comes in between.
 */
static void accounts_of_other_time(void **state)
{
	struct task_struct *task;
	unsigned int i;

	perftop_params.table = 16;
	load(NULL);
	machine_write("filter tgid=50");
	task = machine_task(51, 51, "other");
	machine_slice(1, task, 500 * US);
	machine_slice(1, task, 500 * US);
	task = machine_task(50, 50, "some");
	machine_set_stack(task, 0);
	machine_slice(1, task, 4 * MS);
	for (i = 0; i < 2 * 16 + 8; i++) {
		machine_set_stack(task, 100 + i);
		machine_slice(1, task, 2 * MS);
	}
	expect("accounts",
	       "1         170000000      128000000              0   32000000      8000000    2000000            0            0         86          1");
	expect("perftop",
	       "ticks      128000000 + 0 + 510000000 + 32000000 + 8000000 + 2000000 = 680000000");
	expect("folded", "[overflow] 32000000");
	expect("folded", "[unattributed] 8000000");
}

static const char *const tasks_20_ms[] = {
	"    PID    TGID POLICY   PRIO   CPU%          TICKS     TIME SWITCHES      VOL     WAIT     HELD MAX WAIT   GOT%   MIGR CPUS      FAV% COMM",
	"    101     100 normal      0  16.25       26000000 13.00 ms        3        1 5.000 ms     0 ns 2.000 ms  72.22      1 0,3      53.84 alpha",
	"    303     300 normal     -5  12.50       20000000 10.00 ms        0        0     0 ns     0 ns     0 ns 100.00      0 0       100.00 gamma (running)",
	"    404+    404 normal      0   2.50        4000000 2.000 ms        2        2     0 ns     0 ns     0 ns 100.00      0 5       100.00 a b;c",
	"    202     202 fifo       50   1.25        2000000 1.000 ms        1        1     0 ns     0 ns     0 ns 100.00      0 0       100.00 beta",
};

static void tasks_by_their_time(void **state)
{
	load("tasks");
	spend_20_ms();
	expect("tasks", "switches   10   uncaptured 0   missed 0   tasks 3");
	expect_end("tasks", tasks_20_ms, ARRAY_SIZE(tasks_20_ms));
}

static void tasks_by_their_switches(void **state)
{
	const char *const lines[] = {
		tasks_20_ms[0], tasks_20_ms[1], tasks_20_ms[3], tasks_20_ms[4],
		tasks_20_ms[2],
	};

	load("tasks");
	spend_20_ms();
	expect_end("tasks.switches", lines, ARRAY_SIZE(lines));
}

/* A row that has both ended slices and an open one, on two CPUs. */
static void tasks_with_what_is_open(void **state)
{
	load("tasks");
	spend_20_ms();
	machine_set_nice(alpha, 7);
	strcpy(alpha->comm, "renamed");
	machine_block(5, alpha);
	machine_until(25 * MS);
	expect("tasks",
	       "    101*    100 normal      7  18.00       36000000 18.00 ms        3        1 5.000 ms     0 ns 2.000 ms  78.26      1 0,3,5    38.88 renamed (running)");
	/* Reading has changed nothing. */
	expect("tasks",
	       "    101*    100 normal      7  18.00       36000000 18.00 ms        3        1 5.000 ms     0 ns 2.000 ms  78.26      1 0,3,5    38.88 renamed (running)");
	machine_block(5, machine_idle(5));
	expect("tasks",
	       "    101*    100 normal      7  18.00       36000000 18.00 ms        4        2 5.000 ms     0 ns 2.000 ms  78.26      2 0,3,5    38.88 renamed");
}

static const char *const stack_of_many_digits[] = {
	"   1  24.99 20000000000000000 10000000 s   1 10000000 s 10000000 s %08x 0123456789abcde[4194304]",
};

/* Whatever stands in two columns, there is a blank between. */
static void tasks_of_many_digits(void **state)
{
	load("tasks");
	alpha = machine_task(4194304, 4194303, "0123456789abcde");
	delta = machine_task(4194303, 4194303, "[overflow]");
	machine_slice(0, alpha, 10000000 * SEC);
	machine_block(0, delta);
	machine_pass(SEC);
	machine_end(0, machine_idle(0));
	expect("tasks",
	       "4194304 4194303 normal      0  24.99 20000000000000000 10000000 s   1        1     0 ns     0 ns     0 ns 100.00      0 0       100.00 0123456789abcde");
	expect("tasks",
	       "4194303+ 4194303 normal     0   0.00     2000000000  1.000 s        1        1     0 ns     0 ns     0 ns 100.00      0 0       100.00 ?overflow]");
	expect("perftop", with_hash(alpha, stack_of_many_digits[0]));
}

/* Another thread under the same id, and the same address. */
static void tasks_that_are_born_again(void **state)
{
	load("tasks");
	spend_20_ms();
	alpha->start_time++;
	memset(&alpha->sched_info, 0, sizeof(alpha->sched_info));
	machine_slice(5, alpha, 5 * MS);
	expect("tasks",
	       "    101+    100 normal      0  13.00       26000000 13.00 ms        3        1 5.000 ms     0 ns 2.000 ms  72.22      1 0,3      53.84 alpha");
	expect("tasks",
	       "    101     100 normal      0   5.00       10000000 5.000 ms        1        1     0 ns     0 ns     0 ns 100.00      0 5       100.00 alpha");
}

/* Whether it has ended, the kernel says; not who was seen last on which CPU. */
static void tasks_end_and_do_not(void **state)
{
	load("tasks");
	spend_20_ms();
	assert_true(machine_has(machine_read("tasks"), "    404+"));
	delta->exit_state = 0;
	assert_true(machine_has(machine_read("tasks"), "    404 "));
	assert_false(machine_has(machine_read("tasks"), "    404+"));
}

/* On which CPUs is not said where there is no memory for it, how much is. */
static void tasks_without_memory_for_cpus(void **state)
{
	struct proc_dir_entry *entry;
	struct file file = { .f_mode = FMODE_READ };
	struct inode inode;
	char text[4096];
	loff_t pos = 0;

	load("tasks");
	machine_slice(0, machine_task(7, 7, "task"), 3 * MS);
	machine_slice(3, machine_task(8, 8, "other"), MS);
	entry = shim_proc_find("tasks");
	inode.i_private = entry->data;
	assert_int_equal(entry->ops->proc_open(&inode, &file), 0);
	shim_fail_at = 1;
	entry->ops->proc_read_iter(&file, text, sizeof(text), &pos);
	assert_int_equal(shim_fail_at, 0);
	assert_non_null(strstr(text, "      0 ?       100.00 task\n"));
	assert_non_null(strstr(text, "      0 3       100.00 other\n"));
	assert_int_equal(entry->ops->proc_release(&inode, &file), 0);
}

/*
 * The table is another one each time, in which beta is now the first to have
 * a row: alpha's is not the one it had. It begins with the slices that are open.
 */
static void tasks_rows_of_another_time(void **state)
{
	load("cpus,tasks");
	spend_20_ms();
	machine_write("-tasks");
	expect("tasks", "tasks is off: echo +tasks > /proc/perftop");
	machine_write("+tasks");
	machine_slice(3, beta, 2 * MS);
	machine_slice(3, alpha, 3 * MS);
	machine_slice(3, beta, 4 * MS);
	machine_until(30 * MS);
	expect("tasks",
	       "    202     202 fifo       50   6.77       12000000 6.000 ms        2        2     0 ns     0 ns     0 ns 100.00      1 3       100.00 beta");
	expect("tasks",
	       "    101     100 normal      0   3.38        6000000 3.000 ms        1        1     0 ns     0 ns     0 ns 100.00      0 3       100.00 alpha");
}

static const char *const cpus_20_ms[] = {
	"CPU   SWITCHES       VOL     INVOL        /S  BUSY%  IDLE%   IRQ%  AVG SLICE  MAX SLICE     WAITS       WAIT       HELD   AVG WAIT   MAX WAIT      IN     OUT",
	"0            4         1         2     200.0  90.00  10.00   0.00   2.666 ms   4.000 ms         3   3.000 ms       0 ns   1.000 ms   2.000 ms       0       1",
	"1            0         0         0       0.0   0.00 100.00   0.00          -       0 ns         0       0 ns       0 ns          -       0 ns       0       0",
	"3            2         1         0     100.0  30.00  70.00   0.00   6.000 ms   6.000 ms         1   2.000 ms       0 ns   2.000 ms   2.000 ms       1       0",
	"5            4         2         0     200.0  10.00  90.00   0.00   1.000 ms   1.500 ms         2       0 ns       0 ns       0 ns       0 ns       0       0",
};

static void cpus_were_busy(void **state)
{
	load("cpus");
	spend_20_ms();
	expect("cpus", "switches   10   uncaptured 0   missed 0   cpus 3");
	expect_end("cpus", cpus_20_ms, ARRAY_SIZE(cpus_20_ms));
}

/* From each drain to the next, sums go on and what was longest stays. */
static void cpus_and_tasks_over_many_drains(void **state)
{
	static const unsigned int cpus[] = { 0, 3, 0, 5, 0, 0, 3 };
	unsigned int i;

	load("cpus,tasks,processes");
	alpha = machine_task(101, 100, "alpha");
	for (i = 0; i < ARRAY_SIZE(cpus); i++) {
		machine_drain();
		machine_wake(alpha);
		machine_pass((i + 1) * MS);
		machine_block(cpus[i], alpha);
		machine_pass((10 - i) * MS);
		if (i % 2)
			machine_block(cpus[i], machine_idle(cpus[i]));
		else
			machine_preempt(cpus[i], machine_idle(cpus[i]));
	}
	/* 10 + 8 + 6 + 5, 9 + 4 and 7 ms; waits of 1 to 7, and one of 3 is open. */
	machine_until(80 * MS);
	expect("cpus",
	       "0            8         1         3     100.0  36.25  63.75   0.00   7.250 ms   10.00 ms         4   15.00 ms   6.000 ms   3.750 ms   6.000 ms       2       3");
	expect("cpus",
	       "3            4         1         1      50.0  16.25  83.75   0.00   6.500 ms   9.000 ms         2   9.000 ms       0 ns   4.500 ms   7.000 ms       2       1");
	expect("cpus",
	       "5            2         1         0      25.0   8.75  91.25   0.00   7.000 ms   7.000 ms         1   4.000 ms       0 ns   4.000 ms   4.000 ms       1       1");
	expect("tasks",
	       "    101     100 normal      0  15.31       98000000 49.00 ms        7        3 31.00 ms 9.000 ms 7.000 ms  61.25      5 0,3,5    59.18 alpha (waiting)");
	expect("processes",
	       "    100+     11       1  15.31       98000000 49.00 ms        7        3 31.00 ms 9.000 ms 7.000 ms  61.25 alpha (waiting)");
}

/*
 * A table that is switched on late begins with the slices that are open: those
 * of CPU 5 since 3.5 ms. The first to have a row is then
 * where the first task came from.
 */
static void cpus_rows_of_another_time(void **state)
{
	load("cpus,tasks");
	spend_20_ms();
	machine_write("-cpus");
	machine_write("+cpus");
	machine_slice(5, alpha, 2 * MS);
	machine_slice(5, beta, 2 * MS);
	machine_slice(5, alpha, 2 * MS);
	machine_until(30 * MS);
	expect("cpus",
	       "0            0         0         0       0.0 100.00   0.00   0.00          -       0 ns         0       0 ns       0 ns          -       0 ns       0       1");
	expect("cpus",
	       "3            0         0         0       0.0   0.00 100.00   0.00          -       0 ns         0       0 ns       0 ns          -       0 ns       0       1");
	expect("cpus",
	       "5            6         3         0     600.0  22.64  77.35   0.00   2.000 ms   2.000 ms         3       0 ns       0 ns       0 ns       0 ns       2       0");
}

/* A task is held twice, and has another priority each time. */
static void held_and_priorities_over_drains(void **state)
{
	load("cpus,tasks");
	alpha = machine_task(101, 100, "alpha");
	machine_set_nice(alpha, 5);
	machine_block(0, alpha);
	machine_preempt(0, machine_idle(0));
	machine_pass(5 * MS);
	machine_block(0, alpha);
	machine_preempt(0, machine_idle(0));
	machine_drain();
	machine_drain();
	machine_pass(7 * MS);
	machine_set_nice(alpha, 2);
	machine_slice(0, alpha, MS);
	assert_non_null(strstr(machine_read("cpus"), "  12.00 ms   12.00 ms "));
	assert_true(machine_has(machine_read("tasks"),
				"    101     100 normal      2 "));
}

/* Two slices of n ns each wait, and so on: each wait is its task's own. */
static void wait_and_run_on(unsigned int cpu, struct task_struct *task,
			    u64 wait, u64 ns)
{
	machine_wake(task);
	machine_pass(wait);
	machine_slice(cpu, task, ns);
}

static void wait_and_run(struct task_struct *task, u64 wait, u64 ns)
{
	wait_and_run_on(1, task, wait, ns);
}

static const char *const latency_of_100[] = {
	"wait, all tasks   count 100   average 50 ns   p50 51 ns   p90 95 ns   p99 100 ns   longest 100 ns",
	"        0 ns ..      7 ns          7 |@@@@@@@@                                |",
	"        8 ns ..     15 ns          8 |@@@@@@@@@                               |",
	"       16 ns ..     31 ns         16 |@@@@@@@@@@@@@@@@@@                      |",
	"       32 ns ..     63 ns         32 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@     |",
	"       64 ns ..    127 ns         37 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
	"",
	"held, all tasks   count 0",
	"",
	"slice, all tasks   count 100   average 505.0 us   p50 524.2 us   p90 917.5 us   p99 1.000 ms   longest 1.000 ms",
	"    8.192 us ..  16.38 us          1 |@                                       |",
	"    16.38 us ..  32.76 us          2 |@@                                      |",
	"    32.76 us ..  65.53 us          3 |@@@                                     |",
	"    65.53 us ..  131.0 us          7 |@@@@@@                                  |",
	"    131.0 us ..  262.1 us         13 |@@@@@@@@@@@                             |",
	"    262.1 us ..  524.2 us         26 |@@@@@@@@@@@@@@@@@@@@@@                  |",
	"    524.2 us ..  1.048 ms         48 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
	"",
	"period, all tasks   count 0",
};

/* Waits of 1 to 100 ns, slices of 10 to 1000 us; none comes twice. */
static void latency_of_known_times(void **state)
{
	unsigned int i;

	perftop_params.table = 256;
	load("latency");
	for (i = 1; i <= 100; i++)
		wait_and_run(machine_task(1000 + i, 1000, "one"), i,
			     10 * US * i);
	expect_lines("latency", latency_of_100, ARRAY_SIZE(latency_of_100));
}

/* A line that begins so. */
static void expect_title(const char *file, const char *title)
{
	const char *text = machine_read(file);

	if (!machine_has(text, title))
		machine_expect(text, title);
}

/* So many are not longer: of two, the first is the half. */
static void latency_of_few(void **state)
{
	struct task_struct *task[5];
	unsigned int i;
	char title[200];

	for (i = 0; i < ARRAY_SIZE(task); i++)
		task[i] = machine_task(1000 + i, 1000, "one");
	load("latency");
	for (i = 0; i < 16; i++) {
		machine_write("0");
		wait_and_run(task[0], i, MS);
		snprintf(title, sizeof(title),
			 "wait, all tasks   count 1   average %u ns   p50 %u ns   p90 %u ns   p99 %u ns   longest %u ns",
			 i, i, i, i, i);
		expect_title("latency", title);
	}
	machine_write("0");
	expect_title("latency", "wait, all tasks   count 0");
	wait_and_run(task[0], 1000, MS);
	expect_title("latency",
		     "wait, all tasks   count 1   average 1.000 us   p50 1.000 us   p90 1.000 us   p99 1.000 us   longest 1.000 us");
	wait_and_run(task[1], 100, MS);
	expect_title("latency",
		     "wait, all tasks   count 2   average 550 ns   p50 103 ns   p90 1.000 us   p99 1.000 us   longest 1.000 us");
	wait_and_run(task[2], 300, MS);
	expect_title("latency",
		     "wait, all tasks   count 3   average 466 ns   p50 319 ns   p90 1.000 us   p99 1.000 us   longest 1.000 us");
	wait_and_run(task[3], 200, MS);
	expect_title("latency",
		     "wait, all tasks   count 4   average 400 ns   p50 207 ns   p90 1.000 us   p99 1.000 us   longest 1.000 us");
	wait_and_run(task[4], 600, MS);
	expect_title("latency",
		     "wait, all tasks   count 5   average 440 ns   p50 319 ns   p90 1.000 us   p99 1.000 us   longest 1.000 us");
}

/* Of 101, the half is the 51st. */
static void latency_of_101(void **state)
{
	struct task_struct *task = machine_task(1000, 1000, "one");
	unsigned int i;

	load("latency");
	for (i = 0; i < 101; i++)
		wait_and_run(task, i < 50 ? 1 : 1000, MS);
	expect_title("latency",
		     "wait, all tasks   count 101   average 505 ns   p50 1.000 us ");
	/* Of 102 likewise. */
	wait_and_run(task, 1, MS);
	expect_title("latency",
		     "wait, all tasks   count 102   average 500 ns   p50 1 ns ");
}

/* Slices of as few ns as there are, to the ns, and of nobody's else. */
static void latency_of_short_slices(void **state)
{
	struct task_struct *task = machine_task(1000, 1000, "one");

	load("latency");
	machine_write("latency pid=1000");
	machine_pass(MS);
	machine_slice(1, task, 1);
	machine_slice(1, task, 9);
	expect("latency",
	       "slice, all tasks   count 2   average 5 ns   p50 1 ns   p90 9 ns   p99 9 ns   longest 9 ns");
	expect("latency",
	       "slice, pid 1000   count 2   average 5 ns   p50 1 ns   p90 9 ns   p99 9 ns   longest 9 ns");
	expect("latency",
	       "period, pid 1000   count 1   average 1 ns   p50 1 ns   p90 1 ns   p99 1 ns   longest 1 ns");
	expect("latency", "held, all tasks   count 0");
	expect("latency", "held, pid 1000   count 0");
	/* And of a second, not quite. */
	machine_write("0");
	machine_slice(1, task, SEC - 1);
	expect("latency",
	       "slice, pid 1000   count 1   average 999.9 ms   p50 999.9 ms   p90 999.9 ms   p99 999.9 ms   longest 999.9 ms");
}

/* The last of all rows, and the first, in two tables. */
static void latency_of_long_periods(void **state)
{
	struct task_struct *task = machine_task(1000, 1000, "one");
	unsigned int i;

	load("latency,tasks");
	machine_write("latency pid=1000");
	for (i = 0; i < 2; i++) {
		wait_and_run(task, i ? 5 : 300 * US, MS);
		machine_pass(20000 * SEC);
		wait_and_run(task, i ? 300 * US : 5, 2 * MS);
		expect_title("latency",
			     "wait, pid 1000   count 2   average 150.0 us   p50 5 ns ");
		expect_title("latency",
			     "slice, pid 1000   count 2   average 1.500 ms ");
		machine_write("-latency");
		machine_write("+latency");
		wait_and_run(task, 700, MS);
		expect_title("latency", "period, pid 1000   count 1 ");
		machine_pass(20000 * SEC);
		wait_and_run(task, 700, MS);
		expect_title("latency",
			     "period, pid 1000   count 2   average 10000 s   p50 2.097 ms   p90 17592 s ");
		machine_write("-latency");
		machine_write("+latency");
	}
}

/* Each value and the one below it, around each bound of the first octaves. */
static void latency_of_bounds(void **state)
{
	static const char *const lines[] = {
		"        0 ns ..      7 ns          2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
		"        8 ns ..     15 ns          2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
		"       16 ns ..     31 ns          2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
		"       32 ns ..     63 ns          1 |@@@@@@@@@@@@@@@@@@@@                    |",
		"",
	};
	static const u64 waits[] = { 1, 7, 8, 15, 16, 31, 32 };
	unsigned int i;

	load("latency");
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		wait_and_run(machine_task(1000 + i, 1000, "one"), waits[i], MS);
	expect_lines("latency", lines, ARRAY_SIZE(lines));
}

/* 17,592 s are 2^44 ns: what is more counts as the last eighth below. */
static void latency_without_end(void **state)
{
	load("latency");
	wait_and_run(machine_task(1000, 1000, "one"), 20000 * SEC, MS);
	expect_title("latency",
		     "wait, all tasks   count 1   average 20000 s   p50 17592 s   p90 17592 s   p99 17592 s   longest 20000 s");
	expect("latency",
	       "      8796 s ..   17592 s          1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|");
}

/* Each row of three kinds, of all and of one. */
static void latency_has_room(void **state)
{
	struct task_struct *task = machine_task(1000, 1000, "one");
	unsigned int i;

	load("latency");
	machine_write("latency pid=1000");
	for (i = 0; i < 44; i++) {
		wait_and_run(task, 1ULL << i, 1ULL << i);
		machine_drain();
	}
	expect("latency", "switches   88   uncaptured 0   missed 0   latency 252");
	expect_title("latency", "wait, all tasks   count 44 ");
	expect_title("latency", "slice, pid 1000   count 44 ");
	expect_title("latency", "period, pid 1000   count 43 ");
	assert_null(strstr(machine_read("latency"), "[overflow]"));
}

/* As many processes and threads as there are to be rows. */
static void tables_have_room(void **state)
{
	unsigned int i;

	perftop_params.table = 240;
	load("tasks,processes");
	for (i = 0; i < 240; i++) {
		machine_slice(i % 2, machine_task(1000 + i, 1000 + i, "one"), MS);
		machine_drain();
	}
	/* Some may find no slot, wherever the tests' tasks lie. */
	assert_true(machine_has(machine_read("tasks"),
				"switches   480   uncaptured 0   missed 0   tasks 240"));
	assert_true(machine_has(machine_read("processes"),
				"switches   480   uncaptured 0   missed 0   processes 240"));
	assert_null(strstr(machine_read("folded"), "[overflow]"));
	machine_slice(0, machine_task(2000, 2000, "one"), MS);
	machine_read("tasks");
	/* For one more, a sixteenth of them goes. */
	assert_true(machine_has(machine_read("tasks"),
				"switches   482   uncaptured 0   missed 0   tasks 226   moved 15"));
}

static void tables_rank_by_what_they_count(void **state)
{
	const struct perftop_view *view;
	unsigned int i, j;

	for (i = 0; perftop_views[i]; i++) {
		view = perftop_views[i];
		if (!view->table)
			continue;
		assert_true(view->table->rank < view->table->counters);
		for (j = 0; j < ARRAY_SIZE(view->sorted); j++)
			assert_true(view->sorted[j].rank <
				    view->table->counters);
	}
}

/* The other 32 keys are all that a shard of the smallest size has room for. */
static void latency_with_overflow(void **state)
{
	struct task_struct *task;
	const char *text;
	unsigned int i;

	perftop_params.table = 1024;
	load(NULL);
	shim_ram_pages = 256;
	assert_int_equal(machine_write("+latency"), 8);
	for (i = 3; i < 43; i++) {
		task = machine_task(1000 + i, 1000, "one");
		machine_set_stack(task, 7);
		wait_and_run(task, 1ULL << i, MS);
	}
	expect("latency", "[overflow] 9 are in none of these");
	text = machine_read("latency");
	text = strstr(text, "[overflow] ");
	assert_non_null(strstr(text, "wait, all tasks"));
	assert_null(strstr(text + 1, "[overflow] "));
	expect_title("latency", "wait, all tasks   count 31 ");
	expect_title("latency", "slice, all tasks   count 40 ");
	machine_write("0");
	assert_null(strstr(machine_read("latency"), "[overflow]"));
	shim_ram_pages = 1UL << 20;
}

static const char *const latency_titles[] = {
	"wait, all tasks   count 6   average 833.3 us   p50 0 ns   p90 2.000 ms   p99 2.000 ms   longest 2.000 ms",
	"slice, all tasks   count 6   average 2.666 ms   p50 1.572 ms   p90 6.000 ms   p99 6.000 ms   longest 6.000 ms",
	"period, all tasks   count 3   average 4.000 ms   p50 5.000 ms   p90 5.000 ms   p99 5.000 ms   longest 5.000 ms",
};

static void latency_of_20_ms(void **state)
{
	unsigned int i;

	load("latency");
	spend_20_ms();
	for (i = 0; i < ARRAY_SIZE(latency_titles); i++)
		expect("latency", latency_titles[i]);
	assert_null(strstr(machine_read("latency"), "pid"));
	assert_null(strstr(machine_read("latency"), "comm"));
}

/* However few rows other views are to have. */
static void cpus_and_latency_are_whole(void **state)
{
	unsigned int i;

	perftop_params.top = 1;
	load("cpus,latency");
	spend_20_ms();
	expect_end("cpus", cpus_20_ms, ARRAY_SIZE(cpus_20_ms));
	for (i = 0; i < ARRAY_SIZE(latency_titles); i++)
		expect("latency", latency_titles[i]);
}

static void latency_of_one(void **state)
{
	load("latency");
	assert_int_equal(machine_write("latency pid=101"), 15);
	spend_20_ms();
	expect("latency", latency_titles[0]);
	expect("latency",
	       "wait, pid 101   count 3   average 1.666 ms   p50 2.000 ms   p90 2.000 ms   p99 2.000 ms   longest 2.000 ms");
	expect("latency",
	       "slice, pid 101   count 3   average 4.333 ms   p50 4.194 ms   p90 6.000 ms   p99 6.000 ms   longest 6.000 ms");
	expect("latency",
	       "period, pid 101   count 2   average 5.000 ms   p50 5.000 ms   p90 5.000 ms   p99 5.000 ms   longest 5.000 ms");
	expect("latency", "held, all tasks   count 0");
	expect("latency", "held, pid 101   count 0");
	machine_write("latency all");
	expect("latency", "wait, all tasks   count 0");
	assert_null(strstr(machine_read("latency"), "pid"));
}

static void latency_of_a_name(void **state)
{
	load("latency");
	machine_write("latency comm=\"a b;c\"");
	spend_20_ms();
	expect("latency",
	       "slice, comm a b;c   count 2   average 1.000 ms   p50 524.2 us   p90 1.500 ms   p99 1.500 ms   longest 1.500 ms");
	expect("latency",
	       "period, comm a b;c   count 1   average 2.000 ms   p50 2.000 ms   p90 2.000 ms   p99 2.000 ms   longest 2.000 ms");
	expect("latency", latency_titles[1]);
}

/* A word that is not known leaves whose they are, and what there is. */
static void latency_refuses(void **state)
{
	static const char *const words[] = {
		"latency", "latency pid=", "latency pid=0", "latency pid=-5",
		"latency pid=7x", "latency comm=", "latency none",
		"latency comm=0123456789abcdef", "latency all pid=7",
	};
	unsigned int i, logged;

	load("latency");
	machine_write("latency pid=101");
	spend_20_ms();
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		logged = shim_logged;
		assert_int_equal(machine_write(words[i]), -EINVAL);
		/* What the view takes, and what the file does. */
		assert_int_equal(shim_logged, logged + 2);
	}
	expect_title("latency", "wait, pid 101   count 3");
	/* Nothing is carried out in front of a word that is wrong. */
	assert_int_equal(machine_write("latency pid=404\nlatency pid=x"), -EINVAL);
	expect_title("latency", "wait, pid 101   count 3");
	machine_write("-latency");
	assert_int_equal(machine_write("latency pid=404\nlatency pid=x"), -EINVAL);
	expect("latency", "latency is off: echo +latency > /proc/perftop");
	assert_int_equal(machine_write("latency comm=0123456789abcde"), 28);
	expect("latency", "wait, comm 0123456789abcde   count 0");
}

/* Switched on, or by somebody's being asked for. */
static int switch_latency(bool asked)
{
	char words[] = "pid=7";

	return asked ? perftop_view_latency.set(words, false) :
		       perftop_view_switch(&perftop_view_latency, true);
}

/* How many pieces of memory that takes. */
static unsigned int pieces_of(bool asked)
{
	unsigned int n;

	for (n = 0; ; n++) {
		shim_fail_at = n + 1;
		if (!switch_latency(asked))
			break;
		assert_false(perftop_view_is_on(&perftop_view_latency));
	}
	shim_fail_at = 0;
	return n;
}

/* Who asks for somebody switches the view on, and no more often than that. */
static void latency_switches_once(void **state)
{
	unsigned int pieces;

	load(NULL);
	pieces = pieces_of(false);
	machine_write("-latency");
	assert_int_equal(pieces_of(true), pieces);
}

/* A row's place is another one in the table of another time. */
static void latency_rows_of_another_time(void **state)
{
	static const u64 ns[] = { 100, 3 * US, 70 * MS };
	unsigned int i;

	load("latency,tasks");
	alpha = machine_task(101, 100, "alpha");
	for (i = 0; i < 3; i++)
		wait_and_run(alpha, ns[i], ns[2 - i]);
	machine_write("-latency");
	machine_write("+latency");
	for (i = 3; i--; )
		wait_and_run(alpha, 2 * ns[i], ns[i] + 60);
	expect_title("latency",
		     "wait, all tasks   count 3   average 46.66 ms   p50 6.143 us   p90 140.0 ms   p99 140.0 ms   longest 140.0 ms");
	expect_title("latency",
		     "slice, all tasks   count 3   average 23.33 ms   p50 3.071 us   p90 70.00 ms   p99 70.00 ms   longest 70.00 ms");
	expect("latency",
	       "      128 ns ..    255 ns          1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|");
}

static const char *const exits_20_ms[] = {
	"      AGO     PID    TGID    PPID  CPU POLICY   PRIO NICE   RUN TIME       VOL     INVOL COMM",
	" 8.000 ms     202     202      11    3 fifo      -51    0   2.000 ms         2         0 beta",
	" 9.500 ms     303     300      11    0 normal     15   -5   11.00 ms         1         1 gamma",
	" 26.50 ms     404     404      11    5 normal     20    0   2.000 ms         2         0 a b;c",
};

static void exits_newest_first(void **state)
{
	load("exits");
	spend_20_ms();
	machine_preempt(0, machine_idle(0));
	machine_block(0, gamma_);
	machine_until(20500 * US);
	machine_pass(500 * US);
	machine_block(3, beta);
	machine_pass(MS);
	/* gamma has had 10 ms and 1 ms by now, beta 1 and 1. */
	shim_cpu = 0;
	machine_until(22 * MS);
	machine_end(3, machine_idle(3));
	machine_until(30 * MS);
	expect("exits", exits_20_ms[1]);
	expect("exits", exits_20_ms[3]);
	assert_true(machine_has(machine_read("exits"), exits_20_ms[0]));
	expect("exits", "");
	machine_write("0");
	assert_false(machine_has(machine_read("exits"), " 8.000"));
	machine_end(0, machine_idle(0));
	expect("exits",
	       "     0 ns     303     300      11    0 normal     15   -5   20.00 ms         1         1 gamma");
	machine_until(38 * MS);
	machine_slice(1, alpha, MS);
	machine_block(1, alpha);
	machine_end(1, machine_idle(1));
	machine_until(40 * MS);
	expect_end("exits", (const char *const[]){
		exits_20_ms[0],
		" 1.000 ms     101     100      11    1 normal     20    0   14.00 ms         3         2 alpha",
		" 10.00 ms     303     300      11    0 normal     15   -5   20.00 ms         1         1 gamma",
	}, 3);
}

/* Who has its id and its start now has not ended. */
static void exits_are_of_who_has_ended(void **state)
{
	load("exits");
	spend_20_ms();
	assert_true(machine_has(machine_read("exits"), " 16.50 ms     404 "));
	delta->exit_state = 0;
	assert_false(machine_has(machine_read("exits"), " 16.50 ms     404 "));
	delta->start_time++;
	assert_true(machine_has(machine_read("exits"), " 16.50 ms     404 "));
}

/* At most top= of them. */
static void exits_are_not_endless(void **state)
{
	char line[20];
	unsigned int i;

	perftop_params.top = 3;
	load("exits");
	for (i = 0; i < 70; i++) {
		machine_block(1, machine_task(500 + i, 500, "many"));
		machine_pass(MS);
		machine_end(1, machine_idle(1));
	}
	for (i = 0; i < 4; i++) {
		snprintf(line, sizeof(line), "%9s %7u",
			 i ? i == 1 ? "1.000 ms" : i == 2 ? "2.000 ms" :
			 "3.000 ms" : "0 ns", 569 - i);
		assert_int_equal(machine_has(machine_read("exits"), line),
				 i < 3);
	}
	/* All that are kept, however many are shown. */
	expect("exits", "switches   140   uncaptured 0   missed 0   exits 64");
}

#define INVERSION_HEADER						\
	"    COUNT      TOTAL    LONGEST KIND  WAITER                             FOR"

static struct task_struct *high, *low;

static void load_inversion(void)
{
	load("inversion");
	high = machine_task(70, 71, "high");
	low = machine_task(80, 81, "low");
	machine_set_rt(high, 50);
}

/*
 * @task becomes runnable, after who is there has arrived, and gets the CPU so much
 * later.
 */
static void arrive_after(struct task_struct *task, u64 ns)
{
	machine_pass(1);
	machine_wake(task);
	machine_pass(ns);
	machine_preempt(0, task);
}

static void expect_no_inversion(void)
{
	const char *const lines[] = { INVERSION_HEADER };

	expect_end("inversion", lines, 1);
}

static void inversion_is_longer_than_the_bound(void **state)
{
	load_inversion();
	machine_block(0, low);
	machine_pass(MS);
	arrive_after(high, MS);
	expect_no_inversion();
	machine_pass(MS);
	machine_block(0, low);
	machine_pass(100 * MS);
	arrive_after(high, MS + 1);
	expect("inversion",
	       "        1   1.000 ms   1.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)");
	machine_block(0, low);
	machine_set_nice(low, -20);
	machine_pass(100 * MS);
	arrive_after(high, 2500 * US);
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect("inversion",
	       "        3   5.500 ms   2.500 ms cpu   high[70] (fifo 50)                 low[80] (normal -20)");
	perftop_params.inversion_us = 3;
	machine_block(0, low);
	arrive_after(high, 3000);
	machine_block(0, low);
	arrive_after(high, 3001);
	expect("inversion",
	       "        4   5.503 ms   2.500 ms cpu   high[70] (fifo 50)                 low[80] (normal -20)");
	machine_write("0");
	expect_no_inversion();
}

/* A column is as wide as what is seen in it. */
static void inversion_of_wide_names(void **state)
{
	load_inversion();
	strcpy(high->comm, "日本e\u0301");
	strcpy(low->comm, "Web Content");
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   日本e\u0301[70] (fifo 50)                Web Content[80] (normal 0)");
	high->pid = 4194303;
	strcpy(high->comm, "0123456789abcde");
	machine_set_deadline(high, 1);
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   0123456789abcde[4194303] (deadline 0) Web Content[80] (normal 0)");
}

/* What stands behind a name in a task goes into nobody's row. */
static void inversion_takes_names_alone(void **state)
{
	static struct mm_struct *const some = (void *)0x1111111111111111;
	struct task_struct *other;

	load_inversion();
	other = machine_task(90, 91, "other");
	high->mm = some;
	low->mm = some;
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	machine_block(0, other);
	arrive_after(high, 3 * MS);
	high->mm = NULL;
	low->mm = NULL;
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)");
	expect("inversion",
	       "        1   3.000 ms   3.000 ms cpu   high[70] (fifo 50)                 other[90] (normal 0)");
}

/* @high is queued, @next picked all the same, and @high after that. */
static void is_passed_over(struct task_struct *next)
{
	machine_pass(5 * MS);
	machine_preempt(0, next);
	machine_pass(3 * MS);
	machine_preempt(0, high);
	expect_no_inversion();
}

/* Who is picked while another is queued shows that this one may not run. */
static void inversion_is_of_who_was_there_first(void **state)
{
	struct task_struct *other, *rt;

	load_inversion();
	other = machine_task(90, 91, "other");
	rt = machine_task(60, 61, "rt");
	machine_set_rt(rt, 10);
	/* It became runnable behind a task of its class or the other. */
	machine_block(0, low);
	machine_pass(1);
	machine_wake(high);
	is_passed_over(other);
	machine_block(0, low);
	machine_pass(1);
	machine_wake(high);
	is_passed_over(rt);
	/* Or where nobody was. */
	machine_block(0, machine_idle(0));
	machine_pass(1);
	machine_wake(high);
	is_passed_over(low);
	/* It has spent what it may run: it is queued as the other one arrives. */
	machine_preempt(0, low);
	machine_pass(3 * MS);
	machine_preempt(0, high);
	expect_no_inversion();
	machine_set_deadline(high, 100);
	machine_preempt(0, rt);
	machine_pass(3 * MS);
	machine_preempt(0, high);
	expect_no_inversion();
	/* And then it stands behind who was there, which took all of its wait. */
	machine_block(0, low);
	arrive_after(high, 3 * MS);
	expect("inversion",
	       "        1   3.000 ms   3.000 ms cpu   high[70] (deadline 0)              low[80] (normal 0)");
}

/* It wakes up while its class may not run, as the task that was there shows. */
static void inversion_of_a_throttled_class(void **state)
{
	struct task_struct *rt;

	load_inversion();
	rt = machine_task(60, 61, "rt");
	machine_set_rt(rt, 10);
	machine_block(0, rt);
	machine_pass(MS);
	machine_preempt(0, low);
	machine_pass(MS);
	machine_wake(high);
	machine_pass(5 * MS);
	machine_preempt(0, high);
	expect_no_inversion();
	/* Then it may again. */
	machine_block(0, rt);
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)");
	/* Who stops a CPU has been let run all the time. */
	machine_write("0");
	machine_block(0, rt);
	machine_preempt(0, low);
	machine_set_rt(high, 99);
	high->flags |= PF_KTHREAD;
	machine_pass(MS);
	machine_preempt(0, high);
	machine_block(0, low);
	machine_set_rt(high, 98);
	arrive_after(high, 2 * MS);
	expect_no_inversion();
}

/* Of whichever priority the one is that shows it. */
static void inversion_of_a_class_throttled_at(unsigned int priority)
{
	struct task_struct *rt = machine_task(60, 61, "rt");

	machine_set_rt(rt, priority);
	machine_block(0, rt);
	machine_pass(MS);
	machine_preempt(0, low);
	arrive_after(high, 2 * MS);
	expect_no_inversion();
	/* Then it may again. */
	machine_block(0, rt);
	machine_block(0, machine_idle(0));
}

static void inversion_of_a_throttled_class_by_priority(void **state)
{
	load_inversion();
	inversion_of_a_class_throttled_at(1);
	inversion_of_a_class_throttled_at(49);
	inversion_of_a_class_throttled_at(98);
	inversion_of_a_class_throttled_at(99);
}

/* @prev leaves while it could go on, and sleeps then; @high is let run at once. */
static void shows_no_limit(struct task_struct *prev, struct task_struct *next)
{
	machine_write("0");
	machine_block(0, prev);
	machine_pass(MS);
	machine_preempt(0, next);
	prev->on_rq = 0;
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)");
}

/* Nor does one of the class above say that it may not, or one that stops a CPU. */
static void inversion_of_a_class_that_is_not_throttled(void **state)
{
	struct task_struct *rt, *deadline, *stops, *other;

	load_inversion();
	rt = machine_task(60, 61, "rt");
	deadline = machine_task(50, 51, "deadline");
	stops = machine_task(40, 40, "migration/0");
	other = machine_task(90, 91, "other");
	machine_set_rt(rt, 10);
	machine_set_deadline(deadline, 100);
	machine_set_rt(stops, 99);
	stops->flags |= PF_KTHREAD;
	shows_no_limit(stops, other);
	shows_no_limit(rt, deadline);
	shows_no_limit(rt, stops);
	/* A deadline task is not of the class that may not run. */
	machine_write("0");
	machine_block(0, rt);
	machine_pass(MS);
	machine_preempt(0, low);
	arrive_after(deadline, 2 * MS);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   deadline[50] (deadline 0)          low[80] (normal 0)");
}

/* Not before its period has begun. */
static void inversion_of_a_constrained_deadline(void **state)
{
	load_inversion();
	machine_set_deadline(high, 100);
	machine_block(0, low);
	machine_pass(MS);
	machine_wake(high);
	machine_pass(5 * MS);
	high->dl.deadline = shim_local_clock[0] + 7 * MS;
	high->dl.dl_deadline = 7 * MS;
	machine_pass(500 * US);
	machine_preempt(0, high);
	expect_no_inversion();
	machine_block(0, low);
	machine_pass(MS);
	machine_wake(high);
	machine_pass(5 * MS);
	high->dl.deadline = shim_local_clock[0] + 7 * MS;
	machine_pass(2 * MS);
	machine_preempt(0, high);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   high[70] (deadline 0)              low[80] (normal 0)");
}

static void waits_for(struct task_struct *prev, struct task_struct *next,
		      bool counts)
{
	machine_write("0");
	machine_block(0, prev);
	arrive_after(next, 2 * MS);
	if (counts)
		assert_true(machine_has(machine_read("inversion"),
					"        1   2.000 ms   2.000 ms cpu "));
	else
		expect_no_inversion();
	/* Both sleep. */
	machine_block(0, prev);
	machine_block(0, machine_idle(0));
}

static void inversion_by_rank(void **state)
{
	struct task_struct *other;

	load_inversion();
	other = machine_task(90, 91, "other");
	machine_set_rt(other, 50);
	waits_for(other, high, false);
	machine_set_rt(other, 49);
	waits_for(other, high, true);
	machine_set_rt(other, 51);
	waits_for(other, high, false);
	machine_set_deadline(other, 100);
	waits_for(other, high, false);
	waits_for(high, other, true);
	machine_set_deadline(high, 101);
	waits_for(other, high, false);
	waits_for(high, other, true);
	machine_set_deadline(high, 100);
	waits_for(other, high, false);
	machine_set_deadline(high, 99);
	waits_for(other, high, true);
	/* A deadline of earlier times is none of a real-time task's. */
	machine_set_deadline(other, 200);
	machine_set_rt(other, 99);
	machine_set_rt(high, 99);
	waits_for(other, high, false);
	waits_for(high, other, false);
	/* The deadline's clock may have passed its end. */
	machine_set_deadline(other, 5);
	machine_set_deadline(high, ~0ULL - 5);
	machine_set_deadline(other, 5);
	waits_for(other, high, true);
	waits_for(high, other, false);
	/* Of fair tasks none has more right than another. */
	machine_set_nice(other, 19);
	machine_set_nice(high, -20);
	waits_for(other, high, false);
	machine_set_rt(other, 1);
	waits_for(high, other, true);
}

static void inversion_of_whom_the_filter_passes(void **state)
{
	load_inversion();
	machine_write("filter pid=80");
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect_no_inversion();
	machine_write("filter pid=70");
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	assert_true(machine_has(machine_read("inversion"),
				"        1   2.000 ms   2.000 ms cpu "));
}

/* Both were there before the view was. */
static void inversion_begins_with_the_view(void **state)
{
	load_inversion();
	machine_write("-inversion");
	machine_block(0, low);
	machine_pass(1);
	machine_wake(high);
	machine_pass(5 * MS);
	machine_write("+inversion");
	machine_pass(2 * MS);
	machine_preempt(0, high);
	expect("inversion",
	       "        1   2.000 ms   2.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)");
}

static void inversion_with_others(void **state)
{
	unsigned int i;

	perftop_params.table = 16;
	load_inversion();
	for (i = 0; i < 16 + 2; i++) {
		machine_block(0, machine_task(800 + i, 800, "low"));
		arrive_after(high, 2 * MS);
		machine_block(0, machine_idle(0));
	}
	expect("inversion",
	       "        2   4.000 ms   2.000 ms -     [others]                           -");
}

/* Who is not queued has not waited, and the idle task keeps nobody. */
static void inversion_needs_a_wait(void **state)
{
	load_inversion();
	arrive_after(high, 5 * MS);
	expect_no_inversion();
	machine_block(0, low);
	machine_wake(high);
	high->sched_info.last_queued = 0;
	machine_pass(5 * MS);
	machine_preempt(0, high);
	expect_no_inversion();
}

/* @low has a mutex and has lost the CPU; @high is on CPU 1. */
static struct mutex lock, other_lock;

static void contend(void)
{
	load_inversion();
	machine_block(0, low);
	machine_preempt(0, machine_idle(0));
	/* The low bits are flags. */
	lock.owner.counter = (long)low | 7;
	other_lock.owner.counter = (long)low;
	machine_block(1, high);
}

#define MUTEX_LINE(count, total, longest)				\
	"        " count "   " total "   " longest			\
	" mutex high[70] (fifo 50)                 low[80] (normal 0)"

static void inversion_on_a_mutex(void **state)
{
	contend();
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(3 * MS);
	/* It says so again, and other locks come and go. */
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_lock_ends(1, &other_lock);
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("1", "4.000 ms", "4.000 ms"));
	/* It has ended. */
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("2", "5.000 ms", "4.000 ms"));
	/* No shorter than inversion_us= is left out; the clock may go back. */
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	shim_local_clock[1] -= 7;
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("3", "5.000 ms", "4.000 ms"));
}

static void no_contention(void *mutex, unsigned int flags)
{
	machine_lock_begins(1, mutex, flags);
	machine_pass(MS);
	machine_lock_ends(1, mutex);
	expect_no_inversion();
}

static void inversion_on_other_locks(void **state)
{
	contend();
	no_contention(&lock, 0);
	no_contention(&lock, LCB_F_RT);
	no_contention(&lock, LCB_F_MUTEX | LCB_F_SPIN);
	lock.owner.counter = 0;
	no_contention(&lock, LCB_F_MUTEX);
	/* Its owner sleeps, or runs. */
	lock.owner.counter = (long)low;
	low->on_rq = 0;
	no_contention(&lock, LCB_F_MUTEX);
	low->on_rq = 1;
	low->__state = 1;
	no_contention(&lock, LCB_F_MUTEX);
	low->__state = 0;
	low->on_cpu = 1;
	no_contention(&lock, LCB_F_MUTEX);
	low->on_cpu = 0;
	machine_write("filter pid=80");
	no_contention(&lock, LCB_F_MUTEX);
	machine_write("filter pid=70");
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	expect("inversion", MUTEX_LINE("1", "    0 ns", "    0 ns"));
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("1", "    0 ns", "    0 ns"));
}

/* Who it was is known still when the wait ends behind a drain. */
static void inversion_on_a_mutex_over_a_drain(void **state)
{
	contend();
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(MS);
	machine_drain();
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("1", "2.000 ms", "2.000 ms"));
}

/* A wait that began before the reset is of another time. */
static void inversion_on_a_mutex_and_a_reset(void **state)
{
	contend();
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(MS);
	machine_write("0");
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	expect_no_inversion();
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(MS);
	machine_lock_ends(1, &lock);
	expect("inversion", MUTEX_LINE("1", "1.000 ms", "1.000 ms"));
}

/* Each kind and each pair is a row of its own, the longest sum first. */
static void inversion_by_pairs(void **state)
{
	contend();
	machine_lock_begins(1, &lock, LCB_F_MUTEX);
	machine_pass(3 * MS);
	machine_lock_ends(1, &lock);
	machine_block(1, machine_idle(1));
	machine_block(0, low);
	arrive_after(high, 2 * MS);
	expect_end("inversion", (const char *const[]){
		INVERSION_HEADER,
		MUTEX_LINE("1", "3.000 ms", "3.000 ms"),
		"        1   2.000 ms   2.000 ms cpu   high[70] (fifo 50)                 low[80] (normal 0)",
	}, 3);
}

/* --- Processes ------------------------------------------------------------ */

/*
 * A process of three threads, in 10 ms: its first one runs 1 ms and changes its
 * name, the second 2 ms, waits for 1 and runs for 2, the third has been running
 * for 3; a kernel thread has 1 ms, and a process that ends 2.
 */
static struct task_struct *first, *second, *third, *kernel, *short_lived;

static void spend_10_ms(void)
{
	first = machine_task(500, 500, "before");
	second = machine_task(501, 500, "second");
	third = machine_task(502, 500, "third");
	kernel = machine_task(60, 60, "kworker/0:1");
	short_lived = machine_task(600, 600, "cc");
	kernel->flags |= PF_KTHREAD;
	machine_slice(0, first, MS);
	strcpy(first->comm, "after");
	machine_wake(second);
	machine_block(0, second);
	machine_pass(2 * MS);
	machine_preempt(0, short_lived);
	machine_pass(MS);
	machine_block(0, second);
	machine_pass(2 * MS);
	machine_block(0, kernel);
	machine_pass(MS);
	machine_block(0, short_lived);
	machine_block(3, third);
	machine_pass(MS);
	machine_end(0, machine_idle(0));
	machine_pass(2 * MS);
}

static const char *const processes_10_ms[] = {
	"    PID    PPID THREADS   CPU%          TICKS     TIME SWITCHES      VOL     WAIT     HELD MAX WAIT   GOT% COMM",
	"    500*     11       3  20.00       16000000 8.000 ms        3        2 1.000 ms     0 ns 1.000 ms  88.88 after (running)",
	"    600+     11       1   5.00        4000000 2.000 ms        2        2     0 ns     0 ns     0 ns 100.00 cc",
	"     60      11       1   2.50        2000000 1.000 ms        1        1     0 ns     0 ns     0 ns 100.00 kworker/0:1",
};

static void processes_have_their_threads(void **state)
{
	load("processes");
	spend_10_ms();
	expect_end("processes", processes_10_ms, ARRAY_SIZE(processes_10_ms));
	expect("processes", "switches   9   uncaptured 0   missed 0   processes 3");
}

/* Under whose name a stack stands does not depend on which thread was last. */
static void folded_has_the_processes_names(void **state)
{
	static const char *const lines[] = {
		"after;stack 501 of 501 8000000",
		"after;stack 502 of 502 6000000",
		"cc;stack 600 of 600 4000000",
		"after;stack 500 of 500 2000000",
		"kworker/0:1;stack 60 of 60 2000000",
	};

	load(NULL);
	spend_10_ms();
	expect_all("folded", lines, ARRAY_SIZE(lines));
	/* Nor on whether the row with the name is among those that are shown. */
	perftop_params.top = 1;
	machine_slice(5, second, 10 * MS);
	assert_non_null(strstr(machine_read("perftop"), " after[501]"));
	/* And stays, when its threads have gone and then itself. */
	machine_block(5, second);
	machine_end(5, machine_idle(5));
	assert_non_null(strstr(machine_read("folded"), "after;stack 501"));
	machine_block(5, first);
	machine_end(5, machine_idle(5));
	assert_non_null(strstr(machine_read("folded"), "after;stack 501"));
}

/* One that nobody is left of has been one thread. */
static void processes_end_in_a_slice(void **state)
{
	load("processes");
	machine_block(0, machine_task(600, 600, "cc"));
	machine_pass(MS);
	machine_end(0, machine_idle(0));
	expect("processes",
	       "    600+     11       1  25.00        2000000 1.000 ms        1        1     0 ns     0 ns     0 ns 100.00 cc");
}

/* Its last parent, and the most threads, from one drain to the next. */
static void processes_change_parents(void **state)
{
	load("processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, first, MS);
	machine_read("processes");
	first->real_parent = machine_task(9, 9, "new");
	machine_slice(0, second, MS);
	machine_block(0, second);
	machine_pass(MS);
	machine_end(0, machine_idle(0));
	machine_read("processes");
	machine_slice(0, first, MS);
	expect("processes",
	       "    500       9       2  25.00        8000000 4.000 ms        4        4     0 ns     0 ns     0 ns 100.00 first");
	/* Also of a clock that has more than 40 bits, and without a drain. */
	first->real_parent = machine_task(8, 8, "newer");
	machine_task(502, 500, "third");
	machine_task(503, 500, "fourth");
	machine_pass(200 * SEC);
	machine_slice(0, first, MS);
	machine_task(504, 500, "fifth");
	machine_slice(0, first, MS);
	assert_true(rdtsc() > 1ULL << 40);
	assert_true(machine_has(machine_read("processes"),
				"    500       8       4 "));
}

/* The process of that id has this parent, whatever was seen before. */
static void expect_parent(pid_t pid, pid_t parent)
{
	char beginning[24];

	snprintf(beginning, sizeof(beginning), "%7d%8d", pid, parent);
	assert_true(machine_has(machine_read("processes"), beginning));
}

/* The later one is the last, however little later, and however late it is. */
static void processes_have_their_last_parent(void **state)
{
	const u64 step = 1ULL << 20;

	load("processes");
	first = machine_task(500, 500, "first");
	first->real_parent = machine_task(4000, 4000, "old");
	machine_pass((2 * step - rdtsc() % (2 * step)) / 2);
	machine_slice(0, first, US);
	expect_parent(500, 4000);
	first->real_parent = machine_task(8, 8, "new");
	machine_pass(step / 2);
	machine_slice(0, first, US);
	expect_parent(500, 8);
	/* After nine years. */
	first->real_parent = machine_task(7, 7, "newer");
	machine_pass((1ULL << 59) / 2);
	machine_slice(0, first, US);
	expect_parent(500, 7);
}

/* Nobody is the parent of the first process. */
static void processes_of_no_parent(void **state)
{
	load("processes");
	first = machine_task(1, 1, "init");
	first->real_parent = machine_idle(0);
	machine_slice(0, first, MS);
	expect_parent(1, 0);
}

static bool has_room_for_a_slot(const struct task_struct *task)
{
	const struct perftop_state *state = perftop_state_place(task);
	unsigned int i;

	for (i = 0; i < PERFTOP_STATE_WINDOW; i++)
		if (!state[i].task)
			return true;
	return false;
}

/* Nor is it known of one that ends when there is no slot to keep it in. */
static void processes_end_without_a_slot(void **state)
{
	struct task_struct *task;
	unsigned int i;
	char line[24];

	perftop_params.table = 16;
	load("processes");
	for (i = 0; i < 60; i++)
		machine_slice(i % 2, machine_task(500 + i, 500, "many"), MS);
	do
		task = machine_task(600 + i, 600 + i, "one");
	while (has_room_for_a_slot(task) && i++ < 200);
	machine_block(3, task);
	machine_end(3, machine_idle(3));
	snprintf(line, sizeof(line), "%7d+      0", task->pid);
	assert_true(machine_has(machine_read("processes"), line));
}

/* All of a name is what was seen last, from one drain to the next. */
static void names_are_the_last(void **state)
{
	static const char *const names[] = {
		"0123456789abcde", "123456789abcdef", "a-shorter-1",
	};
	unsigned int i;
	char line[100];

	load("tasks,processes");
	first = machine_task(500, 500, "first");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		strcpy(first->comm, names[i]);
		machine_slice(0, first, MS);
		machine_slice(3, first, MS);
		snprintf(line, sizeof(line), "%s;stack 500 of 500 %u", names[i],
			 4000000 * (i + 1));
		expect("folded", line);
		snprintf(line, sizeof(line), " %s\n", names[i]);
		assert_non_null(strstr(machine_read("tasks"), line));
		assert_non_null(strstr(machine_read("processes"), line));
		snprintf(line, sizeof(line), " %s[500]\n", names[i]);
		assert_non_null(strstr(machine_read("perftop"), line));
	}
}

/* A stack is its process's by name too if another thread alone has had it. */
static void folded_is_named_by_who_is_first(void **state)
{
	load(NULL);
	machine_task(500, 500, "first");
	machine_slice(0, machine_task(501, 500, "second"), MS);
	expect("folded", "first;stack 501 of 501 2000000");
}

/* The last slice of a thread that is reaped before it has left its CPU. */
static void reaped_threads_time_stays(void **state)
{
	load("processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, second, 3 * MS);
	machine_block(0, second);
	machine_pass(2 * MS);
	machine_end(0, machine_idle(0));
	expect("folded", "first;stack 501 of 501 10000000");
	expect("processes",
	       "    500      11       2  25.00       10000000 5.000 ms        2        2     0 ns     0 ns     0 ns 100.00 first");
	expect("processes",
	       "ticks      10000000 + 0 + 30000000 + 0 + 0 = 40000000");
}

/* It is no thread of its process any more, whose first one may be gone. */
static void is_reaped(struct task_struct *task)
{
	task->sighand = NULL;
	task->group_leader = NULL;
}

/* Then it has an owner by its process's id, not by when that began. */
static void reaped_while_it_runs(void **state)
{
	load("processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, first, MS);
	machine_block(0, second);
	machine_pass(4 * MS);
	is_reaped(second);
	expect("processes",
	       "    500+      0       0  20.00        8000000 4.000 ms        0        0     0 ns     0 ns     0 ns 100.00 second (running)");
}

static void reaped_without_stacks_of_theirs(void **state)
{
	shim_param_set_stack("kernel");
	load("processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, first, MS);
	machine_block(0, second);
	machine_pass(4 * MS);
	machine_end(0, machine_idle(0));
	expect("processes",
	       "    500+     11       1  20.00        8000000 4.000 ms        1        1     0 ns     0 ns     0 ns 100.00 ?");
}

/* Whose last slice found no place gives its slot back as well. */
static void uncaptured_slice_is_noted(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks,cpus");
	machine_set_stack(task, 0);
	machine_slice(0, task, MS);
	assert_non_null(perftop_state_seek(task));
	machine_block(0, task);
	machine_end(0, machine_idle(0));
	assert_null(perftop_state_seek(task));
}

/* The idle task's slice behind the last one gives nothing back. */
static void slot_is_given_back_once(void **state)
{
	struct task_struct *one = machine_task(7, 7, "one"), *other;
	unsigned int i = 0;

	perftop_params.table = 16;
	load("tasks");
	machine_block(0, one);
	machine_pass(MS);
	machine_end(0, machine_idle(0));
	do
		other = machine_task(100 + i, 100 + i, "other");
	while (perftop_state_place(other) != perftop_state_place(one) && i++ < 200);
	machine_slice(1, other, MS);
	/* It has the same slot. */
	assert_ptr_equal(perftop_state_seek(other), perftop_state_place(one));
	machine_slice(0, machine_task(8, 8, "next"), MS);
	assert_ptr_equal(perftop_state_seek(other), perftop_state_place(one));
}

/* Where a task has been is known of a slice that found no place. */
static void uncaptured_slice_moves(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks,cpus");
	machine_slice(0, task, MS);
	machine_set_stack(task, 0);
	machine_slice(1, task, MS);
	machine_set_stack(task, 7);
	machine_slice(1, task, MS);
	assert_non_null(strstr(machine_read("tasks"), "      0 0-1 "));
}

/* A name that begins like the one that is asked for is another. */
static void latency_of_a_whole_name(void **state)
{
	load("latency");
	machine_write("latency comm=cc");
	machine_slice(0, machine_task(7, 7, "cc"), MS);
	machine_slice(0, machine_task(8, 8, "cc1"), MS);
	expect_title("latency", "slice, comm cc   count 1 ");
}

/* A thread that is reaped while it runs, and runs once more, is nobody's then. */
static void reaped_and_back(void **state)
{
	load("processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, first, MS);
	machine_slice(0, second, 3 * MS);
	machine_wake(second);
	machine_block(0, second);
	machine_pass(2 * MS);
	is_reaped(second);
	machine_wake(first);
	machine_preempt(0, first);
	machine_pass(MS);
	machine_block(0, second);
	/* From here on in the other bank. */
	machine_drain();
	machine_pass(4 * MS);
	machine_block(0, machine_idle(0));
	expect("processes",
	       "    500+      0       2   9.09        8000000 4.000 ms        1        1 1.000 ms     0 ns 1.000 ms  80.00 ?");
}

/* Sixteen processes, of which one has ended and is not the least. */
static void run_all_but_one(void)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		struct task_struct *task = machine_task(500 + i, 500 + i, "task");

		machine_block(0, task);
		machine_pass((i + 1) * MS);
		if (i == 5)
			machine_end(0, machine_idle(0));
		else
			machine_block(0, machine_idle(0));
		machine_drain();
	}
}

/* Where there is no room the dead make some, though who lives has had less. */
static void dead_are_given_up_first(void **state)
{
	static const char *const files[] = { "tasks", "processes" };
	unsigned int i, pid;
	char line[32];

	perftop_params.table = 16;
	perftop_params.top = 100;
	load("tasks,processes");
	run_all_but_one();
	machine_slice(0, machine_task(600, 600, "new"), 50 * MS);
	machine_drain();
	for (pid = 500; pid < 516; pid++) {
		for (i = 0; i < 2; i++) {
			snprintf(line, sizeof(line), "%7u", pid);
			assert_int_equal(machine_has(machine_read(files[i]), line),
					 pid != 505);
		}
		snprintf(line, sizeof(line), "task;stack %u of %u ", pid, pid);
		assert_int_equal(machine_has(machine_read("folded"), line),
				 pid != 505);
	}
}

/* A name that becomes empty is what its process is called. */
static void name_that_ends(void **state)
{
	load("tasks,processes");
	first = machine_task(500, 500, "first");
	second = machine_task(501, 500, "second");
	machine_slice(0, first, MS);
	memset(first->comm, 0, 16);
	machine_slice(0, second, MS);
	assert_null(strstr(machine_read("folded"), "first;"));
}

/* The CPU that a task waits on counts, not the reader's. */
static void waiting_elsewhere_is_filtered(void **state)
{
	struct task_struct *one = machine_task(7, 7, "one");
	struct task_struct *other = machine_task(8, 8, "other");

	load("tasks");
	machine_write("filter cpu=3");
	machine_slice(3, one, MS);
	machine_block(3, other);
	machine_wake(one);
	machine_pass(MS);
	assert_non_null(strstr(machine_read("tasks"), " one (waiting)"));
	machine_write("filter cpu=0");
	assert_null(strstr(machine_read("tasks"), "(waiting)"));
}

static void second_value_has_equals(void **state)
{
	load(NULL);
	assert_int_equal(machine_write("filter comm=a,\"b=c\""), 19);
	machine_slice(0, machine_task(7, 7, "b=c"), MS);
	machine_slice(0, machine_task(8, 8, "b"), MS);
	expect("folded", "b=c;stack 7 of 7 2000000");
	assert_null(strstr(machine_read("folded"), "b;"));
}

static void unnamed_is_reset(void **state)
{
	unsigned int i;

	load(NULL);
	for (i = 0; i < shim_kprobes_n; i++)
		shim_kprobes[i]->nmissed = 3;
	assert_non_null(strstr(machine_read("perftop"), "unnamed 3"));
	machine_write("0");
	assert_null(strstr(machine_read("perftop"), "unnamed"));
}

/* The id that latency asks for is a thread's. */
static void waiting_thread_of_an_id(void **state)
{
	struct task_struct *one, *other = machine_task(8, 8, "other");

	load("latency");
	machine_write("latency pid=501");
	machine_task(500, 500, "first");
	one = machine_task(501, 500, "second");
	machine_slice(3, one, MS);
	machine_block(3, other);
	machine_wake(one);
	machine_pass(MS);
	expect("latency",
	       "wait, pid 501   count 1   average 0 ns   p50 0 ns   p90 0 ns   p99 0 ns   longest 0 ns   waiting 1, longest 1.000 ms");
	machine_write("latency pid=500");
	expect("latency", "wait, pid 500   count 0");
}

static void run_many(unsigned int n)
{
	unsigned int i;

	perftop_params.table = 16;
	perftop_params.top = 40;
	load("tasks,processes");
	for (i = 0; i < n; i++)
		machine_slice(0, machine_task(500 + i, 500 + i, "many"), MS);
}

/* A row begins and ends so; for whom there was room for a state is chance. */
static void expect_row(const char *file, const char *begin, const char *end)
{
	const char *text = machine_read(file);
	const char *at = strstr(text, begin), *line_end;

	if (!at)
		fail_msg("no %s in %s", begin, text);
	line_end = strchr(at + strlen(begin), '\n');
	assert_memory_equal(line_end - strlen(end), end, strlen(end));
}

/* What was given up has a row of its own, which is nobody's, and no rate. */
static void rows_of_others(void **state)
{
	run_many(16 + 3);
	expect_row("tasks",
		   "\n      -       - -           -   3.94        6000000 3.000 ms        3        3     0 ns     0 ns ",
		   " 100.00      0 0       100.00 [others]");
	assert_true(machine_has(machine_read("tasks"),
				"switches   38   uncaptured 0   missed 0   tasks 16   moved 3"));
	expect_row("processes",
		   "\n      -       -       -   3.94        6000000 3.000 ms        3        3     0 ns     0 ns ",
		   " 100.00 [others]");
	expect("folded", "[others] 6000000");
	expect_row("perftop",
		   "\n   1   3.94        6000000 3.000 ms        3 1.000 ms 1.000 ms ",
		   " [others]");
	assert_null(strstr(machine_read("perftop"), "[overflow]"));
	/* After a reset there are none. */
	machine_write("0");
	assert_null(strstr(machine_read("tasks"), "[others]"));
	assert_null(strstr(machine_read("tasks"), "moved"));
}

/* So has what finds no room in a shard, since no drain comes in between. */
static void rows_of_overflow(void **state)
{
	run_many(2 * 16 + 3);
	expect_row("tasks",
		   "\n      -       - -           -   2.14        6000000 3.000 ms        3        3     0 ns     0 ns ",
		   " 100.00      0 0       100.00 [overflow]");
	expect_row("processes",
		   "\n      -       -       -   2.14        6000000 3.000 ms        3        3     0 ns     0 ns ",
		   " 100.00 [overflow]");
	expect("folded", "[overflow] 6000000");
	expect("folded", "[others] 32000000");
}

/* With the same id but later, a process is another one. */
static void processes_are_born_again(void **state)
{
	struct task_struct *again;

	load("processes");
	spend_10_ms();
	again = machine_task(600, 600, "ld");
	again->start_time += 5 * MS;
	short_lived->pid = 0;
	machine_slice(5, again, 3 * MS);
	assert_non_null(strstr(machine_read("processes"), "    600+ "));
	assert_non_null(strstr(machine_read("processes"), "    600  "));
	assert_non_null(strstr(machine_read("folded"), "cc;stack 600 of 600 4000000\n"));
	assert_non_null(strstr(machine_read("folded"), "ld;stack 600 of 600 6000000\n"));
}

/* By stack=kernel, rows are nobody's, and are named after who was seen last. */
static void processes_without_stacks_of_theirs(void **state)
{
	shim_param_set_stack("kernel");
	load("processes");
	spend_10_ms();
	expect_end("processes", processes_10_ms, ARRAY_SIZE(processes_10_ms));
	assert_non_null(strstr(machine_read("folded"), "second;stack 501"));
	/* So is what is open. */
	expect("folded", "third;stack 502 of 502 6000000");
}

static const char *const list[] = {
	"VIEW         ON   COST     SHOWS",
	"stacks       yes  -        call stacks by CPU time: /proc/perftop",
	"folded       yes  -        all stacks, for flame graphs",
	"accounts     yes  -        each CPU's time, to the tick",
	"processes    no   220      processes by CPU time, their threads, switches and waits",
	"tasks        yes  191      threads by CPU time, their switches, waits and CPUs",
	"cpus         no   158      each CPU's switches, slices, waits and migrations",
	"latency      no   246      histograms of waits, slices and the time between switches",
	"inversion    no   174      tasks that waited for one of lower priority",
	"exits        yes  114      the tasks that ended last",
	"irqs         no   127+124  interrupts and softirqs by CPU: times, delays, storms",
	"irqs.sum     no   -        sums of irqs",
	"syscalls     no   127+176  system calls by process: times, errors, open ones",
	"syscalls.sum no   -        sums of syscalls",
	"faults       no   138      page faults by process, minor and major",
};

static void list_of_views(void **state)
{
	load("tasks,exits");
	expect_all("views", list, ARRAY_SIZE(list));
}

/* What is counted is at last another number than 0, and then 0 again. */
static void header_counts_and_forgets(void **state)
{
	load("tasks");
	spend_20_ms();
	machine_read("perftop");
	machine_set_stack(alpha, 0);
	machine_slice(3, alpha, MS);
	machine_slice(3, alpha, MS);
	machine_set_stack(alpha, 101 | MACHINE_TRUNCATED | MACHINE_UNWOUND);
	machine_slice(3, alpha, MS);
	machine_block(5, alpha);
	machine_pass(MS);
	shim_clock[5] -= TICKS(3 * MS);
	machine_block(5, machine_idle(5));
	shim_kprobes[0]->nmissed = 3;
	shim_kprobes[2]->nmissed = 4;
	expect("perftop",
	       "switches   18   uncaptured 2   missed 7   stacks 4   truncated 2   clock steps 1");
	expect("perftop", "captures   20   remembered 80.00%");
	expect("perftop",
	       "perftop 1   up 24.00 ms   4 CPUs   2000.000 MHz tsc   hook kprobe   opened 4");
	assert_int_equal(machine_write("0"), 1);
	expect("perftop",
	       "perftop 1   up 0 ns   4 CPUs   2000.000 MHz tsc   hook kprobe   opened 1");
	expect("perftop",
	       "switches   0   uncaptured 0   missed 0   stacks 0   truncated 0");
	expect("perftop", "captures   0   remembered 0.00%");
	expect("tasks", "switches   0   uncaptured 0   missed 0   tasks 0");
}

/* How many tasks find no slot, by first fit in a window of eight. */
static unsigned int without_slot(struct task_struct *const *task, unsigned int n)
{
	bool used[16 + 8] = { false };
	unsigned int i, first, at, none = 0;

	for (i = 0; i < n; i++) {
		first = hash_ptr(task[i], 4);
		for (at = first; at < first + 8 && used[at]; at++)
			;
		if (at < first + 8)
			used[at] = true;
		else
			none++;
	}
	return none;
}

static void header_counts_tasks_without_a_slot(void **state)
{
	struct task_struct *task[30];
	char line[100];
	unsigned int i, j;

	perftop_params.table = 16;
	load("cpus");
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		task[i] = machine_task(500 + i, 500, "many");
		machine_slice(i % 2, task[i], MS);
	}
	snprintf(line, sizeof(line),
		 "switches   60   uncaptured 0   missed 0   cpus 2   no state %u",
		 without_slot(task, ARRAY_SIZE(task)));
	expect("cpus", line);
	/* Without one, a task has no wait and comes from nowhere else. */
	for (i = 0; i < ARRAY_SIZE(task); i++)
		if (!perftop_state_seek(task[i]))
			break;
	machine_slice(5, task[i], MS);
	expect("cpus",
	       "5            2         1         0      64.5   3.22  96.77   0.00   1.000 ms   1.000 ms         0       0 ns       0 ns          -       0 ns       0       0");
	/* Nor the wait of who was there before. */
	for (j = 0; !perftop_state_seek(task[j]); j++)
		;
	wait_and_run_on(5, task[j], 3 * MS, MS);
	machine_slice(5, task[i], MS);
	expect("cpus",
	       "5            6         3         0     166.6   8.33  91.66   0.00   1.000 ms   1.000 ms         1   3.000 ms       0 ns   3.000 ms   3.000 ms       1       0");
	machine_write("0");
	expect("cpus", "switches   0   uncaptured 0   missed 0   cpus 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(header_says_it_all),
		MACHINE_TEST(header_counts_and_forgets),
		MACHINE_TEST(header_counts_tasks_without_a_slot),
		MACHINE_TEST(stacks_are_ranked),
		MACHINE_TEST(stacks_say_how_many_threads),
		MACHINE_TEST(stacks_show_who_was_last),
		MACHINE_TEST(folded_has_all_stacks),
		MACHINE_TEST(folded_has_names_of_its_own),
		MACHINE_TEST(folded_adds_what_is_open),
		MACHINE_TEST(accounts_of_each_cpu),
		MACHINE_TEST(accounts_of_other_time),
		MACHINE_TEST(tasks_by_their_time),
		MACHINE_TEST(tasks_by_their_switches),
		MACHINE_TEST(tasks_with_what_is_open),
		MACHINE_TEST(tasks_of_many_digits),
		MACHINE_TEST(tasks_that_are_born_again),
		MACHINE_TEST(tasks_end_and_do_not),
		MACHINE_TEST(tasks_without_memory_for_cpus),
		MACHINE_TEST(tasks_rows_of_another_time),
		MACHINE_TEST(cpus_were_busy),
		MACHINE_TEST(cpus_rows_of_another_time),
		MACHINE_TEST(cpus_and_tasks_over_many_drains),
		MACHINE_TEST(held_and_priorities_over_drains),
		MACHINE_TEST(latency_of_known_times),
		MACHINE_TEST(latency_of_few),
		MACHINE_TEST(latency_of_101),
		MACHINE_TEST(latency_of_short_slices),
		MACHINE_TEST(latency_of_long_periods),
		MACHINE_TEST(latency_of_bounds),
		MACHINE_TEST(latency_without_end),
		MACHINE_TEST(latency_has_room),
		MACHINE_TEST(tables_have_room),
		MACHINE_TEST(tables_rank_by_what_they_count),
		MACHINE_TEST(latency_with_overflow),
		MACHINE_TEST(latency_of_20_ms),
		MACHINE_TEST(cpus_and_latency_are_whole),
		MACHINE_TEST(latency_of_one),
		MACHINE_TEST(latency_of_a_name),
		MACHINE_TEST(latency_refuses),
		MACHINE_TEST(latency_switches_once),
		MACHINE_TEST(latency_rows_of_another_time),
		MACHINE_TEST(exits_newest_first),
		MACHINE_TEST(exits_are_of_who_has_ended),
		MACHINE_TEST(exits_are_not_endless),
		MACHINE_TEST(inversion_is_longer_than_the_bound),
		MACHINE_TEST(inversion_of_wide_names),
		MACHINE_TEST(inversion_takes_names_alone),
		MACHINE_TEST(inversion_is_of_who_was_there_first),
		MACHINE_TEST(inversion_of_a_throttled_class),
		MACHINE_TEST(inversion_of_a_throttled_class_by_priority),
		MACHINE_TEST(inversion_of_a_class_that_is_not_throttled),
		MACHINE_TEST(inversion_of_a_constrained_deadline),
		MACHINE_TEST(inversion_by_rank),
		MACHINE_TEST(inversion_of_whom_the_filter_passes),
		MACHINE_TEST(inversion_begins_with_the_view),
		MACHINE_TEST(inversion_with_others),
		MACHINE_TEST(inversion_needs_a_wait),
		MACHINE_TEST(inversion_on_a_mutex),
		MACHINE_TEST(inversion_on_other_locks),
		MACHINE_TEST(inversion_on_a_mutex_over_a_drain),
		MACHINE_TEST(inversion_on_a_mutex_and_a_reset),
		MACHINE_TEST(inversion_by_pairs),
		MACHINE_TEST(processes_have_their_threads),
		MACHINE_TEST(folded_has_the_processes_names),
		MACHINE_TEST(names_are_the_last),
		MACHINE_TEST(processes_end_in_a_slice),
		MACHINE_TEST(processes_change_parents),
		MACHINE_TEST(processes_have_their_last_parent),
		MACHINE_TEST(processes_of_no_parent),
		MACHINE_TEST(processes_end_without_a_slot),
		MACHINE_TEST(folded_is_named_by_who_is_first),
		MACHINE_TEST(reaped_threads_time_stays),
		MACHINE_TEST(waiting_thread_of_an_id),
		MACHINE_TEST(waiting_elsewhere_is_filtered),
		MACHINE_TEST(second_value_has_equals),
		MACHINE_TEST(unnamed_is_reset),
		MACHINE_TEST(uncaptured_slice_is_noted),
		MACHINE_TEST(slot_is_given_back_once),
		MACHINE_TEST(uncaptured_slice_moves),
		MACHINE_TEST(latency_of_a_whole_name),
		MACHINE_TEST(reaped_and_back),
		MACHINE_TEST(dead_are_given_up_first),
		MACHINE_TEST(name_that_ends),
		MACHINE_TEST(reaped_while_it_runs),
		MACHINE_TEST(reaped_without_stacks_of_theirs),
		MACHINE_TEST(rows_of_others),
		MACHINE_TEST(rows_of_overflow),
		MACHINE_TEST(processes_are_born_again),
		MACHINE_TEST(processes_without_stacks_of_theirs),
		MACHINE_TEST(list_of_views),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
