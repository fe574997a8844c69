/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remembered unwinds: what is remembered, and the lookup, which is the larger
 * part of what a switch costs and therefore inline. recall.c has the argument
 * why it is sound.
 */
#ifndef PERFTOP_RECALL_H
#define PERFTOP_RECALL_H

#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/sched/task_stack.h>

#include "perftop.h"

#define RECALL_WAYS		8
#define RECALL_SETS_BITS	6
#define RECALL_ENTRIES		(RECALL_WAYS << RECALL_SETS_BITS)
#define RECALL_CHECKS		40
#define RECALL_POINTERS		12
#define RECALL_DISTANCES	8
#define RECALL_ROWS_BITS	12

/* A return address and where it lies. Kernel text is in the last 2 GiB. */
struct recall_check {
	s32	offset;
	s32	value;
};

/* What a place or a pointer is measured from: the sp at the start, or the top. */
enum recall_base {
	RECALL_SP,
	RECALL_TOP,
	RECALL_BASES
};

/* A word that points into the stack, and where it lies. */
struct recall_pointer {
	s32	offset;
	s32	value;
	u8	offset_base;
	u8	value_base;
};

/**
 * struct recall_entry - one remembered unwind
 * @unwind: what the user of the memory sees
 * @ip: of the start
 * @depth: bytes from the start's sp to the stack's top, at the least
 * @slack: how much deeper it may be
 * @texts: return addresses below the gap, at the beginning of @text
 * @all_texts: those and the ones beyond it, which are measured from the top
 * @pointers: number of @pointer
 * @bp_matters: the start's bp points into the stack, @bp from @bp_base
 * @bp_base: enum recall_base
 * @bp: see @bp_matters
 * @text: return addresses
 * @pointer: words that may be a bp or a CFA
 */
struct recall_entry {
	struct perftop_unwind	unwind;
	unsigned long		ip;
	u32			depth;
	u32			slack;
	u8			texts;
	u8			all_texts;
	u8			pointers;
	bool			bp_matters;
	u8			bp_base;
	s32			bp;
	struct recall_check	text[RECALL_CHECKS];
	struct recall_pointer	pointer[RECALL_POINTERS];
};

/*
 * How far a word lies above another: the return address into __schedule()'s
 * caller above the sp of a start, by the site of that start; and the return
 * address into that function's caller above the one into it, by that one. Both
 * are functions with frames of a fixed size.
 */
struct recall_distance {
	unsigned long	text;
	unsigned long	bytes;
};

/* A word that was looked at while an unwind was recorded. */
struct recall_word {
	unsigned long	address;
	unsigned long	value;
	bool		pointer;
};

/**
 * struct recall_recorder - an unwind that is being recorded
 * @failed: it is not to be remembered
 * @user_end: it has come to the registers of user mode
 * @words: number of @word
 * @ip: as @sp and @bp, of the newest step
 * @sp: see @ip
 * @bp: see @ip
 * @gap: where the words begin that are measured from the top
 * @ret: where the return addresses into __schedule()'s caller and into that
 *	function's caller lie
 * @word: what is to be compared
 * @symbol: scratch
 */
struct recall_recorder {
	bool			failed;
	bool			user_end;
	unsigned int		words;
	unsigned long		ip;
	unsigned long		sp;
	unsigned long		bp;
	unsigned long		gap;
	unsigned long		ret[2];
	struct recall_word	word[RECALL_CHECKS + RECALL_POINTERS];
	char			symbol[KSYM_SYMBOL_LEN];
};

/* One CPU's memory. Used by that CPU alone, with interrupts off. */
struct perftop_recall {
	struct recall_distance	distance[RECALL_DISTANCES];
	u32			tag[RECALL_ENTRIES];
	u32			next_id;
	u32			replace;
	struct recall_recorder	recorder;
	struct perftop_known_row known[1 << RECALL_ROWS_BITS];
	struct recall_entry	entry[RECALL_ENTRIES];
};

static __always_inline unsigned long recall_stack_top(void)
{
	return (unsigned long)task_stack_page(current) + THREAD_SIZE;
}

static __always_inline unsigned long recall_stack_word(unsigned long address)
{
	return READ_ONCE_NOCHECK(*(const unsigned long *)address);
}

/* The word that is known to lie above @at; 0 if none is. */
static __always_inline unsigned long
recall_word_above(const struct perftop_recall *recall, unsigned long at,
		  unsigned long text, unsigned long top)
{
	const struct recall_distance *distance = recall->distance;
	const struct recall_distance *end = distance + RECALL_DISTANCES;

	for (; distance < end; distance++) {
		if (distance->text != text)
			continue;
		at += distance->bytes;
		return at < top ? at : 0;
	}
	return 0;
}

/*
 * A short name for the path to a start, to find its entry by: how deep the
 * stack is, and who called __schedule()'s caller. It decides nothing.
 */
static __always_inline u32 recall_tag(const struct perftop_recall *recall,
				      const struct perftop_start *start,
				      unsigned long top)
{
	unsigned long path = start->site;
	unsigned long at;

	at = recall_word_above(recall, start->sp, path, top);
	if (at) {
		path = recall_stack_word(at);
		at = recall_word_above(recall, at, path, top);
	}
	if (at)
		path += (recall_stack_word(at) << 8) + ((top - at) >> 11);
	return hash_64(path, 32) | 1;
}

static __always_inline unsigned int recall_set(u32 tag)
{
	return (tag >> (32 - RECALL_SETS_BITS)) * RECALL_WAYS;
}

static __always_inline bool recall_texts_hold(const struct recall_check *check,
					      const struct recall_check *end,
					      unsigned long base)
{
	for (; check < end; check++)
		if (recall_stack_word(base + check->offset) != check->value)
			return false;
	return true;
}

/* Would an unwind from @start end as it did when @entry was recorded? */
static __always_inline bool recall_holds(const struct recall_entry *entry,
					 const struct perftop_start *start,
					 unsigned long top)
{
	const unsigned long base[RECALL_BASES] = {
		[RECALL_SP]	= start->sp,
		[RECALL_TOP]	= top,
	};
	const struct recall_pointer *pointer = entry->pointer;
	const struct recall_pointer *end = pointer + entry->pointers;

	if (entry->ip != start->ip ||
	    top - start->sp - entry->depth > entry->slack)
		return false;
	if (entry->bp_matters &&
	    start->bp != base[entry->bp_base] + entry->bp)
		return false;

	for (; pointer < end; pointer++)
		if (recall_stack_word(base[pointer->offset_base] +
				      pointer->offset) !=
		    base[pointer->value_base] + pointer->value)
			return false;
	return recall_texts_hold(entry->text, entry->text + entry->texts,
				 start->sp) &&
	       recall_texts_hold(entry->text + entry->texts,
				 entry->text + entry->all_texts, top);
}

/**
 * perftop_recall_find() - Find the remembered unwind of the stack as it is
 * @recall: this CPU's memory
 * @start: where the unwind would begin
 *
 * Context: hot path.
 * Return: the unwind, NULL if the stack is to be unwound.
 */
static __always_inline struct perftop_unwind *
perftop_recall_find(struct perftop_recall *recall,
		    const struct perftop_start *start)
{
	const unsigned long top = recall_stack_top();
	unsigned int i, end;
	u32 tag;

	if (unlikely(top - start->sp > THREAD_SIZE - sizeof(long)))
		return NULL;
	tag = recall_tag(recall, start, top);
	i = recall_set(tag);
	for (end = i + RECALL_WAYS; i < end; i++)
		if (recall->tag[i] == tag &&
		    recall_holds(&recall->entry[i], start, top))
			return &recall->entry[i].unwind;
	return NULL;
}

/**
 * perftop_recall_known() - Where the row of a kernel and a user stack is kept
 * @recall: this CPU's memory
 * @id: the remembered unwind's
 * @hash: of the user stack
 *
 * Context: hot path.
 * Return: a pair, in either of which it may be; the second is the older.
 */
static __always_inline struct perftop_known_row *
perftop_recall_known(struct perftop_recall *recall, u32 id, u64 hash)
{
	return &recall->known[hash_64(hash + id, RECALL_ROWS_BITS) & ~1];
}

#endif /* PERFTOP_RECALL_H */
