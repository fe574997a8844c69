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
#include "table.h"

#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/unwind.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "engine/table.h"
#include "hash.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/slice.h"
#include "switch/stack_key.h"
#include "switch/stack_row.h"
#include "switch/kernel_text.h"

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
static u64 user_stack[512];

static const struct shim_mapping mappings[] = {
	{ USER_CODE, sizeof(user_code), user_code },
	{ USER_STACK, sizeof(user_stack), (u8 *)user_stack },
	{ }
};

/* The task's, and on either side of it another one. */
static unsigned long stacks[3][THREAD_SIZE / 8] __aligned(THREAD_SIZE);

#define kernel_stack	stacks[1]
#define TOP	((unsigned long)kernel_stack + THREAD_SIZE)

static unsigned long *word_at(unsigned long at)
{
	return (unsigned long *)at;
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

static void set_mode(enum perftop_stack_mode mode)
{
	perftop_params.stack = mode;
	perftop_owners.enabled = mode == PERFTOP_STACK_BOTH;
	perftop_user_only.enabled = mode == PERFTOP_STACK_USER;
}

static int setup(void **state)
{
	shim_percpu_reset();
	numbers_only = false;
	memset(&perftop_params, 0, sizeof(perftop_params));
	set_mode(PERFTOP_STACK_BOTH);
	memset(kernel_stack, 0, sizeof(kernel_stack));
	make_functions();
	shim_rules = rules;
	shim_stack_end = 3;	/* no word of a stack */
	memset(shim_other_stacks, 0, sizeof(shim_other_stacks));
	shim_trampoline = 0;
	shim_symbols = symbols;
	shim_mappings = mappings;
	user_code[0x3b] = 0xe8;
	user_code[0x7b] = 0xe8;
	user_code[0xbb] = 0xe8;
	shim_cpu = 0;
	mm = (struct mm_struct){ .context.ctx_id = 7 };
	task = (struct task_struct){
		.stack = kernel_stack, .group_leader = &task,
	};
	cpu.owner = 7;
	shim_current[0] = &task;

	table = (struct perftop_table){
		.merge = merge,
		.counters = PERFTOP_SLICE_COUNTERS,
		.key_words = 16,
		.limit = 4096,
		.drained = drained,
	};
	assert_int_equal(table_init(&table), 0);
	cpu = (struct perftop_cpu){
		.stacks	= table.shard[0],
		.recall	= perftop_recall_alloc(0),
		.key	= shim_kzalloc(sizeof(*cpu.key)),
	};
	assert_int_equal(perftop_text_init(), 0);
	/* The module's own coming is the first change of code. */
	cpu.era.code = perftop_text_changed();
	cpu.era.rows = cpu.stacks->epoch;
	assert_int_equal(perftop_stack_init(), 0);
	return 0;
}

static int teardown(void **state)
{
	perftop_text_exit();
	vfree(cpu.recall);
	kfree(cpu.key);
	perftop_table_exit(&table);
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

/* The same stack so many bytes higher, and what points into it. */
static void move_up(unsigned long bytes, unsigned long size)
{
	memmove(word_at(start.sp + bytes), word_at(start.sp), size);
	start_at(start.ip, start.sp + bytes, start.bp + bytes);
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
	const unsigned int lookups = shim_lookups;
	static struct perftop_key key;
	u32 row = perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
				    start.regs);

	const struct stack_parts parts = stack_current_parts(&cpu);

	assert_int_equal(shim_lookups, lookups);

	if (perftop_stack_capture(&key, &parts, &start, NULL))
		assert_int_equal(row, perftop_shard_lookup(cpu.stacks, &key));
	else
		assert_int_equal(row, PERFTOP_UNATTRIBUTED);
}

/* As drain.c does it. */
static void recycle(void)
{
	static u32 flips;

	if (perftop_table_recycle(&table, 0, ++flips))
		cpu.era.rows = cpu.stacks->epoch;
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
		if (i % 100 == 0) {
			perftop_text_answer();
			recycle();
		}
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
	set_mode(PERFTOP_STACK_KERNEL);
	remembered(10000, 20, 50);
}

static void recall_user_keys(void **state)
{
	set_mode(PERFTOP_STACK_USER);
	remembered(10000, 20, 50);
}

/* With few rows, most of them the overflow's. */
static void use_small_table(void)
{
	perftop_table_exit(&table);
	table.limit = 16;
	assert_int_equal(table_init(&table), 0);
	cpu.stacks = table.shard[0];
	assert_int_equal(cpu.stacks->capacity, 16);
}

static void recall_overflow(void **state)
{
	use_small_table();
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

	set_mode(PERFTOP_STACK_KERNEL);
	long_path(&path, true);
	for (level = 2; level < LONGEST - 1; level++) {
		seed = test_seed(700 + level);
		assert_int_equal(run_alike(path, level), ALIKE);
		assert_int_equal(run_alike(path, level), 0);
	}
}

/* Of two return addresses that share a hop's place, the first one has it. */
static void recall_stacks_that_share_hops(void **state)
{
	struct path path, other;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(740);
	long_path(&path, true);
	other = path;
	other.function[6] = PLAIN + 3;
	other.offset[6] = (ip_in(&path, 6) - rules[PLAIN + 3].start) %
			  RECALL_HOPS;
	assert_int_not_equal(rules[PLAIN + 3].offset, rules[BARE].offset);
	lay_path(&path);
	check();
	lay_path(&other);
	check();
	assert_int_equal(run_alike(path, 12), ALIKE);
	assert_int_equal(run_alike(path, 12), 0);
}

/* Where a frame's size varies, those that differ further in still are. */
static void recall_stacks_with_a_varying_frame(void **state)
{
	struct path path;
	unsigned int i;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(750);
	long_path(&path, false);
	path.function[10] = PLAIN + 1;
	assert_int_equal(rules[PLAIN + 1].step, SHIM_FROM_WORD);
	/* Until each of them has been seen with both sizes. */
	for (i = 0; i < 20; i++)
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

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(760);
	long_path(&path, true);
	path.function[0] = PLAIN + 2;
	assert_int_equal(rules[PLAIN + 2].step, SHIM_FROM_SP);
	assert_int_equal(rules[PLAIN + 2].bp_offset, 16);
	for (i = 0; i < 20; i++) {
		lay_path(&path);
		/* Numbers, and what lies just behind the stack. */
		if (i % 2 == 0)
			start_at(start.ip, start.sp, TOP + 8 * i);
		start.regs = NULL;
		check();
	}
	assert_int_equal(cpu.unwound, 1);
}

/*
 * Where bp only happens to point where a frame pointer would, it was saved
 * anywhere in the frame: here below that place, and the next frame needs it.
 */
static void recall_bp_that_is_no_frame_pointer(void **state)
{
	static const struct path path = {
		.n = 6,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, PLAIN + 3,
			      PLAIN + 4, FORK_RETURN },
	};
	unsigned int i;

	assert_int_equal(rules[PLAIN + 3].step, SHIM_FROM_SP);
	assert_int_equal(rules[PLAIN + 3].bp_offset, 24);
	assert_int_equal(rules[PLAIN + 4].step, SHIM_FROM_BP);
	seed = test_seed(770);
	for (i = 0; i < 10; i++) {
		unsigned long schedule, cfa;

		numbers_only = true;
		lay_path(&path);
		schedule = start.sp + 8 + 0x30 + rules[SCHEDULE].offset;
		cfa = schedule + rules[PLAIN + 3].offset;
		*word_at(schedule - 16) = cfa - 16;
		check();
		check();
		*word_at(cfa - 24) = junk();
		check();
	}
	/* Each of those by which an unwind ends too soon, and the right one. */
	assert_int_equal(cpu.unwound, 1 + 10);
	assert_int_equal(cpu.captures, 3 * 10);
}

static const struct path plain_path = {
	.n = 5,
	.function = { PICK, SCHEDULE_INNER, SCHEDULE, PLAIN + 3, FORK_RETURN },
	.offset = { 1, 2, 3, 4, 5 },
};

/* current has left, and is leaving again. */
static void another_switch(void)
{
	task.nvcsw++;
	check();
}

/* What is remembered is, until a module comes or goes. */
static void recall_ends_with_the_code(void **state)
{
	seed = test_seed(600);
	lay_path(&plain_path);
	another_switch();
	assert_int_equal(cpu.unwound, 1);
	another_switch();
	assert_int_equal(cpu.unwound, 1);
	cpu.era.code++;
	another_switch();
	assert_int_equal(cpu.unwound, 2);
	another_switch();
	assert_int_equal(cpu.unwound, 2);
	assert_int_equal(cpu.captures, 4);
}

/* Rows that are retired end what is remembered of rows, and no unwind. */
static void recall_outlives_the_rows(void **state)
{
	unsigned int mode, i;
	u32 row;

	for (mode = PERFTOP_STACK_BOTH; mode <= PERFTOP_STACK_USER; mode++) {
		set_mode(mode);
		seed = test_seed(610);
		lay_path(&plain_path);
		be_user(true);
		task.nvcsw++;
		row = perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
					start.regs);
		cpu.unwound = 0;
		for (i = 0; i < 4; i++)
			another_switch();
		/* Another shard: all its rows are others. */
		perftop_table_exit(&table);
		assert_int_equal(table_init(&table), 0);
		cpu.stacks = table.shard[0];
		cpu.era.rows = cpu.stacks->epoch;
		assert_int_not_equal(row, 0);
		for (i = 0; i < 4; i++)
			another_switch();
		assert_int_equal(cpu.stacks->gen[0].keys, 1);
		assert_int_equal(cpu.unwound, 0);
	}
}

/* The numbers of unwinds begin anew when they have run out. */
static void recall_runs_out_of_numbers(void **state)
{
	cpu.recall->next_id = U32_MAX - 50;
	assert_in_range(remembered(3000, 20, 50), 20, 100);
	assert_in_range(cpu.recall->next_id, 1, 3000);
}

/* What has a number from before is not taken for what has the same now. */
static void recall_numbers_begin_anew(void **state)
{
	struct path path = plain_path;
	unsigned int i, n;

	numbers_only = true;
	seed = test_seed(616);
	for (i = 0; i < 3; i++) {
		path.offset[3]++;
		lay_path(&path);
		/* One process's, and by its user stack the same each time. */
		seed = test_seed(617);
		be_user(true);
		check();
		check();
		assert_int_equal(cpu.unwound, 1 + i);
		assert_int_equal(cpu.recall->next_id, 1);
		cpu.recall->next_id = U32_MAX;
	}
	/* The others are forgotten. */
	path.offset[3]--;
	lay_path(&path);
	check();
	assert_int_equal(cpu.unwound, 4);
	for (i = 0; i < RECALL_ENTRIES; i++)
		cpu.recall->entry[i].ip = 1;
	cpu.recall->next_id = U32_MAX;
	task.nvcsw++;
	path.offset[3]++;
	lay_path(&path);
	check();
	/* All but the one that is new. */
	for (i = 0, n = 0; i < RECALL_ENTRIES; i++)
		n += !!cpu.recall->entry[i].ip;
	assert_int_equal(n, 1);
}

/* And what stands for no kernel stack has another than any. */
static void recall_no_stack_has_a_number(void **state)
{
	u32 id;

	set_mode(PERFTOP_STACK_USER);
	seed = test_seed(618);
	lay_path(&plain_path);
	be_user(true);
	check();
	id = cpu.recall->none.id;
	assert_int_equal(id, 1);
	check();
	assert_int_equal(cpu.recall->none.id, id);
	cpu.recall->next_id = U32_MAX;
	be_user(false);
	check();
	assert_int_equal(cpu.recall->next_id, id);
	be_user(true);
	check();
	assert_int_equal(cpu.recall->none.id, id + 1);
}

/* All the places of a set are used, free ones first, and then in turn. */
static void recall_uses_all_ways(void **state)
{
	struct path path;
	unsigned int i, round, from;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(619);
	/* It is learnt that a frame's size varies: there the tag ends. */
	long_path(&path, false);
	path.function[5] = PLAIN + 1;
	for (i = 0; i < 20; i++)
		run_alike(path, 3);
	/* What differs further out shares a set, and has one size. */
	path.user = true;
	path.function[LONGEST - 2] = GAP;
	path.function[LONGEST - 1] = ENTRY;
	cpu.era.code++;
	for (from = 0; from < 3; from++) {
		for (round = 0; round < 3; round++) {
			cpu.unwound = 0;
			for (i = 0; i < RECALL_WAYS; i++) {
				path.offset[12] = 0x100 * (1 + from) + 8 * i;
				lay_path(&path);
				check();
			}
			assert_int_equal(cpu.unwound,
					 round ? 0 : RECALL_WAYS);
		}
	}
}

static void recall_without_memory(void **state)
{
	shim_fail_at = 1;
	assert_null(perftop_recall_alloc(0));
	shim_fail_at = 0;
}

/* pick: another pick of the same switch. Returns how often it unwound. */
static u64 pick(void)
{
	u64 unwound = cpu.unwound;

	check();
	return cpu.unwound - unwound;
}

/* A long way, too long to be remembered, or through what is not to be. */
static void unrememberable(struct path *path, unsigned int kind)
{
	seed = test_seed(620 + kind);
	*path = plain_path;
	path->n = 20;
	for (unsigned int i = 3; i < 18; i++) {
		path->function[i] = PLAIN + 1 + i % 4;
		path->offset[i] = 0x10;
	}
	path->function[18] = kind == 0 ? FUNCTIONS + 1 :
			     kind == 1 ? INTERRUPT : FUNCTIONS;
	path->offset[18] = 0x18;
	path->function[19] = FORK_RETURN;
	path->offset[19] = 0x10;
}

/*
 * A second pick of one switch captures nothing anew, whatever it is that is not
 * remembered; what has changed since is seen.
 */
static void recall_picks_twice(void **state)
{
	unsigned int kind, changed = 0;
	struct path path;
	unsigned long at, was;

	for (kind = 0; kind < 3; kind++) {
		unrememberable(&path, kind);
		lay_path(&path);
		start.regs = &start_regs;
		assert_int_equal(pick(), 1);
		assert_int_equal(pick(), 0);
		/* Not in another switch, nor era, nor for another task. */
		task.nvcsw++;
		assert_int_equal(pick(), 1);
		task.nivcsw++;
		assert_int_equal(pick(), 1);
		task.nvcsw++;
		task.nivcsw++;
		assert_int_equal(pick(), 1);
		assert_int_equal(pick(), 0);
		cpu.era.code++;
		assert_int_equal(pick(), 1);
		/* current has run on meanwhile, to where it looks much alike. */
		for (at = start.sp; at < TOP; at += 8) {
			was = *word_at(at);
			*word_at(at) = was ^ 0x10;
			changed += pick();
			*word_at(at) = was;
			check();
		}
	}
	/* Each return address, at the least. */
	assert_in_range(changed, 3 * 17, 3 * THREAD_SIZE / 8);
}

/* An unwind that ends before the key's first frame tells nothing of it. */
static void recall_picks_twice_without_a_frame(void **state)
{
	unsigned long *caller, was;
	struct path path;

	unrememberable(&path, 0);
	lay_path(&path);
	start.regs = &start_regs;
	assert_int_equal(pick(), 1);
	caller = word_at(cpu.recall->recorder.first.sp - 8);
	was = *caller;
	assert_int_equal(was, ip_in(&path, 2));
	*caller = 8;
	assert_int_equal(pick(), 1);
	*caller = was;
	assert_int_equal(pick(), 1);
	assert_int_equal(pick(), 0);
}

/* The same from the other pick, which lies deeper. */
static void recall_picks_twice_by_two_ways(void **state)
{
	struct path path;

	unrememberable(&path, 0);
	numbers_only = true;
	lay_path(&path);
	assert_int_equal(pick(), 1);
	seed = test_seed(620);
	path.function[0] = STOP;
	lay_path(&path);
	assert_int_equal(pick(), 0);
}

/* So many words may matter that not all are taken note of: nothing is known. */
static void recall_picks_twice_with_too_many_words(void **state)
{
	struct path path = plain_path;
	unsigned long cfa, at, *caller;
	unsigned int i, words;

	for (i = 0; i < 2; i++) {
		words = RECALL_RECORDED - 20 + 30 * i;
		/* A frame full of words that may be its CFA. */
		rules[PLAIN + 3].offset = 8 * words;
		seed = test_seed(640 + i);
		numbers_only = true;
		lay_path(&path);
		cfa = start.sp + 8 + 0x30 + rules[SCHEDULE].offset + 8 * words;
		assert_int_equal(*word_at(cfa - 8), ip_in(&path, 4));
		for (at = cfa - 8 * words; at < cfa - 24; at += 8)
			*word_at(at) = cfa;
		task.nvcsw++;
		assert_int_equal(pick(), 1);
		assert_int_equal(pick(), i);
		caller = word_at(cfa - 8);
		*caller = ip_in(&path, 3);
		pick();
	}
}

/* What lies on another stack is looked at by the unwinder alone. */
static void recall_remembers_no_other_stack(void **state)
{
	const unsigned int other[] = { 0, 2 };
	unsigned long sp, *caller;
	unsigned int i, times;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(650);
	numbers_only = true;
	shim_other_stacks[0] = (unsigned long)stacks[0];
	shim_other_stacks[1] = (unsigned long)stacks[3];
	for (i = 0; i < ARRAY_SIZE(other); i++) {
		struct path path = plain_path;

		/* A frame whose CFA is a word, which leads away. */
		path.function[3] = PLAIN + 1;
		lay_path(&path);
		sp = (unsigned long)&stacks[other[i]][THREAD_SIZE / 16];
		*word_at(start.sp + 8 + 0x30 + rules[SCHEDULE].offset + 8) = sp;
		caller = word_at(sp - 8);
		*caller = ip_in(&path, 4);
		for (times = 0; times < 3; times++) {
			cpu.unwound = 0;
			another_switch();
			another_switch();
			check();
			assert_int_equal(cpu.unwound, 3);
			*caller += 8;
		}
	}
}

/* The return address of the last frame but one. */
static unsigned long *outermost_return(void)
{
	return word_at(start.sp + 8 + 0x30 + rules[SCHEDULE].offset +
		       rules[PLAIN + 3].offset - 8);
}

/* Where a kretprobe has replaced it, the word is not what the unwinder says. */
static void recall_remembers_no_trampoline(void **state)
{
	unsigned int i, lookups;
	unsigned long *ret;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(653);
	numbers_only = true;
	lay_path(&plain_path);
	ret = outermost_return();
	shim_replaced = *ret;
	shim_trampoline = rules[BARE].start;
	*ret = shim_trampoline;
	for (i = 1; i < 4; i++) {
		check();
		another_switch();
		assert_int_equal(cpu.unwound, 2 * i);
		shim_replaced += 8;
	}
	/* Nor is it asked whether it lasts what the word stands for. */
	shim_replaced = MODULE_CODE + 0x10;
	check();
	lookups = shim_lookups;
	perftop_text_answer();
	assert_int_equal(shim_lookups, lookups);
}

/* How often two picks of one switch unwound, and two of the next switch. */
static void unwinds(unsigned int one, unsigned int other)
{
	task.nvcsw++;
	cpu.unwound = 0;
	check();
	check();
	assert_int_equal(cpu.unwound, one);
	another_switch();
	check();
	assert_int_equal(cpu.unwound, one + other);
}

/* As many words as an entry has room for, and one more. */
static void recall_remembers_so_many_words(void **state)
{
	const struct recall_recorder *rec = &cpu.recall->recorder;
	unsigned int n, words;
	unsigned long cfa;

	set_mode(PERFTOP_STACK_KERNEL);
	rules[PLAIN + 3].offset = 8 * (RECALL_WORDS + 8);
	seed = test_seed(652);
	numbers_only = true;
	lay_path(&plain_path);
	check();
	words = rec->words;
	cfa = (unsigned long)(outermost_return() + 1);
	/* In the outermost frame, those that may be its CFA. */
	for (n = 1; words < RECALL_WORDS + 2; n++, words++) {
		cpu.era.code++;
		unwinds(1, words > RECALL_WORDS);
		assert_int_equal(rec->words, words);
		*word_at(cfa - rules[PLAIN + 3].offset + 8 * n) = cfa;
	}
}

/* Registers that an interrupt saved, behind schedule(). */
static struct pt_regs *lay_struck(const struct path *path)
{
	seed = test_seed(655);
	numbers_only = true;
	lay_path(path);
	start.regs = &start_regs;
	return (struct pt_regs *)(start.sp + 8 + 0x30 + rules[SCHEDULE].offset);
}

static void recall_registers_and_other_stacks(void **state)
{
	static const struct path path = {
		.n = 6,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, INTERRUPT,
			      PLAIN + 3, FORK_RETURN },
	};
	struct pt_regs *regs;
	unsigned long up;

	shim_other_stacks[0] = (unsigned long)stacks[0];
	shim_other_stacks[1] = (unsigned long)stacks[3];
	set_mode(PERFTOP_STACK_KERNEL);
	/* On the task's own: for this switch, but not to be remembered. */
	regs = lay_struck(&path);
	unwinds(1, 1);
	/* They lead below the stack. */
	regs->sp = (unsigned long)stacks[0] + 0x800;
	*word_at(regs->sp + rules[PLAIN + 3].offset - 8) = ip_in(&path, 5);
	unwinds(2, 2);

	/* They end at the top, and lead there. */
	regs = lay_struck(&path);
	up = TOP - (unsigned long)(regs + 1);
	move_up(up, (unsigned long)(regs + 1) - start.sp);
	start.regs = &start_regs;
	regs = (struct pt_regs *)TOP - 1;
	regs->sp = TOP;
	regs->ip = ip_in(&path, 5);
	unwinds(1, 1);
	regs->sp = TOP + 8;
	unwinds(2, 2);
	/* They lie beyond it in part. */
	regs->sp = TOP;
	move_up(8, TOP - start.sp);
	start.regs = &start_regs;
	unwinds(2, 2);
}

/* Only the user's own registers, and in user mode, are a stack's end. */
static void recall_registers_that_are_no_end(void **state)
{
	static const struct path path = {
		.n = 5,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, PLAIN + 3,
			      ENTRY },
		.user = true,
	};
	struct pt_regs *regs;
	unsigned long size;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(656);
	numbers_only = true;
	lay_path(&path);
	start.regs = &start_regs;
	unwinds(1, 0);
	/* Others, in user mode as well: they lead to where no stack is. */
	size = TOP - start.sp;
	move_up(-64UL, size);
	start.regs = &start_regs;
	unwinds(2, 2);
	/* There, but of the kernel; as if nothing had been remembered. */
	cpu.era.code++;
	move_up(64, size);
	start.regs = &start_regs;
	regs = task_pt_regs(&task);
	regs->cs = 0;
	regs->sp = TOP - 8;
	regs->ip = rules[FORK_RETURN].start;
	unwinds(1, 1);
}

/* With a frame pointer the CFA is no word: one that is equal means nothing. */
static void recall_frame_pointer_and_an_equal_word(void **state)
{
	static const unsigned int inner[] = { PICK, PLAIN + 4 };
	struct path path = plain_path;
	unsigned long cfa, at;
	unsigned int i;

	set_mode(PERFTOP_STACK_KERNEL);
	path.function[3] = PLAIN + 4;
	for (i = 0; i < ARRAY_SIZE(inner); i++) {
		path.function[0] = inner[i];
		seed = test_seed(660 + i);
		numbers_only = true;
		lay_path(&path);
		/* The innermost frame's, or the outermost's. */
		at = i ? start.sp :
			 start.sp + 8 + 0x30 + rules[SCHEDULE].offset;
		cfa = at + 0x30;
		at += 8;
		*word_at(at) = cfa;
		cpu.unwound = 0;
		another_switch();
		assert_int_equal(cpu.unwound, 1);
		*word_at(at) = 8;
		another_switch();
		assert_int_equal(cpu.unwound, 1);
	}
}

/* No frame is found from a bp outside the stack, whatever it is. */
static void recall_leaves_out_a_bp_outside(void **state)
{
	const unsigned long outside[] = { TOP, TOP + 64, 8, TOP - THREAD_SIZE - 8 };
	unsigned int i;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(665);
	numbers_only = true;
	lay_path(&plain_path);
	assert_int_equal(rules[PLAIN + 3].bp_offset, 24);
	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		outermost_return()[-2] = outside[i];
		another_switch();
		assert_int_equal(cpu.unwound, 1);
	}
}

/* An unwind is remembered wherever there is room for all of its words. */
static void recall_needs_the_depth(void **state)
{
	unsigned long size, last;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(680);
	numbers_only = true;
	lay_path(&plain_path);
	size = 8 + 0x30 + rules[SCHEDULE].offset + rules[PLAIN + 3].offset;
	last = *word_at(start.sp + size - 8);
	assert_int_equal(last, ip_in(&plain_path, 4));
	/* And nothing behind it is one of them. */
	check();
	assert_int_equal(cpu.unwound, 1);
	move_up(TOP - size - start.sp, size);
	check();
	assert_int_equal(cpu.unwound, 1);
	/* The last one is no word of the stack any more. */
	move_up(8, size);
	assert_int_equal(*word_at(TOP), last);
	check();
	assert_int_equal(cpu.unwound, 2);
}

/* That a user's registers have ended one says nothing of the next. */
static void recall_forgets_what_ended_the_last(void **state)
{
	struct path path = plain_path;

	set_mode(PERFTOP_STACK_KERNEL);
	path.user = true;
	path.function[4] = ENTRY;
	seed = test_seed(682);
	numbers_only = true;
	lay_path(&path);
	check();
	cpu.unwound = 0;
	lay_path(&plain_path);
	check();
	move_up(-64UL, TOP - start.sp);
	check();
	assert_int_equal(cpu.unwound, 1);
}

/* A frame may end where the stack does. */
static void recall_remembers_up_to_the_top(void **state)
{
	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(681);
	numbers_only = true;
	lay_path(&plain_path);
	move_up(TOP - sizeof(long) - (unsigned long)outermost_return(),
		(unsigned long)outermost_return() + 8 - start.sp);
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 1);
}

/* Down to the last but one word of the stack. */
static void recall_remembers_the_deepest(void **state)
{
	unsigned long low = (unsigned long)kernel_stack;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(682);
	numbers_only = true;
	lay_path(&plain_path);
	move_up(low + 8 - start.sp, TOP - start.sp);
	another_switch();
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 1);
	/* What begins below it is none, though the words be the same. */
	move_up(-8UL, TOP - start.sp);
	check();
	move_up(-8UL, TOP - start.sp);
	cpu.unwound = 0;
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 2);
}

/* Each bit of the start matters: ip, and bp where it lies in the stack. */
static void recall_needs_the_very_start(void **state)
{
	struct perftop_start was;
	unsigned int bit;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(685);
	numbers_only = true;
	lay_path(&plain_path);
	check();
	was = start;
	for (bit = 0; bit < 64; bit++) {
		start_at(was.ip, was.sp, was.bp);
		another_switch();
		cpu.unwound = 0;
		start_at(was.ip, was.sp, was.bp ^ 1UL << bit);
		another_switch();
		assert_int_equal(cpu.unwound, 1);
		start_at(was.ip ^ 1UL << bit, was.sp, was.bp);
		another_switch();
		assert_int_equal(cpu.unwound, 2);
	}
}

/* Whoever leaves, it is the entry that is looked at first. */
static void found_last(unsigned int entry)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpu.recall->last); i++)
		cpu.recall->last[i] = &cpu.recall->entry[entry];
}

/* Nor can the start's bp, measured from sp, be kept if it points there. */
static void recall_keeps_no_bp_in_the_gap(void **state)
{
	static const struct path path = {
		.n = 5,
		.function = { PLAIN + 2, SCHEDULE_INNER, SCHEDULE, GAP, ENTRY },
		.user = true,
	};
	unsigned long gap;
	int words;

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(693);
	numbers_only = true;
	lay_path(&path);
	gap = start.sp + rules[PLAIN + 2].offset + 0x30 + rules[SCHEDULE].offset;
	assert_int_equal(word_at(gap)[-1], ip_in(&path, 3));
	for (words = -1; words <= 1; words++) {
		start_at(start.ip, start.sp, gap + 8 * words);
		cpu.unwound = 0;
		another_switch();
		another_switch();
		assert_int_equal(cpu.unwound, words < 0 ? 1 : 2);
	}
}

/* A pointer in the frame whose size varies cannot be kept, nor is an entry. */
static void recall_keeps_no_pointer_in_the_gap(void **state)
{
	struct path path;
	unsigned int i;

	set_mode(PERFTOP_STACK_KERNEL);
	long_path(&path, true);
	/* Whose entry would not be known by its bp either. */
	path.function[0] = PLAIN + 2;
	seed = test_seed(695);
	lay_path(&path);
	*word_at((unsigned long)task_pt_regs(&task) - 16) = TOP - 0x100;
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 2);
	for (i = 0; i < RECALL_ENTRIES; i++)
		assert_int_equal(cpu.recall->tag[i], 0);
	/* Nor by the place that was to have it. */
	for (i = 0; cpu.recall->entry[i].unwind.id != 1; i++)
		;
	found_last(i);
	another_switch();
	assert_int_equal(cpu.unwound, 3);
}

/* Where the user's registers end it, they must be where they were. */
static void recall_needs_the_very_depth(void **state)
{
	struct path path = plain_path;
	unsigned long size;

	set_mode(PERFTOP_STACK_KERNEL);
	path.user = true;
	path.function[4] = ENTRY;
	seed = test_seed(690);
	numbers_only = true;
	lay_path(&path);
	check();
	check();
	assert_int_equal(cpu.unwound, 1);
	size = TOP - start.sp;
	move_up(-64UL, size);
	check();
	assert_int_equal(cpu.unwound, 2);
}

/* So may be what points into the stack, above a frame that is found from sp. */
static void recall_keeps_pointers_below_the_registers(void **state)
{
	static const struct path path = {
		.n = 6,
		.function = { PICK, SCHEDULE_INNER, SCHEDULE, PLAIN + 4,
			      PLAIN + 3, ENTRY },
		.user = true,
	};

	set_mode(PERFTOP_STACK_KERNEL);
	seed = test_seed(691);
	numbers_only = true;
	lay_path(&path);
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 1);
}

/* At the first frame bp is as it was, too: that may be all that leads on. */
static void recall_picks_twice_with_another_bp(void **state)
{
	struct path path;
	unsigned long was;

	rules[SCHEDULE].bp_offset = 0;
	unrememberable(&path, 0);
	path.function[3] = PLAIN + 4;
	lay_path(&path);
	start.regs = &start_regs;
	assert_int_equal(pick(), 1);
	assert_int_equal(pick(), 0);
	was = *word_at(start.bp);
	*word_at(start.bp) = was + 0x10;
	assert_int_equal(pick(), 1);
	*word_at(start.bp) = was;
	assert_int_equal(pick(), 1);
	assert_int_equal(pick(), 0);
}

/* User stacks */

static u64 *user_frame(unsigned int i)
{
	return &user_stack[(USER_FRAME(i) - USER_STACK) / 8];
}

/* Whose frames return behind these calls, in a system call or not. */
static void lay_user(bool call, unsigned int n, const unsigned int *ret)
{
	struct pt_regs *regs = task_pt_regs(&task);
	unsigned int i;

	be_user(true);
	mm.context.ctx_id = 7;
	regs->ip = USER_CODE + 0x40;
	regs->bp = n ? USER_FRAME(0) : 0;
	regs->orig_ax = call ? 0 : -1UL;
	for (i = 0; i < n; i++) {
		user_frame(i)[0] = i + 1 < n ? USER_FRAME(i + 1) : 0;
		user_frame(i)[1] = USER_CODE + 0x40 * ret[i];
	}
}

static u32 row_now(void)
{
	return perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
				 start.regs);
}

/* Of all but the kernel's part: once anew, and then it is the newest. */
static void picks_something_else(void)
{
	assert_int_equal(pick(), 1);
	assert_int_equal(pick(), 0);
}

/* Another thread may have written to the user's stack meanwhile. */
static void recall_picks_twice_with_another_user_stack(void **state)
{
	struct path path;

	unrememberable(&path, 0);
	lay_path(&path);
	start.regs = &start_regs;
	lay_user(true, 2, (const unsigned int []){ 1, 2 });
	picks_something_else();
	user_frame(1)[1] += 0x40;
	picks_something_else();
	/* It ends a frame earlier. */
	user_frame(0)[0] = 0;
	picks_something_else();
	/* The same in another program, which it executes. */
	mm.context.ctx_id++;
	picks_something_else();
	/* Where an unwind would begin is not known without registers. */
	start.regs = NULL;
	assert_int_equal(pick(), 1);
}

/*
 * That a user stack is known is found out by its frames alone: no code is looked
 * at. Two are known that differ in the outermost frame only.
 */
static void knows_user_stacks(bool call, unsigned int n)
{
	unsigned int ret[2][4] = { { 1, 2, 3, 1 }, { 1, 2, 3, 1 } };
	unsigned int i;
	u32 row[2];

	ret[1][n - 1] = ret[0][n - 1] % 3 + 1;
	seed = test_seed(700);
	lay_path(&plain_path);
	for (i = 0; i < 2; i++) {
		lay_user(call, n, ret[i]);
		check();
		row[i] = row_now();
	}
	assert_int_not_equal(row[0], row[1]);
	shim_mappings = mappings + 1;
	shim_user_faults = 0;
	for (i = 0; i < 4; i++) {
		lay_user(call, n, ret[i % 2]);
		assert_int_equal(row_now(), row[i % 2]);
	}
	assert_int_equal(shim_user_faults, 0);
	shim_mappings = mappings;
}

static void recall_knows_user_stacks(void **state)
{
	unsigned int call, n;

	for (call = 0; call < 4; call++) {
		perftop_params.stack = call < 2 ? PERFTOP_STACK_BOTH :
						  PERFTOP_STACK_USER;
		for (n = 1; n < 5; n++)
			knows_user_stacks(call % 2, n);
	}
}

/* The same addresses are another stack where the first is no leaf. */
static void recall_knows_a_call_from_none(void **state)
{
	static const unsigned int ret[] = { 1, 2 };
	u32 row;

	seed = test_seed(705);
	lay_path(&plain_path);
	lay_user(false, 2, ret);
	check();
	row = row_now();
	lay_user(true, 1, ret + 1);
	check();
	assert_int_not_equal(row_now(), row);
	lay_user(false, 2, ret);
	assert_int_equal(row_now(), row);
	/* Nor is a longer or a shorter one the same, known or not. */
	lay_user(false, 1, ret);
	check();
	lay_user(false, 0, ret);
	check();
	lay_user(true, 0, ret);
	check();
	lay_user(true, 2, ret);
	check();
}

/* Its key has no owner, though the others' have. */
static void be_idle(void)
{
	be_user(false);
	task.flags |= PF_IDLE;
}

/* Where a key is made to be looked up. */
static void finds_without_a_key(u32 row)
{
	cpu.key->words = 0;
	assert_int_equal(row_now(), row);
	assert_int_equal(cpu.key->words, 0);
}

/* The row of a kernel stack alone is looked up once, whoever was the first. */
static void recall_knows_kernel_rows(void **state)
{
	struct path path = plain_path;

	seed = test_seed(710);
	lay_path(&path);
	be_user(true);
	check();
	be_user(false);
	check();
	finds_without_a_key(row_now());
	be_idle();
	check();
	finds_without_a_key(row_now());
	assert_int_equal(cpu.unwound, 1);
	/* Where it is idle's at first, by the unwind itself. */
	path.offset[3]++;
	lay_path(&path);
	be_idle();
	finds_without_a_key(row_now());
	be_user(false);
	check();
	assert_int_equal(cpu.unwound, 2);
}

/* A row is in one of two places, and behind the last two is none. */
static void recall_knows_rows_in_pairs(void **state)
{
	struct perftop_recall *recall = cpu.recall;
	const struct perftop_known_row *last =
		&recall->known[ARRAY_SIZE(recall->known) - 2];

	seed = test_seed(712);
	lay_path(&plain_path);
	be_user(false);
	check();
	while (perftop_recall_known(recall, recall->next_id, cpu.owner) != last)
		cpu.owner++;
	/* There an entry begins, with a number that might be an unwind's. */
	assert_ptr_equal(last + 2, recall->entry);
	assert_int_equal(recall->tag[0], 0);
	recall->entry[0].unwind.era.code = recall->next_id;
	check();
	assert_int_equal(cpu.unwound, 1);
}

/* Those of one place are told apart by the owner. */
static void recall_knows_whose_row_it_is(void **state)
{
	const struct perftop_recall *recall = cpu.recall;
	const struct perftop_known_row *first;
	unsigned int owners = 0;

	seed = test_seed(713);
	lay_path(&plain_path);
	be_user(false);
	check();
	first = perftop_recall_known(cpu.recall, recall->next_id, cpu.owner);
	while (owners < 4) {
		cpu.owner++;
		if (perftop_recall_known(cpu.recall, recall->next_id,
					 cpu.owner) != first)
			continue;
		check();
		owners++;
	}
	assert_int_equal(cpu.unwound, 1);
}

/* That there was no room for a stack is not what is known of another. */
static void recall_knows_no_overflow(void **state)
{
	static const unsigned int ret[] = { 1, 2, 3, 1 };
	struct path path = plain_path;
	unsigned int i;

	use_small_table();
	seed = test_seed(715);
	numbers_only = true;
	lay_path(&path);
	lay_user(false, 1, ret);
	check();
	/* Three of another kernel stack and one place: two are known. */
	path.offset[3]++;
	lay_path(&path);
	for (i = 0; i < 3; i++) {
		lay_user(false, 1, ret + i);
		check();
	}
	/* The table is full, and a fourth has no room. */
	for (i = 0; i < 40; i++) {
		mm.context.ctx_id = 100 + i;
		check();
	}
	lay_user(false, 2, ret + 1);
	check();
	assert_int_equal(row_now(), PERFTOP_OVERFLOW);
	lay_user(false, 1, ret);
	check();
	assert_int_not_equal(row_now(), PERFTOP_OVERFLOW);
}

/* What has no row keeps no place from what has one. */
static void recall_remembers_no_overflow(void **state)
{
	struct path path = plain_path;
	unsigned int i;

	set_mode(PERFTOP_STACK_KERNEL);
	use_small_table();
	seed = test_seed(717);
	for (i = 0; i < 40; i++) {
		path.offset[3] = i;
		lay_path(&path);
		check();
	}
	assert_int_equal(row_now(), PERFTOP_OVERFLOW);
	cpu.unwound = 0;
	another_switch();
	another_switch();
	assert_int_equal(cpu.unwound, 2);
}

/* Whoever it is, and however much of its user stack is not shown. */
static void recall_remembers_the_kernels_part(void **state)
{
	unsigned int i, ret[PERFTOP_USER_FRAMES + 1];

	for (i = 0; i < ARRAY_SIZE(ret); i++)
		ret[i] = 1;
	cpu.owner = ~0ULL;
	seed = test_seed(718);
	lay_path(&plain_path);
	lay_user(false, ARRAY_SIZE(ret), ret);
	another_switch();
	assert_true(perftop_stack_truncated(cpu.recall->recorder.key.word));
	another_switch();
	assert_int_equal(cpu.unwound, 1);
}

/*
 * What did not come to __schedule() has nothing to be compared with, so that
 * its user stack is not read for that.
 */
static void recall_compares_nothing_without_schedule(void **state)
{
	static const unsigned int ret[] = { 1, 2 };
	struct path path = plain_path;
	unsigned int i, reads[2];

	path.function[1] = BARE;
	seed = test_seed(719);
	lay_path(&path);
	start.regs = &start_regs;
	lay_user(false, 2, ret);
	for (i = 0; i < 2; i++) {
		shim_user_reads = 0;
		assert_int_equal(row_now(), PERFTOP_UNATTRIBUTED);
		reads[i] = shim_user_reads;
	}
	assert_int_not_equal(reads[0], 0);
	assert_int_equal(reads[1], reads[0]);
}

/* verify=1 */

/* It is not the one that was found last. */
static bool by_tag;

static void corrupt(u64 *word, u64 bits, u64 differ)
{
	if (by_tag)
		found_last(RECALL_ENTRIES - 1);
	cpu.differ = 0;
	*word ^= bits;
	perftop_stack_row(&cpu, start.ip, start.sp, start.bp, start.regs);
	assert_int_equal(cpu.differ, differ);
	*word ^= bits;
}

/*
 * Whatever the way to a row, that its key is another one is counted: found again,
 * found by its tag, or as the newest.
 */
static void recall_counts_what_differs(void **state)
{
	unsigned int kind;

	perftop_params.verify = true;
	for (kind = 0; kind < 4; kind++) {
		struct path path = plain_path;
		struct perftop_keyref *ref;
		u64 *word;
		u32 row;

		/* Where the header is not what the row is found by. */
		set_mode(kind == 1 ? PERFTOP_STACK_BOTH : PERFTOP_STACK_KERNEL);
		if (kind == 3)
			unrememberable(&path, 0);
		seed = test_seed(670);
		lay_path(&path);
		start.regs = &start_regs;
		be_user(kind == 1);
		check();
		row = perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
					start.regs);
		word = (u64 *)perftop_shard_key(cpu.stacks, row);
		ref = &cpu.stacks->ref[row];
		by_tag = kind == 2;
		cpu.unwound = 0;
		corrupt(word, 0, 0);
		/* The first frame, the last, how many they are. */
		corrupt(word + KEY_HEADER_WORDS, 8, 1);
		corrupt(word + KEY_HEADER_WORDS + (word[0] & 0x7f) - 1, 8, 1);
		if (kind != 1)
			corrupt(word, 1, 1);
		ref->account ^= 1;
		corrupt(word, 0, 1);
		ref->account ^= 1;
		corrupt(word, 0, 0);
		assert_int_equal(cpu.unwound, 0);
		/* What is compared begins where the switch does. */
		start.regs = NULL;
		corrupt(word, 0, 0);
		cpu.unwound = 0;
		corrupt(word, 0, 0);
		assert_int_equal(shim_unwind_above, start.sp - sizeof(long));
		assert_int_equal(cpu.unwound, kind == 3);
	}
}

/* A function that was found meanwhile makes another key, and is no difference. */
static void recall_verifies_nothing_that_was_struck(void **state)
{
	struct path path;
	unsigned int i;

	perftop_params.verify = true;
	unrememberable(&path, 1);
	lay_path(&path);
	start.regs = &start_regs;
	assert_int_equal(pick(), 1);
	assert_true(cpu.recall->recorder.struck);
	perftop_text_answer();
	cpu.unwound = 0;
	for (i = 0; i < 3; i++)
		perftop_stack_row(&cpu, start.ip, start.sp, start.bp,
				  start.regs);
	assert_int_equal(cpu.unwound, 0);
	assert_int_equal(cpu.differ, 0);
}

/* Of what comes then it is verified all the same. */
static void recall_verifies_behind_what_was_struck(void **state)
{
	struct path path;
	u64 *word;

	perftop_params.verify = true;
	unrememberable(&path, 1);
	lay_path(&path);
	start.regs = &start_regs;
	assert_int_equal(pick(), 1);
	assert_true(cpu.recall->recorder.struck);
	unrememberable(&path, 0);
	lay_path(&path);
	start.regs = &start_regs;
	assert_int_equal(pick(), 1);
	word = (u64 *)perftop_shard_key(cpu.stacks, cpu.recall->recorder.row);
	corrupt(word, 0, 0);
	corrupt(word + KEY_HEADER_WORDS, 8, 1);
}

/* A second pick looks eight frames far for __schedule()'s caller. */
static void recall_picks_twice_from_afar(void **state)
{
	unsigned int inner, i;
	struct path path;

	set_mode(PERFTOP_STACK_KERNEL);
	for (inner = 5; inner < 9; inner++) {
		long_path(&path, false);
		for (i = 0; i < inner; i++)
			path.function[i] = BARE;
		path.function[i++] = SCHEDULE_INNER;
		path.function[i] = SCHEDULE;
		/* Through what is not remembered. */
		path.function[LONGEST - 3] = FUNCTIONS + 1;
		seed = test_seed(645 + inner);
		lay_path(&path);
		assert_int_equal(pick(), 1);
		assert_int_equal(pick(), inner + 2 > 8);
	}
}

/*
 * Code that may be gone without a word is not relied on, and a module's is not
 * until that is known.
 */
static void recall_remembers_no_lost_code(void **state)
{
	struct path path = plain_path;
	unsigned int kind;

	for (kind = 0; kind < 3; kind++) {
		seed = test_seed(630 + kind);
		path.function[3] = kind == 2 ? FUNCTIONS : FUNCTIONS + 1;
		if (kind == 1)
			symbols[FUNCTIONS + 1] = (struct shim_symbol){
				LOST_CODE, 0x1000, "bpf_prog", "bpf",
			};
		lay_path(&path);
		cpu.unwound = 0;
		another_switch();
		another_switch();
		assert_int_equal(cpu.unwound, 2);
		perftop_text_answer();
		another_switch();
		another_switch();
		assert_int_equal(cpu.unwound, kind == 2 ? 3 : 4);
		/* Not what was asked before another era began. */
		perftop_text_changed();
		perftop_text_answer();
		cpu.era.code++;
		another_switch();
		perftop_text_changed();
		perftop_text_answer();
		cpu.era.code++;
		another_switch();
		another_switch();
		assert_int_equal(cpu.unwound, kind == 2 ? 6 : 7);
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(recall_stacks_that_differ_anywhere),
		TEST(recall_stacks_that_share_hops),
		TEST(recall_stacks_with_a_varying_frame),
		TEST(recall_bp_in_other_use),
		TEST(recall_bp_that_is_no_frame_pointer),
		TEST(recall_ends_with_the_code),
		TEST(recall_outlives_the_rows),
		TEST(recall_runs_out_of_numbers),
		TEST(recall_picks_twice),
		TEST(recall_picks_twice_without_a_frame),
		TEST(recall_picks_twice_by_two_ways),
		TEST(recall_picks_twice_with_too_many_words),
		TEST(recall_picks_twice_from_afar),
		TEST(recall_registers_and_other_stacks),
		TEST(recall_registers_that_are_no_end),
		TEST(recall_numbers_begin_anew),
		TEST(recall_no_stack_has_a_number),
		TEST(recall_uses_all_ways),
		TEST(recall_without_memory),
		TEST(recall_remembers_no_other_stack),
		TEST(recall_remembers_no_trampoline),
		TEST(recall_remembers_so_many_words),
		TEST(recall_frame_pointer_and_an_equal_word),
		TEST(recall_leaves_out_a_bp_outside),
		TEST(recall_needs_the_depth),
		TEST(recall_forgets_what_ended_the_last),
		TEST(recall_remembers_up_to_the_top),
		TEST(recall_remembers_the_deepest),
		TEST(recall_needs_the_very_start),
		TEST(recall_keeps_no_bp_in_the_gap),
		TEST(recall_keeps_no_pointer_in_the_gap),
		TEST(recall_needs_the_very_depth),
		TEST(recall_keeps_pointers_below_the_registers),
		TEST(recall_picks_twice_with_another_bp),
		TEST(recall_picks_twice_with_another_user_stack),
		TEST(recall_knows_user_stacks),
		TEST(recall_knows_a_call_from_none),
		TEST(recall_knows_kernel_rows),
		TEST(recall_knows_rows_in_pairs),
		TEST(recall_knows_whose_row_it_is),
		TEST(recall_knows_no_overflow),
		TEST(recall_remembers_no_overflow),
		TEST(recall_remembers_the_kernels_part),
		TEST(recall_compares_nothing_without_schedule),
		TEST(recall_counts_what_differs),
		TEST(recall_verifies_nothing_that_was_struck),
		TEST(recall_verifies_behind_what_was_struck),
		TEST(recall_remembers_no_lost_code),
		/* These take the time. */
		TEST(recall_few_paths),
		TEST(recall_many_paths),
		TEST(recall_disturbed_stacks),
		TEST(recall_kernel_keys),
		TEST(recall_user_keys),
		TEST(recall_overflow),
		TEST(recall_verifies),
	};

	return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
