/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An unwinder that works as the ORC unwinder does: from frame to frame with
 * ip, sp and bp, by a rule that depends on ip alone, in the real words of
 * current's stack. The rules are the test's.
 */
#ifndef SHIM_ASM_UNWIND_H
#define SHIM_ASM_UNWIND_H

#include <linux/sched.h>
#include <linux/sched/task_stack.h>

enum shim_step {
	SHIM_FROM_SP,	/* the CFA is sp + offset */
	SHIM_FROM_BP,	/* bp + 16, and bp is saved there: push, mov */
	SHIM_FROM_WORD,	/* the word at bp - 8; bp is saved at bp */
	SHIM_REGS,	/* saved registers lie at sp */
	SHIM_END,
};

struct shim_rule {
	unsigned long	start;
	unsigned long	size;
	enum shim_step	step;
	unsigned long	offset;
	unsigned long	bp_offset;	/* of a saved bp below the CFA, or 0 */
};

/* Ends with a size of 0; where none matches, the unwinder gives up. */
extern const struct shim_rule *shim_rules;

/* Where an unwind without registers begins, and above what it was to begin. */
extern struct pt_regs shim_unwind_from;
extern unsigned long shim_unwind_above;

/* A return address that is another's place, as a kretprobe's, and what it was. */
extern unsigned long shim_trampoline;
extern unsigned long shim_replaced;

/* Others that can be unwound through, beside the task's: from, to. */
extern unsigned long shim_other_stacks[2];

/* A return to this place ends a stack, with or without an error. */
extern unsigned long shim_stack_end;
extern bool shim_unwind_error;

struct unwind_state {
	unsigned long	sp;
	unsigned long	bp;
	unsigned long	ip;
	struct pt_regs	*regs;
	bool		full_regs;
	bool		done;
	bool		error;
};

void __unwind_start(struct unwind_state *state, struct task_struct *task,
		    struct pt_regs *regs, unsigned long *first);
bool unwind_next_frame(struct unwind_state *state);

static inline bool unwind_done(struct unwind_state *state)
{
	return state->done;
}

static inline bool unwind_error(struct unwind_state *state)
{
	return state->error;
}

/* User addresses are none. */
static inline unsigned long
unwind_get_return_address(struct unwind_state *state)
{
	return state->done || state->ip < __START_KERNEL_map ? 0 : state->ip;
}

static inline struct pt_regs *unwind_get_entry_regs(struct unwind_state *state,
						    bool *partial)
{
	return state->done ? NULL : state->regs;
}

#endif
