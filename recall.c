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
 *   - ip, sp and bp at the start are as they were, bp if it lies in the stack,
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
 *     registers, except the user's own, which end the stack. They lie at its
 *     top, where nothing but an entry from user mode puts any; so the word
 *     that leads to them is to be found at the distance from the top that it
 *     had;
 *   - an unwind that ended with an error or was cut off;
 *   - code that comes and goes without the module notifier: trampolines, BPF.
 *
 * All is forgotten when a module comes or goes.
 *
 * WHERE TO LOOK
 *
 * First at the entry that was found last for the same task: most leave by the
 * stack they left by before. Then in the set that a tag names, which is a hash
 * of the return addresses. To find them without unwinding, each unwind in full
 * teaches how far it is from each return address to the next, which is always
 * the same for a frame of a fixed size, as nearly all are. Where that is not
 * known, or varies, the tag ends, and stacks that differ further out share a
 * set. What was learnt may be wrong for the stack at hand: the tag then names
 * another set, and the unwind is made. It cannot name a wrong entry, since all
 * words that the argument asks for are compared in any case.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/unwind.h>

#include "perftop.h"
#include "recall.h"

/* do_syscall_64(), in whose frame the stack is moved by a random distance. */
static struct perftop_range gap_range __read_mostly;

/**
 * perftop_recall_begin() - Begin to record an unwind
 * @recall: this CPU's memory
 * @start: where it begins
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_begin(struct perftop_recall *recall,
				    const struct perftop_start *start)
{
	struct recall_recorder *rec = &recall->recorder;

	rec->failed = recall_stack_top() - start->sp > THREAD_SIZE;
	rec->user_end = false;
	rec->words = 0;
	rec->ip = start->ip;
	rec->sp = start->sp;
	rec->bp = start->bp;
	rec->gap = recall_stack_top();
}

static __kprobes void record_word(struct recall_recorder *rec,
				  unsigned long address, unsigned long value,
				  bool pointer)
{
	if (rec->words == RECALL_WORDS) {
		rec->failed = true;
		return;
	}
	rec->word[rec->words++] = (struct recall_word){ address, value, pointer };
}

/* A module's text that a hop was learnt from is; to look there costs less. */
static __kprobes bool lasting_text(struct perftop_recall *recall,
				   unsigned long addr)
{
	return (addr >= MODULES_VADDR &&
		recall_hop(recall, addr)->text == (u32)addr) ||
	       perftop_stack_lasting_text(addr);
}

/* Takes note of the frame from rec->sp to @cfa, which was found from rec. */
static __kprobes void record_frame(struct perftop_recall *recall,
				   unsigned long cfa, unsigned long ip,
				   unsigned long bp)
{
	struct recall_recorder *rec = &recall->recorder;
	const unsigned long ret = cfa - sizeof(long);
	const unsigned long top = recall_stack_top();
	const bool from_bp = rec->bp == cfa - 2 * sizeof(long);
	unsigned long at;

	if (cfa <= rec->sp || cfa > top || recall_stack_word(ret) != ip ||
	    !lasting_text(recall, ip)) {
		rec->failed = true;
		return;
	}
	record_word(rec, ret, ip, false);
	/* With a frame pointer the CFA is no word, and bp is the lowest one. */
	for (at = from_bp ? rec->bp : rec->sp; at < ret && !rec->failed;
	     at += sizeof(long)) {
		unsigned long value = recall_stack_word(at);

		if ((value == cfa && !from_bp) ||
		    (value == bp && bp - rec->sp < top - rec->sp))
			record_word(rec, at, value, true);
	}
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
__kprobes void perftop_recall_step(struct perftop_recall *recall,
				   const struct unwind_state *state)
{
	struct recall_recorder *rec = &recall->recorder;

	/* Without registers to start from, the first state is the start. */
	if (rec->failed || state->sp == rec->sp)
		return;
	if (state->regs) {
		rec->user_end = state->regs == task_pt_regs(current) &&
				user_mode(state->regs);
		rec->failed = !rec->user_end;
		return;
	}
	record_frame(recall, state->sp, state->ip, state->bp);
	rec->ip = state->ip;
	rec->sp = state->sp;
	rec->bp = state->bp;
}
#else
__kprobes void perftop_recall_step(struct perftop_recall *recall,
				   const struct unwind_state *state)
{
	/* perftop_stack_init() has refused. */
	recall->recorder.failed = true;
}
#endif

/* Where a recorded word belongs; RECALL_KINDS if that cannot be kept. */
static __kprobes enum recall_kind word_kind(const struct recall_recorder *rec,
					    const struct recall_word *word)
{
	const bool beyond = word->address >= rec->gap;

	if (!word->pointer)
		return beyond ? RECALL_TOP_TEXT : RECALL_TEXT;
	if (beyond)
		return RECALL_KINDS;
	/* The gap's lower end is the CFA of the frame below it. */
	return word->value > rec->gap ? RECALL_TOP_POINTER : RECALL_POINTER;
}

static __kprobes struct recall_check word_check(const struct recall_word *word,
						enum recall_kind kind,
						unsigned long sp)
{
	const unsigned long top = recall_stack_top();

	return (struct recall_check){
		.offset	= word->address - (kind == RECALL_TOP_TEXT ? top : sp),
		.value	= word->value - (kind == RECALL_POINTER ? sp :
					 kind == RECALL_TOP_POINTER ? top : 0),
	};
}

/*
 * Sorts the recorded words into @entry; false if it cannot keep them. Of an odd
 * number of return addresses the last stands twice.
 */
static __kprobes bool fill_checks(struct recall_entry *entry,
				  const struct recall_recorder *rec,
				  unsigned long sp)
{
	struct recall_check *check = entry->check;
	const struct recall_word *word;
	unsigned int n = 0, kept = 0;
	enum recall_kind kind;

	for (kind = 0; kind < RECALL_KINDS; kind++) {
		for (word = rec->word; word < rec->word + rec->words; word++) {
			if (word_kind(rec, word) != kind)
				continue;
			check[n++] = word_check(word, kind, sp);
			kept++;
		}
		if (kind == RECALL_TEXT && n % 2) {
			check[n] = check[n - 1];
			n++;
		}
		entry->end[kind] = n;
	}
	return kept == rec->words;
}

/*
 * How deep the stack must be: so deep that no word below the gap lies beyond
 * the top. If it ends with the registers of user mode, and no gap lets the
 * distance vary, they are where they were only at the very same depth.
 */
static __kprobes void fill_depth(struct recall_entry *entry,
				 const struct recall_recorder *rec,
				 unsigned long sp)
{
	const unsigned long top = recall_stack_top();
	const struct recall_word *word = rec->word;

	entry->depth = top - sp;
	entry->slack = 0;
	if (rec->user_end && rec->gap == top)
		return;
	entry->depth = 0;
	for (; word < rec->word + rec->words; word++)
		if (word->address < rec->gap)
			entry->depth = max_t(u32, entry->depth,
					     word->address - sp + sizeof(long));
	entry->slack = THREAD_SIZE;
}

/*
 * Makes an entry of what was recorded. The start's bp is __schedule()'s frame,
 * below the gap, or lies outside the stack: where sched_switch has more probes
 * than one, the function that calls them has put it to another use.
 */
static __kprobes bool fill_entry(struct recall_entry *entry,
				 const struct recall_recorder *rec,
				 const struct perftop_start *start)
{
	const unsigned long depth = recall_stack_top() - start->sp;

	entry->ip = start->ip;
	entry->bp = start->bp - start->sp;
	entry->bp_used = entry->bp < depth ? ~0UL : 0;
	fill_depth(entry, rec, start->sp);
	return (!entry->bp_used || entry->bp < rec->gap - start->sp) &&
	       fill_checks(entry, rec, start->sp);
}

static __kprobes void learn_hop(struct perftop_recall *recall,
				unsigned long text, u32 bytes)
{
	struct recall_hop *hop = recall_hop(recall, text);

	if (!hop->text)
		*hop = (struct recall_hop){ text, bytes };
	else if (hop->text == (u32)text && hop->bytes != bytes)
		hop->bytes = RECALL_NO_HOP;
}

/*
 * Learns the hops up to the gap, which has no fixed size. A start may lie at
 * the return address into its site or just above it.
 */
static __kprobes void learn_hops(struct perftop_recall *recall,
				 const struct perftop_start *start)
{
	const struct recall_recorder *rec = &recall->recorder;
	const struct recall_word *word = rec->word;
	unsigned long text = recall_site(start);
	unsigned long at = start->sp;

	for (; word < rec->word + rec->words; word++) {
		if (word->pointer || word->address == at)
			continue;
		if (word->address >= rec->gap)
			return;
		learn_hop(recall, text, word->address - at);
		text = word->value;
		at = word->address;
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
__kprobes struct perftop_unwind *
perftop_recall_end(struct perftop_recall *recall,
		   const struct perftop_start *start, unsigned int frames)
{
	const struct recall_recorder *rec = &recall->recorder;
	struct recall_entry *entry;
	unsigned int i;
	u32 tag;

	if (rec->failed)
		return NULL;
	/* The greatest id is not given, see perftop_stack_row(). */
	if (unlikely(recall->next_id == U32_MAX - 1)) {
		perftop_recall_forget(recall);
		recall->next_id = 0;
	}
	learn_hops(recall, start);
	tag = recall_tag(recall, start, recall_stack_top());
	for (i = recall_set(tag); recall->tag[i]; i++) {
		if (i % RECALL_WAYS == RECALL_WAYS - 1) {
			i -= recall->replace++ % RECALL_WAYS;
			break;
		}
	}

	entry = &recall->entry[i];
	recall->tag[i] = 0;
	if (!fill_entry(entry, rec, start)) {
		/* It may be one that was found last. */
		entry->ip = 0;
		return NULL;
	}
	recall->tag[i] = tag;
	entry->unwind = (struct perftop_unwind){
		.id	= ++recall->next_id,
		.frames	= frames,
	};
	return &entry->unwind;
}

/**
 * perftop_recall_forget() - Forget everything
 * @recall: this CPU's memory
 *
 * Context: hot path, rarely.
 */
__kprobes void perftop_recall_forget(struct perftop_recall *recall)
{
	unsigned int i;

	/* No start has an ip of 0, so no entry holds any more. */
	for (i = 0; i < RECALL_ENTRIES; i++)
		recall->entry[i].ip = 0;
	memset(recall->hop, 0, sizeof(recall->hop));
	memset(recall->tag, 0, sizeof(recall->tag));
	memset(recall->known, 0, sizeof(recall->known));
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
	struct perftop_recall *recall;
	unsigned int i;

	recall = vzalloc_node(sizeof(*recall), cpu_to_node(cpu));
	if (!recall)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(recall->last); i++)
		recall->last[i] = recall->entry;
	return recall;
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
