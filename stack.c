// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks: capture the leaving task's, or the running one's, and make its key.
 * switch/stack_key.h says what that is made of, proc/print_frames.c prints it.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <asm/unwind.h>

#include "engine/table.h"
#include "perftop.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/kernel_text.h"
#include "switch/recall.h"
#include "switch/stack_key.h"
#include "switch/symbol.h"
#include "switch/user_stack.h"

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

static __kprobes bool capture(struct perftop_key *key,
			      const struct stack_parts *parts,
			      const struct perftop_start *start,
			      enum begin begin, struct perftop_recall *recall)
{
	bool begun = true;

	stack_begin_key(key, parts);
	if (parts->kernel)
		begun = unwind_kernel(key, start, begin, recall);
	if (parts->user)
		perftop_user_stack_add(key, parts->user);
	return begun;
}

/**
 * perftop_stack_capture() - Make the leaving task's key at a switch
 * @key: where to; its hash is not set
 * @parts: what current's key is made of
 * @start: in a function that __schedule() called
 * @recall: records the unwind; NULL: nobody does
 *
 * Context: hot path.
 * Return: false if the unwinder did not come to __schedule()'s caller.
 */
__kprobes bool perftop_stack_capture(struct perftop_key *key,
				     const struct stack_parts *parts,
				     const struct perftop_start *start,
				     struct perftop_recall *recall)
{
	return capture(key, parts, start, AT_SCHEDULE, recall);
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
	const struct stack_parts parts = stack_current_parts(c);

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
