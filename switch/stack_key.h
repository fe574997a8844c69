/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stack's key is made of:
 *
 *	[0]	number of kernel frames, number of user frames, flags
 *	[1]	whose it is, see perftop_task_owner(); 0: nobody's in particular
 *	[2]	the address space's mm->context.ctx_id, which is never used
 *		again; 0 where there is none, or none any more
 *	[3]...	kernel frames, then user frames, the innermost first
 *
 * A frame is a return address. The address at which an interrupt struck is
 * none: it would make a new key wherever the clock strikes. In the kernel the
 * start of the interrupted function takes its place, marked by a cleared top
 * bit; in user space it is left out and KEY_USER_RUNNING says so. So is what a
 * signal struck: the return address into what ends its handler is marked by a set
 * top bit, and next comes the caller of what was struck.
 */
#ifndef PERFTOP_STACK_KEY_H
#define PERFTOP_STACK_KEY_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/jump_label.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/types.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/table.h"
#include "switch/cpu.h"

#define KEY_KERNEL_FRAMES	GENMASK_ULL(7, 0)
#define KEY_USER_FRAMES		GENMASK_ULL(15, 8)
#define KEY_USER_SHIFT		8
#define KEY_KERNEL_TRUNCATED	BIT_ULL(16)	/* too deep, or not to unwind */
#define KEY_USER_TRUNCATED	BIT_ULL(17)	/* too deep */
#define KEY_USER		BIT_ULL(18)	/* has a user stack */
#define KEY_USER_RUNNING	BIT_ULL(19)	/* interrupted: no leaf */
/* The words behind the first. */
#define KEY_OWNER		1
#define KEY_SPACE		2
#define KEY_HEADER_WORDS	3

#define INTERRUPTED		BIT_ULL(63)
#define SIGNALLED		BIT_ULL(63)

/* Has current, which has an mm, been in user mode? */
static __always_inline bool stack_has_user_regs(void)
{
	return !(current->flags & PERFTOP_PF_NO_USER_STACK) &&
	       user_mode(task_pt_regs(current));
}

/* Its own address space, not one that a kernel thread works for. */
static __always_inline struct mm_struct *stack_user_space(void)
{
	return current->flags & PF_KTHREAD ? NULL : current->mm;
}

/*
 * current's user registers, NULL if it has none of its address space: it never
 * ran in user mode, or it is about to run another program, and the registers are
 * those of the old one.
 */
static __always_inline struct pt_regs *stack_user_regs(const struct mm_struct *mm)
{
	return mm && stack_has_user_regs() && !current->in_execve ?
	       task_pt_regs(current) : NULL;
}

/* What current's key is made of. */
struct stack_parts {
	struct pt_regs	*user;		/* NULL: no user stack */
	u64		owner;		/* 0: nobody's in particular */
	u64		space;		/* 0: none */
	bool		kernel;
};

/* Is it part of current's key whose it is, by its address space at the least? */
static __always_inline bool stack_key_has_owner(void)
{
	if (static_branch_likely(&perftop_owners))
		return !is_idle_task(current);
	return static_branch_unlikely(&perftop_user_only) && stack_user_space();
}

/* Is current's kernel stack part of its key? */
static __always_inline bool stack_key_has_kernel(void)
{
	return !static_branch_unlikely(&perftop_user_only) ||
	       !stack_user_regs(stack_user_space());
}

static __always_inline struct stack_parts
stack_owned_parts(const struct perftop_cpu *c)
{
	const struct mm_struct *mm = stack_user_space();

	return (struct stack_parts){
		.user	= stack_user_regs(mm),
		.owner	= c->owner,
		.space	= mm ? mm->context.ctx_id : 0,
	};
}

static __always_inline struct stack_parts
stack_current_parts(const struct perftop_cpu *c)
{
	struct stack_parts parts = {};

	if (stack_key_has_owner())
		parts = stack_owned_parts(c);
	parts.kernel = stack_key_has_kernel();
	return parts;
}

static __always_inline void stack_begin_key(struct perftop_key *key,
					    const struct stack_parts *parts)
{
	key->words = KEY_HEADER_WORDS;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
	key->word[0] = 0;
	key->word[KEY_OWNER] = parts->owner;
	key->word[KEY_SPACE] = parts->space;
}

#endif /* PERFTOP_STACK_KEY_H */
