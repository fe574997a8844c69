// SPDX-License-Identifier: GPL-2.0
/*
 * The banks: what is long is drained in pieces, and others come in between; a CPU
 * whose shard is half full asks for a drain, once, and has room again after it.
 */
#include "machine.h"

#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/params.h"
#include "engine/table.h"
#include "hash.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "switch/cpu.h"
#include "switch/slice.h"

/* What is merged without letting go of the lock. */
#define WORK	65536

static const unsigned int cpus[] = { 0, 1, 3, 5 };

static struct task_struct *worker;

static void load(unsigned int table, const char *views)
{
	perftop_params.table = table;
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
	worker = machine_task(7, 7, "worker");
}

static struct perftop_cpu *cpu_of(unsigned int cpu)
{
	return per_cpu_ptr(&perftop_cpu, cpu);
}

static u64 sum_of(enum perftop_account account)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += perftop_stacks.sums[cpu].ticks[account];
	return sum;
}

static u64 charged;

/* A row of a CPU, by a stack of its own. */
static void charge(unsigned int cpu, unsigned int stack)
{
	machine_set_stack(worker, stack);
	machine_slice(cpu, worker, 1);
	charged += TICKS(1);
}

/* So many on each CPU: the asking does not come in between. */
static void charge_all(unsigned int each)
{
	unsigned int cpu, i;

	for (cpu = 0; cpu < ARRAY_SIZE(cpus); cpu++)
		for (i = 0; i < each; i++)
			charge(cpus[cpu], 1 + cpu * each + i);
}

/* Those that are not merged yet. */
static unsigned int rows_left(void)
{
	const struct perftop_bank *bank;
	unsigned int cpu, n = 0;

	for_each_possible_cpu(cpu) {
		bank = perftop_stacks.shard[cpu]->bank;
		n += bank[0].n - bank[0].merged + bank[1].n - bank[1].merged;
	}
	return n;
}

/* --- In pieces ------------------------------------------------------------ */

static unsigned int pauses;
static unsigned int left[64];

static void note(void)
{
	assert_true(pauses < ARRAY_SIZE(left));
	left[pauses++] = rows_left();
}

/* What a piece is: of new rows, with keys of three words, and of others. */
#define NEW_AT_ONCE	DIV_ROUND_UP(WORK, 16 + 3)
#define KNOWN_AT_ONCE	(WORK / 16)

static void check_pieces(unsigned int all, unsigned int each)
{
	unsigned int i;

	assert_in_range(pauses, (all - 10) / each, all / each);
	/* A few rows are nobody's. */
	for (i = 0; i < pauses; i++)
		assert_in_range(left[i], all - (each + 8) * (i + 1),
				all - each * (i + 1));
}

static void pieces_of_a_drain(void **state)
{
	unsigned int all;

	load(65536, NULL);
	charge_all(3000);
	all = rows_left();
	assert_true(all >= 12000);
	shim_others = note;
	machine_drain();
	check_pieces(all, NEW_AT_ONCE);
	assert_int_equal(rows_left(), 0);
	assert_int_equal(perftop_stacks.records, 12000);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
	/* What is known takes less. */
	charge_all(3000);
	all = rows_left();
	pauses = 0;
	machine_drain();
	shim_others = NULL;
	check_pieces(all, KNOWN_AT_ONCE);
	assert_int_equal(left[0], all - KNOWN_AT_ONCE);
	assert_int_equal(rows_left(), 0);
	assert_int_equal(perftop_stacks.records, 12000);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* What is short is not let go of. */
static void pieces_of_little(void **state)
{
	load(65536, "tasks");
	charge_all(300);
	shim_others = note;
	machine_drain();
	shim_others = NULL;
	assert_int_equal(pauses, 0);
	assert_int_equal(rows_left(), 0);
}

static void read_sums(void)
{
	struct perftop_snapshot *snapshot;

	if (pauses++)
		return;
	charge(0, 50000);
	snapshot = perftop_snapshot_take(&perftop_view_accounts, 0, false);
	assert_int_equal(snapshot->total.sums.ticks[PERFTOP_RANKED], charged);
	perftop_snapshot_free(snapshot);
	assert_int_equal(rows_left(), 0);
	assert_int_equal(perftop_stacks.records, 12001);
}

/* Who reads in between ends what has been begun, and nothing counts twice. */
static void pieces_and_a_reader(void **state)
{
	load(65536, NULL);
	charge_all(3000);
	shim_others = read_sums;
	machine_drain();
	shim_others = NULL;
	assert_true(pauses > 0);
	machine_drain();
	machine_drain();
	assert_int_equal(perftop_stacks.records, 12001);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

static void reset_in_between(void)
{
	if (!pauses++)
		assert_int_equal(machine_write("0"), 1);
}

static void pieces_and_a_reset(void **state)
{
	load(65536, NULL);
	charge_all(3000);
	shim_others = reset_in_between;
	machine_drain();
	shim_others = NULL;
	machine_drain();
	assert_true(pauses > 0);
	assert_int_equal(perftop_stacks.records, 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), 0);
	charged = 0;
	charge_all(10);
	machine_drain();
	assert_int_equal(perftop_stacks.records, 40);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* Each table's rows are some of a piece. */
static void pieces_of_two_tables(void **state)
{
	unsigned int i;

	load(16384, "tasks");
	for (i = 0; i < 200; i++) {
		struct task_struct *task = machine_task(1000 + i, 1000, "one");

		machine_slice(cpus[i % 4], task, 1);
	}
	/* Neither table has enough for a pause. */
	charge_all(NEW_AT_ONCE / 4 - 30);
	shim_others = note;
	machine_drain();
	shim_others = NULL;
	assert_int_equal(pauses, 1);
	machine_expect(machine_read("tasks"),
		       "switches   7056   uncaptured 0   missed 0   tasks 201");
}

/* --- A cut ---------------------------------------------------------------- */

static unsigned int begun;

/* What is merged when a reader begins is what there was at its cut. */
static int begin(void *sum)
{
	begun++;
	assert_int_equal(sum_of(PERFTOP_RANKED), *(u64 *)sum);
	return 0;
}

static void read_nothing(void)
{
	u64 sum = charged;

	assert_int_equal(perftop_drain_cut(begin, &sum), 0);
}

/* Those that a pause finds are the cut's; what has been charged since is not. */
static void charge_in_between(void)
{
	note();
	charge(cpus[pauses % 4], 60000 + pauses);
	left[pauses - 1] -= 2 * (pauses - 1);
}

/* However many rows there are, it is made at once, and merged in pieces. */
static void pieces_of_a_cut(void **state)
{
	unsigned int all;
	u64 sum;

	load(65536, NULL);
	charge_all(9000);
	all = rows_left();
	sum = charged;
	shim_others = charge_in_between;
	assert_int_equal(perftop_drain_cut(begin, &sum), 0);
	shim_others = NULL;
	assert_int_equal(begun, 1);
	check_pieces(all, NEW_AT_ONCE);
	assert_int_equal(perftop_stacks.records, 36000);
	machine_drain();
	assert_int_equal(perftop_stacks.records, 36000 + pauses);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

static void drain_in_between(void)
{
	if (pauses++ != 1)
		return;
	charge_all(10);
	machine_drain();
	assert_int_equal(begun, 1);
	assert_int_equal(rows_left(), 0);
	charge_all(10);
}

static void cut_in_between(void)
{
	if (pauses++ != 1)
		return;
	charge_all(10);
	read_nothing();
	assert_int_equal(begun, 2);
	charge_all(10);
}

static void forget_in_between(void)
{
	if (pauses++ != 1)
		return;
	charge_all(10);
	assert_int_equal(machine_write("0"), 1);
	assert_int_equal(begun, 1);
	charged = 0;
	charge_all(10);
}

static void ask_in_between(void)
{
	unsigned int i;

	if (pauses++ != 1)
		return;
	for (i = 0; i < 20000 && !shim_irq_works; i++)
		charge(0, 100000 + i);
	assert_int_equal(shim_irq_works, 1);
	shim_kthread_run(2);
	assert_int_equal(begun, 1);
	charge_all(10);
}

static void switch_in_between(void)
{
	if (pauses++ != 1)
		return;
	charge_all(10);
	assert_int_equal(machine_write("+tasks"), 6);
	assert_int_equal(begun, 1);
	assert_int_equal(rows_left(), 0);
	charge_all(10);
	assert_int_equal(machine_write("-tasks"), 6);
	assert_int_equal(rows_left(), 0);
	charge_all(10);
}

static void cut_and_others(void (*others)(void))
{
	u64 sum;

	load(65536, NULL);
	charge_all(4000);
	sum = charged;
	shim_others = others;
	assert_int_equal(perftop_drain_cut(begin, &sum), 0);
	shim_others = NULL;
	assert_true(pauses > 1);
	machine_drain();
	machine_drain();
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* Whoever comes in between ends the cut before anything else. */
static void cut_and_a_drain(void **state)
{
	cut_and_others(drain_in_between);
	assert_int_equal(begun, 1);
}

static void cut_and_another(void **state)
{
	cut_and_others(cut_in_between);
	assert_int_equal(begun, 2);
}

static void cut_and_a_reset(void **state)
{
	cut_and_others(forget_in_between);
	assert_int_equal(begun, 1);
	assert_int_equal(perftop_stacks.records, 40);
}

static void cut_and_who_asks(void **state)
{
	cut_and_others(ask_in_between);
	assert_int_equal(begun, 1);
}

static void cut_and_a_view(void **state)
{
	cut_and_others(switch_in_between);
	assert_int_equal(begun, 1);
}

/* What a CPU had been up to the cut is said, though it has gone when it is. */
static void die_in_between(void)
{
	if (pauses++ != 1)
		return;
	machine_pass(MS);
	machine_cpu_dies(3);
	machine_pass(MS);
}

static void cut_and_a_cpu_that_dies(void **state)
{
	const struct perftop_line *line;
	struct perftop_snapshot *snapshot;

	load(65536, NULL);
	charge_all(4000);
	shim_others = die_in_between;
	snapshot = perftop_snapshot_take(&perftop_view_accounts, 0, false);
	shim_others = NULL;
	assert_true(pauses > 1);
	assert_int_equal(snapshot->lines, 4);
	line = &snapshot->line[2];
	assert_int_equal(line->cpu, 3);
	assert_false(line->was_offline);
	assert_int_equal(line->elapsed, 4 * charged / 4);
	assert_int_equal(line->sums.ticks[PERFTOP_RANKED] +
			 line->sums.ticks[PERFTOP_IDLE] + line->running,
			 line->elapsed);
	assert_int_equal(snapshot->up, charged / 2);
	perftop_snapshot_free(snapshot);
}

/* Whoever is killed while it waits has made no cut. */
static void cut_by_who_is_killed(void **state)
{
	load(65536, NULL);
	charge_all(10);
	shim_killed = true;
	assert_int_equal(perftop_drain_cut(begin, NULL), -EINTR);
	shim_killed = false;
	assert_int_equal(begun, 0);
	machine_drain();
	assert_int_equal(begun, 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* Others begin something whenever they can: the cut is made all the same. */
static void begin_in_between(void)
{
	assert_true(pauses++ < 10);
	machine_drain();
	charge_all(10);
	shim_grace_lasts = true;
	shim_kthread_run(2);
	shim_grace_lasts = false;
	charge_all(10);
}

static void cut_after_some_tries(void **state)
{
	const struct perftop_bank *bank;
	unsigned long calls;
	u64 sum;

	load(65536, NULL);
	shim_others = begin_in_between;
	cond_resched();
	pauses = 0;
	sum = charged + 3 * 4 * TICKS(20);
	calls = shim_calls;
	assert_int_equal(perftop_drain_cut(begin, &sum), 0);
	shim_others = NULL;
	assert_int_equal(pauses, 3);
	assert_int_equal(begun, 1);
	bank = perftop_stacks.shard[0]->bank;
	assert_int_equal(bank[0].n + bank[1].n, 0);
	/* Each time banks are seen to be idle, and at last there is the cut. */
	assert_int_equal(shim_calls - calls, (1 + 3 + 1) * 4);
	machine_drain();
	machine_drain();
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* --- Asking --------------------------------------------------------------- */

/* Lets the drainer look once, before it is time. */
static void answer(void)
{
	shim_kthread_run(2);
}

static void fill(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		charge(0, first + i);
}

static void ask_once(void **state)
{
	const struct perftop_shard *shard;
	unsigned int woken, flips, calls, bank;

	load(16, NULL);
	machine_drain();
	shard = perftop_stacks.shard[0];
	assert_int_equal(shard->capacity, 16);
	/* Not while the other generation is empty. */
	fill(100, 16);
	assert_int_equal(shim_irq_works, 0);
	assert_int_equal(shard->current_gen, 0);
	/* Nor before this one is half full. */
	fill(200, 7);
	assert_int_equal(shard->current_gen, 1);
	assert_int_equal(shim_irq_works, 0);
	assert_false(shard->asked);
	woken = shim_woken;
	fill(207, 1);
	assert_int_equal(shim_irq_works, 1);
	assert_int_equal(shim_woken, woken + 1);
	assert_true(shard->asked);
	/* Once. */
	fill(208, 6);
	assert_int_equal(shim_irq_works, 1);
	/* This CPU, and no other one, flips three times. */
	flips = cpu_of(0)->flips;
	bank = cpu_of(1)->bank;
	calls = shim_calls;
	answer();
	assert_int_equal(cpu_of(0)->flips, flips + 3);
	assert_int_equal(cpu_of(1)->bank, bank);
	assert_int_equal(shim_calls, calls + 3 + 1);
	assert_false(shard->retired);
	assert_int_equal(shard->gen[0].keys, 0);
	assert_int_equal(rows_left(), 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
	/* Nothing is left to do. */
	answer();
	assert_int_equal(shim_calls, calls + 3 + 1);
	/* There is room again, to the last key, and it asks again. */
	fill(300, 2 + 7);
	assert_int_equal(shim_irq_works, 1);
	fill(309, 1);
	assert_int_equal(shim_irq_works, 2);
	fill(310, 8);
	machine_read("perftop");
	assert_int_equal(sum_of(PERFTOP_OVERFLOW), 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* However many keys come, where the asking is answered none overflows. */
static void ask_again_and_again(void **state)
{
	unsigned int i;

	load(16, "tasks");
	for (i = 0; i < 2000; i++) {
		charge(cpus[i % 3], 1 + i);
		if (i % 12 == 11)
			answer();
	}
	machine_read("perftop");
	assert_int_equal(sum_of(PERFTOP_OVERFLOW), 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
	assert_in_range(shim_irq_works, 3 * 660 / 16, 3 * 670 / 8);
}

/* A view's shard asks as well. */
static void ask_for_a_view(void **state)
{
	unsigned int i;

	load(16, "tasks");
	for (i = 0; i < 24; i++) {
		struct task_struct *task = machine_task(1000 + i, 1000, "one");

		machine_set_stack(task, 5);
		machine_slice(0, task, MS);
		assert_int_equal(shim_irq_works, i == 23);
	}
	answer();
	for (; i < 24 + 24; i++) {
		struct task_struct *task = machine_task(1000 + i, 1000, "one");

		machine_set_stack(task, 5);
		machine_slice(0, task, MS);
	}
	assert_null(strstr(machine_read("tasks"), "[overflow]"));
}

/* A drain that comes by itself, or a reader's, is as good. */
static void ask_until_drained(void **state)
{
	const struct perftop_shard *shard;

	load(16, NULL);
	shard = perftop_stacks.shard[0];
	fill(100, 24);
	assert_true(shard->asked);
	read_nothing();
	assert_false(shard->asked);
	assert_true(shard->retired);
	/* While it is retired there is no more room: ask once more. */
	fill(200, 2);
	assert_int_equal(shim_irq_works, 2);
	assert_true(shard->asked);
	read_nothing();
	assert_true(shard->asked);
	assert_true(shard->retired);
	read_nothing();
	assert_false(shard->retired);
	assert_int_equal(shard->gen[0].keys, 0);
	read_nothing();
	assert_false(shard->asked);
	assert_int_equal(shim_irq_works, 2);
}

/* Whoever asked and has gone is nobody to be interrupted. */
static void ask_and_go(void **state)
{
	unsigned int i;

	load(16, NULL);
	for (i = 0; i < 24; i++)
		charge(3, 100 + i);
	assert_int_equal(shim_irq_works, 1);
	machine_cpu_dies(3);
	answer();
	machine_drain();
	assert_int_equal(rows_left(), 0);
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

/* --- The drainer ---------------------------------------------------------- */

static unsigned int sleeps;

static void count_sleep(long left)
{
	assert_true(left > 0);
	sleeps++;
}

/* It sleeps until the grace period is over, however long that is. */
static void drainer_waits_for_grace(void **state)
{
	load(16, NULL);
	charge(0, 5);
	shim_sleep = count_sleep;
	shim_grace_lasts = true;
	shim_kthread_run(2 * 8);
	assert_int_equal(sleeps, 8);
	assert_int_equal(sum_of(PERFTOP_RANKED), 0);
	/* Who asks meanwhile is answered. */
	fill(100, 24);
	answer();
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
	shim_grace_lasts = false;
	charge(0, 5);
	machine_drain();
	machine_drain();
	assert_int_equal(sum_of(PERFTOP_RANKED), charged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(pieces_of_a_drain),
		MACHINE_TEST(pieces_of_little),
		MACHINE_TEST(pieces_and_a_reader),
		MACHINE_TEST(pieces_and_a_reset),
		MACHINE_TEST(pieces_of_two_tables),
		MACHINE_TEST(pieces_of_a_cut),
		MACHINE_TEST(cut_and_a_drain),
		MACHINE_TEST(cut_and_another),
		MACHINE_TEST(cut_and_a_reset),
		MACHINE_TEST(cut_and_who_asks),
		MACHINE_TEST(cut_and_a_view),
		MACHINE_TEST(cut_and_a_cpu_that_dies),
		MACHINE_TEST(cut_by_who_is_killed),
		MACHINE_TEST(cut_after_some_tries),
		MACHINE_TEST(ask_once),
		MACHINE_TEST(ask_again_and_again),
		MACHINE_TEST(ask_for_a_view),
		MACHINE_TEST(ask_until_drained),
		MACHINE_TEST(ask_and_go),
		MACHINE_TEST(drainer_waits_for_grace),
	};

	return cmocka_run_group_tests_name("banks", tests, NULL, NULL);
}
