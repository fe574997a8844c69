/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's slices: what is inline in the hooks' handlers. slice.c has what happens
 * to them otherwise.
 */
#ifndef PERFTOP_SLICE_H
#define PERFTOP_SLICE_H

#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/sched/prio.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/table.h"
#include "engine/task.h"
#include "hash.h"
#include "switch/cpu.h"

/* The counters of a stack, in the order of their places in a row. */
enum perftop_slice_counter {
	PERFTOP_LONGEST = PERFTOP_COUNT + 1,	/* in ticks */
	PERFTOP_THREADS,	/* bitmap of hashed thread ids */
	PERFTOP_TASK,		/* seen last: thread id, process id above it */
	PERFTOP_COMM,		/* its process's name, 16 bytes */
	PERFTOP_COMM2,
	PERFTOP_SLICE_COUNTERS
};

/* A row and its stamp fill one cache line. */
static_assert(PERFTOP_SLICE_COUNTERS + 1 == 8);

extern struct perftop_table perftop_stacks;

void perftop_slice_charge_unseen(struct perftop_cpu *c, u32 index, u64 ticks);
u32 perftop_slice_filtered_row(struct perftop_cpu *c, unsigned long ip,
			       unsigned long sp, unsigned long bp,
			       struct pt_regs *regs);

int perftop_slice_init(struct perftop_table *stacks);
int perftop_slice_add_cpu(struct perftop_table *stacks, unsigned int cpu);
bool perftop_slice_has_memory(unsigned int cpu);
void perftop_slice_drop_capture(void *unused);
void perftop_slice_exit(void);
void perftop_slice_code_changed(u32 era);
void perftop_slice_rows_changed(unsigned int cpu);
void perftop_slice_settle_open(unsigned int cpu);
void perftop_slice_stamp(void *unused);
void perftop_slice_flip(void *unused);
void perftop_slice_close(unsigned int cpu);
void perftop_slice_suspend(void);
void perftop_slice_resume(void);
unsigned int perftop_slice_open_row(const struct perftop_open *open,
				    const u64 **word, u64 *counter);
bool perftop_slice_armed(void);

/* But by stack=both, stacks are nobody's, and named after who left by them. */
static __always_inline bool slice_is_nobodys(void)
{
	return !static_branch_likely(&perftop_owners);
}

/* Whose the slice is that has ended, of a task that may be read. */
static __always_inline u64 slice_opened_owner(const struct perftop_cpu *c)
{
	return slice_is_nobodys() ? perftop_task_owner(c->running) : c->owner;
}

/*
 * Is the open slice current's, from its arrival until now? Not so if the hook
 * has been disarmed for a while and current, or another task, has left unseen.
 * @leaving is 1 where current's own leaving has been counted already.
 */
static __always_inline bool slice_is_current(const struct perftop_cpu *c,
					     unsigned int leaving)
{
	return c->running == current &&
	       c->arrived + leaving == perftop_task_switches(current);
}

/*
 * Is it the open slice's task that has just left, for the first time since it
 * arrived? If switches went unseen it may be anywhere, or be gone, and its
 * memory be freed. But a task that is on a CPU and is not current there is the
 * one that leaves it, and that one cannot go before this switch has ended.
 */
static __always_inline bool slice_task_has_left(const struct perftop_cpu *c)
{
	struct task_struct *task = c->running;

	return task != current && perftop_task_is_on_cpu(task) &&
	       task_cpu(task) == smp_processor_id() &&
	       c->arrived + 1 == perftop_task_switches(task);
}

/*
 * The same of either hook, where there may be no capture: may @c->running be
 * read, which is leaving?
 */
static __always_inline bool slice_has_left(const struct perftop_cpu *c)
{
	return c->running == current ? slice_is_current(c, 1) :
				       slice_task_has_left(c);
}

static __always_inline void slice_open(struct perftop_cpu *c, u64 now,
				       struct task_struct *task)
{
	c->start = now;
	c->running = task;
	c->arrived = perftop_task_switches(task);
	if (!slice_is_nobodys())
		c->owner = perftop_task_owner(task);
	c->captured = false;
}

static __always_inline void slice_add(u64 *counter, u64 ticks)
{
	counter[PERFTOP_TICKS] += ticks;
	counter[PERFTOP_COUNT]++;
	if (counter[PERFTOP_LONGEST] < ticks)
		counter[PERFTOP_LONGEST] = ticks;
}

/*
 * A row that is no account's was found for @c->running, which is leaving and may
 * be read.
 */
static __always_inline void slice_charge(struct perftop_cpu *c, u32 index,
					 u64 ticks, u64 now)
{
	const struct task_struct *task = c->running, *named = task;
	u64 *counter, ids;

	if (!slice_is_nobodys() && likely(index >= PERFTOP_RESERVED)) {
		named = perftop_task_leader(task);
		if (unlikely(!named)) {
			perftop_slice_charge_unseen(c, index, ticks);
			return;
		}
	}
	counter = perftop_shard_row(c->stacks, READ_ONCE(c->bank), index, now);
	slice_add(counter, ticks);
	if (index < PERFTOP_RESERVED)
		return;
	ids = perftop_task_ids(task);
	counter[PERFTOP_THREADS] |= BIT_ULL(hash_32(ids, 6));
	counter[PERFTOP_TASK] = ids;
	/* Another thread may be renaming it. */
	data_race(memcpy(&counter[PERFTOP_COMM], named->comm, TASK_COMM_LEN));
}

/* How long the open slice has been, in ticks. */
static __always_inline u64 slice_length(struct perftop_cpu *c, u64 now)
{
	const u64 ticks = now - c->start;

	if (likely((s64)ticks >= 0))
		return ticks;
	/* Elapsed time is now - first: move both alike. */
	c->first += ticks;
	/* Read by others; see "Notes on locking". */
	data_race(c->steps++);
	return 0;
}

static __always_inline void slice_note_faults(struct perftop_cpu *c,
					      const struct task_struct *task)
{
	c->faults.minor = task->min_flt;
	c->faults.major = task->maj_flt;
}

/* What is told from the difference, where views are on. */
static __always_inline void slice_note_task(struct perftop_cpu *c,
					    const struct task_struct *task)
{
	c->voluntary = task->nvcsw;
	if (static_branch_unlikely(&perftop_noting_faults))
		slice_note_faults(c, task);
}

/* The CPU's first. */
static __always_inline void slice_begin(struct perftop_cpu *c, u64 now,
					const struct task_struct *next)
{
	c->first = now;
	slice_note_task(c, next);
}

#endif /* PERFTOP_SLICE_H */
