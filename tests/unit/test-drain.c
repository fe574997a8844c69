// SPDX-License-Identifier: GPL-2.0
/*
 * From the shards to a reader: what a drain, a cut and a reset do on CPUs that
 * are online and on those that are not, and that every tick stays somewhere, in
 * the row of whose it was.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/irq_work.h>
#include <linux/kernel_stat.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "hash.h"
#include "switch/cpu.h"
#include "switch/slice.h"

static void load(const char *views)
{
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
}

static struct perftop_cpu *cpu_of(unsigned int cpu)
{
	return per_cpu_ptr(&perftop_cpu, cpu);
}

static u64 ranked(unsigned int cpu)
{
	return perftop_stacks.sums[cpu].ticks[PERFTOP_RANKED];
}

static void expect(const char *file, const char *line)
{
	machine_expect(machine_read(file), line);
}

/* What was remembered of code does not hold any more, what was of rows does. */
static void code_comes_and_goes(void **state)
{
	u32 code[SHIM_CPU_IDS], rows[SHIM_CPU_IDS];
	unsigned int cpu;

	load(NULL);
	for_each_possible_cpu(cpu) {
		code[cpu] = cpu_of(cpu)->era.code;
		rows[cpu] = cpu_of(cpu)->era.rows;
	}
	assert_int_equal(shim_module_notifier->notifier_call(shim_module_notifier,
							     0, NULL),
			 NOTIFY_DONE);
	for_each_possible_cpu(cpu) {
		assert_int_not_equal(cpu_of(cpu)->era.code, code[cpu]);
		assert_int_equal(cpu_of(cpu)->era.code, cpu_of(0)->era.code);
		assert_int_equal(cpu_of(cpu)->era.rows, rows[cpu]);
	}
}

/* --- The drain ------------------------------------------------------------ */

static long slept;

static void sleep_once(long jiffies)
{
	slept += jiffies;
}

static void drain_once_a_second(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	unsigned int calls, cpu, bank[SHIM_CPU_IDS];

	load(NULL);
	machine_slice(0, task, MS);
	machine_slice(3, task, 2 * MS);
	machine_cpu_dies(3);
	assert_int_equal(perftop_stacks.records, 0);
	for_each_possible_cpu(cpu)
		bank[cpu] = cpu_of(cpu)->bank;
	calls = shim_calls;
	shim_sleep = sleep_once;
	machine_drain();
	assert_int_equal(slept, HZ);
	/* Nobody is asked, all banks are others. */
	assert_int_equal(shim_calls, calls);
	for_each_possible_cpu(cpu)
		assert_int_equal(cpu_of(cpu)->bank, !bank[cpu]);
	assert_int_equal(perftop_stacks.records, 1);
	assert_int_equal(ranked(0), TICKS(MS));
	assert_int_equal(ranked(3), TICKS(2 * MS));
	assert_int_equal(perftop_stacks.sums[0].switches, 2);
}

/* Those who still saw the old bank add to it until the wait is over. */
static void add_to_old_banks(void)
{
	struct perftop_cpu *c;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		c = cpu_of(cpu);
		perftop_shard_row(c->stacks, !c->bank, PERFTOP_UNATTRIBUTED,
				  rdtsc())[PERFTOP_TICKS] += 5;
	}
}

static void drain_waits_for_the_hot_path(void **state)
{
	unsigned int cpu;

	load(NULL);
	shim_grace_period = add_to_old_banks;
	machine_drain();
	shim_grace_period = NULL;
	for_each_possible_cpu(cpu)
		assert_int_equal(perftop_stacks.sums[cpu].ticks[PERFTOP_UNATTRIBUTED],
				 5);
}

static void reset_early(void)
{
	machine_slice(0, machine_task(10, 10, "early"), MS);
	machine_write("0");
}

static char early[65536];

static void read_early(void)
{
	machine_slice(0, machine_task(9, 9, "early"), 3 * MS);
	strcpy(early, machine_read("folded"));
}

/* Who reads while the drain waits has all there is, and nothing is lost. */
static void drain_keeps_nobody_waiting(void **state)
{
	unsigned long calls;

	load(NULL);
	machine_slice(0, machine_task(7, 7, "task"), MS);
	calls = shim_calls;
	shim_grace_period = read_early;
	machine_drain();
	shim_grace_period = NULL;
	/* Each of four CPUs was interrupted and then cut. */
	assert_int_equal(shim_calls - calls, 2 * 4);
	machine_expect(early, "task;stack 7 of 7 2000000");
	machine_expect(early, "early;stack 9 of 9 6000000");
	machine_slice(0, machine_task(8, 8, "late"), 2 * MS);
	expect("folded", "task;stack 7 of 7 2000000");
	expect("folded", "early;stack 9 of 9 6000000");
	expect("folded", "late;stack 8 of 8 4000000");
	/* And a reset forgets what the drain had not merged yet. */
	shim_grace_period = reset_early;
	machine_drain();
	shim_grace_period = NULL;
	assert_string_equal(machine_read("folded"), "");
}

/* A key is finished when it is drained, or seen while it is open. */
static void drain_settles_keys(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct task_struct *other = machine_task(8, 8, "other");

	load(NULL);
	machine_slice(0, task, MS);
	machine_set_stack(task, 7 | MACHINE_UNSETTLED);
	machine_slice(0, task, 2 * MS);
	machine_set_stack(other, 8 | MACHINE_UNSETTLED);
	machine_block(3, other);
	machine_pass(MS);
	machine_drain();
	assert_int_equal(perftop_stacks.records, 1);
	expect("folded", "task;stack 7 of 7 6000000");
	expect("folded", "other;stack 8 of 8 2000000");
	machine_expect(machine_read("perftop"), "        stack 8 of 8");
}

/* What is charged to no stack, or to one that is not whole, adds up. */
static void drain_adds_up(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	unsigned int i;

	perftop_params.verify = true;
	load(NULL);
	for (i = 0; i < 3; i++) {
		machine_set_stack(task, 0);
		machine_slice(1, task, MS);
		machine_set_stack(task, 7 | MACHINE_TRUNCATED);
		machine_slice(1, task, MS);
		machine_slice(1, task, MS);
		machine_drain();
	}
	machine_set_stack(task, 8 | MACHINE_DIFFERS);
	machine_slice(1, task, MS);
	machine_slice(3, task, MS);
	machine_slice(3, task, MS);
	expect("perftop",
	       "switches   24   uncaptured 3   missed 0   stacks 2   truncated 6");
	expect("perftop", "captures   24   remembered 100.00%   differ 6");
	machine_write("0");
	expect("perftop", "captures   0   remembered 0.00%   differ 0");
}

/* --- CPUs that go --------------------------------------------------------- */

#define ACCOUNTS(cpu, elapsed, ranked, idle, running, switches)		\
	cpu "   " elapsed " " ranked " " idle				\
	"          0            0          0            0 " running " " switches "          0"

static void cpu_is_kept_when_it_has_gone(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load(NULL);
	machine_pass(MS);
	machine_slice(1, task, 4 * MS);
	machine_pass(2 * MS);
	/* The idle slice of 2 ms has no end. */
	machine_cpu_dies(1);
	expect("accounts",
	       ACCOUNTS("1*", "      10000000", "       8000000",
			"       2000000", "           0", "         2"));
	machine_pass(10 * MS);
	expect("accounts",
	       ACCOUNTS("1*", "      10000000", "       8000000",
			"       2000000", "           0", "         2"));
	assert_true(machine_has(machine_read("perftop"),
				"perftop 1   up 17.00 ms   3 CPUs"));
	/* It begins with its first switch, by whatever clock. */
	machine_cpu_comes(1);
	shim_clock[1] = 5;
	machine_pass(MS);
	machine_block(1, task);
	machine_pass(3 * MS);
	machine_block(1, machine_idle(1));
	machine_pass(MS);
	expect("accounts",
	       ACCOUNTS("1*", "      18000000", "      14000000",
			"       4000000", "           0", "         3"));
	expect("perftop", "switches   3   uncaptured 0   missed 0   stacks 1   truncated 0");
}

static void cpu_that_has_gone_is_reset(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_slice(1, task, 4 * MS);
	machine_slice(3, task, 2 * MS);
	machine_cpu_dies(1);
	machine_write("0");
	machine_pass(MS);
	assert_false(machine_has(machine_read("accounts"), "1  "));
	assert_true(machine_has(machine_read("accounts"), "3  "));
	expect("perftop", "ticks      0 + 0 + 6000000 + 0 + 0 = 6000000");
	expect("tasks", "ticks      0 + 0 + 6000000 + 0 + 0 = 6000000");
	machine_cpu_comes(1);
	machine_slice(1, task, 4 * MS);
	expect("accounts",
	       ACCOUNTS("1*", "       8000000", "       8000000",
			"             0", "           0", "         1"));
}

/* A CPU takes its memory when it comes: of the stacks', and of a view's that is on. */
static void cpu_that_comes_has_memory(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct machine_memory before;

	shim_offline = 1U << 3;
	load("tasks");
	assert_int_equal(cpu_of(3)->stacks->capacity, 0);
	assert_null(cpu_of(3)->recall);
	before = machine_memory();
	machine_cpu_comes(3);
	assert_int_equal(cpu_of(3)->stacks->capacity,
			 cpu_of(0)->stacks->capacity);
	assert_true(machine_memory().bytes > before.bytes);
	machine_slice(3, task, 2 * MS);
	expect("folded", "task;stack 7 of 7 4000000");
	before = machine_memory();
	/* It keeps it, and does not take it twice. */
	machine_cpu_dies(3);
	machine_cpu_comes(3);
	machine_check_memory(before);
	machine_slice(3, task, MS);
	expect("folded", "task;stack 7 of 7 6000000");
	expect("perftop", "switches   2   uncaptured 0   missed 0   stacks 1   truncated 0");
}

/* And runs without, if there is none: that is said, and adds up. */
static void comes_without(unsigned int n)
{
	shim_offline = 1U << 3;
	load("tasks");
	shim_logged = 0;
	shim_fail_at = n;
	machine_cpu_comes(3);
	shim_fail_at = 0;
	assert_int_equal(shim_logged, 1);
	machine_slice(3, machine_task(7, 7, "task"), 2 * MS);
	machine_block(3, machine_task(8, 8, "other"));
	machine_pass(MS);
}

static void cpu_that_comes_without_memory(void **state)
{
	comes_without(1);
	expect("perftop", "ticks      0 + 0 + 18000000 + 0 + 6000000 = 24000000");
	expect("perftop", "without    memory for 1 CPUs: the time of their tasks is unattributed");
	expect("tasks", "ticks      0 + 0 + 18000000 + 0 + 6000000 = 24000000");
	/* It has another try when it comes again. */
	machine_cpu_dies(3);
	machine_cpu_comes(3);
	machine_slice(3, machine_task(9, 9, "late"), 2 * MS);
	expect("folded", "late;stack 9 of 9 4000000");
}

static void come_again(void)
{
	machine_slice(3, machine_task(9, 9, "again"), 2 * MS);
	machine_cpu_dies(3);
	machine_cpu_comes(3);
}

/* What has been added there until it has memory is not lost, in either bank. */
static void cpu_has_memory_at_last(void **state)
{
	comes_without(1);
	shim_grace_period = come_again;
	machine_drain();
	shim_grace_period = NULL;
	machine_slice(3, machine_task(10, 10, "late"), MS);
	/* Of CPU 3 there are 2, 1, 2 and 1 ms. */
	expect("folded", "late;stack 10 of 10 2000000");
	expect("perftop", "ticks      2000000 + 0 + 36000000 + 0 + 10000000 = 48000000");
	expect("tasks", "ticks      2000000 + 0 + 36000000 + 0 + 10000000 = 48000000");
}

static void cpu_that_comes_without_a_key(void **state)
{
	comes_without(2);
	expect("tasks", "ticks      0 + 0 + 18000000 + 0 + 6000000 = 24000000");
}

static void cpu_that_comes_without_memory_of_unwinds(void **state)
{
	comes_without(3);
	expect("tasks", "ticks      0 + 0 + 18000000 + 0 + 6000000 = 24000000");
}

/* That of the view alone is missing. */
static void cpu_that_comes_without_a_views(void **state)
{
	comes_without(4);
	expect("folded", "task;stack 7 of 7 4000000");
	expect("tasks", "ticks      0 + 2000000 + 18000000 + 4000000 + 0 = 24000000");
}

/* Also its slices that no drain has seen yet are forgotten. */
static void reset_forgets_both_banks(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_slice(0, task, MS);
	machine_cpu_dies(1);
	machine_drain();
	machine_slice(0, task, 2 * MS);
	machine_write("0");
	expect("perftop", "ticks      0 + 0 + 0 + 0 + 0 = 0");
	expect("tasks", "ticks      0 + 0 + 0 + 0 + 0 = 0");
	machine_drain();
	machine_drain();
	expect("tasks", "ticks      0 + 0 + 0 + 0 + 0 = 0");
	assert_false(machine_has(machine_read("tasks"), "      7"));
}

/* An open slice begins anew with the reset. */
static void reset_cuts_what_is_open(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_block(0, task);
	machine_pass(4 * MS);
	machine_write("0");
	machine_pass(MS);
	expect("tasks", "ticks      0 + 2000000 + 6000000 + 0 + 0 = 8000000");
	machine_block(0, machine_idle(0));
	expect("tasks", "ticks      2000000 + 0 + 6000000 + 0 + 0 = 8000000");
	expect("tasks",
	       "      7       7 normal      0  25.00        2000000 1.000 ms        1        1     0 ns     0 ns     0 ns 100.00      0 0       100.00 task");
}

static void reset_forgets_what_was_missed(void **state)
{
	load(NULL);
	shim_kprobes[1]->nmissed = 5;
	assert_true(machine_has(machine_read("perftop"),
				"switches   0   uncaptured 0   missed 5 "));
	machine_write("0");
	shim_kprobes[0]->nmissed = 2;
	assert_true(machine_has(machine_read("perftop"),
				"switches   0   uncaptured 0   missed 2 "));
	/* A hook may err to the other side. */
	shim_kprobes[1]->nmissed = 0;
	assert_true(machine_has(machine_read("perftop"),
				"switches   0   uncaptured 0   missed 0 "));
}

/* What somebody else had of all CPUs, and not before it was loaded or reset. */
static void reset_forgets_what_was_stolen(void **state)
{
	u64 *stolen[] = {
		&kcpustat_cpu(0).cpustat[CPUTIME_STEAL],
		&kcpustat_cpu(3).cpustat[CPUTIME_STEAL],
	};

	*stolen[0] = 7 * MS;
	load(NULL);
	assert_null(strstr(machine_read("perftop"), "stolen"));
	*stolen[0] += 2 * MS;
	*stolen[1] += MS;
	assert_non_null(strstr(machine_read("perftop"), "   stolen 3.000 ms"));
	machine_write("0");
	assert_null(strstr(machine_read("perftop"), "stolen"));
	*stolen[1] += 4 * MS;
	assert_non_null(strstr(machine_read("perftop"), "   stolen 4.000 ms"));
}

/* Whoever is killed while it writes has done it all the same. */
static void reset_by_who_is_killed(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks");
	machine_slice(0, task, MS);
	shim_killed = true;
	assert_int_equal(machine_write("0"), 1);
	assert_int_equal(machine_write("-tasks"), 6);
	assert_int_equal(machine_write("+cpus"), 5);
	shim_killed = false;
	expect("perftop", "ticks      0 + 0 + 0 + 0 + 0 = 0");
	expect("tasks", "tasks is off: echo +tasks > /proc/perftop");
	machine_slice(0, task, 2 * MS);
	expect("cpus", "ticks      4000000 + 0 + 12000000 + 0 + 0 = 16000000");
}

/* --- Views that come late ------------------------------------------------- */

static void attach_while_a_cpu_is_away(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load(NULL);
	machine_slice(1, task, 4 * MS);
	machine_slice(3, task, 2 * MS);
	machine_cpu_dies(1);
	machine_write("+tasks");
	machine_write("+cpus");
	/* CPU 3 has been idle for no time, CPUs 0 and 5 for 6 ms. */
	expect("tasks", "ticks      0 + 0 + 24000000 + 0 + 0 = 24000000");
	machine_cpu_comes(1);
	machine_slice(1, task, MS);
	expect("tasks",
	       "ticks      2000000 + 0 + 30000000 + 0 + 0 = 32000000");
	expect("tasks",
	       "      7       7 normal      0   6.25        2000000 1.000 ms        1        1     0 ns     0 ns     0 ns 100.00      0 1       100.00 task");
	/* It is told when it comes again that one view has gone. */
	machine_cpu_dies(1);
	machine_write("-tasks");
	machine_cpu_comes(1);
	machine_slice(1, task, MS);
	assert_true(machine_has(machine_read("cpus"),
				"1*           2         2         0    1000.0 100.00   0.00 "));
	machine_write("-cpus");
	machine_slice(1, task, MS);
	expect("perftop",
	       "ticks      18000000 + 0 + 50000000 + 0 + 0 = 68000000");
}

static bool is_marked(const char *file)
{
	const char *text = machine_read(file);
	const bool marked = machine_has(text, "1* ");

	assert_int_equal(machine_has(text, "1  "), !marked);
	assert_true(machine_has(text, "0  "));
	if (!marked)
		assert_null(strstr(text, "were offline"));
	return marked;
}

/* Since the table began to count, or now. */
static void cpus_that_were_offline_are_marked(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load(NULL);
	machine_slice(1, task, MS);
	machine_slice(0, task, MS);
	assert_false(is_marked("accounts"));
	machine_cpu_dies(1);
	machine_pass(MS);
	assert_true(is_marked("accounts"));
	assert_non_null(strstr(machine_read("perftop"), "   were offline 1"));
	/* It comes at the moment that another table begins. */
	machine_cpu_comes(1);
	machine_write("+cpus");
	machine_slice(1, task, MS);
	assert_true(is_marked("accounts"));
	assert_false(is_marked("cpus"));
	/* It came back at the very moment from which on is counted. */
	machine_cpu_dies(1);
	machine_cpu_comes(1);
	machine_write("0");
	machine_slice(1, task, MS);
	assert_false(is_marked("accounts"));
	machine_cpu_dies(1);
	assert_true(is_marked("cpus"));
	assert_non_null(strstr(machine_read("cpus"), "   were offline 1"));
	/* Of one that was not there at all nothing is said. */
	machine_write("0");
	machine_pass(MS);
	assert_false(machine_has(machine_read("accounts"), "1"));
	assert_null(strstr(machine_read("perftop"), "were offline"));
}

static void detach_while_a_cpu_is_away(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tasks,cpus");
	machine_slice(1, task, MS);
	machine_cpu_dies(1);
	machine_write("-tasks");
	machine_write("-cpus");
	machine_cpu_comes(1);
	machine_slice(1, task, MS);
	machine_slice(1, task, MS);
	assert_true(machine_has(machine_read("perftop"), "switches   5 "));
}

/* What ended before a view came, and lies in a bank, is none of it. */
static void attach_begins_now(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load(NULL);
	machine_slice(0, task, MS);
	machine_block(0, task);
	machine_pass(3 * MS);
	machine_write("+tasks");
	expect("tasks", "perftop 1   up 0 ns   4 CPUs   2000.000 MHz tsc   hook kprobe   opened 1");
	expect("perftop",
	       "perftop 1   up 4.000 ms   4 CPUs   2000.000 MHz tsc   hook kprobe   opened 2");
	expect("tasks", "ticks      0 + 6000000 + 24000000 + 0 + 0 = 30000000");
	machine_block(0, machine_idle(0));
	machine_pass(2 * MS);
	expect("tasks", "ticks      6000000 + 0 + 40000000 + 0 + 0 = 46000000");
	assert_true(machine_has(machine_read("tasks"), "perftop 1   up 2.000 ms"));
	/* A view without a time of its own has the stacks'. */
	machine_write("+latency");
	assert_true(machine_has(machine_read("latency"),
				"perftop 1   up 6.000 ms"));
	expect("latency", "ticks      8000000 + 0 + 40000000 + 0 + 0 = 48000000");
}

/* --- Rows that are retired ------------------------------------------------ */

#define SHARD	16

/* Fills a shard and begins the other half: the first half is retired. */
static void retire(struct task_struct **task)
{
	unsigned int i;

	for (i = 0; i < SHARD; i++) {
		task[i] = machine_task(500 + i, 500, "old");
		machine_slice(0, task[i], MS);
	}
	machine_write("0");
	for (i = SHARD; i < SHARD + SHARD / 2; i++) {
		task[i] = machine_task(500 + i, 500, "new");
		machine_slice(0, task[i], MS);
	}
}

static void retired_row_is_no_capture(void **state)
{
	struct task_struct *task[2 * SHARD];
	struct pt_regs regs = {};
	unsigned int calls;

	perftop_params.table = SHARD;
	load(NULL);
	machine_drain();
	retire(task);
	machine_block(0, task[0]);
	/* A pick that picks the same task again. */
	shim_kprobes[0]->pre_handler(shim_kprobes[0], &regs);
	assert_true(cpu_of(0)->captured);
	/* The CPU has asked: it flips three times, and forgets the capture. */
	calls = shim_calls;
	machine_drain();
	assert_false(cpu_of(0)->captured);
	assert_int_equal(shim_calls, calls + 3 + 1);
	machine_drain();
	machine_drain();
	machine_drain();
	assert_int_equal(shim_calls, calls + 3 + 1);
}

/* A view's rows are nobody's but the view's to remember. */
static void retired_row_of_a_view(void **state)
{
	struct task_struct *task[2 * SHARD];
	unsigned int i, calls;

	perftop_params.table = SHARD;
	load("tasks");
	for (i = 0; i < 2 * SHARD; i++) {
		task[i] = machine_task(500 + i, 500, "old");
		machine_set_stack(task[i], 7);
		machine_slice(0, task[i], MS);
		if (i == SHARD - 1)
			machine_write("0");
	}
	calls = shim_calls;
	machine_drain();
	machine_drain();
	assert_int_equal(shim_calls, calls + 3);
}

static u64 ticks_of(const char *text, unsigned int pid)
{
	unsigned long long ticks;
	unsigned int found;
	char rest[8];

	for (; *text; text = strchr(text, '\n') + 1)
		if (sscanf(text, "%7u%*1[+ ]%*u %7s %*d %*f %llu", &found,
			   rest, &ticks) == 3 && found == pid)
			return ticks;
	return 0;
}

static u64 task_ticks(unsigned int pid)
{
	return ticks_of(machine_read("tasks"), pid);
}

/*
 * What was retired is emptied and given to others: who remembers a row of it
 * has another one.
 */
static void retired_rows_are_others(void **state)
{
	struct task_struct *task[3 * SHARD];
	unsigned int i;

	perftop_params.table = SHARD;
	load("tasks,cpus");
	retire(task);
	for (i = 0; i < 3; i++)
		machine_drain();
	/* The second half is full, so the first takes those that are new. */
	machine_write("0");
	for (i = 24; i < 38; i++) {
		task[i] = machine_task(500 + i, 500, "newer");
		machine_slice(0, task[i], MS);
	}
	machine_slice(0, task[0], 2 * MS);
	machine_slice(0, task[1], 3 * MS);
	for (i = 24; i < 38; i++)
		assert_int_equal(task_ticks(500 + i), TICKS(MS));
	assert_int_equal(task_ticks(500), TICKS(2 * MS));
	assert_int_equal(task_ticks(501), TICKS(3 * MS));
}

/* --- Around it ------------------------------------------------------------ */

static void suspended_time_is_none(void **state)
{
	unsigned int cpu;

	load(NULL);
	for_each_possible_cpu(cpu)
		if (cpu)
			machine_cpu_dies(cpu);
	machine_write("0");
	machine_pass(MS);
	assert_int_equal(shim_syscore->ops->suspend(NULL), 0);
	machine_pass(1000 * MS);
	shim_syscore->ops->resume(NULL);
	machine_pass(MS);
	expect("perftop", "ticks      0 + 0 + 4000000 + 0 + 0 = 4000000");
}

/* Whoever asks for a drain does so before what it asks is gone. */
static void nobody_asks_any_more(void **state)
{
	struct irq_work *work[SHIM_CPU_IDS];
	unsigned int cpu;

	load(NULL);
	for_each_possible_cpu(cpu) {
		work[cpu] = per_cpu_ptr(&perftop_half_full, cpu);
		assert_true(irq_work_queue(work[cpu]));
	}
	machine_unload();
	for_each_possible_cpu(cpu)
		assert_false(work[cpu]->pending);
}

/* The first is one that has run unseen; what happens while somebody sleeps. */
static struct task_struct *sleeper;
static unsigned int sleeps;

static void sleep_and_return(long jiffies)
{
	assert_int_equal(jiffies, 1);
	sleeps++;
	machine_block(0, machine_idle(0));
	machine_block(0, sleeper);
}

static const char *read_armed(bool armed)
{
	const char *text = machine_read("perftop");

	assert_int_equal(!strstr(text, " (not armed)"), armed);
	return text;
}

static void armed_or_not(void **state)
{
	load(NULL);
	sleeper = machine_task(7, 7, "reader");
	machine_block(0, sleeper);
	shim_sleep = sleep_and_return;
	read_armed(true);
	assert_int_equal(sleeps, 0);
	machine_armed = false;
	machine_block(0, machine_idle(0));
	machine_block(0, sleeper);
	read_armed(false);
	assert_int_equal(sleeps, 1);
	/* Each time anew, while there is doubt. */
	read_armed(false);
	assert_int_equal(sleeps, 2);
	machine_armed = true;
	read_armed(true);
	assert_int_equal(sleeps, 3);
	read_armed(true);
	assert_int_equal(sleeps, 3);
}

static void sleep_unseen(long jiffies)
{
	machine_armed = false;
	machine_block(0, machine_idle(0));
	machine_block(0, sleeper);
	machine_armed = true;
}

/* What the drainer saw counts until it is known better. */
static void armed_by_the_drainer(void **state)
{
	load(NULL);
	sleeper = machine_task(7, 7, "drainer");
	machine_block(0, sleeper);
	shim_sleep = sleep_unseen;
	machine_drain();
	machine_block(0, machine_idle(0));
	machine_block(0, sleeper);
	shim_sleep = sleep_and_return;
	read_armed(true);
	assert_int_equal(sleeps, 1);
}

/* --- All of it, by chance ------------------------------------------------- */

#define TASKS	20

struct walk {
	u64			seed;
	struct task_struct	*task[TASKS];
	u64			ran[TASKS];	/* of slices that ended */
	u64			began[SHIM_CPU_IDS];
	u64			reset;
	bool			on;		/* tasks */
};

/* The number of a task, or of none. */
static unsigned int number_of(const struct walk *w, struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < TASKS && w->task[i] != task; i++)
		;
	return i;
}

static void end_slice(struct walk *w, unsigned int cpu)
{
	unsigned int i = number_of(w, shim_current[cpu]);

	if (i < TASKS)
		w->ran[i] += shim_ns - w->began[cpu];
	w->began[cpu] = shim_ns;
}

static void random_switch(struct walk *w, unsigned int cpu)
{
	struct task_struct *next = w->task[test_below(&w->seed, TASKS)];

	if (!test_below(&w->seed, 3))
		next = machine_idle(cpu);
	if (next->on_cpu || !cpu_online(cpu))
		return;
	machine_set_stack(next, 1 + test_below(&w->seed, 40));
	end_slice(w, cpu);
	if (test_below(&w->seed, 2))
		machine_block(cpu, next);
	else
		machine_preempt(cpu, next);
}

static void start_over(struct walk *w)
{
	unsigned int cpu;

	memset(w->ran, 0, sizeof(w->ran));
	w->reset = shim_ns;
	for_each_possible_cpu(cpu)
		w->began[cpu] = shim_ns;
}

/* Slices that are open when it comes are all its own. */
static void switch_tasks(struct walk *w)
{
	machine_write(w->on ? "-tasks" : "+tasks");
	w->on = !w->on;
	memset(w->ran, 0, sizeof(w->ran));
}

static void change_cpu(struct walk *w, unsigned int cpu)
{
	if (!cpu)
		return;
	if (!cpu_online(cpu)) {
		machine_cpu_comes(cpu);
		w->began[cpu] = shim_ns;
		return;
	}
	if (!is_idle_task(shim_current[cpu]))
		end_slice(w, cpu);
	machine_cpu_dies(cpu);
}

/* Each line of the header that says so, and each CPU's. */
static void check_sums(const char *file)
{
	unsigned long long n[6] = { 0 }, sum;
	const char *text = strstr(machine_read(file), "\nticks ");
	int i, found;

	assert_non_null(text);
	found = sscanf(text, " ticks %llu + %llu + %llu + %llu + %llu = %llu",
		       &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]);
	assert_int_equal(found, 6);
	for (i = 0, sum = 0; i < 5; i++)
		sum += n[i];
	assert_int_equal(sum, n[5]);
}

static void check_accounts(const struct walk *w)
{
	const char *text = strchr(machine_read("accounts"), '\n') + 1;
	unsigned long long n[9];
	unsigned int cpu;

	while (sscanf(text, "%u%*[ *]%llu %llu %llu %llu %llu %llu %llu %llu", &cpu,
		      &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]) == 9) {
		assert_int_equal(n[1] + n[2] + n[3] + n[4] + n[5] + n[6] + n[7],
				 n[0]);
		if (!cpu)
			assert_int_equal(n[0], TICKS(shim_ns - w->reset));
		text = strchr(text, '\n') + 1;
	}
	assert_memory_equal(text, "all ", 4);
}

static void check_walk(struct walk *w)
{
	u64 open[TASKS] = { 0 };
	unsigned int cpu, i;
	const char *text;

	check_sums("perftop");
	check_sums("tasks");
	check_sums("cpus");
	check_accounts(w);
	if (!w->on)
		return;
	for_each_online_cpu(cpu) {
		i = number_of(w, shim_current[cpu]);
		if (i < TASKS)
			open[i] = shim_ns - w->began[cpu];
	}
	text = machine_read("tasks");
	for (i = 0; i < TASKS; i++)
		assert_int_equal(ticks_of(text, 700 + i),
				 TICKS(w->ran[i] + open[i]));
}

static void random_step(struct walk *w)
{
	const unsigned int cpus[] = { 0, 1, 3, 5 };
	unsigned int cpu = cpus[test_below(&w->seed, 4)];

	machine_pass(test_below(&w->seed, 1000));
	switch (test_below(&w->seed, 400)) {
	case 0 ... 3:
		machine_drain();
		break;
	case 4 ... 9:
		change_cpu(w, cpu);
		break;
	case 10:
		machine_write("0");
		start_over(w);
		break;
	case 11 ... 12:
		switch_tasks(w);
		break;
	case 13:
		machine_write("-cpus");
		break;
	case 14:
		machine_write("+cpus");
		break;
	case 15 ... 20:
		check_walk(w);
		break;
	default:
		random_switch(w, cpu);
	}
}

static void all_by_chance(void **state)
{
	struct walk w = { .seed = test_seed(801), .on = true };
	unsigned int i;

	perftop_params.top = 100;
	load("tasks");
	for (i = 0; i < TASKS; i++)
		w.task[i] = machine_task(700 + i, 700, "walker");
	start_over(&w);
	for (i = 0; i < 20000; i++)
		random_step(&w);
	check_walk(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(drain_once_a_second),
		MACHINE_TEST(code_comes_and_goes),
		MACHINE_TEST(drain_waits_for_the_hot_path),
		MACHINE_TEST(drain_keeps_nobody_waiting),
		MACHINE_TEST(drain_settles_keys),
		MACHINE_TEST(drain_adds_up),
		MACHINE_TEST(cpu_is_kept_when_it_has_gone),
		MACHINE_TEST(cpu_that_has_gone_is_reset),
		MACHINE_TEST(cpu_that_comes_has_memory),
		MACHINE_TEST(cpu_that_comes_without_memory),
		MACHINE_TEST(cpu_has_memory_at_last),
		MACHINE_TEST(cpu_that_comes_without_a_key),
		MACHINE_TEST(cpu_that_comes_without_memory_of_unwinds),
		MACHINE_TEST(cpu_that_comes_without_a_views),
		MACHINE_TEST(reset_forgets_both_banks),
		MACHINE_TEST(reset_cuts_what_is_open),
		MACHINE_TEST(reset_forgets_what_was_missed),
		MACHINE_TEST(reset_forgets_what_was_stolen),
		MACHINE_TEST(reset_by_who_is_killed),
		MACHINE_TEST(attach_while_a_cpu_is_away),
		MACHINE_TEST(detach_while_a_cpu_is_away),
		MACHINE_TEST(cpus_that_were_offline_are_marked),
		MACHINE_TEST(attach_begins_now),
		MACHINE_TEST(retired_row_is_no_capture),
		MACHINE_TEST(retired_row_of_a_view),
		MACHINE_TEST(retired_rows_are_others),
		MACHINE_TEST(suspended_time_is_none),
		MACHINE_TEST(nobody_asks_any_more),
		MACHINE_TEST(armed_or_not),
		MACHINE_TEST(armed_by_the_drainer),
		MACHINE_TEST(all_by_chance),
	};

	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
