// SPDX-License-Identifier: GPL-2.0
/*
 * The row of the leaving task's stack: an unwind that is remembered leads to it;
 * one that is not is made, and its key looked up.
 */
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <asm/unwind.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "engine/table.h"
#include "hash.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/stack_key.h"
#include "switch/stack_row.h"
#include "switch/symbol.h"
#include "switch/user_stack.h"

/* Frames from a pick to __schedule()'s caller, at the most. */
#define PICK_FRAMES		8

/* What remembered unwinds are compared with; see "Notes on locking". */
static __always_inline union perftop_era era_now(const struct perftop_cpu *c)
{
	return (union perftop_era){ .both = READ_ONCE(c->era.both) };
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
	       const struct perftop_unwind *unwind, const struct stack_parts *parts)
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

	return user ? stack_is_user(header, known->word + KEY_HEADER_WORDS +
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
	const struct stack_parts parts = stack_current_parts(c);

	stack_begin_key(c->key, &parts);
	if (parts.user)
		perftop_user_stack_add(c->key, parts.user);
	if (unwind->frames)
		insert_kernel(c->key, unwind);
	return perftop_shard_lookup(c->stacks, c->key);
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
	   const struct stack_parts *parts)
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
	const struct stack_parts parts = stack_owned_parts(c);
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
		.word	= perftop_shard_key(c->stacks, row),
	};
	return row;
}

/* The same; what is seen most is inline. */
static noinline __kprobes u32 owned_row(struct perftop_cpu *c,
					const struct perftop_unwind *unwind)
{
	const struct stack_parts parts = stack_owned_parts(c);
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
	return stack_key_has_owner() ? owned_row(c, unwind) : kernel_row(c, unwind);
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
	const u64 *word = perftop_shard_key(c->stacks, row);
	const struct stack_parts parts = stack_current_parts(c);
	struct perftop_key *key = c->key;
	u64 frames;

	perftop_stack_capture(key, &parts, &start, NULL);
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
				 const struct stack_parts *parts,
				 const struct perftop_start *start)
{
	const struct perftop_key *newest = &c->recall->recorder.key;
	const u64 kernel = KEY_KERNEL_FRAMES | KEY_KERNEL_TRUNCATED;
	const unsigned int frames = FIELD_GET(KEY_KERNEL_FRAMES,
					      newest->word[0]);
	struct perftop_key *key = c->key;

	if (!start->regs || !perftop_recall_is_newest(c->recall, era_now(c)))
		return false;
	stack_begin_key(key, parts);
	if (parts->user)
		perftop_user_stack_add(key, parts->user);
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
				const struct stack_parts *parts,
				const struct perftop_start *start)
{
	struct recall_recorder *rec = &c->recall->recorder;
	struct perftop_unwind *unwind;
	u64 frames;

	/* Read by others; see "Notes on locking". */
	data_race(c->unwound++);
	perftop_recall_begin(c->recall, start, era_now(c));
	rec->row = PERFTOP_UNATTRIBUTED;
	if (!perftop_stack_capture(&rec->key, parts, start, c->recall))
		return PERFTOP_UNATTRIBUTED;
	rec->row = perftop_shard_lookup(c->stacks, &rec->key);
	if (rec->row < PERFTOP_RESERVED ||
	    rec->key.word[0] & KEY_KERNEL_TRUNCATED)
		return rec->row;

	frames = FIELD_GET(KEY_KERNEL_FRAMES, rec->key.word[0]);
	unwind = perftop_recall_end(c->recall, start, frames);
	if (unwind && !stack_key_has_owner())
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
	const struct stack_parts parts = stack_current_parts(c);
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

	if (likely(stack_key_has_kernel())) {
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
	if (unlikely(!stack_key_has_kernel()))
		return searched_row(c, ip, sp, bp, regs);
	unwind = perftop_recall_again(c->recall, &start, era_now(c));
	if (unlikely(!unwind))
		return searched_row(c, ip, sp, bp, regs);
	if (unlikely(perftop_params.verify))
		return verified_row(c, unwind, ip, sp, bp, regs);
	return remembered_row(c, unwind);
}
