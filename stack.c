// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks: capture the leaving task's and make its key, or find out that it is
 * one that has been met before. stack.h has the key, frames.c prints it.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <asm/unwind.h>

#include "compat/compat.h"
#include "perftop.h"
#include "recall.h"
#include "stack.h"

/* A user frame is refused this far above the stack pointer. */
#define USER_STACK_MAX		SZ_16M

/* Functions whose extent this CPU remembers. */
#define FUNCTIONS		32

/* Own CPU only, interrupts off. */
struct stack_scratch {
	struct perftop_function	function[FUNCTIONS];
	unsigned int		replace;
	u64			user_faults;
	char			symbol[KSYM_SYMBOL_LEN];
};

static DEFINE_PER_CPU(struct stack_scratch, stack_scratch);

/* The function at @addr, by this CPU's memory or by the kernel's symbols. */
static __kprobes const struct perftop_function *find_function(unsigned long addr)
{
	struct stack_scratch *scratch = this_cpu_ptr(&stack_scratch);
	struct perftop_function *function = scratch->function;
	unsigned int i;

	for (i = 0; i < FUNCTIONS; i++, function++)
		if (perftop_in_range(&function->range, addr))
			return function;

	function = &scratch->function[scratch->replace++ % FUNCTIONS];
	perftop_symbol_function(addr, scratch->symbol, function);
	return function;
}

/**
 * perftop_stack_lasting_text() - Does code go only when a module does?
 * @addr: an address in it
 *
 * Context: hot path, interrupts off.
 * Return: true for the kernel's image and for modules, false for trampolines
 *	and BPF, which come and go without the module notifier.
 */
__kprobes bool perftop_stack_lasting_text(unsigned long addr)
{
	if (addr >= __START_KERNEL_map && addr < MODULES_VADDR)
		return true;
	return find_function(addr)->lasting;
}

/* Where the frames of a key begin. */
enum begin {
	AT_SCHEDULE,	/* behind __schedule() */
	AT_INTERRUPT,	/* with what the interrupt struck */
	AT_MODULE,	/* behind this module's own functions */
};

/*
 * Adds the frames of current's kernel stack to @key, and records the unwind if
 * @recall is not NULL. Returns whether it came to the stack's end, by the place
 * where the frames begin.
 */
static __kprobes bool unwind_kernel(struct perftop_key *key,
				    const struct perftop_start *start,
				    enum begin begin,
				    struct perftop_recall *recall)
{
	unsigned long *first = start->regs ? NULL : (void *)(start->sp - 8);
	u64 *frame = key->word + KEY_HEADER_WORDS;
	struct unwind_state state;
	bool begun = false;
	unsigned int n = 0;

	for (__unwind_start(&state, current, start->regs, first);
	     !unwind_done(&state); unwind_next_frame(&state)) {
		unsigned long addr = unwind_get_return_address(&state);
		struct pt_regs *struck = unwind_get_entry_regs(&state, NULL);

		if (recall)
			perftop_recall_step(recall, &state);
		if (struck && begin == AT_INTERRUPT)
			begun = true;
		/* The end; what the user's ip is makes no difference. */
		if (struck && user_mode(struck))
			break;
		if (!addr) {
			key->word[0] |= KEY_KERNEL_TRUNCATED;
			break;
		}
		if (begin == AT_MODULE && within_module(addr, THIS_MODULE)) {
			begun = true;
			n = 0;
			continue;
		}
		if (!begun) {
			begun = begin == AT_SCHEDULE &&
				perftop_in_range(&perftop_schedule, addr);
			continue;
		}
		if (n == PERFTOP_KERNEL_FRAMES) {
			key->word[0] |= KEY_KERNEL_TRUNCATED;
			break;
		}
		if (struck)
			addr = find_function(addr)->range.start & ~INTERRUPTED;
		frame[n++] = addr;
	}
	if (unwind_error(&state))
		key->word[0] |= KEY_KERNEL_TRUNCATED;
	key->word[0] |= FIELD_PREP(KEY_KERNEL_FRAMES, n);
	key->words += n;
	return begun;
}

/*
 * Is there a call in front of a return address? Code built without frame
 * pointers leaves anything in the register, and what that points to is then
 * different from switch to switch. E8 is the direct call; FF with 2 in the
 * middle of the next byte the indirect ones, of 2 to 7 bytes (Intel's manual,
 * volume 2, CALL).
 */
static __always_inline bool ends_with_call(u64 code)
{
	unsigned int shift;

	if ((code >> 24 & 0xff) == 0xe8)
		return true;
	for (shift = 8; shift < 56; shift += 8)
		if ((code >> shift & 0x38ff) == 0x10ff)
			return true;
	return false;
}

/* Far enough from the end of user space to read a frame or some code. */
static __always_inline bool user_address(unsigned long addr)
{
	return addr - PAGE_SIZE < TASK_SIZE_MAX - 2 * PAGE_SIZE;
}

/*
 * The end of what may be the stack that a stack pointer is in: all below it is
 * user space. Beyond the first thread's there is nothing but faults.
 */
static __always_inline unsigned long user_stack_end(unsigned long sp)
{
	const unsigned long end = current->mm->env_end;

	if (likely(end - sp < USER_STACK_MAX))
		return end;
	if (unlikely(sp > TASK_SIZE_MAX - 2 * USER_STACK_MAX))
		return 0;
	return sp + USER_STACK_MAX;
}

/*
 * The address itself, if it is of user space. It came from there and is to be
 * read from: what a CPU does ahead of the checks must not leave user space
 * either (Spectre variant 1).
 */
static __always_inline unsigned long user_half(unsigned long addr)
{
	return addr & ~((long)addr >> 63);
}

static __always_inline bool is_frame(unsigned long fp, unsigned long low,
				     unsigned long end, unsigned long size)
{
	return fp >= low && fp < end && IS_ALIGNED(fp, size);
}

#define NO_MATCH	UINT_MAX

/*
 * Walks the frame pointers upward from @regs and returns how many frames there
 * are, with the @n that are there already. They are stored at @frames if @store
 * says so: one more than fit are counted if there are more. Otherwise the result
 * is NO_MATCH if they are not the @count at @frames.
 *
 * Why the walk ended makes no part of the key: without frame pointers it is
 * chance. The outermost frame saves 0, or some small number.
 */
static __always_inline unsigned int
walk_user(u64 *frames, const bool store, unsigned int count, unsigned int n,
	  const struct pt_regs *regs)
{
	const bool wide = user_64bit_mode((struct pt_regs *)regs);
	const unsigned long size = wide ? sizeof(u64) : sizeof(u32);
	const unsigned long end = user_stack_end(regs->sp);
	unsigned long low = regs->sp;
	unsigned long fp = regs->bp;
	unsigned long ret;
	u64 code;

	if (!is_frame(fp, low, end, size))
		return n;
	pagefault_disable();
	if (!user_access_begin((void __user *)fp, 2 * sizeof(u64)))
		goto out;
	do {
		if (store && n == PERFTOP_USER_FRAMES) {
			n++;
			break;
		}
		low = fp + 2 * size;
		if (likely(wide)) {
			unsafe_get_user(ret, (u64 __user *)(fp + 8), fault);
			unsafe_get_user(fp, (u64 __user *)fp, fault);
		} else {
			unsafe_get_user(ret, (u32 __user *)(fp + 4), fault);
			unsafe_get_user(fp, (u32 __user *)fp, fault);
		}
		fp = user_half(fp);
		if (!store && n < count) {
			if (ret != frames[n]) {
				n = NO_MATCH;
				break;
			}
			n++;
			continue;
		}
		ret = user_half(ret);
		if (!user_address(ret))
			break;
		unsafe_get_user(code, (u64 __user *)(ret - 8), fault);
		if (!ends_with_call(code))
			break;
		if (!store) {
			n = NO_MATCH;
			break;
		}
		frames[n++] = ret;
	} while (is_frame(fp, low, end, size));
	user_access_end();
out:
	pagefault_enable();
	return n;

fault:
	user_access_end();
	pagefault_enable();
	/* Those that a hook's handler takes; a read's are from an interrupt. */
	if (!hardirq_count() || in_nmi())
		this_cpu_inc(stack_scratch.user_faults);
	return n;
}

/* In a system call; otherwise it was interrupted, or has faulted. */
static __always_inline bool in_system_call(const struct pt_regs *regs)
{
	return (long)regs->orig_ax != -1;
}

/* Adds current's user stack to @key. */
static __kprobes void capture_user(struct perftop_key *key,
				   const struct pt_regs *regs)
{
	u64 *frame = key->word + key->words;
	u64 flags = KEY_USER;
	unsigned int n = 0;

	if (in_system_call(regs))
		frame[n++] = regs->ip;
	else
		flags |= KEY_USER_RUNNING;

	n = walk_user(frame, true, 0, n, regs);
	if (unlikely(n > PERFTOP_USER_FRAMES)) {
		flags |= KEY_USER_TRUNCATED;
		n = PERFTOP_USER_FRAMES;
	}
	key->word[0] |= flags | (u64)n << KEY_USER_SHIFT;
	key->words += n;
}

/*
 * Is this current's user stack? @header is a key's, less the number of kernel
 * frames, @frame what follows them.
 */
static __always_inline bool is_user_stack(u64 header, const u64 *frame,
					  const struct pt_regs *regs)
{
	const unsigned int count = header >> KEY_USER_SHIFT & 0xff;
	unsigned int n = 0;

	if (in_system_call(regs)) {
		if ((header & ~KEY_USER_FRAMES) != KEY_USER || !count ||
		    frame[n++] != regs->ip)
			return false;
	} else if ((header & ~KEY_USER_FRAMES) !=
		   (KEY_USER | KEY_USER_RUNNING)) {
		return false;
	}
	return walk_user((u64 *)frame, false, count, n, regs) == count;
}

/* Has current, which has an mm, been in user mode? */
static __always_inline bool has_user_regs(void)
{
	return !(current->flags & PERFTOP_PF_NO_USER_STACK) &&
	       user_mode(task_pt_regs(current));
}

/* current's user registers, NULL if it never ran in user mode. */
static __always_inline struct pt_regs *user_regs(void)
{
	return current->mm && has_user_regs() ? task_pt_regs(current) : NULL;
}

/* What current's key is made of. */
struct parts {
	struct pt_regs	*user;		/* NULL: no user stack */
	u64		process;	/* 0: none */
	bool		kernel;
};

/* Does current belong to a process that is part of its key? */
static __always_inline bool key_has_process(void)
{
	return perftop_params.stack != PERFTOP_STACK_KERNEL && current->mm &&
	       !(current->flags & PF_KTHREAD);
}

/* Is current's kernel stack part of its key? */
static __always_inline bool key_has_kernel(void)
{
	return perftop_params.stack != PERFTOP_STACK_USER ||
	       !key_has_process() || !user_regs();
}

static __always_inline struct parts current_parts(void)
{
	struct parts parts = { .kernel = key_has_kernel() };

	if (key_has_process()) {
		parts.process = current->mm->context.ctx_id;
		parts.user = user_regs();
	}
	return parts;
}

static __always_inline void begin_key(struct perftop_key *key,
				      const struct parts *parts)
{
	key->words = KEY_HEADER_WORDS;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
	key->word[0] = 0;
	key->word[1] = parts->process;
}

static __kprobes bool capture(struct perftop_key *key,
			      const struct parts *parts,
			      const struct perftop_start *start,
			      enum begin begin, struct perftop_recall *recall)
{
	bool begun = true;

	begin_key(key, parts);
	if (parts->kernel)
		begun = unwind_kernel(key, start, begin, recall);
	if (parts->user)
		capture_user(key, parts->user);
	return begun;
}

/**
 * perftop_stack_capture() - Make the leaving task's key at a switch
 * @key: where to; its hash is not set
 * @start: in a function that __schedule() called
 *
 * Context: hot path.
 * Return: false if the unwinder did not come to __schedule()'s caller.
 */
__kprobes bool perftop_stack_capture(struct perftop_key *key,
				     const struct perftop_start *start)
{
	const struct parts parts = current_parts();

	return capture(key, &parts, start, AT_SCHEDULE, NULL);
}

/* What @known's key says of the user stack, without the kernel frames. */
static __always_inline u64 known_header(const struct perftop_known_row *known,
					const struct perftop_unwind *unwind)
{
	return known->word[0] - unwind->frames;
}

/*
 * Does @known lead to a row of this kernel stack and process? The kernel frames
 * are equal because the unwind is the same.
 */
static __always_inline bool
known_is_process(const struct perftop_known_row *known,
		 const struct perftop_unwind *unwind, u64 process)
{
	return known->id == unwind->id && known->word[1] == process;
}

/* And of this user stack? */
static __always_inline bool known_is_user(const struct perftop_known_row *known,
					  const struct perftop_unwind *unwind,
					  const struct pt_regs *user)
{
	return is_user_stack(known_header(known, unwind),
			     known->word + KEY_HEADER_WORDS + unwind->frames,
			     user);
}

/* Puts the kernel frames of a row's key between @key's header and user frames. */
static __kprobes void insert_kernel(struct perftop_key *key,
				    const struct perftop_shard *shard, u32 row,
				    unsigned int frames)
{
	u64 *first = key->word + KEY_HEADER_WORDS;
	const u64 *kernel = perftop_hash_key(shard, row) + KEY_HEADER_WORDS;

	memmove(first + frames, first,
		(key->words - KEY_HEADER_WORDS) * sizeof(u64));
	memcpy(first, kernel, frames * sizeof(u64));
	key->word[0] += frames;
	key->words += frames;
}

/* The row of a remembered kernel stack, with what else makes current's key. */
static noinline __kprobes u32 lookup_row(struct perftop_cpu *c,
					 const struct perftop_unwind *unwind)
{
	const struct parts parts = current_parts();

	begin_key(c->key, &parts);
	if (parts.user)
		capture_user(c->key, parts.user);
	if (unwind->frames)
		insert_kernel(c->key, c->stacks, unwind->like, unwind->frames);
	return perftop_hash_lookup(c->stacks, c->key);
}

/* The same where that is all of current's key: it was a process's only. */
static noinline __kprobes u32 new_kernel_row(struct perftop_cpu *c,
					     struct perftop_unwind *unwind)
{
	u32 row = lookup_row(c, unwind);

	if (row >= PERFTOP_RESERVED)
		unwind->row = row;
	return row;
}

static __always_inline u32 kernel_row(struct perftop_cpu *c,
				      struct perftop_unwind *unwind)
{
	u32 row = unwind->row;

	return likely(row) ? row : new_kernel_row(c, unwind);
}

/* Where the row of current's process and user stack may be: two places. */
static __always_inline struct perftop_known_row *
known_rows(const struct perftop_cpu *c, const struct perftop_unwind *unwind,
	   u64 process, const struct pt_regs *user)
{
	u64 hash = process << 24;

	if (likely(user))
		hash += user->ip + (user->bp << 8);
	return perftop_recall_known(c->recall, unwind->id, hash);
}

/* The row of a remembered kernel stack, current's process and user stack. */
static noinline __kprobes u32 process_row(struct perftop_cpu *c,
					  const struct perftop_unwind *unwind)
{
	const struct parts parts = current_parts();
	struct perftop_known_row *known;
	unsigned int i;
	u32 row;

	known = known_rows(c, unwind, parts.process, parts.user);
	for (i = 0; i < 2; i++)
		if (known_is_process(&known[i], unwind, parts.process) &&
		    (parts.user ? known_is_user(&known[i], unwind, parts.user) :
				  !known_header(&known[i], unwind)))
			return known[i].row;

	row = lookup_row(c, unwind);
	if (row < PERFTOP_RESERVED)
		return row;
	known[1] = known[0];
	known[0] = (struct perftop_known_row){
		.id	= unwind->id,
		.row	= row,
		.word	= perftop_hash_key(c->stacks, row),
	};
	return row;
}

/* The same; what is seen most is inline. */
static noinline __kprobes u32 user_row(struct perftop_cpu *c,
				       const struct perftop_unwind *unwind)
{
	const u64 process = current->mm->context.ctx_id;
	const struct pt_regs *user = task_pt_regs(current);
	const struct perftop_known_row *known;

	known = known_rows(c, unwind, process, user);
	if (likely(has_user_regs() &&
		   known_is_process(known, unwind, process) &&
		   known_is_user(known, unwind, user)))
		return known->row;
	return process_row(c, unwind);
}

/* The row of a remembered kernel stack and what else makes current's key. */
static __always_inline u32 remembered_row(struct perftop_cpu *c,
					  struct perftop_unwind *unwind)
{
	return key_has_process() ? user_row(c, unwind) : kernel_row(c, unwind);
}

/*
 * Unwinds, though it is remembered, and compares the kernel frames. The user's
 * were read anew in any case.
 */
static __kprobes void verify(struct perftop_cpu *c, u32 row,
			     unsigned long ip, unsigned long sp,
			     unsigned long bp, struct pt_regs *regs)
{
	const struct perftop_start start = { ip, sp, bp, regs };
	const u64 *word = perftop_hash_key(c->stacks, row);
	const struct parts parts = current_parts();
	struct perftop_key *key = c->key;
	u64 frames;

	capture(key, &parts, &start, AT_SCHEDULE, NULL);
	frames = FIELD_GET(KEY_KERNEL_FRAMES, key->word[0]);
	if (c->stacks->ref[row].account != key->account ||
	    FIELD_GET(KEY_KERNEL_FRAMES, word[0]) != frames ||
	    memcmp(word + KEY_HEADER_WORDS, key->word + KEY_HEADER_WORDS,
		   frames * sizeof(u64)))
		/* Read by others; see "Notes on locking". */
		data_race(c->differ++);
}

/* Unwinds, and remembers it if possible. */
static noinline __kprobes u32 unwound_row(struct perftop_cpu *c,
					  unsigned long ip, unsigned long sp,
					  unsigned long bp,
					  struct pt_regs *regs)
{
	const struct perftop_start start = { ip, sp, bp, regs };
	const struct parts parts = current_parts();
	struct perftop_unwind *unwind;
	u64 frames;
	u32 row;

	/* Read by others; see "Notes on locking". */
	data_race(c->unwound++);
	perftop_recall_begin(c->recall, &start);
	if (!capture(c->key, &parts, &start, AT_SCHEDULE, c->recall))
		return PERFTOP_UNATTRIBUTED;
	row = perftop_hash_lookup(c->stacks, c->key);
	if (row < PERFTOP_RESERVED || c->key->word[0] & KEY_KERNEL_TRUNCATED)
		return row;

	frames = FIELD_GET(KEY_KERNEL_FRAMES, c->key->word[0]);
	unwind = perftop_recall_end(c->recall, &start, frames);
	if (unwind) {
		unwind->like = row;
		if (!parts.process)
			unwind->row = row;
	}
	return row;
}

/* Code has come or gone, or rows have. */
static noinline __kprobes void forget(struct perftop_cpu *c)
{
	struct stack_scratch *scratch = this_cpu_ptr(&stack_scratch);

	WRITE_ONCE(c->forget, false);
	memset(scratch->function, 0, sizeof(scratch->function));
	perftop_recall_forget(c->recall);
}

/* The same as remembered_row(), and whether it is right. */
static noinline __kprobes u32 verified_row(struct perftop_cpu *c,
					   struct perftop_unwind *unwind,
					   unsigned long ip, unsigned long sp,
					   unsigned long bp,
					   struct pt_regs *regs)
{
	u32 row = remembered_row(c, unwind);

	if (row >= PERFTOP_RESERVED)
		verify(c, row, ip, sp, bp, regs);
	return row;
}

/* The row of any stack: all that perftop_stack_row() has no registers for. */
static noinline __kprobes u32 searched_row(struct perftop_cpu *c,
					   unsigned long ip, unsigned long sp,
					   unsigned long bp,
					   struct pt_regs *regs)
{
	/* What stands for the kernel stack where it is no part of the key. */
	static struct perftop_unwind none = { .id = U32_MAX };
	const struct perftop_start start = { ip, sp, bp, regs };
	struct perftop_unwind *unwind = &none;

	if (unlikely(READ_ONCE(c->forget)))
		forget(c);
	if (likely(key_has_kernel())) {
		unwind = perftop_recall_search(c->recall, &start);
		if (unlikely(!unwind))
			return unwound_row(c, ip, sp, bp, regs);
	}
	return perftop_params.verify ?
	       verified_row(c, unwind, ip, sp, bp, regs) :
	       remembered_row(c, unwind);
}

/**
 * perftop_stack_row() - Find the row of the leaving task's stack
 * @c: this CPU
 * @ip: as the other parts of a struct perftop_start in a function that
 *	__schedule() called; in registers, which costs less than a struct
 * @sp: see @ip
 * @bp: see @ip
 * @regs: see @ip
 *
 * Nothing but the quickest way is inline, and all else is called last, so that
 * it has no need to save registers.
 *
 * Context: hot path.
 * Return: the row, PERFTOP_UNATTRIBUTED if the stack cannot be had.
 */
__kprobes u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip,
				unsigned long sp, unsigned long bp,
				struct pt_regs *regs)
{
	const struct perftop_start start = { ip, sp, bp, regs };
	struct perftop_unwind *unwind;

	/* Read by others; see "Notes on locking". */
	data_race(c->captures++);
	if (unlikely(READ_ONCE(c->forget) || !key_has_kernel()))
		return searched_row(c, ip, sp, bp, regs);
	unwind = perftop_recall_again(c->recall, &start);
	if (unlikely(!unwind))
		return searched_row(c, ip, sp, bp, regs);
	if (unlikely(perftop_params.verify))
		return verified_row(c, unwind, ip, sp, bp, regs);
	return remembered_row(c, unwind);
}

/**
 * perftop_stack_capture_open() - Make the running task's key during a read
 * @c: this CPU
 * @key: where to; its hash is not set
 *
 * Context: interrupts off, in the handler of a call to this CPU or, on the
 *	reader's own, called directly.
 */
void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key)
{
	const struct perftop_start start = {
		.sp = (unsigned long)__builtin_frame_address(0),
	};
	const struct parts parts = current_parts();

	if (READ_ONCE(c->forget))
		forget(c);
	capture(key, &parts, &start,
		hardirq_count() ? AT_INTERRUPT : AT_MODULE, NULL);
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
		sum += READ_ONCE(per_cpu(stack_scratch.user_faults, cpu));
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

/**
 * perftop_stack_init() - See to the unwinder, and where __schedule() lies
 *
 * Context: process context.
 * Return: 0, or -EOPNOTSUPP with a line in the log.
 */
int perftop_stack_init(void)
{
	/* Others begin elsewhere, and pass __schedule() by. */
	if (!IS_ENABLED(CONFIG_UNWINDER_ORC)) {
		pr_err("this kernel has another unwinder than ORC\n");
		return -EOPNOTSUPP;
	}
	if (perftop_symbol_range("__schedule", &perftop_schedule))
		return 0;
	pr_err("this kernel has no symbol __schedule\n");
	return -EOPNOTSUPP;
}
