// SPDX-License-Identifier: GPL-2.0
/*
 * Remembered unwinds. An unwind is a function of few words; where they are the
 * same as last time, so is its result, and a few compares take the place of
 * some thousand instructions.
 *
 * THE ARGUMENT
 *
 * The ORC unwinder steps from frame to frame with three values, ip, sp and bp.
 * The entry that tells it how to step depends on ip alone. From it come the
 * frame's end, the CFA, at a fixed distance from sp, from bp, or from a word in
 * the frame; the next ip, the word below the CFA; the next sp, the CFA; and the
 * next bp, the same as before or a word in the frame. So, frame by frame, if
 *
 *   - ip, sp and bp at the start are as they were,
 *   - each word that was taken for an ip is as it was,
 *   - each word that was taken for a bp, and each taken for a CFA, is as it
 *     was,
 *
 * then each step is as it was. Which words those are the unwinder does not say,
 * but ip, sp and bp can be seen after each step: the return address lies below
 * the new sp, and any word of the frame that equals the new bp, or the CFA, may
 * be one of them. All such words are compared, those that only happen to be
 * equal as well. A bp that lies outside the stack is left out: no frame can
 * have been found from it, and, the entries being the same, none will be.
 *
 * "As it was" is meant relative to the stack. Addresses of words, and words
 * that point into the stack, are kept as distances: from the sp at the start.
 * Since 5.13 the kernel moves the stack by a random distance at each system
 * call, inside the frame of do_syscall_64(), which therefore is found from bp.
 * Beyond that gap distances are kept from the stack's top, so that one entry
 * serves a path whatever the distance. That is sound because the gap's frame is
 * found from its bp, the word that points beyond the gap is compared, and all
 * that follows lies at a fixed distance from it.
 *
 * WHAT IT DOES NOT COVER, and is not remembered:
 *
 *   - a return address that a kretprobe or the function graph tracer has
 *     replaced: the word is not the address that the unwinder gives;
 *   - frames on another stack than the task's, and frames behind saved
 *     registers, except the user's own, which end the stack;
 *   - an unwind that ended with an error or was cut off;
 *   - code that comes and goes without the module notifier: trampolines, BPF.
 *
 * All is forgotten when a module comes or goes.
 */
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/unwind.h>

#include "perftop.h"

#define WAYS		8
#define SETS_BITS	6
#define ENTRIES		(WAYS << SETS_BITS)
#define DISTANCES	8
#define ROWS_BITS	12
#define CHECKS		48

/* Where a word lies, and what its value is measured from. */
enum group {
	SP_TEXT,	/* from the start's sp; a return address */
	SP_SP,		/*		    ; distance from the start's sp */
	SP_TOP,		/*		    ; distance from the stack's top */
	TOP_TEXT,	/* from the stack's top; a return address */
	TOP_TOP,	/*		       ; distance from the stack's top */
	GROUPS
};

struct check {
	s32	offset;
	s32	value;	/* kernel text lies in the last 2 GiB */
};

/**
 * struct entry - one remembered unwind
 * @unwind: what the caller sees
 * @ip: of the start
 * @bp: what the start's bp must be, if @bp_group says that it matters
 * @reach: bytes above the start's sp that are looked at
 * @bp_group: SP_TEXT if it does not, SP_SP or SP_TOP
 * @user_end: ends with the registers of user mode
 * @n: checks in each group
 * @check: one group after the other
 */
struct entry {
	struct perftop_unwind	unwind;
	unsigned long		ip;
	s32			bp;
	u16			reach;
	u8			bp_group;
	u8			user_end;
	u8			n[GROUPS];
	struct check		check[CHECKS];
};

/*
 * How far a word lies above another: the return address into __schedule()'s
 * caller above the sp of a start, by the site of that start; and the return
 * address into that function's caller above the one into it, by that one. Both
 * are functions with frames of a fixed size.
 */
struct distance {
	unsigned long	text;
	unsigned long	bytes;
};

/* A word that was looked at while an unwind was recorded. */
struct word {
	unsigned long	address;
	unsigned long	value;
	bool		pointer;
};

struct recorder {
	bool		failed;
	bool		user_end;
	unsigned int	words;
	unsigned long	ip;
	unsigned long	sp;
	unsigned long	bp;
	unsigned long	gap;	/* the end of the stack where there is none */
	unsigned long	ret[2];	/* into __schedule()'s caller, and its caller's */
	struct word	word[CHECKS];
	char		symbol[KSYM_SYMBOL_LEN];
};

/* One CPU's memory. Used by that CPU alone, with interrupts off. */
struct perftop_recall {
	u32				tag[ENTRIES];
	u32				next_id;
	u32				replace;
	struct distance			distance[DISTANCES];
	struct recorder			recorder;
	struct perftop_known_row	row[1 << ROWS_BITS];
	struct entry	entry[ENTRIES];
};

/* do_syscall_64(), in whose frame the stack is moved by a random distance. */
static struct perftop_range gap_range __read_mostly;

static __always_inline unsigned long stack_top(void)
{
	return (unsigned long)task_stack_page(current) + THREAD_SIZE;
}

static __always_inline unsigned long stack_word(unsigned long address)
{
	return READ_ONCE_NOCHECK(*(const unsigned long *)address);
}

static __always_inline bool words_hold(const struct check *check,
				       unsigned int n, unsigned long base,
				       unsigned long from)
{
	for (; n; n--, check++)
		if (stack_word(base + check->offset) != from + check->value)
			return false;
	return true;
}

/* Would an unwind from @start end as it did when @entry was recorded? */
static notrace bool entry_holds(const struct entry *entry,
				const struct perftop_start *start,
				unsigned long top)
{
	const struct check *check = entry->check;
	const unsigned long sp = start->sp;

	if (entry->ip != start->ip || top - sp < entry->reach)
		return false;
	if (entry->bp_group != SP_TEXT &&
	    start->bp != (entry->bp_group == SP_SP ? sp : top) + entry->bp)
		return false;
	if (entry->user_end && !user_mode(task_pt_regs(current)))
		return false;

	if (!words_hold(check, entry->n[SP_TEXT], sp, 0))
		return false;
	check += entry->n[SP_TEXT];
	if (!words_hold(check, entry->n[SP_SP], sp, sp))
		return false;
	check += entry->n[SP_SP];
	if (!words_hold(check, entry->n[SP_TOP], sp, top))
		return false;
	check += entry->n[SP_TOP];
	if (!words_hold(check, entry->n[TOP_TEXT], top, 0))
		return false;
	check += entry->n[TOP_TEXT];
	return words_hold(check, entry->n[TOP_TOP], top, top);
}

/* The word that is known to lie above @at; 0 if none is. */
static __always_inline unsigned long
word_above(const struct perftop_recall *recall, unsigned long at,
	   unsigned long text, unsigned long top)
{
	unsigned int i;

	for (i = 0; i < DISTANCES; i++) {
		if (recall->distance[i].text != text)
			continue;
		at += recall->distance[i].bytes;
		return at < top ? at : 0;
	}
	return 0;
}

/*
 * A short name for the path to a start, to find its entry by: how deep the
 * stack is, and who called __schedule()'s caller. It decides nothing.
 */
static __always_inline u32 start_tag(const struct perftop_recall *recall,
				     const struct perftop_start *start,
				     unsigned long top)
{
	unsigned long path = start->site;
	unsigned long at;

	at = word_above(recall, start->sp, path, top);
	if (at) {
		path = stack_word(at);
		at = word_above(recall, at, path, top);
	}
	if (at)
		path += (stack_word(at) << 8) + ((top - at) >> 11);
	return hash_64(path, 32) | 1;
}

static __always_inline unsigned int tag_set(u32 tag)
{
	return (tag >> (32 - SETS_BITS)) * WAYS;
}

/**
 * perftop_recall_find() - Find the remembered unwind of the stack as it is
 * @recall: this CPU's memory
 * @start: where the unwind would begin
 *
 * Context: hot path.
 * Return: the entry, NULL if the stack is to be unwound.
 */
notrace struct perftop_unwind *
perftop_recall_find(struct perftop_recall *recall,
		    const struct perftop_start *start)
{
	const unsigned long top = stack_top();
	unsigned int i;
	u32 tag;

	if (top - start->sp > THREAD_SIZE - sizeof(long))
		return NULL;
	tag = start_tag(recall, start, top);
	for (i = tag_set(tag); ; i++) {
		if (recall->tag[i] == tag &&
		    entry_holds(&recall->entry[i], start, top))
			return &recall->entry[i].unwind;
		if (i % WAYS == WAYS - 1)
			return NULL;
	}
}

/**
 * perftop_recall_begin() - Begin to record an unwind
 * @recall: this CPU's memory
 * @start: where it begins
 *
 * Context: hot path.
 */
notrace void perftop_recall_begin(struct perftop_recall *recall,
				  const struct perftop_start *start)
{
	struct recorder *rec = &recall->recorder;

	rec->failed = stack_top() - start->sp > THREAD_SIZE;
	rec->user_end = false;
	rec->words = 0;
	rec->ip = start->ip;
	rec->sp = start->sp;
	rec->bp = start->bp;
	rec->gap = stack_top();
	rec->ret[0] = 0;
	rec->ret[1] = 0;
}

/* Code that goes only when the module notifier says so. */
static notrace bool lasting_text(struct recorder *rec, unsigned long addr)
{
	struct perftop_range range;
	const char *module;

	if (addr >= __START_KERNEL_map && addr < MODULES_VADDR)
		return true;
	if (!perftop_symbol_extent(addr, rec->symbol, &range))
		return false;
	module = strchr(rec->symbol, '[');
	return module && strncmp(module, "[__builtin__", 12) &&
	       strcmp(module, "[bpf]");
}

static notrace void record_word(struct recorder *rec, unsigned long address,
				unsigned long value, bool pointer)
{
	if (rec->words == CHECKS) {
		rec->failed = true;
		return;
	}
	rec->word[rec->words++] = (struct word){ address, value, pointer };
}

/* Takes note of the frame from rec->sp to @cfa, which was found from rec. */
static notrace void record_frame(struct recorder *rec, unsigned long cfa,
				 unsigned long ip, unsigned long bp)
{
	const unsigned long ret = cfa - sizeof(long);
	const unsigned long top = stack_top();
	const bool from_bp = rec->bp == cfa - 2 * sizeof(long);
	unsigned long at;

	if (cfa <= rec->sp || cfa > top || stack_word(ret) != ip ||
	    !lasting_text(rec, ip)) {
		rec->failed = true;
		return;
	}
	record_word(rec, ret, ip, false);
	/* With a frame pointer the CFA is no word, and bp is the lowest one. */
	for (at = from_bp ? rec->bp : rec->sp; at < ret && !rec->failed;
	     at += sizeof(long)) {
		unsigned long value = stack_word(at);

		if ((value == cfa && !from_bp) ||
		    (value == bp && bp - rec->sp < top - rec->sp))
			record_word(rec, at, value, true);
	}
	if (perftop_in_range(&perftop_schedule, rec->ip))
		rec->ret[0] = ret;
	else if (rec->ret[0] && !rec->ret[1])
		rec->ret[1] = ret;
	if (from_bp && perftop_in_range(&gap_range, rec->ip))
		rec->gap = rec->sp;
}

#ifdef CONFIG_UNWINDER_ORC
/**
 * perftop_recall_step() - Record one step
 * @recall: this CPU's memory
 * @state: as it is after the step
 *
 * Context: hot path.
 */
notrace void perftop_recall_step(struct perftop_recall *recall,
				 const struct unwind_state *state)
{
	struct recorder *rec = &recall->recorder;

	/* Without registers to start from, the first state is the start. */
	if (rec->failed || state->sp == rec->sp)
		return;
	if (state->regs) {
		rec->user_end = state->regs == task_pt_regs(current) &&
				user_mode(state->regs);
		rec->failed = !rec->user_end;
		return;
	}
	record_frame(rec, state->sp, state->ip, state->bp);
	rec->ip = state->ip;
	rec->sp = state->sp;
	rec->bp = state->bp;
}
#else
notrace void perftop_recall_step(struct perftop_recall *recall,
				 const struct unwind_state *state)
{
	/* Other unwinders are not what the argument above is about. */
	recall->recorder.failed = true;
}
#endif

/* Sorts the recorded words into groups. */
static notrace void entry_fill(struct entry *entry,
			       const struct recorder *rec,
			       const struct perftop_start *start)
{
	const unsigned long top = stack_top();
	struct check *check = entry->check;
	unsigned int group, i;

	entry->reach = 0;
	for (group = 0; group < GROUPS; group++) {
		entry->n[group] = 0;
		for (i = 0; i < rec->words; i++) {
			const struct word *word = &rec->word[i];
			bool beyond = word->address >= rec->gap;
			unsigned long base = beyond ? top : start->sp;
			unsigned long from = 0;
			enum group kind = beyond ? TOP_TEXT : SP_TEXT;

			if (word->pointer && word->value > rec->gap) {
				kind = beyond ? TOP_TOP : SP_TOP;
				from = top;
			} else if (word->pointer) {
				kind = SP_SP;
				from = start->sp;
			}
			if (kind != group)
				continue;
			check->offset = word->address - base;
			check->value = word->value - from;
			check++;
			entry->n[group]++;
			if (!beyond)
				entry->reach = max_t(u16, entry->reach,
						     word->address - base +
						     sizeof(long));
		}
	}
}

static notrace void learn_distance(struct perftop_recall *recall,
				   unsigned long text, unsigned long bytes)
{
	struct distance *distance;

	for (distance = recall->distance;
	     distance < recall->distance + DISTANCES; distance++) {
		if (distance->text == text)
			return;
		if (!distance->text) {
			*distance = (struct distance){ text, bytes };
			return;
		}
	}
}

/**
 * perftop_recall_end() - Keep the unwind that was recorded, if it can be
 * @recall: this CPU's memory
 * @start: where it began
 * @frames: kernel frames it gave
 *
 * Context: hot path; only after an unwind that came to its end.
 * Return: the new entry, NULL if the unwind is not to be remembered.
 */
notrace struct perftop_unwind *
perftop_recall_end(struct perftop_recall *recall,
		   const struct perftop_start *start, unsigned int frames)
{
	const struct recorder *rec = &recall->recorder;
	const unsigned long top = stack_top();
	struct entry *entry;
	unsigned int i;
	u32 tag;

	if (rec->failed)
		return NULL;
	if (rec->ret[1]) {
		learn_distance(recall, start->site, rec->ret[0] - start->sp);
		learn_distance(recall, stack_word(rec->ret[0]),
			       rec->ret[1] - rec->ret[0]);
	}
	tag = start_tag(recall, start, top);
	for (i = tag_set(tag); recall->tag[i]; i++) {
		if (i % WAYS == WAYS - 1) {
			i -= recall->replace++ % WAYS;
			break;
		}
	}

	entry = &recall->entry[i];
	recall->tag[i] = tag;
	entry->unwind = (struct perftop_unwind){
		.id	= ++recall->next_id,
		.frames	= frames,
	};
	entry->ip = start->ip;
	entry->user_end = rec->user_end;
	entry->bp_group = SP_TEXT;
	if (start->bp - start->sp < top - start->sp) {
		bool beyond = start->bp > rec->gap;

		entry->bp_group = beyond ? SP_TOP : SP_SP;
		entry->bp = start->bp - (beyond ? top : start->sp);
	}
	entry_fill(entry, rec, start);
	return &entry->unwind;
}

/**
 * perftop_recall_forget() - Forget everything
 * @recall: this CPU's memory
 *
 * Context: hot path, rarely.
 */
notrace void perftop_recall_forget(struct perftop_recall *recall)
{
	memset(recall->tag, 0, sizeof(recall->tag));
	memset(recall->row, 0, sizeof(recall->row));
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
notrace struct perftop_known_row *
perftop_recall_known(struct perftop_recall *recall, u32 id, u64 hash)
{
	return &recall->row[hash_64(hash + id, ROWS_BITS) & ~1];
}

/**
 * perftop_recall_alloc() - Take one CPU's memory
 * @cpu: which
 *
 * Context: process context.
 * Return: NULL if there is none. To be given back with vfree().
 */
struct perftop_recall *perftop_recall_alloc(unsigned int cpu)
{
	return vzalloc_node(sizeof(struct perftop_recall), cpu_to_node(cpu));
}

/**
 * perftop_recall_init() - Find the function in whose frame the gap lies
 *
 * It is in the stack of whoever loads the module, and no kprobe may be set on
 * it to find it by. Where there is none, one entry serves one distance only.
 *
 * Context: process context, in a system call.
 */
void perftop_recall_init(void)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long frame[64];
	unsigned int i, n;

	n = stack_trace_save(frame, ARRAY_SIZE(frame), 0);
	for (i = 0; i < n; i++) {
		struct perftop_range range;

		if (perftop_symbol_extent(frame[i], symbol, &range) &&
		    !strncmp(symbol, "do_syscall_64+", 14))
			gap_range = range;
	}
}
