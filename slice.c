// SPDX-License-Identifier: GPL-2.0
/*
 * What happens at a switch: the slice that ends is charged to the stack by
 * which its task leaves, and the next one begins. Each CPU keeps its own
 * stamps; no stamp is compared with another CPU's clock.
 *
 * On each CPU the charged ticks and the open slice make up the time since the
 * first stamp exactly, because each slice begins with the stamp that ended the
 * one before. What would break that is folded in where it happens: a clock
 * that steps back, a CPU that goes offline.
 */
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#include "perftop.h"
#include "recall.h"

DEFINE_PER_CPU_ALIGNED(struct perftop_cpu, perftop_cpu);

/* Thread id and process id in one word. */
static __kprobes u64 task_ids(const struct task_struct *task)
{
	return (u64)task->tgid << 32 | (u32)task->pid;
}

static __always_inline unsigned long
task_switches(const struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

/*
 * Is the open slice current's, from its arrival until now? Not so if the hook
 * has been disarmed for a while and current, or another task, has left unseen.
 * @leaving is 1 where current's own leaving has been counted already.
 */
static __always_inline bool open_is_current(const struct perftop_cpu *c,
					    unsigned int leaving)
{
	return c->running == current &&
	       c->arrived + leaving == task_switches(current);
}

static __always_inline void open_slice(struct perftop_cpu *c, u64 now,
				       struct task_struct *task)
{
	c->start = now;
	c->running = task;
	c->arrived = task_switches(task);
	c->captured = false;
}

/* The row of the stack by which current leaves. */
static __always_inline u32 leaving_row(struct perftop_cpu *c,
				       const struct perftop_start *start,
				       unsigned int leaving)
{
	if (unlikely(!open_is_current(c, leaving)))
		return PERFTOP_UNATTRIBUTED;
	if (is_idle_task(current) && !perftop_params.idle)
		return PERFTOP_IDLE;
	return perftop_stack_row(c, start);
}

static __always_inline void charge(struct perftop_cpu *c, u32 index, u64 ticks,
				   u64 now)
{
	const struct task_struct *task = c->running;
	u64 *counter;

	counter = perftop_hash_row(c->stacks, READ_ONCE(c->bank), index, now);
	counter[PERFTOP_TICKS] += ticks;
	counter[PERFTOP_COUNT]++;
	if (counter[PERFTOP_LONGEST] < ticks)
		counter[PERFTOP_LONGEST] = ticks;
	if (index < PERFTOP_RESERVED)
		return;
	/* It was current at the pick, so it is still there. */
	counter[PERFTOP_THREADS] |= BIT_ULL(hash_32(task->pid, 6));
	counter[PERFTOP_TASK] = task_ids(task);
	memcpy(&counter[PERFTOP_COMM], task->comm, TASK_COMM_LEN);
}

/* Ends the open slice, charges it to a row, and opens @next's. */
static __always_inline void end_slice(struct perftop_cpu *c, u32 index,
				      struct task_struct *next)
{
	u64 now = rdtsc();

	if (likely(c->start)) {
		u64 ticks = now - c->start;

		if (unlikely((s64)ticks < 0)) {
			/* Elapsed time is now - first: move both alike. */
			c->first += ticks;
			c->steps++;
			ticks = 0;
		}
		charge(c, index, ticks, now);
	} else {
		c->first = now;
	}
	open_slice(c, now, next);
}

/**
 * perftop_slice_pick() - A task is about to be picked: capture current
 * @start: where its stack is to be unwound from
 *
 * Context: hot path; run-queue lock held, interrupts off.
 */
__kprobes void perftop_slice_pick(const struct perftop_start *start)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	c->row = leaving_row(c, start, 0);
	c->captured = true;
}

/**
 * perftop_slice_finish() - A switch has happened: charge, and start anew
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	arriving task.
 */
__kprobes void perftop_slice_finish(void)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	end_slice(c, c->captured ? c->row : PERFTOP_UNATTRIBUTED, current);
}

/**
 * perftop_slice_switch() - A switch is happening: capture, charge, start anew
 * @start: where current's stack is to be unwound from
 * @next: the arriving task
 *
 * Context: hot path; run-queue lock held, interrupts off; current is the
 *	leaving task, and its leaving has been counted.
 */
__kprobes void perftop_slice_switch(const struct perftop_start *start,
				    struct task_struct *next)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);

	end_slice(c, leaving_row(c, start, 1), next);
}

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
	open_slice(c, c->first, current);
}

/* Describes the slice that is open on this CPU. */
static void report_open(struct perftop_cpu *c, u64 now)
{
	struct perftop_open *open = c->open;

	open->ticks = 0;
	open->elapsed = c->closed;
	if (!c->start)
		return;
	open->ticks = now - c->start;
	open->elapsed += now - c->first;
	if ((s64)open->ticks < 0) {
		/* The next switch will fold this step in and count it. */
		open->elapsed -= open->ticks;
		open->ticks = 0;
	}

	if (!open_is_current(c, 0))
		open->account = PERFTOP_UNATTRIBUTED;
	else if (is_idle_task(current))
		open->account = PERFTOP_IDLE;
	else
		open->account = PERFTOP_RANKED;
	open->task = task_ids(current);
	memcpy(open->comm, current->comm, sizeof(open->comm));
	perftop_stack_capture_open(&open->key);
}

static void forget_past(struct perftop_cpu *c)
{
	c->closed = 0;
	c->steps = 0;
	c->captures = 0;
	c->unwound = 0;
	c->differ = 0;
}

/**
 * perftop_slice_cut() - Flip this CPU's bank and say what is open
 * @reset: not NULL: time before now is to be forgotten as well
 *
 * What the other bank holds then ends exactly where the open slice begins.
 *
 * Context: interrupts off on the CPU to cut, while the caller waits with
 *	perftop_lock held.
 */
void perftop_slice_cut(void *reset)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	u64 now = rdtsc();

	WRITE_ONCE(c->bank, !c->bank);
	if (!reset) {
		report_open(c, now);
		return;
	}
	c->first = now;
	forget_past(c);
	open_slice(c, now, current);
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
 * perftop_slice_forget() - Forget the past of a CPU that is offline
 * @cpu: which
 *
 * Context: process context, perftop_lock held; the CPU does not run.
 */
void perftop_slice_forget(unsigned int cpu)
{
	forget_past(per_cpu_ptr(&perftop_cpu, cpu));
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
	armed = open_is_current(this_cpu_ptr(&perftop_cpu), 0);
	preempt_enable();
	return armed;
}

/**
 * perftop_slice_forget_unwinds() - Code has come or gone: remember nothing
 *
 * Context: any but the hot path. CPUs obey at their next capture.
 */
void perftop_slice_forget_unwinds(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(&perftop_cpu, cpu)->forget, true);
}

/**
 * perftop_slice_init() - Give each CPU what a switch needs
 * @stacks: the table of stacks, with its memory
 *
 * That is a key and an open slice's, 2.2 KiB together, and what the remembered
 * unwinds take, 0.3 MiB; what it is exactly is added to @stacks->bytes.
 *
 * Context: process context.
 * Return: 0 or -ENOMEM; perftop_slice_exit() is called in either case.
 */
int perftop_slice_init(struct perftop_table *stacks)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);
		int node = cpu_to_node(cpu);

		c->stacks = stacks->shard[cpu];
		c->key = kzalloc_node(sizeof(*c->key), GFP_KERNEL, node);
		c->open = kzalloc_node(sizeof(*c->open), GFP_KERNEL, node);
		c->recall = perftop_recall_alloc(cpu);
		if (!c->key || !c->open || !c->recall)
			return -ENOMEM;
		stacks->bytes += sizeof(*c->key) + sizeof(*c->open) +
				 sizeof(*c->recall);
	}
	return 0;
}

/**
 * perftop_slice_exit() - Give back what perftop_slice_init() took
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
