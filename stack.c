// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks: capture the leaving task's, make its key, print its frames.
 *
 * A key's words:
 *
 *	[0]	number of kernel frames, number of user frames, flags
 *	[1]	the address space's mm->context.ctx_id, which is never used
 *		again; 0 for a stack that belongs to no process
 *	[2]...	kernel frames, then user frames, the innermost first
 *
 * A frame is a return address. The address at which an interrupt struck is
 * none: it would make a new key wherever the clock strikes. In the kernel the
 * start of the interrupted function takes its place, marked by a cleared top
 * bit; in user space it is left out and KEY_USER_RUNNING says so.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <asm/unwind.h>

#include "compat/compat.h"
#include "perftop.h"

#define KEY_KERNEL_FRAMES	GENMASK_ULL(7, 0)
#define KEY_USER_FRAMES		GENMASK_ULL(15, 8)
#define KEY_KERNEL_TRUNCATED	BIT_ULL(16)	/* too deep, or not to unwind */
#define KEY_USER_TRUNCATED	BIT_ULL(17)	/* too deep */
#define KEY_USER		BIT_ULL(18)	/* has a user stack */
#define KEY_USER_RUNNING	BIT_ULL(19)	/* interrupted: no leaf */
#define KEY_HEADER_WORDS	2

#define INTERRUPTED		BIT_ULL(63)

/* A user frame is refused this far above the stack pointer. */
#define USER_STACK_MAX		SZ_16M

/* Functions whose extent this CPU remembers. */
#define FUNCTIONS		32

struct function_range {
	unsigned long	start;
	unsigned long	size;
};

/* Own CPU only, interrupts off. */
struct stack_scratch {
	struct function_range	function[FUNCTIONS];
	unsigned int		replace;
	u64			user_faults;
	char			symbol[KSYM_SYMBOL_LEN];
};

static DEFINE_PER_CPU(struct stack_scratch, stack_scratch);

/* Fixed once loaded. */
static struct function_range schedule_range __read_mostly;

static notrace bool within(const struct function_range *range,
			     unsigned long addr)
{
	return addr - range->start < range->size;
}

/*
 * Reads "name+0xoffset/0xsize" for @addr. sprint_symbol() takes no lock; it
 * costs some thousand instructions.
 */
static notrace bool resolve_range(unsigned long addr, char *symbol,
				  struct function_range *range)
{
	unsigned long offset;
	const char *at;

	sprint_symbol(symbol, addr);
	at = strchr(symbol, '+');
	if (!at || sscanf(at, "+%lx/%lx", &offset, &range->size) != 2)
		return false;
	range->start = addr - offset;
	return true;
}

/* Where the interrupted function begins, or the page if nobody knows. */
static notrace unsigned long function_start(unsigned long addr)
{
	struct stack_scratch *scratch = this_cpu_ptr(&stack_scratch);
	struct function_range range;
	unsigned int i;

	for (i = 0; i < FUNCTIONS; i++)
		if (within(&scratch->function[i], addr))
			return scratch->function[i].start;

	if (!resolve_range(addr, scratch->symbol, &range))
		return addr & PAGE_MASK;
	/* A module's code may go and another's come to the same place. */
	if (addr < MODULES_VADDR)
		scratch->function[scratch->replace++ % FUNCTIONS] = range;
	return range.start;
}

/* Where the frames of a key begin. */
enum begin {
	AT_SCHEDULE,	/* behind __schedule() */
	AT_INTERRUPT,	/* with what the interrupt struck */
	AT_MODULE,	/* behind this module's own functions */
};

/*
 * Adds the frames of current's kernel stack to @key.
 * Returns whether the place where they begin was found.
 */
static notrace bool unwind_kernel(struct perftop_key *key,
				  struct pt_regs *regs, enum begin begin)
{
	u64 *frame = key->word + KEY_HEADER_WORDS;
	struct unwind_state state;
	bool begun = false;
	unsigned int n = 0;

	for (__unwind_start(&state, current, regs, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		unsigned long addr = unwind_get_return_address(&state);
		bool struck = unwind_get_entry_regs(&state, NULL);

		if (struck && begin == AT_INTERRUPT)
			begun = true;
		if (!addr)
			break;
		if (begin == AT_MODULE && within_module(addr, THIS_MODULE)) {
			begun = true;
			n = 0;
			continue;
		}
		if (!begun) {
			begun = begin == AT_SCHEDULE &&
				within(&schedule_range, addr);
			continue;
		}
		if (n == PERFTOP_KERNEL_FRAMES) {
			key->word[0] |= KEY_KERNEL_TRUNCATED;
			break;
		}
		if (struck)
			addr = function_start(addr) & ~INTERRUPTED;
		frame[n++] = addr;
	}
	if (unwind_error(&state))
		key->word[0] |= KEY_KERNEL_TRUNCATED;
	key->word[0] |= FIELD_PREP(KEY_KERNEL_FRAMES, n);
	key->words += n;
	return begun;
}

static notrace bool read_user(void *to, unsigned long from, size_t size)
{
	if (!copy_from_user_nofault(to, (const void __user *)from, size))
		return true;
	this_cpu_inc(stack_scratch.user_faults);
	return false;
}

/*
 * Is there a call in front of a return address? Code built without frame
 * pointers leaves anything in the register, and what that points to is then
 * different from switch to switch. E8 is the direct call; FF with 2 in the
 * middle of the next byte the indirect ones, of 2 to 7 bytes (Intel's manual,
 * volume 2, CALL).
 */
static notrace bool follows_call(unsigned long addr)
{
	u8 code[7];
	int at;

	if (!read_user(code, addr - sizeof(code), sizeof(code)))
		return false;
	if (code[2] == 0xe8)
		return true;
	for (at = 0; at < 6; at++)
		if (code[at] == 0xff && (code[at + 1] & 0x38) == 0x10)
			return true;
	return false;
}

/* Reads the saved frame pointer and the return address above it. */
static notrace bool read_frame(unsigned long fp, bool wide,
			       unsigned long *next, unsigned long *ret)
{
	u64 frame64[2];
	u32 frame32[2];

	if (wide) {
		if (!read_user(frame64, fp, sizeof(frame64)))
			return false;
		*next = frame64[0];
		*ret = frame64[1];
		return true;
	}
	if (!read_user(frame32, fp, sizeof(frame32)))
		return false;
	*next = frame32[0];
	*ret = frame32[1];
	return true;
}

/*
 * Walks the frame pointers upward from @regs and stores return addresses
 * behind the @n frames that are there; returns how many there are then. Why
 * the walk ended makes no part of the key: without frame pointers it is chance.
 */
static notrace unsigned int walk_user(struct perftop_key *key, u64 *frame,
				      unsigned int n,
				      const struct pt_regs *regs)
{
	const bool wide = user_64bit_mode((struct pt_regs *)regs);
	const unsigned long align = wide ? sizeof(u64) : sizeof(u32);
	unsigned long low = regs->sp;
	unsigned long fp = regs->bp;
	unsigned long ret;

	/* The outermost frame saves 0, or some small number. */
	while (fp >= PAGE_SIZE) {
		if (n == PERFTOP_USER_FRAMES) {
			key->word[0] |= KEY_USER_TRUNCATED;
			break;
		}
		if (fp < low || fp - regs->sp > USER_STACK_MAX ||
		    !IS_ALIGNED(fp, align))
			break;
		low = fp + 2 * align;
		if (!read_frame(fp, wide, &fp, &ret) || !follows_call(ret))
			break;
		frame[n++] = ret;
	}
	return n;
}

/* Adds current's user stack and process to @key. */
static notrace void capture_user(struct perftop_key *key,
				 const struct pt_regs *regs)
{
	u64 *frame = key->word + key->words;
	unsigned int n = 0;

	key->word[0] |= KEY_USER;
	/* Not in a system call: interrupted, or faulted. */
	if ((long)regs->orig_ax == -1)
		key->word[0] |= KEY_USER_RUNNING;
	else
		frame[n++] = regs->ip;

	n = walk_user(key, frame, n, regs);
	key->word[0] |= FIELD_PREP(KEY_USER_FRAMES, n);
	key->words += n;
}

/* current's user registers, NULL if it never ran in user mode. */
static notrace struct pt_regs *user_regs(void)
{
	struct pt_regs *regs = task_pt_regs(current);

	if (!current->mm || current->flags & PERFTOP_PF_NO_USER_STACK)
		return NULL;
	return user_mode(regs) ? regs : NULL;
}

static notrace bool capture(struct perftop_key *key, struct pt_regs *regs,
			    enum begin begin)
{
	const enum perftop_stack_mode mode = perftop_params.stack;
	struct pt_regs *user = NULL;
	bool begun = true;

	key->words = KEY_HEADER_WORDS;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
	key->word[0] = 0;
	key->word[1] = 0;

	if (mode != PERFTOP_STACK_KERNEL) {
		if (current->mm && !(current->flags & PF_KTHREAD))
			key->word[1] = current->mm->context.ctx_id;
		user = user_regs();
	}
	if (mode != PERFTOP_STACK_USER || !user)
		begun = unwind_kernel(key, regs, begin);
	if (user)
		capture_user(key, user);
	return begun;
}

/**
 * perftop_stack_capture() - Make the leaving task's key at a pick
 * @key: where to; its hash is not set
 * @regs: the probe's, of a function that __schedule() called
 *
 * Context: hot path.
 * Return: false if the unwinder did not come to __schedule()'s caller.
 */
notrace bool perftop_stack_capture(struct perftop_key *key,
				   struct pt_regs *regs)
{
	return capture(key, regs, AT_SCHEDULE);
}
NOKPROBE_SYMBOL(perftop_stack_capture);

/**
 * perftop_stack_capture_open() - Make the running task's key during a read
 * @key: where to; its hash is not set
 *
 * Context: interrupts off, in the handler of a call to this CPU or, on the
 *	reader's own, called directly.
 */
void perftop_stack_capture_open(struct perftop_key *key)
{
	capture(key, NULL, hardirq_count() ? AT_INTERRUPT : AT_MODULE);
}

/**
 * perftop_stack_user_faults() - How often a user stack was not to be read
 *
 * Context: any.
 * Return: the sum over all CPUs.
 */
u64 perftop_stack_user_faults(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += per_cpu(stack_scratch.user_faults, cpu);
	return sum;
}

/**
 * perftop_stack_truncated() - Does a key lack frames?
 * @word: the key's words
 *
 * Context: any.
 * Return: true if there were too many, or the unwinder gave up. A user stack
 *	whose program has no frame pointers does not count.
 */
bool perftop_stack_truncated(const u64 *word)
{
	return word[0] & (KEY_KERNEL_TRUNCATED | KEY_USER_TRUNCATED);
}

static void show_kernel_frame(struct seq_file *m, u64 frame)
{
	bool struck = !(frame & INTERRUPTED);
	void *addr = (void *)(unsigned long)(frame | INTERRUPTED);
	char symbol[KSYM_SYMBOL_LEN];
	char *slash, *module;

	snprintf(symbol, sizeof(symbol), struck ? "%pS" : "%pB", addr);

	/* "name+0x12/0x34 [module]": the size says nothing to a reader. */
	slash = strchr(symbol, '/');
	module = slash ? strchr(slash, ' ') : NULL;
	if (slash)
		*slash = '\0';
	seq_printf(m, "        %s%s\n", symbol, module ? module : "");
}

/*
 * The address space that a user stack was captured in, if it is still there
 * and one of the tasks that we know of uses it.
 */
static struct mm_struct *find_mm(u64 ctx_id, u64 task)
{
	const pid_t ids[] = { lower_32_bits(task), upper_32_bits(task) };
	struct task_struct *p;
	struct mm_struct *mm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		rcu_read_lock();
		p = pid_task(find_pid_ns(ids[i], &init_pid_ns), PIDTYPE_PID);
		if (p)
			get_task_struct(p);
		rcu_read_unlock();
		if (!p)
			continue;
		mm = get_task_mm(p);
		put_task_struct(p);
		if (mm && mm->context.ctx_id == ctx_id)
			return mm;
		if (mm)
			mmput(mm);
	}
	return NULL;
}

static void show_user_frame(struct seq_file *m, struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma = mm ? find_vma(mm, addr) : NULL;
	const char *name = "[anon]";
	u64 offset;

	if (!vma || addr < vma->vm_start) {
		seq_printf(m, "        user: 0x%llx\n", addr);
		return;
	}
	offset = addr - vma->vm_start;
	if (vma->vm_file) {
		offset += (u64)vma->vm_pgoff << PAGE_SHIFT;
		seq_printf(m, "        user: %pD+0x%llx\n", vma->vm_file,
			   offset);
		return;
	}
	if (vma->vm_start == (unsigned long)mm->context.vdso)
		name = "[vdso]";
	seq_printf(m, "        user: %s+0x%llx\n", name, offset);
}

static void show_user(struct seq_file *m, const u64 *word, u64 task)
{
	const u64 *frame = word + KEY_HEADER_WORDS +
			   FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
	unsigned int n = FIELD_GET(KEY_USER_FRAMES, word[0]);
	bool running = word[0] & KEY_USER_RUNNING;
	struct mm_struct *mm = n ? find_mm(word[1], task) : NULL;
	bool locked = mm && mmap_read_trylock(mm);
	unsigned int i;

	if (running)
		seq_puts(m, "        user: (running)\n");
	for (i = 0; i < n; i++)
		show_user_frame(m, locked ? mm : NULL, frame[i]);
	if (locked)
		mmap_read_unlock(mm);
	if (mm)
		mmput(mm);
	if (word[0] & KEY_USER_TRUNCATED)
		seq_puts(m, "        user: (truncated)\n");
	else if (n == !running)
		seq_puts(m, "        user: (no frame pointer)\n");
}

/**
 * perftop_stack_show() - Print the frames of a key, one a line
 * @m: the file
 * @word: the key's words
 * @task: thread id, process id above it: where to look for the names of the
 *	mapped files. They are printed while the process that was captured is
 *	still there; the bare address is printed afterwards.
 *
 * Context: process context, may sleep.
 */
void perftop_stack_show(struct seq_file *m, const u64 *word, u64 task)
{
	unsigned int n = FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
	unsigned int i;

	for (i = 0; i < n; i++)
		show_kernel_frame(m, word[KEY_HEADER_WORDS + i]);
	if (word[0] & KEY_KERNEL_TRUNCATED)
		seq_puts(m, "        (truncated)\n");
	if (word[0] & KEY_USER)
		show_user(m, word, task);
}

/**
 * perftop_stack_init() - Find where __schedule() lies
 *
 * Context: process context.
 * Return: 0, or -EOPNOTSUPP with a line in the log.
 */
int perftop_stack_init(void)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long addr = perftop_symbol_address("__schedule");

	if (addr && resolve_range(addr, symbol, &schedule_range))
		return 0;
	pr_err("this kernel has no symbol __schedule\n");
	return -EOPNOTSUPP;
}
