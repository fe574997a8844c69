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
#include "engine/maps.h"
#include "perftop.h"
#include "stack.h"
#include "switch/recall.h"
#include "switch/text.h"

/* A user frame is refused this far above the stack pointer. */
#define USER_STACK_MAX		SZ_16M

/* Frames from a pick to __schedule()'s caller, at the most. */
#define PICK_FRAMES		8

/* User stacks that could not be read, for want of a page. */
static DEFINE_PER_CPU(u64, user_faults);

/*
 * The address that an unwind has come to; 0 if it is no kernel text. To ask the
 * kernel for a module's takes several hundred instructions.
 */
static __always_inline unsigned long address(struct unwind_state *state)
{
	if (perftop_text_is_known(state->ip))
		return state->ip;
	return unwind_get_return_address(state);
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
		unsigned long addr = address(&state);
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
		if (recall && !n)
			perftop_recall_mark(recall, &state);
		if (struck)
			addr = perftop_text_function(addr) & ~INTERRUPTED;
		frame[n++] = addr;
	}
	if (unwind_error(&state)) {
		key->word[0] |= KEY_KERNEL_TRUNCATED;
		if (recall)
			perftop_recall_fail(recall);
	}
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

/*
 * Is this the code that a signal's handler returns to, which the kernel has not
 * called? Of a C library, 64-bit: mov $15, %rax; syscall. Of the vDSO for 32-bit
 * programs: mov $173, %eax; int $0x80, and pop %eax; mov $119, %eax; int $0x80.
 */
static __always_inline bool is_sigreturn(u64 code)
{
	return code == 0x0f0000000fc0c748 || code << 8 == 0x80cd000000adb800 ||
	       code == 0x80cd00000077b858;
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
#define NOT_READ	ULONG_MAX

/* What a return address is in a key, 0 if it is none. */
static __always_inline unsigned long user_frame(unsigned long ret)
{
	u64 code;

	if (!user_address(ret))
		return 0;
	unsafe_get_user(code, (u64 __user *)(ret - 8), fault);
	if (ends_with_call(code))
		return ret;
	unsafe_get_user(code, (u64 __user *)ret, fault);
	return is_sigreturn(code) ? ret | SIGNALLED : 0;

fault:
	return NOT_READ;
}

/*
 * Walks the frame pointers upward from @regs and returns how many frames there
 * are, with the @n that are there already. They are stored at @frames if @store
 * says so: one more than fit are counted if there are more. Otherwise the result
 * is NO_MATCH if they are not the @count at @frames.
 *
 * A handler's caller is what the signal has struck: its frame pointer is the one
 * that the handler saves, and may lead to another stack; such are not compared.
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
	unsigned long end = user_stack_end(regs->sp);
	unsigned long low = regs->sp;
	unsigned long fp = regs->bp;
	unsigned long ret;

	if (!is_frame(fp, low, end, size))
		return n;
	pagefault_disable();
	if (!user_access_begin((void __user *)fp, 2 * sizeof(u64)))
		goto out;
	for (;;) {
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
			if (ret != frames[n] && (ret | SIGNALLED) != frames[n]) {
				n = NO_MATCH;
				break;
			}
			n++;
		} else {
			ret = user_frame(user_half(ret));
			if (unlikely(ret == NOT_READ))
				goto fault;
			if (!ret)
				break;
			if (!store) {
				n = NO_MATCH;
				break;
			}
			frames[n++] = ret;
		}
		if (likely(is_frame(fp, low, end, size)))
			continue;
		/* To compare across stacks would cost all others. */
		if (!store || !(frames[n - 1] & SIGNALLED))
			break;
		end = user_stack_end(fp);
		if (!is_frame(fp, PAGE_SIZE, end, size))
			break;
	}
	user_access_end();
out:
	pagefault_enable();
	return n;

fault:
	user_access_end();
	pagefault_enable();
	/* Those that a hook's handler takes; a read's are from an interrupt. */
	if (!hardirq_count() || in_nmi())
		this_cpu_inc(user_faults);
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

	perftop_maps_note(key->word[KEY_SPACE]);
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

/* What remembered unwinds are compared with; see "Notes on locking". */
static __always_inline union perftop_era era_now(const struct perftop_cpu *c)
{
	return (union perftop_era){ .both = READ_ONCE(c->era.both) };
}

/* Has current, which has an mm, been in user mode? */
static __always_inline bool has_user_regs(void)
{
	return !(current->flags & PERFTOP_PF_NO_USER_STACK) &&
	       user_mode(task_pt_regs(current));
}

/* Its own address space, not one that a kernel thread works for. */
static __always_inline struct mm_struct *user_space(void)
{
	return current->flags & PF_KTHREAD ? NULL : current->mm;
}

/*
 * current's user registers, NULL if it has none of its address space: it never
 * ran in user mode, or it is about to run another program, and the registers are
 * those of the old one.
 */
static __always_inline struct pt_regs *user_regs(const struct mm_struct *mm)
{
	return mm && has_user_regs() && !current->in_execve ?
	       task_pt_regs(current) : NULL;
}

/* What current's key is made of. */
struct parts {
	struct pt_regs	*user;		/* NULL: no user stack */
	u64		owner;		/* 0: nobody's in particular */
	u64		space;		/* 0: none */
	bool		kernel;
};

/* Is it part of current's key whose it is, by its address space at the least? */
static __always_inline bool key_has_owner(void)
{
	if (static_branch_likely(&perftop_owners))
		return !is_idle_task(current);
	return static_branch_unlikely(&perftop_user_only) && user_space();
}

/* Is current's kernel stack part of its key? */
static __always_inline bool key_has_kernel(void)
{
	return !static_branch_unlikely(&perftop_user_only) ||
	       !user_regs(user_space());
}

static __always_inline struct parts owned_parts(const struct perftop_cpu *c)
{
	const struct mm_struct *mm = user_space();

	return (struct parts){
		.user	= user_regs(mm),
		.owner	= c->owner,
		.space	= mm ? mm->context.ctx_id : 0,
	};
}

static __always_inline struct parts
current_parts(const struct perftop_cpu *c)
{
	struct parts parts = {};

	if (key_has_owner())
		parts = owned_parts(c);
	parts.kernel = key_has_kernel();
	return parts;
}

static __always_inline void begin_key(struct perftop_key *key,
				      const struct parts *parts)
{
	key->words = KEY_HEADER_WORDS;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
	key->word[0] = 0;
	key->word[KEY_OWNER] = parts->owner;
	key->word[KEY_SPACE] = parts->space;
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
 * @c: this CPU
 * @key: where to; its hash is not set
 * @start: in a function that __schedule() called
 *
 * Context: hot path.
 * Return: false if the unwinder did not come to __schedule()'s caller.
 */
__kprobes bool perftop_stack_capture(struct perftop_cpu *c,
				     struct perftop_key *key,
				     const struct perftop_start *start)
{
	const struct parts parts = current_parts(c);

	return capture(key, &parts, start, AT_SCHEDULE, NULL);
}

/* What @known's key says of the user stack, without the kernel frames. */
static __always_inline u64 known_header(const struct perftop_known_row *known,
					const struct perftop_unwind *unwind)
{
	return known->word[0] - unwind->frames;
}

/*
 * Does @known lead to a row of this kernel stack and owner? The kernel frames
 * are equal because the unwind is the same.
 */
static __always_inline bool
known_is_owner(const struct perftop_known_row *known,
	       const struct perftop_unwind *unwind, const struct parts *parts)
{
	return known->id == unwind->id &&
	       known->word[KEY_OWNER] == parts->owner &&
	       known->word[KEY_SPACE] == parts->space;
}

/* And of this user stack, or of none? */
static __always_inline bool known_is_user(const struct perftop_known_row *known,
					  const struct perftop_unwind *unwind,
					  const struct pt_regs *user)
{
	const u64 header = known_header(known, unwind);

	return user ? is_user_stack(header, known->word + KEY_HEADER_WORDS +
					    unwind->frames, user) :
		      !header;
}

/* Puts the kernel frames of an unwind between @key's header and user frames. */
static __kprobes void insert_kernel(struct perftop_key *key,
				    const struct perftop_unwind *unwind)
{
	u64 *first = key->word + KEY_HEADER_WORDS;

	memmove(first + unwind->frames, first,
		(key->words - KEY_HEADER_WORDS) * sizeof(u64));
	perftop_recall_frames(unwind, first);
	key->word[0] += unwind->frames;
	key->words += unwind->frames;
}

/* The row of a remembered kernel stack, with what else makes current's key. */
static noinline __kprobes u32 lookup_row(struct perftop_cpu *c,
					 const struct perftop_unwind *unwind)
{
	const struct parts parts = current_parts(c);

	begin_key(c->key, &parts);
	if (parts.user)
		capture_user(c->key, parts.user);
	if (unwind->frames)
		insert_kernel(c->key, unwind);
	return perftop_hash_lookup(c->stacks, c->key);
}

/* The same where that is all of current's key. */
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

/* Where the row of an owner and a user stack may be: two places. */
static __always_inline struct perftop_known_row *
known_rows(const struct perftop_cpu *c, const struct perftop_unwind *unwind,
	   const struct parts *parts)
{
	u64 hash = parts->owner + (parts->space << 24);

	if (likely(parts->user))
		hash += parts->user->ip + (parts->user->bp << 8);
	return perftop_recall_known(c->recall, unwind->id, hash);
}

/* The row of a remembered kernel stack, current's owner and user stack. */
static noinline __kprobes u32 search_owned_row(struct perftop_cpu *c,
					       const struct perftop_unwind *unwind)
{
	const struct parts parts = owned_parts(c);
	struct perftop_known_row *known;
	unsigned int i;
	u32 row;

	known = known_rows(c, unwind, &parts);
	for (i = 0; i < 2; i++)
		if (known_is_owner(&known[i], unwind, &parts) &&
		    known_is_user(&known[i], unwind, parts.user))
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
static noinline __kprobes u32 owned_row(struct perftop_cpu *c,
					const struct perftop_unwind *unwind)
{
	const struct parts parts = owned_parts(c);
	const struct perftop_known_row *known;

	known = known_rows(c, unwind, &parts);
	if (likely(known_is_owner(known, unwind, &parts) &&
		   known_is_user(known, unwind, parts.user)))
		return known->row;
	return search_owned_row(c, unwind);
}

/* The row of a remembered kernel stack and what else makes current's key. */
static __always_inline u32 remembered_row(struct perftop_cpu *c,
					  struct perftop_unwind *unwind)
{
	return key_has_owner() ? owned_row(c, unwind) : kernel_row(c, unwind);
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
	const struct parts parts = current_parts(c);
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

/* Is the kernel stack of current, from a pick at @start, still as recorded? */
static __kprobes bool kernel_stands(const struct perftop_recall *recall,
				    const struct perftop_start *start)
{
	unsigned int steps = PICK_FRAMES;
	struct unwind_state state;
	bool begun = false;

	for (__unwind_start(&state, current, start->regs, NULL);
	     steps && !unwind_done(&state); unwind_next_frame(&state)) {
		if (begun)
			return perftop_recall_stands(recall, &state);
		begun = perftop_in_range(&perftop_schedule,
					 unwind_get_return_address(&state));
		steps--;
	}
	return false;
}

/*
 * Is current's key the one that the newest unwind led to? A switch may have more
 * picks than one: what the first of them had to unwind need not be unwound
 * again, be it too long to be remembered, or not to be.
 */
static __kprobes bool key_stands(struct perftop_cpu *c,
				 const struct parts *parts,
				 const struct perftop_start *start)
{
	const struct perftop_key *newest = &c->recall->recorder.key;
	const u64 kernel = KEY_KERNEL_FRAMES | KEY_KERNEL_TRUNCATED;
	const unsigned int frames = FIELD_GET(KEY_KERNEL_FRAMES,
					      newest->word[0]);
	struct perftop_key *key = c->key;

	if (!start->regs || !perftop_recall_is_newest(c->recall, era_now(c)))
		return false;
	begin_key(key, parts);
	if (parts->user)
		capture_user(key, parts->user);
	return key->word[0] == (newest->word[0] & ~kernel) &&
	       key->word[KEY_OWNER] == newest->word[KEY_OWNER] &&
	       key->word[KEY_SPACE] == newest->word[KEY_SPACE] &&
	       !memcmp(key->word + KEY_HEADER_WORDS,
		       newest->word + KEY_HEADER_WORDS + frames,
		       (key->words - KEY_HEADER_WORDS) * sizeof(u64)) &&
	       kernel_stands(c->recall, start);
}

/* Unwinds, and remembers it if possible. */
static __kprobes u32 unwind_row(struct perftop_cpu *c,
				const struct parts *parts,
				const struct perftop_start *start)
{
	struct recall_recorder *rec = &c->recall->recorder;
	struct perftop_unwind *unwind;
	u64 frames;

	/* Read by others; see "Notes on locking". */
	data_race(c->unwound++);
	perftop_recall_begin(c->recall, start, era_now(c));
	rec->row = PERFTOP_UNATTRIBUTED;
	if (!capture(&rec->key, parts, start, AT_SCHEDULE, c->recall))
		return PERFTOP_UNATTRIBUTED;
	rec->row = perftop_hash_lookup(c->stacks, &rec->key);
	if (rec->row < PERFTOP_RESERVED ||
	    rec->key.word[0] & KEY_KERNEL_TRUNCATED)
		return rec->row;

	frames = FIELD_GET(KEY_KERNEL_FRAMES, rec->key.word[0]);
	unwind = perftop_recall_end(c->recall, start, frames);
	if (unwind && !key_has_owner())
		unwind->row = rec->row;
	return rec->row;
}

/* The row of a stack that is not remembered. */
static noinline __kprobes u32 unwound_row(struct perftop_cpu *c,
					  unsigned long ip, unsigned long sp,
					  unsigned long bp,
					  struct pt_regs *regs)
{
	const struct perftop_start start = { ip, sp, bp, regs };
	const struct parts parts = current_parts(c);
	u32 row;

	if (!key_stands(c, &parts, &start))
		return unwind_row(c, &parts, &start);
	row = c->recall->recorder.row;
	/* What was struck may have had its function found meanwhile. */
	if (perftop_params.verify && row >= PERFTOP_RESERVED &&
	    !c->recall->recorder.struck)
		verify(c, row, ip, sp, bp, regs);
	return row;
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
	const struct perftop_start start = { ip, sp, bp, regs };
	struct perftop_unwind *unwind;

	if (likely(key_has_kernel())) {
		unwind = perftop_recall_search(c->recall, &start, era_now(c));
		if (unlikely(!unwind))
			return unwound_row(c, ip, sp, bp, regs);
	} else {
		unwind = perftop_recall_none(c->recall, era_now(c));
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

	if (unlikely(!c->recall))
		return PERFTOP_UNATTRIBUTED;
	/* Read by others; see "Notes on locking". */
	data_race(c->captures++);
	if (unlikely(!key_has_kernel()))
		return searched_row(c, ip, sp, bp, regs);
	unwind = perftop_recall_again(c->recall, &start, era_now(c));
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
	const struct parts parts = current_parts(c);

	capture(key, &parts, &start,
		hardirq_count() ? AT_INTERRUPT : AT_MODULE, NULL);
}

/**
 * perftop_stack_settle() - Finish a key that a switch or a read left unfinished
 * @word: the key's words
 *
 * Where the function that an interrupt struck was not known, the address that it
 * struck stands for it. Keys that differ in nothing else become one.
 *
 * Context: process context.
 */
void perftop_stack_settle(u64 *word)
{
	unsigned int i = FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
	u64 *frame = word + KEY_HEADER_WORDS;

	for (; i--; frame++)
		if (!(*frame & INTERRUPTED))
			*frame = perftop_text_find_function(*frame | INTERRUPTED) &
				 ~INTERRUPTED;
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
		sum += READ_ONCE(per_cpu(user_faults, cpu));
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
