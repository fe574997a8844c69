// SPDX-License-Identifier: GPL-2.0
/*
 * Remembered unwinds: whatever a stack holds, the row that is found through
 * the memory is the row that an unwind in full finds.
 *
 * The stacks are made up of functions of all kinds that the unwinder knows,
 * with anything in the words between: numbers, return addresses, and pointers
 * into the stack. One of the functions moves the stack by a random distance.
 */
#include "test.h"

#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>
#include <asm/unwind.h>

#include "perftop.h"

struct perftop_params perftop_params;

#define KERNEL		0xffffffff81000000UL
#define FUNCTION(n)	(KERNEL + (n) * 0x1090UL)
#define MODULE_CODE	(MODULES_VADDR + 0x1000)
#define LOST_CODE	(MODULES_VADDR + 0x100000)

/* Frames of 0x20 bytes and up, the saved bp at the start, within, or nowhere. */
enum {
	SCHEDULE_INNER, SCHEDULE, PICK, STOP, ENTRY, GAP, FORK_RETURN,
	INTERRUPT,
	PLAIN,
	BARE = PLAIN + 7,	/* has nothing but its return address */
	FUNCTIONS = PLAIN + 24
};

static struct shim_rule rules[FUNCTIONS + 3];
static struct shim_symbol symbols[FUNCTIONS + 3];

static const u8 merge[PERFTOP_SLICE_COUNTERS];
static struct perftop_table table;
static struct perftop_cpu cpu;
static struct task_struct task;
static struct mm_struct mm;

/* What lies between the words that matter looks like none of them. */
static bool numbers_only;

/* The user's: three places behind a call, one that is not, and a stack. */
#define USER_CODE	0x400000UL
#define USER_STACK	0x7ffd00000000UL
#define USER_FRAME(n)	(USER_STACK + 0x40 + 0x20 * (n))

static u8 user_code[0x100];
static u64 user_stack[64];

static const struct shim_mapping mappings[] = {
	{ USER_CODE, sizeof(user_code), user_code },
	{ USER_STACK, sizeof(user_stack), (u8 *)user_stack },
	{ }
};

static unsigned long kernel_stack[THREAD_SIZE / 8]
	__aligned(THREAD_SIZE);

#define TOP	((unsigned long)kernel_stack + THREAD_SIZE)

static unsigned long *word_at(unsigned long at)
{
	return &kernel_stack[(at - (unsigned long)kernel_stack) / 8];
}

static void drained(struct perftop_table *table, unsigned int cpu,
		    const struct perftop_record *record, const u64 *counter)
{
}

static void set_rule(unsigned int n, unsigned long start, enum shim_step step,
		     unsigned long offset, unsigned long bp_offset)
{
	rules[n] = (struct shim_rule){ start, 0x1000, step, offset, bp_offset };
	symbols[n] = (struct shim_symbol){ start, 0x1000, "function" };
}

static void make_functions(void)
{
	unsigned int n;

	set_rule(SCHEDULE_INNER, FUNCTION(SCHEDULE_INNER), SHIM_FROM_BP, 0, 16);
	symbols[SCHEDULE_INNER].name = "__schedule";
	set_rule(SCHEDULE, FUNCTION(SCHEDULE), SHIM_FROM_SP, 0x20, 16);
	set_rule(PICK, FUNCTION(PICK), SHIM_FROM_SP, 8, 0);
	set_rule(STOP, FUNCTION(STOP), SHIM_FROM_SP, 0x20, 0);
	set_rule(ENTRY, FUNCTION(ENTRY), SHIM_REGS, 0, 0);
	set_rule(GAP, FUNCTION(GAP), SHIM_FROM_BP, 0, 16);
	symbols[GAP].name = "do_syscall_64";
	set_rule(FORK_RETURN, FUNCTION(FORK_RETURN), SHIM_END, 0, 0);
	set_rule(INTERRUPT, FUNCTION(INTERRUPT), SHIM_REGS, 0, 0);
	for (n = PLAIN; n < FUNCTIONS; n++) {
		enum shim_step step = n % 4 == 0 ? SHIM_FROM_BP :
				      n % 8 == 1 ? SHIM_FROM_WORD :
						   SHIM_FROM_SP;

		set_rule(n, FUNCTION(n), step, 0x20 + 8 * (n % 5),
			 n % 3 ? 16 + 8 * (n % 2) : 0);
		if (step == SHIM_FROM_BP)
			rules[n].bp_offset = 16;
	}
	set_rule(n, MODULE_CODE, SHIM_FROM_SP, 0x28, 16);
	symbols[n++].module = "ext4";
	/* Nobody knows whose this code is, but it can be unwound. */
	rules[n] = (struct shim_rule){ LOST_CODE, 0x1000, SHIM_FROM_SP, 0x20 };
	memset(&rules[n + 1], 0, sizeof(rules[0]));
}

static int setup(void **state)
{
	shim_percpu_reset();
	numbers_only = false;
	memset(&perftop_params, 0, sizeof(perftop_params));
	memset(kernel_stack, 0, sizeof(kernel_stack));
	make_functions();
	shim_rules = rules;
	shim_stack_end = 3;	/* no word of a stack */
	shim_symbols = symbols;
	shim_mappings = mappings;
	user_code[0x3b] = 0xe8;
	user_code[0x7b] = 0xe8;
	user_code[0xbb] = 0xe8;
	shim_loader = FUNCTION(GAP) + 0x10;
	shim_cpu = 0;
	mm = (struct mm_struct){ .context.ctx_id = 7 };
	task = (struct task_struct){ .stack = kernel_stack };
	shim_current[0] = &task;

	table = (struct perftop_table){
		.merge = merge,
		.counters = PERFTOP_SLICE_COUNTERS,
		.key_words = 16,
		.limit = 4096,
		.drained = drained,
	};
	assert_int_equal(perftop_hash_init(&table), 0);
	cpu = (struct perftop_cpu){
		.stacks	= table.shard[0],
		.recall	= perftop_recall_alloc(0),
		.key	= shim_kzalloc(sizeof(*cpu.key)),
	};
	perftop_recall_init();
	assert_int_equal(perftop_stack_init(), 0);
	return 0;
}

static int teardown(void **state)
{
	vfree(cpu.recall);
	kfree(cpu.key);
	perftop_hash_exit(&table);
	assert_int_equal(shim_allocated, 0);
	return 0;
}

/* Stacks */

#define LONGEST		24

struct path {
	unsigned int	n;
	unsigned int	function[LONGEST];	/* from the inside out */
	unsigned int	offset[LONGEST];	/* in the function */
	bool		user;
};

/* What a stack is made from, besides its path. */
static u64 seed;

static struct perftop_start start;
static struct pt_regs start_regs;

static u64 junk(void)
{
	if (numbers_only)
		return 8 * test_below(&seed, 100);
	switch (test_below(&seed, 6)) {
	case 0:
		return test_random(&seed);
	case 1:
		return 8 * test_below(&seed, 100);
	case 2:
		return rules[test_below(&seed, FUNCTIONS)].start + 0x10;
	default:
		return TOP - 8 * test_below(&seed, 300);
	}
}

static void random_path(struct path *path)
{
	unsigned int i, n = 0;

	path->user = test_below(&seed, 3);
	path->function[n++] = test_below(&seed, 4) ? PICK : STOP;
	path->function[n++] = SCHEDULE_INNER;
	path->function[n++] = SCHEDULE;
	for (i = test_below(&seed, 14); i; i--) {
		unsigned int function = PLAIN +
					test_below(&seed, FUNCTIONS - PLAIN);

		/* Now and then a module's, what nobody knows, an interrupt. */
		if (!test_below(&seed, 20))
			function = FUNCTIONS;
		else if (!test_below(&seed, 200))
			function = FUNCTIONS + 1;
		else if (!test_below(&seed, 200))
			function = INTERRUPT;
		path->function[n++] = function;
	}
	if (path->user && test_below(&seed, 3))
		path->function[n++] = GAP;
	path->function[n++] = path->user ? ENTRY : FORK_RETURN;
	path->n = n;
	for (i = 0; i < n; i++)
		path->offset[i] = 0x10 + 8 * test_below(&seed, 3);
}

/* A few frames, of which the innermost has always the same place. */
static void lay_user_stack(void)
{
	unsigned int i, n = test_below(&seed, 4);
	u64 *frame;

	for (i = 0; i <= n; i++) {
		frame = &user_stack[(USER_FRAME(i) - USER_STACK) / 8];
		frame[0] = i < n ? USER_FRAME(i + 1) : 0;
		/* 0x100 is behind no call: the walk ends there. */
		frame[1] = USER_CODE + 0x40 * (1 + test_below(&seed, 4));
	}
}

static void be_user(bool user)
{
	struct pt_regs *regs = task_pt_regs(&task);

	*regs = (struct pt_regs){ 0 };
	task.flags = user ? 0 : PF_KTHREAD;
	task.mm = user ? &mm : NULL;
	if (!user)
		return;
	lay_user_stack();
	mm.context.ctx_id = 7 + test_below(&seed, 2);
	*regs = (struct pt_regs){
		.cs = 0x33, .sp = USER_STACK,
		.bp = test_below(&seed, 4) ? USER_FRAME(0) : junk(),
		.ip = USER_CODE + test_below(&seed, 2),
		.orig_ax = test_below(&seed, 2) ? -1UL : 0,
	};
}

/* The frame of one function, below *@sp, for a caller that has *@bp. */
static void lay_frame(unsigned int function, unsigned long ret,
		      unsigned long *sp, unsigned long *bp)
{
	const struct shim_rule *rule = &rules[function];
	unsigned long cfa = *sp;
	unsigned long size = rule->offset;

	if (function == INTERRUPT) {
		struct pt_regs saved = { .ip = ret, .sp = cfa, .bp = *bp };

		*sp = cfa - sizeof(saved);
		memcpy(word_at(*sp), &saved, sizeof(saved));
		*bp = junk();
		return;
	}
	if (rule->step == SHIM_FROM_BP)
		size = 0x30;
	if (rule->step == SHIM_FROM_WORD)
		size = 0x40 + cfa % 16;
	if (function == GAP)
		size = 0x50 + 16 * test_below(&seed, 64);

	*sp = cfa - size;
	*word_at(cfa - 8) = ret;
	switch (rule->step) {
	case SHIM_FROM_BP:
		*word_at(cfa - 16) = *bp;
		*bp = cfa - 16;
		break;
	case SHIM_FROM_WORD:
		*word_at(*sp + 16) = *bp;
		*word_at(*sp + 8) = cfa;
		*bp = *sp + 16;
		break;
	default:
		if (!rule->bp_offset)
			break;
		*word_at(cfa - rule->bp_offset) = *bp;
		*bp = junk() & ~7UL;
	}
}

static unsigned long ip_in(const struct path *path, unsigned int i)
{
	return rules[path->function[i]].start + path->offset[i];
}

static void start_at(unsigned long ip, unsigned long sp, unsigned long bp)
{
	start_regs = (struct pt_regs){ .ip = ip, .sp = sp, .bp = bp };
	shim_unwind_from = start_regs;
	start = (struct perftop_start){
		.ip = ip, .sp = sp, .bp = bp,
		.regs = numbers_only || test_below(&seed, 2) ? &start_regs :
							 NULL,
	};
}

/* A stack that goes this path, and whatever lies between. */
static void lay_path(const struct path *path)
{
	unsigned long sp = (unsigned long)task_pt_regs(&task);
	unsigned long bp = junk();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kernel_stack); i++)
		kernel_stack[i] = junk();
	be_user(path->user);
	/* A kernel thread's may begin anywhere. */
	if (!path->user)
		sp -= 8 * test_below(&seed, 8);
	for (i = path->n - 1; i--; )
		lay_frame(path->function[i], ip_in(path, i + 1), &sp, &bp);
	start_at(ip_in(path, 0), sp, bp);
}

/* Changes one word that may matter. */
static void disturb(void)
{
	const unsigned int words = (TOP - start.sp) / 8;
	unsigned long at = start.sp + 8 * test_below(&seed, words);

	if (at >= (unsigned long)task_pt_regs(&task))
		return;
	if (!test_below(&seed, 8))
		start_at(start.ip, start.sp, junk());
	else
		*word_at(at) = junk();
}

/* Through the memory, and in full. */
static void check(void)
{
	static struct perftop_key key;
	u32 row = perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
				    start.regs);

	if (perftop_stack_capture(&key, &start))
		assert_int_equal(row, perftop_hash_lookup(cpu.stacks, &key));
	else
		assert_int_equal(row, PERFTOP_UNATTRIBUTED);
}

/* As drain.c does it. */
static void recycle(void)
{
	if (perftop_hash_recycle(&table, 0))
		cpu.forget = true;
}

/* How many of so many captures are remembered, in percent. */
static unsigned int remembered(unsigned int rounds, unsigned int paths,
			       unsigned int disturbed)
{
	static struct path path[200];
	unsigned int i;

	seed = test_seed(500 + paths + disturbed);
	for (i = 0; i < paths; i++)
		random_path(&path[i]);
	for (i = 0; i < rounds; i++) {
		lay_path(&path[test_below(&seed, paths)]);
		check();
		while (test_below(&seed, 100) < disturbed) {
			disturb();
			check();
		}
		if (i % 100 == 0)
			recycle();
		if (!test_below(&seed, 3000))
			random_path(&path[test_below(&seed, paths)]);
	}
	return 100 - 100 * cpu.unwound / cpu.captures;
}

static void recall_few_paths(void **state)
{
	assert_in_range(remembered(20000, 20, 0), 50, 100);
}

static void recall_many_paths(void **state)
{
	remembered(20000, 200, 0);
}

/* Each word of a stack is another, now and then. */
static void recall_disturbed_stacks(void **state)
{
	assert_in_range(remembered(20000, 10, 80), 30, 100);
}

static void recall_kernel_keys(void **state)
{
	perftop_params.stack = PERFTOP_STACK_KERNEL;
	remembered(10000, 20, 50);
}

static void recall_user_keys(void **state)
{
	perftop_params.stack = PERFTOP_STACK_USER;
	remembered(10000, 20, 50);
}

/* With few rows, most of them the overflow's. */
static void recall_overflow(void **state)
{
	perftop_hash_exit(&table);
	table.limit = 16;
	assert_int_equal(perftop_hash_init(&table), 0);
	cpu.stacks = table.shard[0];
	assert_int_equal(cpu.stacks->capacity, 16);
	remembered(10000, 100, 20);
}

/* verify=1 counts none that differ. */
static void recall_verifies(void **state)
{
	perftop_params.verify = true;
	remembered(10000, 20, 50);
	assert_int_equal(cpu.differ, 0);
}

/*
 * Stacks that differ in one return address, more of them than a set has ways.
 */
#define ALIKE		12

/* A long way through frames of a fixed size; what is outermost is given. */
static void long_path(struct path *path, bool user)
{
	unsigned int i, n = 0;

	numbers_only = true;
	path->user = user;
	path->function[n++] = PICK;
	path->function[n++] = SCHEDULE_INNER;
	path->function[n++] = SCHEDULE;
	while (n < LONGEST - 2)
		path->function[n++] = BARE;
	path->function[n++] = user ? GAP : BARE;
	path->function[n++] = user ? ENTRY : FORK_RETURN;
	path->n = n;
	for (i = 0; i < n; i++)
		path->offset[i] = 0x10;
}

/* Returns how many of the captures were unwound. */
static u64 run_alike(struct path path, unsigned int level)
{
	u64 unwound = cpu.unwound;
	unsigned int i;

	for (i = 0; i < ALIKE; i++) {
		path.offset[level] += 8;
		lay_path(&path);
		check();
	}
	return cpu.unwound - unwound;
}

/* All of them are remembered, wherever they differ. */
static void recall_stacks_that_differ_anywhere(void **state)
{
	unsigned int level;
	struct path path;

	perftop_params.stack = PERFTOP_STACK_KERNEL;
	long_path(&path, true);
	for (level = 2; level < LONGEST - 1; level++) {
		seed = test_seed(700 + level);
		assert_int_equal(run_alike(path, level), ALIKE);
		assert_int_equal(run_alike(path, level), 0);
	}
}

/* Where a frame's size varies, those that differ further in still are. */
static void recall_stacks_with_a_varying_frame(void **state)
{
	struct path path;
	unsigned int i;

	perftop_params.stack = PERFTOP_STACK_KERNEL;
	seed = test_seed(750);
	long_path(&path, false);
	path.function[10] = PLAIN + 1;
	assert_int_equal(rules[PLAIN + 1].step, SHIM_FROM_WORD);
	for (i = 0; i < 10; i++)
		run_alike(path, 8);
	assert_int_equal(run_alike(path, 8), 0);
}

/*
 * The start lies in a function that has put bp to another use, and saved that
 * of __schedule().
 */
static void recall_bp_in_other_use(void **state)
{
	struct path path;
	unsigned int i;

	perftop_params.stack = PERFTOP_STACK_KERNEL;
	seed = test_seed(760);
	long_path(&path, true);
	path.function[0] = PLAIN + 2;
	assert_int_equal(rules[PLAIN + 2].step, SHIM_FROM_SP);
	assert_int_equal(rules[PLAIN + 2].bp_offset, 16);
	for (i = 0; i < 20; i++) {
		lay_path(&path);
		start.regs = NULL;
		check();
	}
	assert_int_equal(cpu.unwound, 1);
}

/* What is remembered is, until it is to be forgotten. */
static void recall_forgets(void **state)
{
	static const struct path path = {
		.n = 5,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, PLAIN + 3,
			      FORK_RETURN },
		.offset = { 1, 2, 3, 4, 5 },
	};

	seed = test_seed(600);
	lay_path(&path);
	check();
	assert_int_equal(cpu.unwound, 1);
	check();
	assert_int_equal(cpu.unwound, 1);
	cpu.forget = true;
	check();
	assert_false(cpu.forget);
	assert_int_equal(cpu.unwound, 2);
	check();
	assert_int_equal(cpu.unwound, 2);
	assert_int_equal(cpu.captures, 4);
}

/* Code that may be gone without a word is not relied on. */
static void recall_remembers_no_lost_code(void **state)
{
	static const struct path path = {
		.n = 5,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, FUNCTIONS + 1,
			      FORK_RETURN },
		.offset = { 1, 2, 3, 4, 5 },
	};

	seed = test_seed(601);
	lay_path(&path);
	check();
	check();
	assert_int_equal(cpu.unwound, 2);

	symbols[FUNCTIONS + 1] = (struct shim_symbol){
		LOST_CODE, 0x1000, "bpf_prog", "bpf",
	};
	check();
	check();
	assert_int_equal(cpu.unwound, 4);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(recall_few_paths),
		TEST(recall_many_paths),
		TEST(recall_disturbed_stacks),
		TEST(recall_kernel_keys),
		TEST(recall_user_keys),
		TEST(recall_overflow),
		TEST(recall_verifies),
		TEST(recall_stacks_that_differ_anywhere),
		TEST(recall_stacks_with_a_varying_frame),
		TEST(recall_bp_in_other_use),
		TEST(recall_forgets),
		TEST(recall_remembers_no_lost_code),
	};

	return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
