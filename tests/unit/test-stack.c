// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks: what the unwinder and a user's memory say becomes a key, and a key
 * becomes lines. Keys are compared as the table does, and told by what is
 * printed of them.
 */
#include "test.h"

#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/unwind.h>

#include "perftop.h"

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

/* The user's memory: code in which calls stand, and a stack. */
#define CODE		0x400000UL
#define CODE_SIZE	0x2000
#define STACK		0x7ffd00000000UL
#define STACK_SIZE	0x4000
#define STACK32		0xffe00000UL

static u8 code[CODE_SIZE];
static u8 stack[STACK_SIZE];
static u8 stack32[STACK_SIZE];

static const struct shim_mapping mappings[] = {
	{ CODE, CODE_SIZE, code },
	{ STACK, STACK_SIZE, stack },
	{ STACK32, STACK_SIZE, stack32 },
	{ }
};

static struct mm_struct mm;
static struct task_struct task;
static struct task_struct *tasks[] = { &task, NULL };
static struct pt_regs *regs;		/* the user's */
static struct perftop_key key;
static struct perftop_cpu cpu;
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

static int setup(void **state)
{
	shim_percpu_reset();
	memset(&perftop_params, 0, sizeof(perftop_params));
	memset(stack, 0, sizeof(stack));
	memset(stack32, 0, sizeof(stack32));
	make_calls();
	mm = (struct mm_struct){ .context.ctx_id = 77 };
	task = (struct task_struct){
		.pid = 42, .tgid = 40, .comm = "task", .mm = &mm,
		.stack = kernel_stack,
	};
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
	return 0;
}

/* Whatever was taken to print a stack has been given back. */
static int teardown(void **state)
{
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

static bool capture(struct perftop_key *k)
{
	struct pt_regs at = lay_out();
	struct perftop_start start = {
		.ip = at.ip, .sp = at.sp, .bp = at.bp, .regs = &at,
	};

	memset(k, 0xee, sizeof(*k));
	return perftop_stack_capture(k, &start);
}

static bool equal(const struct perftop_key *a, const struct perftop_key *b)
{
	return a->words == b->words && a->account == b->account &&
	       !memcmp(a->word, b->word, a->words * sizeof(u64));
}

static const char *shown(const struct perftop_key *k)
{
	static struct seq_file m;

	m.length = 0;
	m.text[0] = '\0';
	perftop_frames_show(&m, k->word, (u64)task.tgid << 32 | task.pid);
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
	assert_in_range(key.words, 2, PERFTOP_KEY_WORDS);
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
	assert_int_equal(key.words, 2 + 4);
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

#define INTERRUPTED							\
	SWITCH LINE("preempt_schedule_irq+0x40")			\
	LINE("asm_sysvec_apic_timer_interrupt+0x10")

/* Wherever the clock strikes in a function, the key is the same. */
static void stack_interrupted_frame_is_its_function(void **state)
{
	unsigned int i;

	be_kthread();
	push_interrupted(FUNCTION(SPIN));
	expect(INTERRUPTED LINE("spin+0x0") LINE("kthread+0xda"));
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
	assert_true(capture(&key));
	assert_false(equal(&key, &other));
}

static void stack_remembers_functions(void **state)
{
	unsigned int lookups;

	be_kthread();
	push_interrupted(FUNCTION(SPIN) + 0x10);
	assert_true(capture(&key));
	lookups = shim_lookups;
	push_interrupted(FUNCTION(SPIN) + 0x20);
	assert_true(capture(&key));
	assert_int_equal(shim_lookups, lookups);

	/* Another CPU has to find out by itself. */
	shim_cpu = 1;
	assert_true(capture(&key));
	assert_int_equal(shim_lookups, lookups + 1);
	shim_cpu = 0;
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
	expect(INTERRUPTED LINE("ext4_sync+0x0 [ext4]") LINE("kthread+0xda"));
	shim_symbols = later;
	cpu.forget = true;
	cpu.recall = perftop_recall_alloc(0);
	perftop_stack_capture_open(&cpu, &key);
	assert_false(cpu.forget);
	vfree(cpu.recall);
	assert_true(capture(&key));
	assert_non_null(strstr(shown(&key), "xfs_sync+0x0 [xfs]"));
}

/* More functions than are remembered. */
static void stack_forgets_functions(void **state)
{
	static struct shim_symbol many[101];
	unsigned int i, round;

	for (i = 0; i < 100; i++)
		many[i] = (struct shim_symbol){ FUNCTION(100 + i), 0x100, "f" };
	shim_symbols = many;
	be_kthread();
	for (round = 0; round < 300; round++) {
		i = round * 7 % 100;
		push_interrupted(FUNCTION(100 + i) + round % 0x100);
		assert_true(capture(&key));
		push_interrupted(FUNCTION(100 + i));
		assert_true(capture(&other));
		assert_true(equal(&key, &other));
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
	assert_int_equal(key.words, 2 + PERFTOP_KERNEL_FRAMES);
	assert_false(perftop_stack_truncated(key.word));
	assert_null(strstr(shown(&key), "truncated"));
}

static void stack_too_deep(void **state)
{
	be_kthread();
	push_deep(PERFTOP_KERNEL_FRAMES + 1);
	assert_true(capture(&key));
	assert_int_equal(key.words, 2 + PERFTOP_KERNEL_FRAMES);
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
	assert_int_equal(key.words, 2 + 2);
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
	assert_int_equal(perftop_stack_user_faults(), 2);
}

/* Where a hook's handler reads, which a breakpoint calls as an NMI would. */
static void stack_user_faults_of_a_hook(void **state)
{
	u64 before = perftop_stack_user_faults();

	push_switch();
	user_frames(3);
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_stack_user_faults(), before + 1);
	shim_hardirq = true;
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_stack_user_faults(), before + 1);
	shim_nmi = true;
	no_frame_at(STACK + STACK_SIZE);
	assert_int_equal(perftop_stack_user_faults(), before + 2);
	assert_int_equal(shim_user_faults, 3);
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

/* stack= */

static void stack_mode_kernel(void **state)
{
	perftop_params.stack = PERFTOP_STACK_KERNEL;
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
	perftop_params.stack = PERFTOP_STACK_USER;
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

/* Names */

static struct file program = { "program" };

static struct vm_area_struct areas[] = {
	{ CODE - 0x1000, CODE + 0x18, 0x10, &program },
	{ CODE + 0x18, CODE + 0x28, 0, NULL },
	{ CODE + 0x28, CODE + 0x38, 0, NULL },
	{ CODE + 0x48, CODE + 0x58, 0, &program },
	{ }
};

static void push_named(void)
{
	mm.vma = areas;
	mm.context.vdso = (void *)(CODE + 0x28);
	push_switch();
	user_frames(3);
}

#define NAMED								\
	USER_SWITCH LINE("user: program+0x11010") LINE("user: [anon]+0x8")	\
	LINE("user: [vdso]+0x8") LINE("user: 0x400040")

#define NUMBERED							\
	USER_SWITCH LINE("user: 0x400010") LINE("user: 0x400020")		\
	LINE("user: 0x400030") LINE("user: 0x400040")

static void stack_show_names_files(void **state)
{
	push_named();
	expect(NAMED);
}

/* The thread is gone, its process is not. */
static void stack_show_asks_the_process(void **state)
{
	push_named();
	assert_true(capture(&key));
	task.pid = 40;
	task.tgid = 40;
	expect(NAMED);
}

static void stack_show_another_address_space(void **state)
{
	push_named();
	assert_true(capture(&key));
	mm.context.ctx_id++;
	assert_string_equal(shown(&key), NUMBERED);
}

static void stack_show_gone(void **state)
{
	static struct task_struct *none[] = { NULL };

	push_named();
	assert_true(capture(&key));
	shim_tasks = none;
	assert_string_equal(shown(&key), NUMBERED);
	shim_tasks = tasks;
	task.mm = NULL;
	assert_string_equal(shown(&key), NUMBERED);
}

/* A reader does not wait for somebody's mmap(). */
static void stack_show_does_not_wait(void **state)
{
	push_named();
	assert_true(capture(&key));
	mm.write_locked = true;
	assert_string_equal(shown(&key), NUMBERED);
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

		/* Two words of header, two frames of the kernel's. */
		n = key.words - 4;
		assert_true(n <= PERFTOP_USER_FRAMES);
		assert_true(shim_user_reads <= 2 * PERFTOP_USER_FRAMES + 2);
		assert_true(shim_user_faults <= 1);
		for (i = regs->orig_ax ? 0 : 1; i < n; i++) {
			addr = key.word[4 + i];
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
		TEST(stack_idle_has_its_account),
		TEST(stack_module_is_named),
		TEST(stack_names_the_caller),
		TEST(stack_interrupted_frame_is_its_function),
		TEST(stack_interrupted_is_no_return),
		TEST(stack_remembers_functions),
		TEST(stack_forgets_modules_when_told),
		TEST(stack_forgets_functions),
		TEST(stack_interrupted_nowhere),
		TEST(stack_deepest),
		TEST(stack_too_deep),
		TEST(stack_not_to_unwind),
		TEST(stack_open_begins_at_the_interrupt),
		TEST(stack_open_begins_behind_the_module),
		TEST(stack_user_in_a_call),
		TEST(stack_user_running),
		TEST(stack_user_wild_pointers),
		TEST(stack_user_faults_of_a_hook),
		TEST(stack_user_far_frame),
		TEST(stack_user_ends_at_its_top),
		TEST(stack_user_walks_upward_only),
		TEST(stack_user_returns_behind_a_call),
		TEST(stack_user_returns_into_code),
		TEST(stack_user_deepest),
		TEST(stack_user_too_deep),
		TEST(stack_both_too_deep),
		TEST(stack_user_32_bit),
		TEST(stack_kthread_has_no_user_stack),
		TEST(stack_io_worker_has_no_user_stack),
		TEST(stack_no_registers_no_user_stack),
		TEST(stack_address_spaces_are_apart),
		TEST(stack_mode_kernel),
		TEST(stack_mode_user),
		TEST(stack_show_names_files),
		TEST(stack_show_asks_the_process),
		TEST(stack_show_another_address_space),
		TEST(stack_show_gone),
		TEST(stack_show_does_not_wait),
		TEST(stack_init_needs_schedule),
		TEST(stack_user_random),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
