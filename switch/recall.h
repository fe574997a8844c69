/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remembered unwinds: what is remembered, and the lookup, which is the larger
 * part of what a switch costs and therefore inline. recall.c has the argument
 * why it is sound.
 */
#ifndef PERFTOP_RECALL_H
#define PERFTOP_RECALL_H

#include <linux/hash.h>
#include <linux/sched/task_stack.h>

#include "engine/table.h"
#include "switch/cpu.h"

/* Where an unwind begins. */
struct perftop_start {
	unsigned long	ip;
	unsigned long	sp;
	unsigned long	bp;
	struct pt_regs	*regs;	/* NULL: at the caller of the hook's handler */
};

/**
 * struct perftop_unwind - what is kept with a remembered unwind
 * @era: when it was made, and its rows were looked up
 * @id: never given twice, and another one after rows have been retired
 * @frames: kernel frames of the key
 * @row: the row of the kernel stack alone, 0 while unknown
 */
struct perftop_unwind {
	union perftop_era	era;
	u32			id;
	u32			frames;
	u32			row;
};

/* A row that a remembered unwind and a user stack led to; id 0: none. */
struct perftop_known_row {
	u32		id;
	u32		row;
	const u64	*word;	/* the row's key */
};

#define RECALL_WAYS		8
#define RECALL_SETS_BITS	7
#define RECALL_ENTRIES		(RECALL_WAYS << RECALL_SETS_BITS)
#define RECALL_WORDS		44
#define RECALL_RECORDED		256
#define RECALL_CHECKS		(RECALL_WORDS + 1)
#define RECALL_HOPS		4096
#define RECALL_LEVELS		32
#define RECALL_TASKS_BITS	6
#define RECALL_ROWS_BITS	12

/*
 * A word and where it lies. Return addresses are what they are: kernel text is
 * in the last 2 GiB. Places, and words that point into the stack, are measured
 * from the sp at the start, or from the stack's top.
 */
struct recall_check {
	s32	offset;
	s32	value;
};

/*
 * The kinds of checks, in the order in which an entry has them. Of the first
 * there is an even number, for the sake of the loop.
 */
enum recall_kind {
	RECALL_TEXT,		/* placed from sp: a return address */
	RECALL_POINTER,		/* placed from sp: pointer, from sp */
	RECALL_TOP_POINTER,	/* placed from sp: pointer, from the top */
	RECALL_TOP_TEXT,	/* placed from the top: a return address */
	RECALL_KINDS
};

/**
 * struct recall_entry - one remembered unwind
 * @unwind: what the user of the memory sees
 * @ip: of the start
 * @bp: of the start, from its sp
 * @bp_used: the bits of @bp that matter: all, or none
 * @depth: bytes from the start's sp to the stack's top, at the least
 * @slack: how much deeper it may be
 * @end: for each kind, the number of the check behind its last
 * @check: all checks
 */
struct recall_entry {
	struct perftop_unwind	unwind;
	unsigned long		ip;
	unsigned long		bp;
	unsigned long		bp_used;
	u32			depth;
	u32			slack;
	u8			end[RECALL_KINDS];
	struct recall_check	check[RECALL_CHECKS];
};

/*
 * How far above a return address the next one lies: bytes, by the lower half of
 * the address. That is the same wherever the frame between them has a fixed
 * size; where it was seen to differ, it leads beyond any stack.
 */
struct recall_hop {
	u32	text;
	u32	bytes;
};

#define RECALL_NO_HOP	THREAD_SIZE

/* A word that was looked at while an unwind was recorded. */
struct recall_word {
	unsigned long	address;
	unsigned long	value;
	bool		pointer;
};

/* What an unwind steps with. */
struct recall_place {
	unsigned long	ip;
	unsigned long	sp;
	unsigned long	bp;
};

/**
 * struct recall_recorder - the newest unwind, while it is made and afterwards
 * @era: when it began
 * @task: whose stack it is
 * @switches: how often the task had been switched out then
 * @row: the row it led to; UNATTRIBUTED if it did not come to __schedule()
 * @key: the key that it is part of
 * @failed: it is not to be remembered
 * @partial: not all that it depends on has been recorded
 * @struck: some frame was interrupted
 * @user_end: it has come to the registers of user mode
 * @words: number of @word
 * @step: the newest step
 * @first: the step that gave the key's first frame
 * @first_words: number of @word then
 * @from_bp: the newest frame's lower end if it was found from bp, or 0
 * @gap: where the words begin that are measured from the top
 * @word: what is to be compared
 */
struct recall_recorder {
	union perftop_era	era;
	const struct task_struct *task;
	unsigned long		switches;
	u32			row;
	struct perftop_key	key;
	bool			failed;
	bool			partial;
	bool			struck;
	bool			user_end;
	unsigned int		words;
	unsigned int		first_words;
	struct recall_place	step;
	struct recall_place	first;
	unsigned long		from_bp;
	unsigned long		gap;
	struct recall_word	word[RECALL_RECORDED];
};

/**
 * struct perftop_recall - one CPU's memory
 * @last: the entry that was found last for a task, by a hash of it; never NULL
 * @hop: from one return address to the next, by the first one's lower bits;
 *	the first comer has the place
 * @tag: of each entry, 0 if it is not in use
 * @next_id: see struct perftop_unwind
 * @replace: turns round, to choose whom a new entry replaces
 * @recorder: of the newest unwind
 * @none: what stands for the kernel stack where it is no part of the key
 * @known: rows of remembered unwinds with an owner
 * @entry: in sets of RECALL_WAYS
 *
 * Used by that CPU alone, with interrupts off.
 */
struct perftop_recall {
	struct recall_entry	*last[1 << RECALL_TASKS_BITS];
	struct recall_hop	hop[RECALL_HOPS];
	u32			tag[RECALL_ENTRIES];
	u32			next_id;
	u32			replace;
	struct recall_recorder	recorder;
	struct perftop_unwind	none;
	struct perftop_known_row known[1 << RECALL_ROWS_BITS];
	struct recall_entry	entry[RECALL_ENTRIES];
};

struct unwind_state;

struct perftop_recall *perftop_recall_alloc(unsigned int cpu);
void perftop_recall_begin(struct perftop_recall *recall,
			  const struct perftop_start *start,
			  union perftop_era era);
void perftop_recall_step(struct perftop_recall *recall,
			 const struct unwind_state *state);
void perftop_recall_mark(struct perftop_recall *recall,
			 const struct unwind_state *state);
void perftop_recall_fail(struct perftop_recall *recall);
struct perftop_unwind *
perftop_recall_end(struct perftop_recall *recall,
		   const struct perftop_start *start, unsigned int frames);
bool perftop_recall_is_newest(const struct perftop_recall *recall,
			      union perftop_era era);
bool perftop_recall_stands(const struct perftop_recall *recall,
			   const struct unwind_state *state);
void perftop_recall_frames(const struct perftop_unwind *unwind, u64 *frame);
void perftop_recall_renew(struct perftop_recall *recall,
			  struct perftop_unwind *unwind, union perftop_era era);

static __always_inline unsigned long recall_stack_top(void)
{
	return (unsigned long)task_stack_page(current) + THREAD_SIZE;
}

/*
 * A word of current's stack. KASAN knows of some that they are not to be read,
 * and KCSAN that others write them, as who wakes a task up does; none of those
 * is one that an unwind depends on. An ordinary load otherwise: the compiler can
 * compare with memory.
 */
static __always_inline unsigned long recall_stack_word(unsigned long address)
{
	const unsigned long *word = (const unsigned long *)address;

	if (IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KCSAN))
		return READ_ONCE_NOCHECK(*word);
	return *word;
}

static __always_inline struct recall_hop *
recall_hop(struct perftop_recall *recall, unsigned long text)
{
	return &recall->hop[text % RECALL_HOPS];
}

/* The return address into __schedule() or what it called, where all begins. */
static __always_inline unsigned long
recall_site(const struct perftop_start *start)
{
	return start->regs ? recall_stack_word(start->sp) : start->ip;
}

/*
 * A short name for the stack, to find its entry by: a hash of the return
 * addresses, as far as it is known where they lie. It decides nothing, so what
 * is known may be wrong.
 */
static __always_inline u32 recall_tag(struct perftop_recall *recall,
				      const struct perftop_start *start,
				      unsigned long top)
{
	unsigned long text = recall_site(start);
	unsigned long at = start->sp;
	const struct recall_hop *hop;
	unsigned int levels;
	u64 path = 0;

	for (levels = RECALL_LEVELS; levels; levels--) {
		path = (path + text) * GOLDEN_RATIO_64;
		hop = recall_hop(recall, text);
		if (hop->text != (u32)text)
			break;
		at += hop->bytes;
		if (at >= top)
			break;
		text = recall_stack_word(at);
	}
	return path >> 32 | 1;
}

static __always_inline unsigned int recall_set(u32 tag)
{
	return (tag >> (32 - RECALL_SETS_BITS)) * RECALL_WAYS;
}

/* Where to look first: tasks often leave by the stack they left by before. */
static __always_inline struct recall_entry **
recall_last(struct perftop_recall *recall)
{
	const u32 task = (unsigned long)current;

	return &recall->last[hash_32(task, RECALL_TASKS_BITS)];
}

/* Are the words from @check to @end, placed from @base, what they were? */
static __always_inline bool recall_words_hold(const struct recall_check *check,
					      const struct recall_check *end,
					      unsigned long base,
					      unsigned long from)
{
	for (; check < end; check++)
		if (recall_stack_word(base + check->offset) !=
		    from + check->value)
			return false;
	return true;
}

/* The same for return addresses, of which there are most: two at a time. */
static __always_inline bool recall_texts_hold(const struct recall_check *check,
					      const struct recall_check *end,
					      unsigned long base)
{
	for (; check < end; check += 2)
		if (recall_stack_word(base + check[0].offset) !=
		    check[0].value ||
		    recall_stack_word(base + check[1].offset) !=
		    check[1].value)
			return false;
	return true;
}

/* Would an unwind from @start end as it did when @entry was recorded? */
static __always_inline bool recall_holds(const struct recall_entry *entry,
					 const struct perftop_start *start,
					 unsigned long top)
{
	const struct recall_check *check = entry->check;
	const unsigned long sp = start->sp;
	const u8 *end = entry->end;

	return entry->ip == start->ip &&
	       !((entry->bp ^ (start->bp - sp)) & entry->bp_used) &&
	       top - sp - entry->depth <= entry->slack &&
	       recall_texts_hold(check, check + end[RECALL_TEXT], sp) &&
	       recall_words_hold(check + end[RECALL_TEXT],
				 check + end[RECALL_POINTER], sp, sp) &&
	       recall_words_hold(check + end[RECALL_POINTER],
				 check + end[RECALL_TOP_POINTER], sp, top) &&
	       recall_words_hold(check + end[RECALL_TOP_POINTER],
				 check + end[RECALL_TOP_TEXT], top, 0);
}

/* Does @start lie where a word can be read at it? */
static __always_inline bool recall_in_stack(const struct perftop_start *start,
					    unsigned long top)
{
	return top - start->sp <= THREAD_SIZE - sizeof(long);
}

/**
 * perftop_recall_again() - Has current's stack the unwind that it had last?
 * @recall: this CPU's memory
 * @start: where the unwind would begin
 * @era: now
 *
 * Context: hot path.
 * Return: the unwind, NULL if perftop_recall_search() is to find it.
 */
static __always_inline struct perftop_unwind *
perftop_recall_again(struct perftop_recall *recall,
		     const struct perftop_start *start, union perftop_era era)
{
	const unsigned long top = recall_stack_top();
	struct recall_entry *last = *recall_last(recall);

	return likely(recall_in_stack(start, top)) &&
	       last->unwind.era.both == era.both &&
	       recall_holds(last, start, top) ? &last->unwind : NULL;
}

/* What is known of rows has been retired with them; the unwind holds on. */
static __always_inline struct perftop_unwind *
recall_renewed(struct perftop_recall *recall, struct perftop_unwind *unwind,
	       union perftop_era era)
{
	if (unlikely(unwind->era.both != era.both))
		perftop_recall_renew(recall, unwind, era);
	return unwind;
}

/**
 * perftop_recall_search() - Find the remembered unwind of the stack as it is
 * @recall: this CPU's memory
 * @start: where the unwind would begin
 * @era: now
 *
 * Context: hot path.
 * Return: the unwind, NULL if the stack is to be unwound.
 */
static __always_inline struct perftop_unwind *
perftop_recall_search(struct perftop_recall *recall,
		      const struct perftop_start *start, union perftop_era era)
{
	const unsigned long top = recall_stack_top();
	struct recall_entry *entry;
	unsigned int i, end;
	u32 tag;

	if (unlikely(!recall_in_stack(start, top)))
		return NULL;
	tag = recall_tag(recall, start, top);
	i = recall_set(tag);
	for (end = i + RECALL_WAYS; i < end; i++) {
		entry = &recall->entry[i];
		if (recall->tag[i] == tag &&
		    entry->unwind.era.code == era.code &&
		    recall_holds(entry, start, top)) {
			*recall_last(recall) = entry;
			return recall_renewed(recall, &entry->unwind, era);
		}
	}
	return NULL;
}

/**
 * perftop_recall_none() - What stands for a kernel stack that is no part of a key
 * @recall: this CPU's memory
 * @era: now
 *
 * Context: hot path.
 * Return: an unwind without frames.
 */
static __always_inline struct perftop_unwind *
perftop_recall_none(struct perftop_recall *recall, union perftop_era era)
{
	return recall_renewed(recall, &recall->none, era);
}

/**
 * perftop_recall_known() - Where the row of a kernel and a user stack is kept
 * @recall: this CPU's memory
 * @id: the remembered unwind's
 * @hash: of the owner and the user stack
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
