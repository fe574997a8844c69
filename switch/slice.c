// SPDX-License-Identifier: GPL-2.0
/*
 * The slices: what happens to them but at a switch, where each is charged to the
 * stack by which its task leaves, and the next one begins (switch.h). Each CPU
 * keeps its own stamps; no stamp is compared with another CPU's clock.
 *
 * On each CPU the charged ticks and the open slice make up the time since the
 * first stamp exactly, because each slice begins with the stamp that ended the
 * one before. What would break that is folded in where it happens: a clock
 * that steps back, a CPU that goes offline.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "hash.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/recall.h"
#include "switch/slice.h"
#include "switch/stack_key.h"
#include "switch/stack_row.h"

static const u8 merge[PERFTOP_SLICE_COUNTERS] = {
	[PERFTOP_TICKS]		= PERFTOP_SUM,
	[PERFTOP_COUNT]		= PERFTOP_SUM,
	[PERFTOP_LONGEST]	= PERFTOP_MAX,
	[PERFTOP_THREADS]	= PERFTOP_OR,
	[PERFTOP_TASK]		= PERFTOP_LAST,
	[PERFTOP_COMM]		= PERFTOP_LAST,
	[PERFTOP_COMM2]		= PERFTOP_LAST,
};

static bool has_ended(const u64 *head)
{
	return head[KEY_OWNER] && perftop_owner_has_ended(head[KEY_OWNER]);
}

/* The stacks. */
struct perftop_table perftop_stacks = {
	.name		= "stacks",
	.merge		= merge,
	.counters	= PERFTOP_SLICE_COUNTERS,
	.rank		= PERFTOP_TICKS,
	.time		= true,
	.key_words	= 17,
	.owner		= KEY_OWNER,
	.settle		= perftop_stack_settle,
	.ended		= has_ended,
};

/**
 * perftop_slice_stamp() - Open this CPU's first slice, if no switch has yet
 * @unused: for smp_call_function()
 *
 * Context: interrupts off.
 */
void perftop_slice_stamp(void *unused)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	if (c->start)
		return;
	c->first = rdtsc();
	slice_note_task(c, current);
	slice_open(c, c->first, current);
	c->spans.taken = perftop_cpu_spans_until(&c->spans, c->first);
}

/**
 * perftop_slice_filtered_row() - The row of current's stack, if it passes
 * @c: this CPU
 * @ip: as for perftop_stack_row()
 * @sp: likewise
 * @bp: likewise
 * @regs: likewise
 *
 * Context: hot path.
 * Return: the row, or the account of what a filter keeps out.
 */
__kprobes u32 perftop_slice_filtered_row(struct perftop_cpu *c,
					 unsigned long ip, unsigned long sp,
					 unsigned long bp,
					 struct pt_regs *regs)
{
	if (!is_idle_task(current) && !perftop_filter_passes(current))
		return PERFTOP_FILTERED;
	return perftop_stack_row(c, ip, sp, bp, regs);
}

/**
 * perftop_slice_charge_unseen() - Charge a slice without saying who was seen
 * @c: this CPU
 * @index: the row
 * @ticks: how long
 *
 * Context: hot path.
 */
__kprobes void perftop_slice_charge_unseen(struct perftop_cpu *c, u32 index,
					   u64 ticks)
{
	slice_add(perftop_shard_row_unseen(c->stacks, READ_ONCE(c->bank),
					   index),
		  ticks);
}

/**
 * perftop_slice_flip() - Flip this CPU's bank
 * @unused: for on_each_cpu_mask()
 *
 * Context: interrupts off on the CPU, so not between a pick and its finish, while
 *	the caller waits with perftop_lock held.
 */
void perftop_slice_flip(void *unused)
{
	perftop_cpu_flip(this_cpu_ptr(&perftop_cpu));
}

/**
 * perftop_slice_close() - A CPU is dead: its open slice has no end
 * @cpu: which
 *
 * The slice is dropped, and the time it took does not count as elapsed.
 *
 * Context: process context, perftop_lock held; the CPU does not run.
 */
void perftop_slice_close(unsigned int cpu)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	if (c->start)
		c->closed += c->start - c->first;
	c->start = 0;
	c->captured = false;
	perftop_cpu_spans_drop(&c->spans);
}

/* The machine's last running CPU, from suspend to resume. */
static u64 suspended_at;

/**
 * perftop_slice_suspend() - The machine is about to be suspended
 *
 * Context: the last CPU that runs, interrupts off.
 */
void perftop_slice_suspend(void)
{
	suspended_at = rdtsc();
}

/**
 * perftop_slice_resume() - The machine runs again
 *
 * The clock may have gone on meanwhile, or have begun anew. Neither is time
 * that anything ran: the open slice goes on as if the clock had stood still.
 *
 * Context: the CPU that perftop_slice_suspend() was called on, interrupts off.
 */
void perftop_slice_resume(void)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u64 gap = rdtsc() - suspended_at;

	if (!c->start)
		return;
	c->start += gap;
	c->first += gap;
}

/**
 * perftop_slice_settle_open() - Finish the key that a cut left
 * @cpu: where
 *
 * Context: process context, perftop_lock held.
 */
void perftop_slice_settle_open(unsigned int cpu)
{
	perftop_stack_settle(per_cpu_ptr(&perftop_cpu, cpu)->open->key.word);
}

/**
 * perftop_slice_open_row() - What an open slice would be among the stacks
 * @open: the slice
 * @word: where its key is left
 * @counter: where its counters are left; all are 0
 *
 * Context: perftop_lock held.
 * Return: how many words the key has.
 */
unsigned int perftop_slice_open_row(const struct perftop_open *open,
				    const u64 **word, u64 *counter)
{
	counter[PERFTOP_TICKS] = open->ticks;
	counter[PERFTOP_LONGEST] = open->ticks;
	counter[PERFTOP_TASK] = open->who.task;
	memcpy(&counter[PERFTOP_COMM], slice_is_nobodys() ? open->who.comm :
							   open->who.process,
	       TASK_COMM_LEN);
	*word = open->key.word;
	return open->key.words;
}

/**
 * perftop_slice_armed() - Was the last switch on this CPU seen?
 *
 * Context: any but the hot path.
 * Return: whether the slice that is open here is current's.
 */
bool perftop_slice_armed(void)
{
	bool armed;

	preempt_disable();
	armed = slice_is_current(this_cpu_ptr(&perftop_cpu), 0);
	preempt_enable();
	return armed;
}

/**
 * perftop_slice_code_changed() - Code has come or gone: another era
 * @era: its number
 *
 * Context: any but the hot path. What was remembered before does not hold any
 *	more from each CPU's next capture on.
 */
void perftop_slice_code_changed(u32 era)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(&perftop_cpu, cpu)->era.code, era);
}

/**
 * perftop_slice_rows_changed() - A CPU's rows have been retired: another era
 * @cpu: whose
 *
 * Context: perftop_lock held.
 */
void perftop_slice_rows_changed(unsigned int cpu)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	WRITE_ONCE(c->era.rows, c->stacks->epoch);
}

/**
 * perftop_slice_drop_capture() - Forget what a pick on this CPU captured
 * @unused: for on_each_cpu_mask()
 *
 * Its row has been retired, and the finish to come may be long after the pick,
 * if the same task was picked again and it does not see the next one.
 *
 * Context: interrupts off, so not between a pick and its finish.
 */
void perftop_slice_drop_capture(void *unused)
{
	this_cpu_ptr(&perftop_cpu)->captured = false;
}

/**
 * perftop_slice_init() - Give each CPU what a read needs
 * @stacks: the table of stacks, with its memory
 *
 * Context: process context.
 * Return: 0 or -ENOMEM; perftop_slice_exit() is called in either case.
 */
int perftop_slice_init(struct perftop_table *stacks)
{
	unsigned int cpu;

	if (perftop_params.stack != PERFTOP_STACK_BOTH)
		static_branch_disable(&perftop_owners);
	if (perftop_params.stack == PERFTOP_STACK_USER)
		static_branch_enable(&perftop_user_only);
	for_each_possible_cpu(cpu) {
		struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

		c->stacks = stacks->shard[cpu];
		c->slice.cpu = cpu;
		c->open = kzalloc_node(sizeof(*c->open), GFP_KERNEL,
				       cpu_to_node(cpu));
		if (!c->open)
			return -ENOMEM;
		stacks->bytes += sizeof(*c->open);
	}
	return 0;
}

/**
 * perftop_slice_add_cpu() - Take the memory that a CPU's switches need
 * @stacks: as for perftop_slice_init()
 * @cpu: which
 *
 * Its shard, a key of 1.1 KiB, and about 0.5 MiB for remembered unwinds.
 *
 * Context: process context, perftop_lock held; no switch is seen on the CPU.
 * Return: 0, or -ENOMEM: then its tasks' time is unattributed.
 */
int perftop_slice_add_cpu(struct perftop_table *stacks, unsigned int cpu)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);
	struct perftop_recall *recall;
	int err;

	if (c->recall)
		return 0;
	err = perftop_table_add_cpu(stacks, cpu);
	if (err)
		return err;
	if (!c->key)
		c->key = kzalloc_node(sizeof(*c->key), GFP_KERNEL,
				      cpu_to_node(cpu));
	recall = perftop_recall_alloc(cpu);
	if (!c->key || !recall) {
		vfree(recall);
		return -ENOMEM;
	}
	stacks->bytes += sizeof(*c->key) + sizeof(*recall);
	c->era.rows = c->stacks->epoch;
	c->recall = recall;
	return 0;
}

/**
 * perftop_slice_has_memory() - Has a CPU what its switches need?
 * @cpu: which
 *
 * Context: perftop_lock held.
 * Return: false: its tasks' time is unattributed.
 */
bool perftop_slice_has_memory(unsigned int cpu)
{
	return per_cpu_ptr(&perftop_cpu, cpu)->recall;
}

/**
 * perftop_slice_exit() - Give back what each CPU has
 *
 * Context: process context; no switch is seen any more.
 */
void perftop_slice_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

		kfree(c->key);
		kfree(c->open);
		vfree(c->recall);
	}
}
