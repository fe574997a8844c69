// SPDX-License-Identifier: GPL-2.0
/*
 * Is the stack that perftop finds at a pick the one by which the task leaves?
 *
 * perftop's own files, unmodified, are part of this module, with a table of
 * their own. At the fair and at the stop pick, probes of ours let them find the
 * leaving task's row, remembered or not; at the sched_switch event behind them
 * stack_trace_save() takes the same task's stack again, and the kernel frames
 * of both, from __schedule()'s caller on, are compared. A switch without a
 * capture, or with one of another task, is counted as well.
 */
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "engine/params.h"
#include "engine/table.h"
#include "hash.h"
#include "helper.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/kernel_text.h"
#include "switch/recall.h"
#include "switch/slice.h"
#include "switch/stack_key.h"
#include "switch/stack_row.h"
#include "switch/symbol.h"

/* What stack.c asks for. */
struct perftop_params perftop_params = {
	.stack = PERFTOP_STACK_BOTH,
};

/* The key's words, as stack.c has them. */
#define KERNEL_FRAMES(word)	((unsigned int)((word)[0] & GENMASK(7, 0)))
#define FIRST_FRAME		3
#define INTERRUPTED		BIT_ULL(63)

#define TRUTH_FRAMES		96

enum pick {
	FAIR,
	STOP,
	PICKS
};

static const char *const pick_names[PICKS] = { "fair", "stop" };

/* Its own CPU's, interrupts off; the counts are read by anyone. */
struct cpu_captures {
	struct task_struct	*task;	/* the capture's; NULL once compared */
	enum pick		pick;
	u32			row;
	bool			begun;	/* a pick was seen since the start */
	unsigned long		truth[TRUTH_FRAMES];
	unsigned long		equal[PICKS];
	unsigned long		different[PICKS];
	unsigned long		absent;
};

static DEFINE_PER_CPU(struct cpu_captures, cpu_captures);

/* The first one that differed, to be looked at. */
static struct {
	atomic_t		claimed;
	bool			complete;
	unsigned int		frames;
	u64			key[PERFTOP_KEY_WORDS];
	unsigned long		truth[TRUTH_FRAMES];
} difference;

static bool comparing;

/* What perftop's files work with: never drained, and large enough. */
static struct perftop_table table = {
	.name		= "captures",
	.counters	= PERFTOP_SLICE_COUNTERS,
	.key_words	= 16,
	.limit		= 16384,
};

static DEFINE_PER_CPU(struct perftop_cpu, shipped);

static const u64 *row_key(const struct cpu_captures *c)
{
	return perftop_shard_key(this_cpu_ptr(&shipped)->stacks, c->row);
}

static void capture(enum pick pick, struct pt_regs *regs)
{
	struct cpu_captures *c = this_cpu_ptr(&cpu_captures);

	if (!READ_ONCE(comparing))
		return;
	c->begun = true;
	c->pick = pick;
	c->row = perftop_stack_row(this_cpu_ptr(&shipped), regs->ip, regs->sp,
				   regs->bp, regs);
	c->task = c->row < PERFTOP_RESERVED ? NULL : current;
}

static int fair_handler(struct kprobe *probe, struct pt_regs *regs)
{
	capture(FAIR, regs);
	return 0;
}

static int stop_handler(struct kprobe *probe, struct pt_regs *regs)
{
	capture(STOP, regs);
	return 0;
}

static bool frame_matches(u64 frame, unsigned long truth)
{
	char symbol[KSYM_SYMBOL_LEN];
	struct perftop_range function;

	if (frame & INTERRUPTED)
		return frame == truth;
	/* For an interrupted function its start stands in the key, if known. */
	return (frame | INTERRUPTED) == truth ||
	       (perftop_symbol_extent(truth, symbol, &function) &&
		function.start == (frame | INTERRUPTED));
}

static bool key_matches(const u64 *key, const unsigned long *truth,
			unsigned int frames)
{
	unsigned int i;

	if (KERNEL_FRAMES(key) != min(frames, PERFTOP_KERNEL_FRAMES + 0U))
		return false;
	for (i = 0; i < KERNEL_FRAMES(key); i++)
		if (!frame_matches(key[FIRST_FRAME + i], truth[i]))
			return false;
	return true;
}

static void keep_difference(const u64 *key, const unsigned long *truth,
			    unsigned int frames)
{
	if (atomic_xchg(&difference.claimed, 1))
		return;
	memcpy(difference.key, key,
	       (FIRST_FRAME + KERNEL_FRAMES(key)) * sizeof(*key));
	memcpy(difference.truth, truth, frames * sizeof(*truth));
	difference.frames = frames;
	/* Pairs with the acquire in show_difference(). */
	smp_store_release(&difference.complete, true);
}

/**
 * captures_compare() - Is the newest capture the stack that stands now?
 * @prev: the leaving task, current still; its stack is as it was at the picks
 *
 * Context: sched_switch.
 */
void captures_compare(struct task_struct *prev)
{
	struct cpu_captures *c = this_cpu_ptr(&cpu_captures);
	unsigned int frames, i;
	const u64 *key;

	if (!READ_ONCE(comparing) || !c->begun)
		return;
	if (c->task != prev) {
		c->absent++;
		return;
	}
	c->task = NULL;

	frames = stack_trace_save(c->truth, TRUTH_FRAMES, 0);
	for (i = 0; i < frames; i++)
		if (perftop_in_range(&perftop_schedule, c->truth[i]))
			break;
	i = min(i + 1, frames);
	key = row_key(c);
	if (key_matches(key, c->truth + i, frames - i)) {
		c->equal[c->pick]++;
		return;
	}
	c->different[c->pick]++;
	keep_difference(key, c->truth + i, frames - i);
}

static const kprobe_pre_handler_t handlers[PICKS] = {
	[FAIR] = fair_handler,
	[STOP] = stop_handler,
};

static const char *const probed[PICKS][3] = {
	[FAIR] = { "pick_next_task_fair", "pick_task_fair" },
	[STOP] = { "pick_next_task_stop", "pick_task_stop" },
};

static struct kprobe probes[PICKS];
static char symbols[PICKS][KSYM_NAME_LEN];

static int probe_pick(enum pick pick)
{
	/* Anew: the last time has left its flags. */
	probes[pick] = (struct kprobe){ .pre_handler = handlers[pick] };
	return perftop_symbol_probe(&probes[pick], probed[pick], symbols[pick]);
}

/**
 * captures_start() - Count anew, once both picks are probed
 *
 * Context: process context, helper_lock held.
 * Return: 0, -EBUSY if it is counting already, or why there is no probe.
 */
int captures_start(void)
{
	unsigned int cpu;
	u32 era;
	int err;

	if (comparing)
		return -EBUSY;
	era = perftop_text_changed();
	for_each_possible_cpu(cpu) {
		memset(per_cpu_ptr(&cpu_captures, cpu), 0,
		       sizeof(struct cpu_captures));
		per_cpu(shipped.captures, cpu) = 0;
		per_cpu(shipped.unwound, cpu) = 0;
		/* Of modules that came and went, nobody has told it. */
		per_cpu(shipped.era.code, cpu) = era;
	}
	difference.complete = false;
	atomic_set(&difference.claimed, 0);

	err = probe_pick(FAIR);
	if (err)
		return err;
	err = probe_pick(STOP);
	if (err) {
		unregister_kprobe(&probes[FAIR]);
		return err;
	}
	WRITE_ONCE(comparing, true);
	return 0;
}

/**
 * captures_stop() - Count no more, and then remove the probes
 *
 * Context: process context, helper_lock held.
 */
void captures_stop(void)
{
	if (!comparing)
		return;
	WRITE_ONCE(comparing, false);
	synchronize_rcu();
	unregister_kprobe(&probes[STOP]);
	unregister_kprobe(&probes[FAIR]);
}

static void show_difference(struct seq_file *m)
{
	unsigned int i;

	/* Pairs with the release in keep_difference(). */
	if (!smp_load_acquire(&difference.complete))
		return;
	for (i = 0; i < KERNEL_FRAMES(difference.key); i++)
		seq_printf(m, "captured %pS\n",
			   (void *)(unsigned long)
			   (difference.key[FIRST_FRAME + i] | INTERRUPTED));
	for (i = 0; i < difference.frames; i++)
		seq_printf(m, "stands %pS\n", (void *)difference.truth[i]);
}

/**
 * captures_show() - Print how many were equal, and the first that was not
 * @m: the file
 *
 * Context: process context.
 */
void captures_show(struct seq_file *m)
{
	unsigned long equal, different, absent = 0, remembered = 0;
	const struct cpu_captures *c;
	unsigned int pick, cpu;

	for (pick = 0; pick < PICKS; pick++) {
		equal = 0;
		different = 0;
		for_each_possible_cpu(cpu) {
			c = per_cpu_ptr(&cpu_captures, cpu);
			equal += READ_ONCE(c->equal[pick]);
			different += READ_ONCE(c->different[pick]);
		}
		seq_printf(m, "%s equal %lu different %lu\n", pick_names[pick],
			   equal, different);
	}
	for_each_possible_cpu(cpu) {
		absent += READ_ONCE(per_cpu(cpu_captures.absent, cpu));
		remembered += per_cpu(shipped.captures, cpu) -
			      per_cpu(shipped.unwound, cpu);
	}
	seq_printf(m, "absent %lu remembered %lu\n", absent, remembered);
	show_difference(m);
}

/* Nobody drains: what finds no place is counted. */
static void ignore(struct irq_work *unused)
{
}

/**
 * captures_init() - Give perftop's files what they work with
 *
 * Context: process context.
 * Return: 0 or an error; captures_exit() is called in either case.
 */
int captures_init(void)
{
	struct perftop_cpu *c;
	unsigned int cpu;
	int err;

	err = perftop_stack_init();
	if (err)
		return err;
	err = perftop_text_init();
	if (err)
		return err;
	err = perftop_table_init(&table);
	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(&shipped, cpu);
		*per_cpu_ptr(&perftop_half_full, cpu) =
			PERFTOP_IRQ_WORK(ignore);
		c->stacks = table.shard[cpu];
		err = perftop_table_add_cpu(&table, cpu);
		if (err)
			return err;
		c->recall = perftop_recall_alloc(cpu);
		c->key = kzalloc(sizeof(*c->key), GFP_KERNEL);
		if (!c->recall || !c->key)
			return -ENOMEM;
	}
	return 0;
}

/**
 * captures_exit() - Give it back
 *
 * Context: process context; nothing is compared any more.
 */
void captures_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		irq_work_sync(per_cpu_ptr(&perftop_half_full, cpu));
		vfree(per_cpu(shipped.recall, cpu));
		kfree(per_cpu(shipped.key, cpu));
	}
	perftop_table_exit(&table);
	perftop_text_exit();
}
