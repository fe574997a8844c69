// SPDX-License-Identifier: GPL-2.0
/*
 * Slices: on each CPU, what was charged and what is open make up the time
 * since the CPU's first stamp exactly, whatever comes in whatever order, and
 * each slice is charged to the stack by which its task left.
 *
 * The stacks are numbers here: a task's stack is what the test says when it is
 * captured.
 */
#include "test.h"
#include "table.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/task.h"
#include "hash.h"
#include "rbtop.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/slice.h"
#include "switch/slice_cut.h"
#include "switch/stack_row.h"
#include "switch/switch.h"
#include "switch/slice_views.h"

struct perftop_params perftop_params;

#define TASKS		5
#define STACKS		40

static struct perftop_table table;
static struct task_struct idle[SHIM_CPU_IDS];
static struct task_struct tasks[SHIM_CPU_IDS][TASKS];

/* The stack that a capture finds; 0: none is to be had. */
static unsigned int stack;
static unsigned int captures;

static struct pt_regs regs;
static const struct perftop_start start = { 1, 2, 3, &regs };

/* One probe for the whole switch, instead of two. */
static bool tracepoint;

static void make_key(struct perftop_key *key)
{
	captures++;
	key->words = 1;
	key->word[0] = stack;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
}

u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip, unsigned long sp,
		      unsigned long bp, struct pt_regs *regs)
{
	/* As the hook has given it. */
	assert_int_equal(ip, start.ip);
	assert_int_equal(sp, start.sp);
	assert_int_equal(bp, start.bp);
	assert_ptr_equal(regs, start.regs);
	if (!stack)
		return PERFTOP_UNATTRIBUTED;
	make_key(c->key);
	return perftop_shard_lookup(c->stacks, c->key);
}

void perftop_stack_settle(u64 *word)
{
}

void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key)
{
	make_key(key);
}

/* Nobody filters, and nobody is shown a slice. */
DEFINE_STATIC_KEY_FALSE(perftop_filtering);

bool perftop_filter_passes(const struct task_struct *task)
{
	return true;
}

bool perftop_filter_passes_open(const struct task_struct *task, u64 ticks)
{
	return true;
}

struct perftop_state *perftop_state_seek(const struct task_struct *task)
{
	return NULL;
}

void perftop_watch_end_slice(struct perftop_cpu *c, u32 index,
			     struct task_struct *next)
{
	fail();
}

void perftop_watch_charge_interrupts(struct perftop_cpu *c, u64 ticks, u64 now)
{
	fail();
}

struct perftop_recall *perftop_recall_alloc(unsigned int cpu)
{
	return vzalloc(1);
}

/* Picks that the hook was not given. */
static unsigned long missed;

/* What was charged, by CPU: in all, and by account. */
static u64 charged[SHIM_CPU_IDS];
static u64 by_account[SHIM_CPU_IDS][PERFTOP_ACCOUNTS];
static u64 switches[SHIM_CPU_IDS];

static void drained(struct perftop_table *table, unsigned int cpu,
		    const struct perftop_record *record, const u64 *counter)
{
	charged[cpu] += counter[PERFTOP_TICKS];
	by_account[cpu][record->account] += counter[PERFTOP_TICKS];
	switches[cpu] += counter[PERFTOP_COUNT];
}

static void make_task(struct task_struct *task, pid_t pid)
{
	memset(task, 0, sizeof(*task));
	task->pid = pid;
	task->tgid = pid / 2 * 2;
	task->group_leader = task;
	snprintf(task->comm, sizeof(task->comm), "task %d", pid);
	/* What lies behind the name is none of it. */
	task->mm = (struct mm_struct *)~0UL;
}

static int init_all(void)
{
	int err = perftop_slice_init(&table);
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!err)
			err = perftop_slice_add_cpu(&table, cpu);
	return err;
}

static int setup(void **state)
{
	unsigned int cpu, i;

	shim_percpu_reset();
	memset(&perftop_params, 0, sizeof(perftop_params));
	memset(charged, 0, sizeof(charged));
	memset(by_account, 0, sizeof(by_account));
	memset(switches, 0, sizeof(switches));
	table = (struct perftop_table){
		.name = "stacks",
		.merge = perftop_stacks.merge,
		.counters = PERFTOP_SLICE_COUNTERS,
		.rank = PERFTOP_TICKS,
		.key_words = 16,
		.limit = 1024,
		.drained = drained,
	};
	assert_int_equal(table_init(&table), 0);
	assert_int_equal(init_all(), 0);

	for_each_possible_cpu(cpu) {
		make_task(&idle[cpu], 0);
		idle[cpu].flags = PF_IDLE | PF_KTHREAD;
		for (i = 0; i < TASKS; i++)
			make_task(&tasks[cpu][i], 10 * cpu + i + 1);
		shim_current[cpu] = &idle[cpu];
		idle[cpu].cpu = cpu;
		idle[cpu].on_cpu = 1;
		shim_clock[cpu] = 1000 * (cpu + 1);
	}
	shim_cpu = 0;
	captures = 0;
	tracepoint = false;
	missed = 0;
	return 0;
}

static int teardown(void **state)
{
	perftop_slice_exit();
	perftop_table_exit(&table);
	assert_int_equal(shim_allocated, 0);
	return 0;
}

/* What the kernel does */

static struct perftop_cpu *this_cpu(void)
{
	return this_cpu_ptr(&perftop_cpu);
}

static void run_for(u64 ticks)
{
	shim_clock[shim_cpu] += ticks;
}

static void pick(unsigned int with)
{
	stack = with;
	perftop_switch_pick(&start);
}

/* Who is on which CPU, as the kernel says it at a finish, seen or not. */
static void change_to(struct task_struct *next, bool seen)
{
	struct task_struct *prev = current;

	assert_ptr_not_equal(prev, next);
	next->cpu = shim_cpu;
	next->on_cpu = 1;
	current = next;
	if (seen)
		perftop_switch_finish(missed);
	prev->on_cpu = 0;
}

/* The switch itself, counted as the kernel counts it, with a pick or not. */
static void arrive(struct task_struct *next)
{
	current->nvcsw++;
	change_to(next, true);
}

static void arrive_unseen(struct task_struct *next)
{
	current->nvcsw++;
	change_to(next, false);
}

static void leave(unsigned int with, struct task_struct *next)
{
	if (!tracepoint) {
		pick(with);
		arrive(next);
		return;
	}
	stack = with;
	current->nvcsw++;
	perftop_switch(&start, next);
	change_to(next, false);
}

static struct task_struct *task(unsigned int i)
{
	return &tasks[shim_cpu][i];
}

static void start_all(void)
{
	for_each_possible_cpu(shim_cpu)
		perftop_slice_stamp(NULL);
	shim_cpu = 0;
}

/* What drain.c does */

static void drain_idle(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct perftop_cpu *c = &per_cpu(perftop_cpu, cpu);

		perftop_table_drain(&table, cpu, !c->bank, UINT_MAX);
		perftop_table_recycle(&table, cpu, c->flips);
	}
}

static void drain(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(perftop_cpu, cpu).bank ^= 1;
		per_cpu(perftop_cpu, cpu).flips++;
	}
	drain_idle();
}

static void cut(void)
{
	const unsigned int cpu = shim_cpu;

	stack = 1;
	for_each_possible_cpu(shim_cpu)
		perftop_slice_cut(NULL);
	shim_cpu = cpu;
	drain_idle();
}

static const struct perftop_open *open_on(unsigned int cpu)
{
	return per_cpu(perftop_cpu, cpu).open;
}

/* The identity, on every CPU. */
static void check(void)
{
	unsigned int cpu;

	cut();
	for_each_possible_cpu(cpu)
		assert_int_equal(charged[cpu] + open_on(cpu)->ticks,
				 open_on(cpu)->elapsed);
}

static const struct perftop_record *record_of(unsigned int stack)
{
	const struct perftop_record *record = perftop_rbtop_first(&table.top);

	for (; record; record = perftop_rbtop_next(record))
		if (*perftop_record_head(&table, record) == stack)
			return record;
	return NULL;
}

static u64 counter(unsigned int stack, unsigned int which)
{
	const struct perftop_record *record = record_of(stack);

	return record ? record->counter[which] : 0;
}

/* Tests */

static void slice_is_charged_to_the_leaving_stack(void **state)
{
	start_all();
	run_for(100);
	leave(0, task(0));
	run_for(40);
	leave(7, task(1));
	run_for(5);
	leave(8, task(0));
	run_for(30);
	leave(7, &idle[0]);
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 70);
	assert_int_equal(counter(7, PERFTOP_COUNT), 2);
	assert_int_equal(counter(7, PERFTOP_LONGEST), 40);
	assert_int_equal(counter(8, PERFTOP_TICKS), 5);
	assert_int_equal(by_account[0][PERFTOP_IDLE], 100);
	assert_int_equal(switches[0], 4);
}

static void slice_at_a_tracepoint(void **state)
{
	tracepoint = true;
	slice_is_charged_to_the_leaving_stack(state);
	/* What has left unseen is not to be known. */
	leave(0, task(0));
	run_for(10);
	task(0)->nvcsw++;
	leave(9, &idle[0]);
	check();
	assert_null(record_of(9));
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 10);
}

static void slice_says_who(void **state)
{
	const struct perftop_record *record;
	char comm[TASK_COMM_LEN] = "task 4";

	start_all();
	leave(0, task(0));
	leave(7, task(3));
	leave(7, &idle[0]);
	check();
	record = record_of(7);
	assert_int_equal(record->counter[PERFTOP_TASK], 4ULL << 32 | 4);
	assert_memory_equal(&record->counter[PERFTOP_COMM], comm, sizeof(comm));
	assert_int_equal(__builtin_popcountll(record->counter[PERFTOP_THREADS]),
			 2);
}

/* A pick that is followed by another: the newest counts. */
static void slice_newest_pick_counts(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	pick(7);
	run_for(20);
	pick(8);
	pick(9);
	arrive(&idle[0]);
	check();
	assert_int_equal(counter(9, PERFTOP_TICKS), 30);
	assert_null(record_of(7));
	assert_null(record_of(8));
}

/* The capture of one switch is of no use to the next. */
static void slice_missed_pick_is_unattributed(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	leave(7, task(1));
	run_for(20);
	arrive(task(0));
	run_for(5);
	leave(8, &idle[0]);
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 10);
	assert_int_equal(counter(8, PERFTOP_TICKS), 5);
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 20);
}

/* The switch to another task was not seen; what it ran is not the first's. */
static void slice_missed_finish_is_unattributed(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	pick(7);
	arrive_unseen(task(1));
	run_for(20);
	leave(8, &idle[0]);
	check();
	assert_null(record_of(7));
	assert_null(record_of(8));
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 30);
}

/*
 * A task was picked again, and what it did after that went unseen: it left, and
 * @then happened. The next switch to be seen, without its pick, is not its own.
 */
static void leaves_unseen(void (*then)(void), struct task_struct *next)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	pick(7);
	run_for(20);
	arrive_unseen(task(1));
	run_for(30);
	if (then)
		then();
	arrive(next);
	check();
	assert_null(record_of(7));
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 60);
}

static void slice_unseen_sleep_is_unattributed(void **state)
{
	leaves_unseen(NULL, &idle[0]);
}

static void slice_unseen_leaving_until_the_return(void **state)
{
	leaves_unseen(NULL, task(0));
}

static void move(void)
{
	shim_cpu = 1;
	arrive(&tasks[0][0]);
	shim_cpu = 0;
}

static void slice_unseen_move_is_unattributed(void **state)
{
	leaves_unseen(move, &idle[0]);
}

static void come_and_go(void)
{
	arrive_unseen(task(0));
}

static void slice_unseen_return_and_leaving(void **state)
{
	leaves_unseen(come_and_go, &idle[0]);
}

/* What is freed is poisoned, and not to be read. */
static void die(void)
{
	ASAN_POISON_MEMORY_REGION(task(0), sizeof(*task(0)));
}

static void slice_unseen_end_of_a_task(void **state)
{
	leaves_unseen(die, &idle[0]);
	ASAN_UNPOISON_MEMORY_REGION(task(0), sizeof(*task(0)));
}

/* Nor if the first one is back by then. */
static void slice_unseen_return_is_unattributed(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	task(0)->nivcsw++;
	run_for(20);
	leave(7, &idle[0]);
	check();
	assert_null(record_of(7));
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 30);
	assert_true(perftop_slice_armed());
}

static void slice_armed_until_a_switch_is_missed(void **state)
{
	start_all();
	leave(0, task(0));
	assert_true(perftop_slice_armed());
	arrive_unseen(task(1));
	assert_false(perftop_slice_armed());
	cut();
	assert_int_equal(open_on(0)->account, PERFTOP_UNATTRIBUTED);
	arrive(task(0));
	assert_true(perftop_slice_armed());
}

static void slice_stack_that_is_not_to_be_had(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	leave(0, &idle[0]);
	check();
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 10);
	assert_int_equal(switches[0], 2);
}

static void slice_idle_has_no_stack(void **state)
{
	start_all();
	run_for(10);
	leave(7, task(0));
	check();
	assert_null(record_of(7));
	assert_int_equal(by_account[0][PERFTOP_IDLE], 10);
}

static void slice_idle_has_one_if_ranked(void **state)
{
	perftop_params.idle = true;
	start_all();
	run_for(10);
	leave(7, task(0));
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 10);
	assert_int_equal(by_account[0][PERFTOP_IDLE], 10);
}

/* A step back is no time and no loss, and it is counted. */
static void slice_clock_steps_back(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(1000);
	leave(7, task(1));
	run_for(50);
	shim_clock[0] -= 700;
	check();
	/* Which is open still: it is no time, and not counted yet. */
	assert_int_equal(open_on(0)->ticks, 0);
	assert_int_equal(open_on(0)->elapsed, 1000);
	assert_int_equal(this_cpu()->steps, 0);
	leave(8, task(0));
	run_for(20);
	leave(7, &idle[0]);
	check();
	assert_int_equal(this_cpu()->steps, 1);
	assert_int_equal(counter(7, PERFTOP_TICKS), 1020);
	assert_int_equal(counter(8, PERFTOP_TICKS), 0);
	assert_int_equal(counter(8, PERFTOP_COUNT), 1);
	assert_int_equal(open_on(0)->elapsed, 1020);
}

static void slice_open_is_reported(void **state)
{
	char comm[TASK_COMM_LEN] = "task 1";

	start_all();
	leave(0, task(0));
	run_for(300);
	check();
	assert_int_equal(open_on(0)->ticks, 300);
	assert_int_equal(open_on(0)->account, PERFTOP_RANKED);
	assert_int_equal(open_on(0)->who.task, 1);
	assert_memory_equal(open_on(0)->who.comm, comm, sizeof(comm));
	assert_int_equal(open_on(1)->account, PERFTOP_IDLE);
	/* The cut has changed nothing: it is charged whole. */
	run_for(5);
	leave(7, &idle[0]);
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 305);
	assert_int_equal(counter(7, PERFTOP_LONGEST), 305);
	assert_int_equal(counter(7, PERFTOP_COUNT), 1);
}

/* No cut comes between a pick and its finish, so that pick was no switch. */
static void slice_cut_drops_the_capture(void **state)
{
	const struct perftop_record *record;

	start_all();
	leave(0, task(0));
	run_for(10);
	pick(7);
	check();
	arrive(&idle[0]);
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 0);
	record = perftop_record_at(&table, PERFTOP_UNATTRIBUTED);
	assert_int_equal(record->counter[PERFTOP_TICKS], 10);
}

/* Nor was it one when its row was retired, if the next pick goes unseen. */
static void slice_dropped_capture_is_unattributed(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	pick(7);
	perftop_slice_drop_capture(NULL);
	run_for(20);
	arrive(&idle[0]);
	check();
	assert_null(record_of(7));
	assert_int_equal(by_account[0][PERFTOP_UNATTRIBUTED], 30);
}

static void slice_stamp_leaves_an_open_slice(void **state)
{
	perftop_switch_finish(missed);
	run_for(10);
	perftop_slice_stamp(NULL);
	run_for(10);
	start_all();
	check();
	assert_int_equal(open_on(0)->ticks, 20);
	assert_int_equal(charged[0], 0);
}

static void discard_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		perftop_table_discard(&table, cpu,
				      !per_cpu(perftop_cpu, cpu).bank);
	perftop_records_clear(&table);
	memset(charged, 0, sizeof(charged));
	memset(by_account, 0, sizeof(by_account));
}

static void reset(void)
{
	const unsigned int cpu = shim_cpu;
	char yes;

	for_each_possible_cpu(shim_cpu)
		perftop_slice_cut(&yes);
	shim_cpu = cpu;
	discard_all();
}

/* A CPU's past, each number another one. */
static void have_past(unsigned int cpu)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	c->closed = 1;
	c->steps = 2;
	c->captures = 3;
	c->unwound = 4;
	c->differ = 5;
}

static void has_no_past(unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	assert_int_equal(c->closed, 0);
	assert_int_equal(c->steps, 0);
	assert_int_equal(c->captures, 0);
	assert_int_equal(c->unwound, 0);
	assert_int_equal(c->differ, 0);
}

static void slice_past_is_forgotten(void **state)
{
	start_all();
	have_past(0);
	have_past(3);
	perftop_slice_cut_offline(3, this_cpu());
	has_no_past(3);
	assert_int_equal(this_cpu()->captures, 3);
	reset();
	has_no_past(0);
}

/* One stack's rows of two drains and two CPUs become one record. */
static void slice_rows_are_merged(void **state)
{
	const struct perftop_record *record;
	struct task_struct *first, *last;
	u64 name[2];

	start_all();
	leave(0, task(0));
	run_for(10);
	leave(7, &idle[0]);
	first = task(0);
	drain();
	shim_cpu = 1;
	shim_clock[1] = shim_clock[0] + 100;
	start_all();
	shim_cpu = 1;
	leave(0, task(2));
	run_for(30);
	leave(7, &idle[1]);
	last = task(2);
	drain();
	shim_cpu = 0;
	leave(0, task(0));
	run_for(20);
	/* Whose clock is behind was not seen last. */
	leave(7, &idle[0]);
	run_for(1000);
	check();
	record = record_of(7);
	assert_int_equal(record->counter[PERFTOP_TICKS], 60);
	assert_int_equal(record->counter[PERFTOP_COUNT], 3);
	assert_int_equal(record->counter[PERFTOP_LONGEST], 30);
	assert_int_equal(record->counter[PERFTOP_THREADS],
			 BIT_ULL(hash_32(perftop_task_ids(first), 6)) |
			 BIT_ULL(hash_32(perftop_task_ids(last), 6)));
	assert_int_equal(record->counter[PERFTOP_TASK], perftop_task_ids(last));
	memcpy(name, last->comm, sizeof(name));
	assert_int_equal(record->counter[PERFTOP_COMM], name[0]);
	assert_int_equal(record->counter[PERFTOP_COMM2], name[1]);
}

/* How often current had left by itself, when it came or views came. */
static void slice_knows_what_was_voluntary(void **state)
{
	current->nvcsw = 50;
	current->nivcsw = 7;
	perftop_slice_stamp(NULL);
	assert_int_equal(this_cpu()->voluntary, 50);
	current->nvcsw = 60;
	cut();
	assert_int_equal(this_cpu()->voluntary, 50);
	perftop_views_on = 4;
	cut();
	assert_int_equal(this_cpu()->voluntary, 60);
	assert_int_equal(this_cpu()->views, 4);
	current->nvcsw = 70;
	cut();
	assert_int_equal(this_cpu()->voluntary, 60);
	perftop_views_on = 0;
	/* Or at the first finish, where no slice was open. */
	shim_cpu = 1;
	task(0)->nvcsw = 80;
	task(0)->nivcsw = 9;
	arrive(task(0));
	assert_int_equal(this_cpu()->voluntary, 80);
	shim_cpu = 0;
}

static void slice_reset_starts_over(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(1000);
	leave(7, task(1));
	run_for(50);
	shim_clock[0] -= 700;
	leave(7, task(0));
	run_for(50);
	reset();
	assert_int_equal(this_cpu()->steps, 0);
	check();
	assert_int_equal(open_on(0)->elapsed, 0);
	run_for(20);
	leave(8, &idle[0]);
	check();
	assert_int_equal(counter(8, PERFTOP_TICKS), 20);
	assert_null(record_of(7));
	assert_int_equal(open_on(0)->elapsed, 20);
}

/* A CPU goes, and comes back with another clock. */
static void slice_cpu_closed_and_reopened(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(1000);
	leave(7, task(1));
	run_for(50);
	perftop_slice_close(0);
	drain();
	assert_int_equal(this_cpu()->closed, 1000);
	assert_int_equal(charged[0], 1000);
	perftop_slice_close(0);
	assert_int_equal(this_cpu()->closed, 1000);

	shim_clock[0] = 77;
	current = &idle[0];
	arrive(task(0));
	run_for(3);
	leave(8, &idle[0]);
	run_for(4);
	check();
	assert_int_equal(open_on(0)->elapsed, 1007);
	assert_int_equal(counter(8, PERFTOP_TICKS), 3);
	assert_int_equal(this_cpu()->steps, 0);
}

static void slice_closed_cpu_is_forgotten(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(1000);
	leave(7, task(1));
	perftop_slice_close(0);
	perftop_slice_cut_offline(0, this_cpu());
	discard_all();
	shim_clock[0] += 500;
	arrive(task(0));
	run_for(3);
	check();
	assert_int_equal(open_on(0)->elapsed, 3);
}

/* While the machine is suspended, its clock runs on or begins anew. */
static void suspend_for(s64 gap)
{
	perftop_slice_suspend();
	shim_clock[0] += gap;
	perftop_slice_resume();
}

static void slice_suspended_time_is_none(void **state)
{
	start_all();
	leave(0, task(0));
	run_for(10);
	suspend_for(100000);
	run_for(5);
	leave(7, task(1));
	run_for(20);
	suspend_for(-100000);
	run_for(5);
	leave(8, &idle[0]);
	check();
	assert_int_equal(counter(7, PERFTOP_TICKS), 15);
	assert_int_equal(counter(8, PERFTOP_TICKS), 25);
	assert_int_equal(open_on(0)->elapsed, 40);
	assert_int_equal(this_cpu()->steps, 0);
}

/* A CPU that has not switched yet goes on having no slice. */
static void slice_suspended_before_the_first(void **state)
{
	perftop_slice_close(0);
	suspend_for(100000);
	cut();
	assert_int_equal(open_on(0)->ticks, 0);
	assert_int_equal(open_on(0)->elapsed, 0);
	arrive(task(0));
	run_for(5);
	cut();
	assert_int_equal(open_on(0)->ticks, 5);
	assert_int_equal(open_on(0)->elapsed, 5);
}

/* How much memory is said to be taken. */
static void slice_memory_is_known(void **state)
{
	size_t taken, said;
	unsigned int cpu;

	perftop_slice_exit();
	shim_percpu_reset();
	taken = shim_allocated_bytes;
	said = table.bytes;
	assert_int_equal(perftop_slice_init(&table), 0);
	assert_int_equal(table.bytes - said, shim_allocated_bytes - taken);
	taken = shim_allocated_bytes;
	said = table.bytes;
	for_each_possible_cpu(cpu)
		assert_int_equal(perftop_slice_add_cpu(&table, cpu), 0);
	/* Of what is remembered of unwinds a byte is enough here. */
	assert_int_equal(table.bytes - said,
			 shim_allocated_bytes - taken + num_possible_cpus() *
			 (sizeof(struct perftop_recall) - 1));
}

static void slice_runs_out_of_memory(void **state)
{
	unsigned int n;
	int err;

	perftop_slice_exit();
	shim_percpu_reset();
	for (n = 1; n < 100; n++) {
		shim_fail_at = n;
		err = init_all();
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		perftop_slice_exit();
		shim_percpu_reset();
	}
	assert_int_equal(n, 1 + 3 * num_possible_cpus());
	shim_fail_at = 0;
}

/* Somebody else, in one of four times the idle task. */
static struct task_struct *random_next(u64 *seed)
{
	struct task_struct *next;

	do {
		next = test_below(seed, 4) ? task(test_below(seed, TASKS)) :
					     &idle[shim_cpu];
	} while (next == current);
	return next;
}

/* Each task's time by the model, beside the identity. */
struct expected {
	u64	stack[STACKS];
	u64	switches;
};

static struct expected expected;

static void random_switch(u64 *seed)
{
	struct task_struct *next = random_next(seed);
	unsigned int with = 1 + test_below(seed, STACKS - 1);
	struct perftop_cpu *c = this_cpu();
	bool charge = c->start && !is_idle_task(current) &&
		      (s64)(shim_clock[shim_cpu] - c->start) > 0;

	tracepoint = test_below(seed, 2);
	while (!test_below(seed, 3))
		pick(1 + test_below(seed, STACKS - 1));
	if (charge)
		expected.stack[with] += shim_clock[shim_cpu] - c->start;
	leave(with, next);
	expected.switches++;
}

static void random_step(u64 *seed)
{
	switch (test_below(seed, 1000)) {
	case 0 ... 4:
		check();
		break;
	case 5 ... 9:
		drain();
		break;
	case 10 ... 19:
		shim_clock[shim_cpu] -= test_below(seed, 5000);
		break;
	case 20:
		suspend_for((s64)test_below(seed, 100000) - 50000);
		break;
	case 21:
		perftop_slice_close(shim_cpu);
		/* The first switch then ends no slice. */
		arrive(random_next(seed));
		break;
	default:
		run_for(test_below(seed, 1000));
		random_switch(seed);
	}
}

static void choose_cpu(u64 *seed)
{
	do {
		shim_cpu = test_below(seed, nr_cpu_ids);
	} while (!shim_possible(shim_cpu));
}

/* With stamps that are far enough from 0 for all the steps back. */
static void start_all_late(void)
{
	for_each_possible_cpu(shim_cpu)
		shim_clock[shim_cpu] = 1ULL << 50;
	start_all();
}

/* No pick is missed in this one, so that every stack's time is known. */
static void slice_random(void **state)
{
	u64 seed = test_seed(301);
	unsigned int i, cpu;
	u64 all = 0;

	/* Their stamps are far enough from 0 for all the steps back. */
	for_each_possible_cpu(shim_cpu)
		shim_clock[shim_cpu] = 1ULL << (40 + shim_cpu);
	start_all();
	memset(&expected, 0, sizeof(expected));
	for (i = 0; i < 1000000; i++) {
		choose_cpu(&seed);
		random_step(&seed);
	}
	check();
	for (i = 1; i < STACKS; i++)
		assert_int_equal(counter(i, PERFTOP_TICKS), expected.stack[i]);
	for_each_possible_cpu(cpu)
		all += switches[cpu];
	assert_int_equal(all, expected.switches);
}

/* Picks and finishes may each be missed: the identity holds all the same. */
static void slice_random_misses(void **state)
{
	u64 seed = test_seed(302);
	unsigned int i;

	start_all_late();
	for (i = 0; i < 500000; i++) {
		choose_cpu(&seed);
		run_for(test_below(&seed, 1000));
		if (test_below(&seed, 3))
			pick(test_below(&seed, STACKS));
		if (test_below(&seed, 3))
			arrive(random_next(&seed));
		else if (test_below(&seed, 2))
			arrive_unseen(random_next(&seed));
		if (!test_below(&seed, 100))
			random_step(&seed);
	}
	check();
}

/* A task's own stack, by which it is known how long it ran. */
static unsigned int own_stack(const struct task_struct *task)
{
	return is_idle_task(task) ? 0 : 1 + task->pid;
}

/* And tasks move as well: no stack has more time than its task has run. */
static void slice_random_misses_of_tasks_that_move(void **state)
{
	u64 seed = test_seed(303), ran[10 * SHIM_CPU_IDS + TASKS + 2] = { 0 };
	struct task_struct *next;
	unsigned int i;
	u64 ticks;

	start_all_late();
	for (i = 0; i < 500000; i++) {
		choose_cpu(&seed);
		ticks = test_below(&seed, 1000);
		run_for(ticks);
		ran[own_stack(current)] += ticks;
		if (test_below(&seed, 3))
			pick(own_stack(current));
		next = &tasks[0][test_below(&seed, TASKS)];
		if (next->on_cpu || !test_below(&seed, 4))
			next = &idle[shim_cpu];
		if (next == current)
			continue;
		if (test_below(&seed, 3))
			arrive(next);
		else if (test_below(&seed, 2))
			arrive_unseen(next);
		if (!test_below(&seed, 100))
			check();
	}
	check();
	for (i = 1; i < ARRAY_SIZE(ran); i++)
		assert_true(counter(i, PERFTOP_TICKS) <= ran[i]);
	/* Most of it is seen, nothing of it is another's. */
	for (i = 0; i < TASKS; i++) {
		ticks = ran[own_stack(&tasks[0][i])];
		assert_in_range(counter(own_stack(&tasks[0][i]), PERFTOP_TICKS),
				ticks / 8, ticks);
	}
}

/* ticks_of ACCOUNT: of this CPU, all that has ended. */
static u64 ticks_of(enum perftop_account account)
{
	drain();
	return by_account[shim_cpu][account];
}

/*
 * A pick that picks the same task again leaves its capture behind. Where the
 * next pick is missed, that is not what the task leaves by.
 */
static void slice_capture_is_not_kept_over_a_missed_pick(void **state)
{
	start_all();
	leave(1, task(0));
	run_for(100);
	pick(2);
	run_for(100);
	missed++;
	arrive(task(1));
	assert_int_equal(ticks_of(PERFTOP_UNATTRIBUTED), 200);

	/* Once only, and not on who leaves behind a pick that was seen. */
	run_for(30);
	leave(3, task(0));
	assert_int_equal(ticks_of(PERFTOP_UNATTRIBUTED), 200);
	assert_int_equal(ticks_of(PERFTOP_RANKED), 30);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slice_capture_is_not_kept_over_a_missed_pick),
		TEST(slice_is_charged_to_the_leaving_stack),
		TEST(slice_at_a_tracepoint),
		TEST(slice_says_who),
		TEST(slice_newest_pick_counts),
		TEST(slice_missed_pick_is_unattributed),
		TEST(slice_missed_finish_is_unattributed),
		TEST(slice_unseen_return_is_unattributed),
		TEST(slice_unseen_sleep_is_unattributed),
		TEST(slice_unseen_leaving_until_the_return),
		TEST(slice_unseen_move_is_unattributed),
		TEST(slice_unseen_return_and_leaving),
		TEST(slice_unseen_end_of_a_task),
		TEST(slice_dropped_capture_is_unattributed),
		TEST(slice_armed_until_a_switch_is_missed),
		TEST(slice_stack_that_is_not_to_be_had),
		TEST(slice_idle_has_no_stack),
		TEST(slice_idle_has_one_if_ranked),
		TEST(slice_clock_steps_back),
		TEST(slice_open_is_reported),
		TEST(slice_cut_drops_the_capture),
		TEST(slice_stamp_leaves_an_open_slice),
		TEST(slice_past_is_forgotten),
		TEST(slice_rows_are_merged),
		TEST(slice_knows_what_was_voluntary),
		TEST(slice_reset_starts_over),
		TEST(slice_cpu_closed_and_reopened),
		TEST(slice_closed_cpu_is_forgotten),
		TEST(slice_suspended_time_is_none),
		TEST(slice_suspended_before_the_first),
		TEST(slice_memory_is_known),
		TEST(slice_runs_out_of_memory),
		TEST(slice_random),
		TEST(slice_random_misses),
		TEST(slice_random_misses_of_tasks_that_move),
	};

	return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
