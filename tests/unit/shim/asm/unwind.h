/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The unwinder, and the stack it finds: the test's. A call with registers
 * begins at the probed function, one without further in.
 */
#ifndef SHIM_ASM_UNWIND_H
#define SHIM_ASM_UNWIND_H

#include <linux/sched.h>

struct shim_frame {
	unsigned long	addr;
	bool		struck;	/* an interrupt came here */
};

/* Ends with an address of 0. */
extern const struct shim_frame *shim_frames;

/* Whether the unwinder gives up at that end. */
extern bool shim_unwind_error;

struct unwind_state {
	const struct shim_frame *frame;
};

static inline bool unwind_done(struct unwind_state *state)
{
	return !state->frame->addr;
}

static inline bool unwind_error(struct unwind_state *state)
{
	return unwind_done(state) && shim_unwind_error;
}

static inline void __unwind_start(struct unwind_state *state,
				  struct task_struct *task,
				  struct pt_regs *regs, unsigned long *first)
{
	state->frame = shim_frames;
}

static inline bool unwind_next_frame(struct unwind_state *state)
{
	if (!unwind_done(state))
		state->frame++;
	return !unwind_done(state);
}

static inline unsigned long unwind_get_return_address(struct unwind_state *state)
{
	return state->frame->addr;
}

static inline struct pt_regs *unwind_get_entry_regs(struct unwind_state *state,
						    bool *partial)
{
	static struct pt_regs regs;

	return state->frame->struck ? &regs : NULL;
}

/* In the kernel, asm/ptrace.h has these. */

static inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

static inline bool user_64bit_mode(const struct pt_regs *regs)
{
	return regs->cs == 0x33;
}

#endif
