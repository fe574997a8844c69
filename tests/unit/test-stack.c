// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks: what the unwinder and a user's memory say becomes a key, and a key
 * becomes lines. Keys are compared as the table does, and told by what is
 * printed of them.
 */
#include "test.h"

#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/unwind.h>

#include "engine/accounts.h"
#include "engine/user_maps.h"
#include "engine/params.h"
#include "engine/table.h"
#include "proc/print_frames.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/stack_key.h"
#include "switch/kernel_text.h"
#include "switch/user_stack.h"

struct perftop_params perftop_params;

/* The kernel's functions, of 0x100 bytes each. */
#define KERNEL		0xffffffff81000000UL
#define FUNCTION(n)	(KERNEL + (n) * 0x100UL)

enum function {
	SCHEDULE_INNER, SCHEDULE, PICK, WORKER, KTHREAD, FORK_RETURN,
	INTERRUPT, SPIN, PREEMPT, ENTRY,
};

#define MODULE_CODE	(MODULES_VADDR + 0x1000)
#define OWN_CODE	(MODULES_VADDR + 0x100000)
#define STACK_END	1UL
#define UNKNOWN_CODE	0xffffffff90000000UL

static const struct shim_symbol symbols[] = {
	{ FUNCTION(SCHEDULE_INNER), 0x100, "__schedule" },
	{ FUNCTION(SCHEDULE), 0x100, "schedule" },
	{ FUNCTION(PICK), 0x100, "pick_next_task_fair" },
	{ FUNCTION(WORKER), 0x100, "worker_thread" },
	{ FUNCTION(KTHREAD), 0x100, "kthread" },
	{ FUNCTION(FORK_RETURN), 0x100, "ret_from_fork" },
	{ FUNCTION(INTERRUPT), 0x100, "asm_sysvec_apic_timer_interrupt" },
	{ FUNCTION(SPIN), 0x100, "spin" },
	{ FUNCTION(PREEMPT), 0x100, "preempt_schedule_irq" },
	{ FUNCTION(ENTRY), 0x100, "entry" },
	{ FUNCTION(100), 0x10000, "many" },
	{ MODULE_CODE, 0x100, "ext4_sync", "ext4" },
	{ OWN_CODE, 0x1000, "perftop_own", "perftop" },
	{ }
};

/* All frames are of one size, but those in which registers are saved. */
#define FRAME		0x30

static const struct shim_rule rules[] = {
	{ FUNCTION(INTERRUPT), 0x100, SHIM_REGS },
	{ FUNCTION(ENTRY), 0x100, SHIM_REGS },
	{ KERNEL, ~KERNEL, SHIM_FROM_SP, FRAME },
	{ }
};

/* Where an interrupt's entry is called like anything else. */
static const struct shim_rule without_registers[] = {
	{ KERNEL, ~KERNEL, SHIM_FROM_SP, FRAME },
	{ }
};

/* The user's memory: code in which calls stand, and a stack. */
#define CODE		0x400000UL
#define CODE_SIZE	0x2000
#define STACK		0x7ffd00000000UL
#define STACK_SIZE	0x4000
#define STACK32		0xffe00000UL

/* Twice the 16 MiB of a stack from the end of user space. */
#define HIGHEST		(TASK_SIZE_MAX - (32 << 20))

static u8 code[CODE_SIZE];
static u8 stack[STACK_SIZE];
static u8 stack32[STACK_SIZE];

static const struct shim_mapping mappings[] = {
	{ CODE, CODE_SIZE, code },
	{ STACK, STACK_SIZE, stack },
	{ STACK32, STACK_SIZE, stack32 },
	{ HIGHEST, STACK_SIZE, stack },
	{ TASK_SIZE_MAX - STACK_SIZE, STACK_SIZE, stack },
	{ }
};

static struct mm_struct mm;
static struct task_struct task;
static struct task_struct *tasks[] = { &task, NULL };
static struct pt_regs *regs;		/* the user's */
static struct perftop_key key;
#define OWNER		0x2800000005ULL

static struct perftop_recall recall;
static struct perftop_cpu cpu = { .recall = &recall };
static struct perftop_key other;

static u8 kernel_stack[THREAD_SIZE] __aligned(16);

/* The return address behind call number @n. */
static unsigned long ret(unsigned int n)
{
	return CODE + 16 * (n + 1);
}

static void make_calls(void)
{
	unsigned int n;

	memset(code, 0x90, sizeof(code));
	for (n = 0; n < CODE_SIZE / 16 - 1; n++)
		code[16 * (n + 1) - 5] = 0xe8;
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
	memset(&perftop_params, 0, sizeof(perftop_params));
	set_mode(PERFTOP_STACK_BOTH);
	memset(stack, 0, sizeof(stack));
	memset(stack32, 0, sizeof(stack32));
	make_calls();
	mm = (struct mm_struct){ .context.ctx_id = 77 };
	task = (struct task_struct){
		.pid = 42, .tgid = 40, .comm = "task", .mm = &mm,
		.stack = kernel_stack, .group_leader = &task,
	};
	cpu.owner = OWNER;
	regs = task_pt_regs(&task);
	*regs = (struct pt_regs){
		.sp = STACK, .ip = ret(0), .cs = 0x33, .orig_ax = 1,
	};
	shim_cpu = 0;
	shim_current[0] = &task;
	shim_current[1] = &task;
	shim_symbols = symbols;
	shim_mappings = mappings;
	shim_rules = rules;
	shim_tasks = tasks;
	shim_unwind_error = false;
	shim_stack_end = STACK_END;
	shim_hardirq = false;
	shim_nmi = false;
	shim_module = (struct module){ OWN_CODE, 0x1000 };
	shim_user_reads = 0;
	shim_user_faults = 0;
	assert_int_equal(perftop_stack_init(), 0);
	assert_int_equal(perftop_text_init(), 0);
	perftop_text_changed();
	return 0;
}

/* Whatever was taken to print a stack has been given back. */
static int teardown(void **state)
{
	perftop_text_exit();
	assert_int_equal(mm.users, 0);
	assert_int_equal(mm.readers, 0);
	assert_int_equal(task.references, 0);
	assert_int_equal(shim_user_sections, 0);
	return 0;
}

/* Kernel stacks, pushed from the inside out, and laid out in memory at last */

static struct {
	unsigned long	addr;
	bool		struck;
} frames[200];

static unsigned int depth;

static void push(unsigned long addr)
{
	frames[depth].addr = addr;
	frames[depth++].struck = false;
}

static void push_struck(unsigned long addr)
{
	push(addr);
	frames[depth - 1].struck = true;
}

/* The stack of a probe in the pick, down to schedule() and its caller. */
static void push_switch(void)
{
	depth = 0;
	push_struck(FUNCTION(PICK) + 1);
	push(FUNCTION(SCHEDULE_INNER) + 0x9a);
	push(FUNCTION(SCHEDULE) + 0x5a);
}

static void push_worker(void)
{
	push_switch();
	push(FUNCTION(WORKER) + 0xa3);
	push(FUNCTION(KTHREAD) + 0xda);
	push(FUNCTION(FORK_RETURN) + 0x22);
}

static bool ends_in_user_mode(void)
{
	return task.mm && user_mode(regs) && !task.flags;
}

/*
 * Lays the frames out and returns the state of the innermost. A return
 * to STACK_END ends a stack that does not end with the user's registers.
 */
static struct pt_regs lay_out(void)
{
	unsigned long at = (unsigned long)regs;
	unsigned long ip = STACK_END, next_ip = 0;
	unsigned int i;

	if (ends_in_user_mode())
		ip = FUNCTION(ENTRY) + 0x6e;
	for (i = depth; i--; ip = next_ip) {
		next_ip = frames[i].addr;
		if (i + 1 < depth && frames[i + 1].struck) {
			struct pt_regs saved = { .ip = ip, .sp = at };

			at -= sizeof(saved);
			memcpy((void *)at, &saved, sizeof(saved));
			continue;
		}
		memcpy((void *)(at - sizeof(ip)), &ip, sizeof(ip));
		at -= FRAME;
	}
	return (struct pt_regs){ .ip = ip, .sp = at };
}

static void be_kthread(void)
{
	task.mm = NULL;
	task.flags = PF_KTHREAD;
	regs->cs = 0;
}

static void poke64(unsigned long addr, u64 value)
{
	memcpy(stack + (addr - STACK), &value, sizeof(value));
}

static void poke32(unsigned long addr, u32 value)
{
	memcpy(stack32 + (addr - STACK32), &value, sizeof(value));
}

/* Where frame number @i of the user's stack lies. */
static unsigned long frame(unsigned int i)
{
	return STACK + 64 + 32 * i;
}

/* @n frames, returning behind calls 1 to @n; the outermost saves 0. */
static void user_frames(unsigned int n)
{
	unsigned int i;

	regs->bp = n ? frame(0) : 0;
	for (i = 0; i < n; i++) {
		poke64(frame(i), i + 1 < n ? frame(i + 1) : 0);
		poke64(frame(i) + 8, ret(i + 1));
	}
}

/* Keys */

static bool capture_from(const struct perftop_start *start,
			 struct perftop_key *k)
{
	const struct stack_parts parts = stack_current_parts(&cpu);

	return perftop_stack_capture(k, &parts, start, NULL);
}

/* As a switch does it, which searches for no symbol. */
static bool capture_only(struct perftop_key *k)
{
	struct pt_regs at = lay_out();
	struct perftop_start start = {
		.ip = at.ip, .sp = at.sp, .bp = at.bp, .regs = &at,
	};

	const unsigned int lookups = shim_lookups;
	bool begun;

	memset(k, 0xee, sizeof(*k));
	begun = capture_from(&start, k);
	assert_int_equal(shim_lookups, lookups);
	return begun;
}

/* And as the drain finishes it. */
static bool capture(struct perftop_key *k)
{
	if (!capture_only(k))
		return false;
	perftop_stack_settle(k->word);
	return true;
}

static bool equal(const struct perftop_key *a, const struct perftop_key *b)
{
	return a->words == b->words && a->account == b->account &&
	       !memcmp(a->word, b->word, a->words * sizeof(u64));
}

static const char *shown(const struct perftop_key *k)
{
	static struct seq_file m;
	char *printed = NULL;

	m.count = 0;
	m.text[0] = '\0';
	perftop_frames_show(&m, k->word, (u64)task.tgid << 32 | task.pid,
			    &printed);
	kfree(printed);
	return m.text;
}

#define LINE(text)	"        " text "\n"
#define SWITCH		LINE("schedule+0x5a")
#define USER_SWITCH	SWITCH LINE("entry+0x6e")
#define WORKER_LINES							\
	LINE("schedule+0x5a") LINE("worker_thread+0xa3")		\
	LINE("kthread+0xda") LINE("ret_from_fork+0x22")

/* Captures, and expects these lines; then the key is as long as they say. */
static void expect(const char *lines)
{
	assert_true(capture(&key));
	assert_string_equal(shown(&key), lines);
	assert_in_range(key.words, KEY_HEADER_WORDS, PERFTOP_KEY_WORDS);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Kernel stacks */

static void stack_begins_behind_schedule(void **state)
{
	be_kthread();
	push_worker();
	expect(WORKER_LINES);
	assert_int_equal(key.account, PERFTOP_RANKED);
	assert_int_equal(key.words, KEY_HEADER_WORDS + 4);
	assert_false(perftop_stack_truncated(key.word));
}

/* __schedule() that is seen again further out is a frame like others. */
static void stack_begins_behind_the_first_schedule(void **state)
{
	be_kthread();
	push_switch();
	push(FUNCTION(SCHEDULE_INNER) + 0x10);
	expect(SWITCH LINE("__schedule+0x10"));
}

static void stack_needs_schedule(void **state)
{
	be_kthread();
	push_worker();
	frames[1].addr = FUNCTION(WORKER);
	assert_false(capture(&key));
	depth = 1;
	assert_false(capture(&key));
	/* Just behind its end it is another function. */
	push_worker();
	frames[1].addr = FUNCTION(SCHEDULE_INNER) + 0x100;
	assert_false(capture(&key));
	frames[1].addr = FUNCTION(SCHEDULE_INNER) + 0xff;
	assert_true(capture(&key));
}

/* Where a hook has no registers, the frame that it names is the first. */
static void stack_begins_in_schedule_itself(void **state)
{
	struct pt_regs at;
	struct perftop_start start = { };

	be_kthread();
	depth = 0;
	push(FUNCTION(SCHEDULE_INNER) + 0x9a);
	push(FUNCTION(SCHEDULE) + 0x5a);
	push(FUNCTION(WORKER) + 0xa3);
	at = lay_out();
	shim_unwind_from = at;
	start.ip = at.ip;
	start.sp = at.sp;
	start.bp = at.bp;
	assert_true(capture_from(&start, &key));
	assert_string_equal(shown(&key),
			    SWITCH LINE("worker_thread+0xa3"));
	/* The one above has left __schedule() behind. */
	start.sp += FRAME;
	assert_false(capture_from(&start, &key));
}

static void stack_idle_has_its_account(void **state)
{
	be_kthread();
	task.flags |= PF_IDLE;
	push_worker();
	expect(WORKER_LINES);
	assert_int_equal(key.account, PERFTOP_IDLE);
}

static void stack_module_is_named(void **state)
{
	be_kthread();
	push_switch();
	push(MODULE_CODE + 0x20);
	expect(SWITCH LINE("ext4_sync+0x20 [ext4]"));
	/* The same once it is known that the module's code lasts. */
	other = key;
	perftop_text_find_function(MODULE_CODE);
	assert_true(perftop_text_is_known(MODULE_CODE + 0x20));
	expect(SWITCH LINE("ext4_sync+0x20 [ext4]"));
	assert_true(equal(&key, &other));
}

/* A call that is a function's last instruction returns behind its end. */
static void stack_names_the_caller(void **state)
{
	be_kthread();
	push_switch();
	push(FUNCTION(WORKER) + 0x100);
	expect(SWITCH LINE("worker_thread+0x100"));
}

static void push_interrupted(unsigned long addr)
{
	push_switch();
	push(FUNCTION(PREEMPT) + 0x40);
	push(FUNCTION(INTERRUPT) + 0x10);
	push_struck(addr);
	push(FUNCTION(KTHREAD) + 0xda);
}

#define INTERRUPTED_LINES							\
	SWITCH LINE("preempt_schedule_irq+0x40")			\
	LINE("asm_sysvec_apic_timer_interrupt+0x10")

/* Wherever the clock strikes in a function, the key is the same. */
static void stack_interrupted_frame_is_its_function(void **state)
{
	unsigned int i;

	be_kthread();
	push_interrupted(FUNCTION(SPIN));
	expect(INTERRUPTED_LINES LINE("spin+0x0") LINE("kthread+0xda"));
	other = key;
	for (i = 1; i < 0x100; i++) {
		push_interrupted(FUNCTION(SPIN) + i);
		assert_true(capture(&key));
		assert_true(equal(&key, &other));
	}
	push_interrupted(FUNCTION(SPIN) + 0x100);
	assert_true(capture(&key));
	assert_false(equal(&key, &other));
}

/* That start is not the same as a return to that very address. */
static void stack_interrupted_is_no_return(void **state)
{
	be_kthread();
	push_interrupted(FUNCTION(SPIN));
	assert_true(capture(&other));
	frames[5].struck = false;
	shim_rules = without_registers;
	assert_true(capture(&key));
	assert_int_equal(key.words, other.words);
	assert_false(perftop_stack_truncated(key.word));
	assert_false(equal(&key, &other));
}

/*
 * A function that is not known yet is asked for; once that is answered, the same
 * key is made at once, on any CPU.
 */
static void stack_asks_for_functions(void **state)
{
	unsigned int lookups;

	be_kthread();
	push_interrupted(FUNCTION(SPIN) + 0x10);
	assert_true(capture_only(&key));
	push_interrupted(FUNCTION(SPIN) + 0x20);
	assert_true(capture_only(&other));
	assert_false(equal(&key, &other));
	perftop_stack_settle(key.word);
	perftop_stack_settle(other.word);
	assert_true(equal(&key, &other));
	other = key;
	perftop_stack_settle(key.word);
	assert_true(equal(&key, &other));

	perftop_text_changed();
	push_interrupted(FUNCTION(SPIN) + 0x30);
	assert_true(capture_only(&key));
	assert_false(equal(&key, &other));
	perftop_text_answer();
	lookups = shim_lookups;
	for (shim_cpu = 0; shim_cpu < 2; shim_cpu++) {
		push_interrupted(FUNCTION(SPIN) + 0x40 + shim_cpu);
		assert_true(capture_only(&key));
		assert_true(equal(&key, &other));
	}
	shim_cpu = 0;
	/* What is answered once is asked for no more. */
	perftop_text_answer();
	perftop_stack_settle(key.word);
	assert_int_equal(shim_lookups, lookups);
}

/* A module's place may be another's by then; it is said when. */
static void stack_forgets_modules_when_told(void **state)
{
	static const struct shim_symbol later[] = {
		{ MODULE_CODE + 0x10, 0x100, "xfs_sync", "xfs" },
		{ }
	};

	be_kthread();
	push_interrupted(MODULE_CODE + 0x20);
	expect(INTERRUPTED_LINES LINE("ext4_sync+0x0 [ext4]") LINE("kthread+0xda"));
	perftop_text_answer();
	shim_symbols = later;
	assert_true(capture(&key));
	assert_null(strstr(shown(&key), "xfs_sync+0x0"));
	perftop_text_changed();
	assert_true(capture(&key));
	assert_non_null(strstr(shown(&key), "xfs_sync+0x0 [xfs]"));
}

/* More functions than can be known at a time, some of them in one piece. */
static void stack_more_functions_than_are_known(void **state)
{
	static struct shim_symbol many[1001];
	unsigned int i, round;

	for (i = 0; i < 1000; i++)
		many[i] = (struct shim_symbol){
			FUNCTION(100) + 0x20 * i, 0x20, "f"
		};
	shim_symbols = many;
	be_kthread();
	for (round = 0; round < 10000; round++) {
		i = round * 7 % 1000;
		push_interrupted(many[i].start + round % 0x20);
		assert_true(capture(&key));
		push_interrupted(many[i].start);
		assert_true(capture(&other));
		assert_true(equal(&key, &other));
		if (round % 100 == 0)
			perftop_text_answer();
	}
}

/* Code that nobody knows is told apart by its page. */
static void stack_interrupted_nowhere(void **state)
{
	be_kthread();
	push_interrupted(UNKNOWN_CODE + 0x123);
	assert_true(capture(&key));
	push_interrupted(UNKNOWN_CODE + 0x456);
	assert_true(capture(&other));
	assert_true(equal(&key, &other));
	push_interrupted(UNKNOWN_CODE + PAGE_SIZE);
	assert_true(capture(&other));
	assert_false(equal(&key, &other));
	assert_non_null(strstr(shown(&key), "0xffffffff90000000\n"));
}

static void push_deep(unsigned int n)
{
	unsigned int i;

	push_switch();
	for (i = 1; i < n; i++)
		push(FUNCTION(100 + i) + 0x11);
}

static void stack_deepest(void **state)
{
	be_kthread();
	push_deep(PERFTOP_KERNEL_FRAMES);
	assert_true(capture(&key));
	assert_int_equal(key.words, KEY_HEADER_WORDS + PERFTOP_KERNEL_FRAMES);
	assert_false(perftop_stack_truncated(key.word));
	assert_null(strstr(shown(&key), "truncated"));
}

static void stack_too_deep(void **state)
{
	be_kthread();
	push_deep(PERFTOP_KERNEL_FRAMES + 1);
	assert_true(capture(&key));
	assert_int_equal(key.words, KEY_HEADER_WORDS + PERFTOP_KERNEL_FRAMES);
	assert_true(perftop_stack_truncated(key.word));
	assert_non_null(strstr(shown(&key), LINE("(truncated)")));
	assert_int_equal(count(shown(&key), "\n"), PERFTOP_KERNEL_FRAMES + 1);

	/* What is cut off makes no difference, that it is cut off does. */
	push_deep(PERFTOP_KERNEL_FRAMES + 5);
	assert_true(capture(&other));
	assert_true(equal(&key, &other));
	push_deep(PERFTOP_KERNEL_FRAMES);
	assert_true(capture(&other));
	assert_false(equal(&key, &other));
}

/* What is no kernel's text ends a stack too soon. */
static void stack_into_no_text(void **state)
{
	be_kthread();
	push_switch();
	push(CODE);
	push(FUNCTION(KTHREAD) + 0xda);
	expect(SWITCH LINE("(truncated)"));
	assert_true(perftop_stack_truncated(key.word));
}

static void stack_not_to_unwind(void **state)
{
	be_kthread();
	push_worker();
	shim_unwind_error = true;
	assert_true(capture(&key));
	assert_true(perftop_stack_truncated(key.word));
	assert_non_null(strstr(shown(&key), LINE("(truncated)")));
}

/* Open slices: in a call to this CPU, or on the reader's own. */

static void stack_open_begins_at_the_interrupt(void **state)
{
	be_kthread();
	depth = 0;
	push(OWN_CODE + 0x10);
	push(FUNCTION(WORKER) + 1);
	push(FUNCTION(INTERRUPT) + 0x10);
	push_struck(FUNCTION(SPIN) + 0x77);
	push(FUNCTION(KTHREAD) + 0xda);
	shim_hardirq = true;
	shim_unwind_from = lay_out();
	perftop_stack_capture_open(&cpu, &key);
	perftop_stack_settle(key.word);
	assert_string_equal(shown(&key),
			    LINE("spin+0x0") LINE("kthread+0xda"));
}

static void stack_open_begins_behind_the_module(void **state)
{
	be_kthread();
	depth = 0;
	push(OWN_CODE + 0x10);
	push(FUNCTION(WORKER) + 1);
	push(OWN_CODE + 0x20);
	push(FUNCTION(KTHREAD) + 0xda);
	push(FUNCTION(FORK_RETURN) + 0x22);
	shim_unwind_from = lay_out();
	perftop_stack_capture_open(&cpu, &key);
	assert_string_equal(shown(&key), LINE("kthread+0xda")
			    LINE("ret_from_fork+0x22"));
	assert_int_equal(key.words, KEY_HEADER_WORDS + 2);
}

/* Below all frames of those who call for it. */
static void stack_open_begins_in_its_own_function(void **state)
{
	be_kthread();
	push_worker();
	shim_unwind_from = lay_out();
	perftop_stack_capture_open(&cpu, &key);
	assert_true(shim_unwind_above + sizeof(long) <
		    (unsigned long)__builtin_frame_address(0));
}

/* User stacks */

static void stack_user_in_a_call(void **state)
{
	push_switch();
	user_frames(2);
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030"));
	assert_int_equal(shim_user_faults, 0);
}

/* The leaf of one that was interrupted is chance: its callers are not. */
static void stack_user_running(void **state)
{
	push_switch();
	user_frames(2);
	regs->orig_ax = -1UL;
	regs->ip = CODE + 3;
	expect(USER_SWITCH LINE("user: (running)") LINE("user: 0x400020")
	       LINE("user: 0x400030"));
	other = key;
	regs->ip = CODE + 7;
	assert_true(capture(&key));
	assert_true(equal(&key, &other));
	/* In a call with the same callers it is another stack. */
	regs->orig_ax = 0;
	assert_true(capture(&key));
	assert_false(equal(&key, &other));
}

#define NO_FRAMES	USER_SWITCH LINE("user: 0x400010")			\
			LINE("user: (no frame pointer)")

/* No frame can lie at @bp. */
static void no_frame_at(unsigned long bp)
{
	regs->bp = bp;
	expect(NO_FRAMES);
}

static void stack_user_wild_pointers(void **state)
{
	push_switch();
	user_frames(3);
	regs->sp = frame(1);
	no_frame_at(0);
	no_frame_at(1);
	no_frame_at(PAGE_SIZE - 8);
	no_frame_at(frame(0));
	no_frame_at(frame(1) - 8);
	no_frame_at(frame(1) + 4);
	no_frame_at(frame(1) + 1);
	no_frame_at(CODE);
	no_frame_at(~0UL);
	no_frame_at(~0UL << 3);
	no_frame_at(FUNCTION(SPIN));
	no_frame_at(1UL << 63);
	assert_int_equal(shim_user_reads, 0);
	assert_int_equal(shim_user_faults, 0);
	/* Not mapped, and half of it not mapped. */
	no_frame_at(STACK + STACK_SIZE);
	no_frame_at(STACK + STACK_SIZE - 8);
	assert_int_equal(shim_user_reads, 0);
	assert_int_equal(shim_user_faults, 2);
	assert_int_equal(perftop_user_stack_faults(), 2);
}

/* Where a hook's handler reads, which a breakpoint calls as an NMI would. */
static void stack_user_faults_of_a_hook(void **state)
{
	u64 before = perftop_user_stack_faults();

	push_switch();
	user_frames(3);
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_user_stack_faults(), before + 1);
	shim_hardirq = true;
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_user_stack_faults(), before + 1);
	shim_nmi = true;
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_user_stack_faults(), before + 2);
	assert_int_equal(shim_user_faults, 3);
	/* So it is where code cannot be read. */
	user_frames(3);
	poke64(frame(0) + 8, CODE + CODE_SIZE + 64);
	expect(NO_FRAMES);
	assert_int_equal(perftop_user_stack_faults(), before + 3);
	assert_int_equal(shim_user_faults, 4);
}

/* Less than 16 MiB above the stack pointer a frame may lie. */
static void stack_user_far_frame(void **state)
{
	push_switch();
	user_frames(1);
	regs->sp = frame(0) - (16 << 20) + 8;
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020"));
	regs->sp -= 8;
	expect(NO_FRAMES);
}

/* And on the first thread's stack none beyond its end. */
static void stack_user_ends_at_its_top(void **state)
{
	push_switch();
	user_frames(3);
	mm.env_end = frame(2);
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030"));
	mm.env_end = frame(2) + 8;
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030") LINE("user: 0x400040"));
	/* Another thread's stack may lie anywhere. */
	mm.env_end = STACK - 8;
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030") LINE("user: 0x400040"));
}

/* What the second frame saves. */
static void ends_after_two(u64 saved)
{
	poke64(frame(1), saved);
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030"));
}

static void stack_user_walks_upward_only(void **state)
{
	push_switch();
	user_frames(5);
	ends_after_two(frame(0));
	ends_after_two(frame(1));
	/* Overlapping the frame that says so. */
	poke64(frame(1) + 16, ret(6));
	ends_after_two(frame(1) + 8);
	ends_after_two(frame(1) + 12);
	ends_after_two(frame(2) + 1);
	ends_after_two(STACK + STACK_SIZE - 8);
	ends_after_two(~0UL << 3);
	ends_after_two(8);
	/* Directly above is right. */
	poke64(frame(1), frame(1) + 16);
	poke64(frame(1) + 16, 0);
	poke64(frame(1) + 24, ret(3));
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030") LINE("user: 0x400040"));
}

/* Bytes in front of a return address, and whether they are a call. */
static void bytes(bool call, unsigned int n, const char *instruction)
{
	const unsigned int at = ret(1) - CODE;

	memset(code + at - 16, 0x90, 16);
	memcpy(code + at - n, instruction, n);
	expect(call ? USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020") :
		      NO_FRAMES);
}

static void stack_user_returns_behind_a_call(void **state)
{
	push_switch();
	user_frames(1);
	bytes(true, 5, "\xe8\1\2\3\4");		/* call near */
	bytes(true, 2, "\xff\xd0");		/* call *%rax */
	bytes(true, 3, "\x41\xff\xd2");		/* call *%r10 */
	bytes(true, 2, "\xff\x13");		/* call *(%rbx) */
	bytes(true, 3, "\xff\x50\x08");		/* call *8(%rax) */
	bytes(true, 3, "\xff\x14\xd8");		/* call *(%rax,%rbx,8) */
	bytes(true, 4, "\xff\x54\x24\x08");	/* call *8(%rsp) */
	bytes(true, 6, "\xff\x15\1\2\3\4");	/* call *x(%rip) */
	bytes(true, 7, "\xff\x94\x24\1\2\3\4");	/* call *x(%rsp) */
	bytes(false, 1, "\x90");
	bytes(false, 5, "\xe9\1\2\3\4");	/* jmp */
	bytes(false, 6, "\xe8\1\2\3\4\x90");	/* a call, and then something */
	bytes(false, 4, "\xe8\1\2\3");
	bytes(false, 2, "\xff\xe0");		/* jmp *%rax */
	bytes(false, 6, "\xff\x25\1\2\3\4");	/* jmp *x(%rip) */
	bytes(false, 2, "\xff\xd8");		/* far call */
	bytes(false, 2, "\xff\xc0");		/* inc %eax */
	bytes(false, 2, "\xff\x75");		/* push */
	bytes(false, 1, "\xff");
}

/* Data for a return address, and code that cannot be read. */
static void stack_user_returns_into_code(void **state)
{
	push_switch();
	user_frames(1);
	poke64(frame(0) + 8, 5);
	expect(NO_FRAMES);
	poke64(frame(0) + 8, CODE + 3);
	expect(NO_FRAMES);
	poke64(frame(0) + 8, ~0UL);
	expect(NO_FRAMES);
	poke64(frame(0) + 8, CODE + CODE_SIZE + 64);
	expect(NO_FRAMES);
	assert_int_equal(shim_user_faults, 2);
	/* Why a walk ended makes no other key. */
	other = key;
	regs->bp = 0;
	assert_true(capture(&key));
	assert_true(equal(&key, &other));
}

/*
 * Where there may be code, it is looked at whether there is a call before it, or
 * the end of a signal behind; once.
 */
static void looks_at(bool looks, unsigned long addr)
{
	const unsigned int before = shim_user_reads + shim_user_faults;

	poke64(frame(0) + 8, addr);
	expect(NO_FRAMES);
	/* Beside the frame's two words. */
	assert_in_range(shim_user_reads + shim_user_faults - before,
			2 + looks, 2 + 2 * looks);
}

/*
 * A handler returns to what ends a signal. What was struck is left out, and its
 * caller comes next, by the frame pointer that the handler has saved: above the
 * handler's frame, or on another stack.
 */
static void signal_is_passed(const u8 *end, unsigned int bytes, bool above)
{
	const unsigned long handler = frame(above ? 0 : 4);
	const unsigned long struck = frame(above ? 4 : 0);

	push_switch();
	memcpy(&code[0x108], end, bytes);
	regs->bp = handler;
	regs->sp = handler - 8;
	poke64(handler, struck);
	poke64(handler + 8, CODE + 0x108);
	poke64(struck, 0);
	poke64(struck + 8, ret(3));
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400108 (signal)")
	       LINE("user: (running)") LINE("user: 0x400040"));
	make_calls();
}

static void stack_user_behind_a_signal(void **state)
{
	static const u8 libc[] = {
		0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05,
	};
	static const u8 vdso_rt[] = { 0xb8, 0xad, 0, 0, 0, 0xcd, 0x80 };
	static const u8 vdso[] = { 0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80 };
	unsigned int above;

	for (above = 0; above < 2; above++) {
		signal_is_passed(libc, sizeof(libc), above);
		signal_is_passed(vdso_rt, sizeof(vdso_rt), above);
		signal_is_passed(vdso, sizeof(vdso), above);
	}
}

/* A page from either end of user space: nothing is read beyond. */
static void stack_user_returns_into_user_space(void **state)
{
	push_switch();
	user_frames(1);
	looks_at(false, PAGE_SIZE - 1);
	looks_at(true, PAGE_SIZE);
	looks_at(true, TASK_SIZE_MAX - PAGE_SIZE - 1);
	looks_at(false, TASK_SIZE_MAX - PAGE_SIZE);
	looks_at(false, TASK_SIZE_MAX);
	looks_at(false, 1UL << 63 | CODE);
}

/* At the end of user space there is no room for a stack and what is above. */
static void stack_user_in_the_highest_place(void **state)
{
	push_switch();
	user_frames(1);
	regs->bp = HIGHEST + (frame(0) - STACK);
	regs->sp = HIGHEST;
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020"));
	regs->sp++;
	expect(NO_FRAMES);
}

/* Of the first thread's stack the end is known: the last two words count. */
static void stack_user_up_to_the_very_end(void **state)
{
	const unsigned long last = STACK_SIZE - 16;

	push_switch();
	mm.env_end = TASK_SIZE_MAX;
	regs->sp = TASK_SIZE_MAX - STACK_SIZE;
	regs->bp = regs->sp + last;
	poke64(STACK + last, 0);
	poke64(STACK + last + 8, ret(1));
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020"));
	regs->bp += 8;
	expect(NO_FRAMES);
	/* Which is not found out by reading. */
	assert_int_equal(shim_user_faults, 0);
}

static void stack_user_deepest(void **state)
{
	push_switch();
	user_frames(PERFTOP_USER_FRAMES - 1);
	assert_true(capture(&key));
	assert_int_equal(count(shown(&key), "user: 0x"), PERFTOP_USER_FRAMES);
	assert_false(perftop_stack_truncated(key.word));
	assert_null(strstr(shown(&key), "truncated"));

	regs->orig_ax = -1UL;
	user_frames(PERFTOP_USER_FRAMES);
	assert_true(capture(&key));
	assert_int_equal(count(shown(&key), "user: 0x"), PERFTOP_USER_FRAMES);
	assert_false(perftop_stack_truncated(key.word));
}

static void stack_user_too_deep(void **state)
{
	push_switch();
	user_frames(PERFTOP_USER_FRAMES);
	assert_true(capture(&key));
	assert_int_equal(count(shown(&key), "user: 0x"), PERFTOP_USER_FRAMES);
	assert_true(perftop_stack_truncated(key.word));
	assert_non_null(strstr(shown(&key), LINE("user: (truncated)")));
}

/* Both parts at their limits fill the key exactly. */
static void stack_both_too_deep(void **state)
{
	push_deep(PERFTOP_KERNEL_FRAMES + 10);
	user_frames(PERFTOP_USER_FRAMES + 10);
	memset(&key, 0, sizeof(key));
	assert_true(capture(&key));
	assert_int_equal(key.words, PERFTOP_KEY_WORDS);
	assert_true(perftop_stack_truncated(key.word));
	assert_int_equal(count(shown(&key), "truncated"), 2);
	assert_int_equal(count(shown(&key), "\n"),
			 PERFTOP_KERNEL_FRAMES + PERFTOP_USER_FRAMES + 2);
}

/* A 32-bit program's frames are half as wide. */
static void stack_user_32_bit(void **state)
{
	const unsigned long at = STACK32 + 0x44;

	push_switch();
	regs->cs = 0x23;
	regs->sp = STACK32;
	regs->bp = at;
	poke32(at, at + 8);
	poke32(at + 4, ret(1));
	poke32(at + 8, at + 20);
	poke32(at + 12, ret(2));
	poke32(at + 20, 0);
	poke32(at + 24, ret(3));
	expect(USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")
	       LINE("user: 0x400030") LINE("user: 0x400040"));
	regs->bp = at + 2;
	expect(NO_FRAMES);
}

/* Whose stacks are no user's. */

static void stack_kthread_has_no_user_stack(void **state)
{
	be_kthread();
	push_worker();
	expect(WORKER_LINES);
	other = key;
	/* Not even with a borrowed address space. */
	task.mm = &mm;
	regs->cs = 0x33;
	user_frames(2);
	expect(WORKER_LINES);
	assert_true(equal(&key, &other));
	assert_int_equal(shim_user_reads, 0);
}

static void stack_io_worker_has_no_user_stack(void **state)
{
	push_worker();
	user_frames(2);
	task.flags = PF_IO_WORKER;
	expect(WORKER_LINES);
	task.flags = PF_USER_WORKER;
	expect(WORKER_LINES);
	assert_int_equal(shim_user_reads, 0);
}

/* On its way into its first program, or out of its last. */
static void stack_no_registers_no_user_stack(void **state)
{
	push_worker();
	user_frames(2);
	regs->cs = 0;
	expect(WORKER_LINES);
	regs->cs = 0x33;
	task.mm = NULL;
	expect(WORKER_LINES);
	assert_int_equal(shim_user_reads, 0);
}

/* Equal addresses in two address spaces are two keys. */
static void stack_address_spaces_are_apart(void **state)
{
	push_switch();
	user_frames(2);
	assert_true(capture(&key));
	mm.context.ctx_id++;
	assert_true(capture(&other));
	assert_false(equal(&key, &other));
	/* Threads of one process share theirs. */
	task.pid++;
	assert_true(capture(&key));
	assert_true(equal(&key, &other));
}

/* Nor are those of two processes in one, as where one is vfork()ed. */
static void stack_processes_are_apart(void **state)
{
	push_switch();
	user_frames(2);
	assert_true(capture(&key));
	assert_int_equal(key.word[KEY_OWNER], OWNER);
	cpu.owner++;
	assert_true(capture(&other));
	assert_false(equal(&key, &other));
}

/* Each process has its own last rows, though its address space is gone. */
static void stack_of_one_that_exits(void **state)
{
	push_worker();
	task.mm = NULL;
	expect(WORKER_LINES);
	assert_int_equal(key.word[KEY_OWNER], OWNER);
	assert_int_equal(key.word[KEY_SPACE], 0);
}

/* A kernel thread is its own, also while it works for a process. */
static void stack_of_a_kernel_thread(void **state)
{
	be_kthread();
	push_worker();
	expect(WORKER_LINES);
	assert_int_equal(key.word[KEY_OWNER], OWNER);
	task.mm = &mm;
	expect(WORKER_LINES);
	assert_int_equal(key.word[KEY_SPACE], 0);
	assert_int_equal(shim_user_reads, 0);
}

/* The registers are still those of the old program. */
static void stack_during_exec(void **state)
{
	push_worker();
	user_frames(2);
	task.in_execve = true;
	expect(WORKER_LINES LINE("entry+0x6e"));
	assert_int_equal(key.word[KEY_SPACE], 77);
	assert_int_equal(shim_user_reads, 0);
	task.in_execve = false;
	assert_true(capture(&other));
	assert_false(equal(&key, &other));
}

static void stack_of_idle_is_nobodys(void **state)
{
	be_kthread();
	task.flags |= PF_IDLE;
	push_worker();
	assert_true(capture(&key));
	assert_int_equal(key.word[KEY_OWNER], 0);
}

/* stack= */

static void stack_mode_kernel(void **state)
{
	set_mode(PERFTOP_STACK_KERNEL);
	push_worker();
	user_frames(2);
	expect(WORKER_LINES LINE("entry+0x6e"));
	other = key;
	mm.context.ctx_id++;
	regs->ip++;
	assert_true(capture(&key));
	assert_true(equal(&key, &other));
	assert_int_equal(shim_user_reads, 0);
}

static void stack_mode_user(void **state)
{
	set_mode(PERFTOP_STACK_USER);
	push_worker();
	user_frames(1);
	expect(LINE("user: 0x400010") LINE("user: 0x400020"));
	other = key;
	push_switch();
	assert_true(capture(&key));
	assert_true(equal(&key, &other));
	mm.context.ctx_id++;
	assert_true(capture(&key));
	assert_false(equal(&key, &other));
	be_kthread();
	push_worker();
	expect(WORKER_LINES);
}

/* Who has rows with user frames is known when it ends. */
static void stack_notes_the_address_space(void **state)
{
	u64 *noted = &perftop_maps_noted[77];

	*noted = 0;
	push_switch();
	user_frames(3);
	set_mode(PERFTOP_STACK_KERNEL);
	assert_true(capture(&key));
	assert_int_equal(*noted, 0);
	set_mode(PERFTOP_STACK_USER);
	assert_true(capture(&key));
	assert_int_equal(*noted, 77);
	*noted = 0;
	set_mode(PERFTOP_STACK_BOTH);
	assert_true(capture(&key));
	assert_int_equal(*noted, 77);
}

static void stack_init_needs_schedule(void **state)
{
	const unsigned int logged = shim_logged;
	static const struct shim_symbol none[] = { { } };

	shim_symbols = none;
	assert_int_equal(perftop_stack_init(), -EOPNOTSUPP);
	assert_int_equal(shim_logged, logged + 1);
}

/* A value that a register or a stack word may hold. */
static u64 random_word(u64 *seed)
{
	switch (test_below(seed, 8)) {
	case 0:
		return test_random(seed);
	case 1:
		return ~0UL - test_below(seed, 100);
	case 2:
		return test_below(seed, 2 * PAGE_SIZE);
	case 3:
		return CODE + test_below(seed, CODE_SIZE + 64);
	case 4:
		return ret(test_below(seed, 100));
	default:
		return STACK - 64 + 8 * test_below(seed, STACK_SIZE / 8 + 16);
	}
}

/*
 * Whatever a program has in its registers and on its stack: no more frames
 * and reads than there may be, and each frame behind a call.
 */
static void stack_user_random(void **state)
{
	u64 seed = test_seed(401);
	unsigned int round, i, n;
	u64 addr;

	push_switch();
	for (round = 0; round < 30000; round++) {
		for (i = 0; i < 200; i++)
			poke64(STACK + 8 * test_below(&seed, STACK_SIZE / 8),
			       random_word(&seed));
		regs->sp = random_word(&seed);
		regs->bp = random_word(&seed);
		regs->ip = random_word(&seed) % TASK_SIZE_MAX;
		regs->orig_ax = test_below(&seed, 2) ? -1UL : 0;
		regs->cs = test_below(&seed, 4) ? 0x33 : 0x23;
		shim_user_reads = 0;
		shim_user_faults = 0;
		assert_true(capture(&key));

		/* The header, and two frames of the kernel's. */
		n = key.words - KEY_HEADER_WORDS - 2;
		assert_true(n <= PERFTOP_USER_FRAMES);
		assert_true(shim_user_reads <= 2 * PERFTOP_USER_FRAMES + 2);
		assert_true(shim_user_faults <= 1);
		for (i = regs->orig_ax ? 0 : 1; i < n; i++) {
			addr = key.word[KEY_HEADER_WORDS + 2 + i];
			/* By chance, a stack may look like code. */
			if (addr - STACK < STACK_SIZE + 8)
				continue;
			assert_true(addr > CODE && addr <= CODE + CODE_SIZE);
			assert_int_equal(code[addr - CODE - 5], 0xe8);
		}
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stack_begins_behind_schedule),
		TEST(stack_begins_behind_the_first_schedule),
		TEST(stack_needs_schedule),
		TEST(stack_begins_in_schedule_itself),
		TEST(stack_idle_has_its_account),
		TEST(stack_module_is_named),
		TEST(stack_names_the_caller),
		TEST(stack_interrupted_frame_is_its_function),
		TEST(stack_interrupted_is_no_return),
		TEST(stack_asks_for_functions),
		TEST(stack_forgets_modules_when_told),
		TEST(stack_more_functions_than_are_known),
		TEST(stack_interrupted_nowhere),
		TEST(stack_deepest),
		TEST(stack_too_deep),
		TEST(stack_into_no_text),
		TEST(stack_not_to_unwind),
		TEST(stack_open_begins_at_the_interrupt),
		TEST(stack_open_begins_behind_the_module),
		TEST(stack_open_begins_in_its_own_function),
		TEST(stack_user_in_a_call),
		TEST(stack_user_running),
		TEST(stack_user_wild_pointers),
		TEST(stack_user_faults_of_a_hook),
		TEST(stack_user_far_frame),
		TEST(stack_user_ends_at_its_top),
		TEST(stack_user_walks_upward_only),
		TEST(stack_user_returns_behind_a_call),
		TEST(stack_user_returns_into_code),
		TEST(stack_user_behind_a_signal),
		TEST(stack_user_returns_into_user_space),
		TEST(stack_user_in_the_highest_place),
		TEST(stack_user_up_to_the_very_end),
		TEST(stack_user_deepest),
		TEST(stack_user_too_deep),
		TEST(stack_both_too_deep),
		TEST(stack_user_32_bit),
		TEST(stack_kthread_has_no_user_stack),
		TEST(stack_io_worker_has_no_user_stack),
		TEST(stack_no_registers_no_user_stack),
		TEST(stack_address_spaces_are_apart),
		TEST(stack_processes_are_apart),
		TEST(stack_of_one_that_exits),
		TEST(stack_of_a_kernel_thread),
		TEST(stack_during_exec),
		TEST(stack_of_idle_is_nobodys),
		TEST(stack_mode_kernel),
		TEST(stack_mode_user),
		TEST(stack_notes_the_address_space),
		TEST(stack_init_needs_schedule),
		TEST(stack_user_random),
	};

	assert_int_equal(perftop_maps_init(), 0);
	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
