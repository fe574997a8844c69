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
 * call, inside the frame of the function that the entry code calls (such as
 * do_syscall_64()), which therefore is found from bp. So the gap lies in the
 * frame next to the user's registers, if that is found from bp. From the gap on
 * distances are kept from the stack's top, so that one entry serves a path
 * whatever the distance. That is sound because the gap's frame is found from its
 * bp, the word that points beyond the gap is compared, and all that follows lies
 * at a fixed distance from it. A frame that is found from sp, and whose bp only
 * happens to point there, has one size; what ends it, the user's registers, is
 * at the top, so there the two distances are one.
 *
 * WHAT IT DOES NOT COVER, and is not remembered:
 *
 *   - a return address that a kretprobe or the function graph tracer has
 *     replaced: the word is not the address that the unwinder gives;
 *   - frames on another stack than the task's, and frames behind saved
 *     registers, except the user's own at task_pt_regs(current), which alone end
 *     the stack: the unwinder goes no further, whatever they hold. They lie at
 *     the stack's top, where nothing but an entry from user mode puts any; so the
 *     word that leads to them is to be found at the distance from the top that it
 *     had;
 *   - an unwind that ended with an error or was cut off;
 *   - code that comes and goes without the module notifier: trampolines, BPF.
 *
 * What was remembered before a module came or went holds no more: each entry
 * has the number of its era.
 *
 * Where an unwind starts from registers, the unwinder looks up the entry of their
 * ip; where it starts without, that of ip - 1, as at any return address. One ip
 * could so lead to two entries. It does not: a hook starts in one of the two
 * ways, and is the only one there is while the module is loaded.
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
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/unwind.h>

#include "engine/accounts.h"
#include "switch/cpu.h"
#include "switch/kernel_text.h"
#include "switch/recall.h"

/* The same at each pick of one switch. */
static __always_inline unsigned long current_switches(void)
{
	return current->nvcsw + current->nivcsw;
}

/**
 * perftop_recall_begin() - Begin to record an unwind
 * @recall: this CPU's memory
 * @start: where it begins
 * @era: now
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_begin(struct perftop_recall *recall,
				    const struct perftop_start *start,
				    union perftop_era era)
{
	struct recall_recorder *rec = &recall->recorder;

	rec->era = era;
	rec->task = current;
	rec->switches = current_switches();
	rec->failed = recall_stack_top() - start->sp > THREAD_SIZE;
	rec->partial = rec->failed;
	rec->struck = false;
	rec->user_end = false;
	rec->words = 0;
	rec->step = (struct recall_place){ start->ip, start->sp, start->bp };
	/* Nowhere, until perftop_recall_mark() says where. */
	rec->first = (struct recall_place){};
	rec->from_bp = 0;
	rec->gap = recall_stack_top();
}

static __kprobes void record_word(struct recall_recorder *rec,
				  unsigned long address, bool pointer)
{
	if (rec->words == RECALL_RECORDED) {
		rec->failed = true;
		rec->partial = true;
		return;
	}
	rec->word[rec->words++] = (struct recall_word){
		address, recall_stack_word(address), pointer,
	};
}

/* Takes note of the frame from rec->step to @state, which was found from that. */
static __kprobes void record_frame(struct recall_recorder *rec,
				   const struct recall_place *next)
{
	const unsigned long cfa = next->sp;
	const unsigned long ret = cfa - sizeof(long);
	const unsigned long top = recall_stack_top();
	const unsigned long sp = rec->step.sp;
	const bool from_bp = rec->step.bp == cfa - 2 * sizeof(long);
	unsigned long at;

	if (cfa <= sp || cfa > top || recall_stack_word(ret) != next->ip) {
		rec->failed = true;
		rec->partial = true;
		return;
	}
	if (!perftop_text_lasts(next->ip))
		rec->failed = true;
	record_word(rec, ret, false);
	/*
	 * With a frame pointer the CFA is no word. But bp may point there by
	 * chance, so that the one it had before may lie anywhere in the frame.
	 */
	for (at = sp; at < ret && !rec->partial; at += sizeof(long)) {
		unsigned long value = recall_stack_word(at);

		if ((value == cfa && !from_bp) ||
		    (value == next->bp && value - sp < top - sp))
			record_word(rec, at, true);
	}
	rec->from_bp = from_bp ? sp : 0;
}

#ifdef CONFIG_UNWINDER_ORC
static __always_inline struct recall_place
place_of(const struct unwind_state *state)
{
	return (struct recall_place){ state->ip, state->sp, state->bp };
}

static __always_inline struct pt_regs *
regs_of(const struct unwind_state *state)
{
	return state->regs;
}

/* Or those only that every interrupt saves? */
static __always_inline bool has_all_regs(const struct unwind_state *state)
{
	return state->full_regs;
}
#else
/* perftop_stack_init() has refused. */
static struct recall_place place_of(const struct unwind_state *state)
{
	return (struct recall_place){};
}

static struct pt_regs *regs_of(const struct unwind_state *state)
{
	return NULL;
}

static bool has_all_regs(const struct unwind_state *state)
{
	return false;
}
#endif

/* Takes note of registers that were saved where an interrupt struck. */
static __kprobes void record_regs(struct recall_recorder *rec,
				  const struct unwind_state *state)
{
	const struct pt_regs *regs = regs_of(state);
	const unsigned long top = recall_stack_top();
	const unsigned long sp = rec->step.sp;

	rec->failed = true;
	rec->struck = true;
	/* They, and what they lead to, may lie on another stack. */
	if ((unsigned long)(regs + 1) - sp > top - sp ||
	    place_of(state).sp - sp > top - sp) {
		rec->partial = true;
		return;
	}
	record_word(rec, (unsigned long)&regs->ip, false);
	record_word(rec, (unsigned long)&regs->cs, false);
	record_word(rec, (unsigned long)&regs->sp, false);
	if (has_all_regs(state))
		record_word(rec, (unsigned long)&regs->bp, false);
}

/* The end: what lies there is no frame's. */
static __kprobes bool is_user_end(const struct pt_regs *regs)
{
	return regs == task_pt_regs(current) &&
	       user_mode((struct pt_regs *)regs);
}

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
	const struct recall_place next = place_of(state);
	const struct pt_regs *regs = regs_of(state);
	struct recall_recorder *rec = &recall->recorder;

	/* Without registers to start from, the first state is the start. */
	if (rec->partial || next.sp == rec->step.sp)
		return;
	if (!regs) {
		record_frame(rec, &next);
	} else if (is_user_end(regs)) {
		rec->user_end = true;
		if (rec->from_bp)
			rec->gap = rec->from_bp;
	} else {
		record_regs(rec, state);
	}
	rec->step = next;
}

/**
 * perftop_recall_mark() - The step that was recorded gave the key's first frame
 * @recall: this CPU's memory
 * @state: as it is after the step
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_mark(struct perftop_recall *recall,
				   const struct unwind_state *state)
{
	struct recall_recorder *rec = &recall->recorder;

	rec->first = place_of(state);
	rec->first_words = rec->words;
}

/**
 * perftop_recall_fail() - The unwind that was recorded has ended with an error
 * @recall: this CPU's memory
 *
 * What it failed by is no word that it has used, and has not been recorded.
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_fail(struct perftop_recall *recall)
{
	recall->recorder.partial = true;
}

/**
 * perftop_recall_is_newest() - Was the newest unwind made in this very switch?
 * @recall: this CPU's memory
 * @era: now
 *
 * Or at an earlier pick, after which the same task ran on: then its stack has
 * been another meanwhile, and it is for perftop_recall_stands() to tell whether
 * it is the same again.
 *
 * Context: hot path.
 * Return: true if it was current's, led to a row, which is there still, and
 *	current has not left the CPU since.
 */
__kprobes bool perftop_recall_is_newest(const struct perftop_recall *recall,
					union perftop_era era)
{
	const struct recall_recorder *rec = &recall->recorder;

	return rec->row != PERFTOP_UNATTRIBUTED && !rec->partial &&
	       rec->task == current &&
	       rec->switches == current_switches() &&
	       rec->era.both == era.both;
}

/**
 * perftop_recall_stands() - Would an unwind go on as the newest one did?
 * @recall: this CPU's memory
 * @state: at the key's first frame
 *
 * The argument above, for words that are where they were. Code that it leads
 * through and that does not last cannot have gone while it is on the stack of
 * current, which has not left the CPU.
 *
 * Context: hot path; after perftop_recall_is_newest().
 * Return: whether all words that it depended on are as they were.
 */
__kprobes bool perftop_recall_stands(const struct perftop_recall *recall,
				     const struct unwind_state *state)
{
	const struct recall_recorder *rec = &recall->recorder;
	const struct recall_word *word = rec->word + rec->first_words;
	const struct recall_place at = place_of(state);

	if (at.ip != rec->first.ip || at.sp != rec->first.sp ||
	    at.bp != rec->first.bp)
		return false;
	for (; word < rec->word + rec->words; word++)
		if (recall_stack_word(word->address) != word->value)
			return false;
	return true;
}

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

/*
 * A number that no unwind has. Once in four thousand million they begin anew,
 * and all that has one goes.
 */
static __kprobes u32 next_id(struct perftop_recall *recall)
{
	unsigned int i;

	if (unlikely(recall->next_id == U32_MAX)) {
		/* No start has an ip of 0, so no entry holds any more. */
		for (i = 0; i < RECALL_ENTRIES; i++)
			recall->entry[i].ip = 0;
		memset(recall->known, 0, sizeof(recall->known));
		recall->none.era.both = 0;
		recall->next_id = 0;
	}
	return ++recall->next_id;
}

/**
 * perftop_recall_renew() - An unwind holds still, but rows have been retired
 * @recall: this CPU's memory
 * @unwind: what is known of its rows is forgotten
 * @era: now
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_renew(struct perftop_recall *recall,
				    struct perftop_unwind *unwind,
				    union perftop_era era)
{
	unwind->id = next_id(recall);
	unwind->row = 0;
	unwind->era = era;
}

/* The place for an entry of that tag: a free one, or the next one's in turn. */
static __kprobes unsigned int choose_place(struct perftop_recall *recall,
					   u32 tag)
{
	const u32 code = recall->recorder.era.code;
	const unsigned int first = recall_set(tag);
	unsigned int i;

	for (i = first; i < first + RECALL_WAYS; i++)
		if (recall->entry[i].unwind.era.code != code)
			return i;
	return first + recall->replace++ % RECALL_WAYS;
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
	u32 id, tag;

	if (rec->failed || rec->partial || rec->words > RECALL_WORDS)
		return NULL;
	learn_hops(recall, start);
	id = next_id(recall);
	tag = recall_tag(recall, start, recall_stack_top());
	i = choose_place(recall, tag);

	entry = &recall->entry[i];
	recall->tag[i] = 0;
	entry->unwind = (struct perftop_unwind){
		.era	= rec->era,
		.id	= id,
		.frames	= frames,
	};
	if (!fill_entry(entry, rec, start)) {
		/* It may be one that was found last. */
		entry->ip = 0;
		return NULL;
	}
	recall->tag[i] = tag;
	return &entry->unwind;
}

/* Copies return addresses to what lies before @frame, the outermost last. */
static __kprobes u64 *put_texts(u64 *frame, const u64 *first,
				const struct recall_check *check,
				unsigned int n)
{
	while (n && frame > first)
		*--frame = (long)check[--n].value;
	return frame;
}

/**
 * perftop_recall_frames() - The kernel frames of a remembered unwind
 * @unwind: which
 * @frame: where to, @unwind->frames of them
 *
 * They are the last of the return addresses that it is recognised by; those
 * before lie in __schedule() and what it called.
 *
 * Context: hot path.
 */
__kprobes void perftop_recall_frames(const struct perftop_unwind *unwind,
				     u64 *frame)
{
	const struct recall_entry *entry =
		container_of(unwind, struct recall_entry, unwind);
	const struct recall_check *check = entry->check;
	const u8 *end = entry->end;
	unsigned int texts = end[RECALL_TEXT];
	u64 *at = frame + unwind->frames;

	/* Where they were odd, the last stands twice. */
	if (texts && check[texts - 1].offset == check[texts - 2].offset)
		texts--;
	at = put_texts(at, frame, check + end[RECALL_TOP_POINTER],
		       end[RECALL_TOP_TEXT] - end[RECALL_TOP_POINTER]);
	put_texts(at, frame, check, texts);
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
