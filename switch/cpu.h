/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One CPU's switches: what its hot path writes, and what a cut finds there.
 */
#ifndef PERFTOP_CPU_H
#define PERFTOP_CPU_H

#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "engine/table.h"
#include "engine/task.h"
#include "switch/cpu_spans.h"

struct perftop_recall;
struct perftop_shard;
struct perftop_state;

/**
 * union perftop_era - what a remembered unwind holds by: two numbers
 * @code: another one whenever a module comes or goes
 * @rows: the shard's epoch: another one whenever rows have been retired
 * @both: to be compared with one instruction
 */
union perftop_era {
	struct {
		u32	code;
		u32	rows;
	};
	u64	both;
};

/* Page faults of a task, as the kernel counts them. */
struct perftop_faults {
	u64	minor;
	u64	major;
};

/**
 * struct perftop_open - what a cut found on a CPU
 * @elapsed: ticks between the CPU's first stamp and the cut, less the time it
 *	was offline
 * @ticks: length of the open slice, part of @elapsed
 * @interrupts: ticks of interrupts within it, likewise; they are not part of @ticks
 * @clock: when the cut was, in ns of the CPU's own clock, as sched_info is
 * @idle: how long the CPU had been idle then, in ticks, see struct perftop_cpu
 * @wait: how long the running task had waited for this slice, in ns
 * @held: ticks of this that the CPU was idle
 * @faults: of the running task in this slice
 * @waited: both are known, which they are while views are on
 * @account: RANKED for the running task's, IDLE for the idle task's,
 *	UNATTRIBUTED where the switch to the task was not seen
 * @cpu: which
 * @who: the running task
 * @key: its stack, unless @account says that there is none to show
 */
struct perftop_open {
	u64			elapsed;
	u64			ticks;
	u64			interrupts;
	u64			clock;
	u64			idle;
	u64			wait;
	u64			held;
	struct perftop_faults	faults;
	bool			waited;
	u8			account;
	unsigned int		cpu;
	struct perftop_who	who;
	struct perftop_key	key;
};

/**
 * struct perftop_slice - a task's slice that has just ended, for the views
 * @task: whose; it is leaving this CPU and may be read
 * @state: what is kept of it, NULL if there is no room
 * @ticks: its time, without interrupts
 * @length: the same with them
 * @now: its end, the stamp of the rows it is added to
 * @wait: ns from when the task became runnable to when it got the CPU
 * @held: ticks of this that the CPU was idle, though the task was queued there
 * @period: ns from its last arrival on a CPU to this one; 0: not known
 * @cpu: this CPU
 * @bank: the bank of its shards that is added to
 * @from: the CPU that it had left before; this one's, if that is not known
 * @waited: @wait is known
 * @voluntary: the task gave the CPU up; else it was preempted
 * @dead: it will not come again
 */
struct perftop_slice {
	struct task_struct	*task;
	struct perftop_state	*state;
	u64			ticks;
	u64			length;
	u64			now;
	u64			wait;
	u64			held;
	u64			period;
	unsigned int		cpu;
	unsigned int		bank;
	unsigned int		from;
	bool			waited;
	bool			voluntary;
	bool			dead;
};

/**
 * struct perftop_cpu - one CPU's switches
 * @start: when the open slice began, in ticks; 0: none is open
 * @running: the task it belongs to. To be followed only while it is known to
 *	be leaving: where a switch was not seen, the task may be gone.
 * @arrived: how often that task had been switched out when it arrived
 * @owner: whose it is, see perftop_task_owner(); 0 where stacks are nobody's
 * @captured: a pick of @running has been seen since the last finish
 * @row: what the newest pick captured
 * @views: which views are shown the slices that end here, a bit each
 * @voluntary: while there are any: nvcsw of @running when it arrived
 * @faults: likewise: its faults
 * @idle: likewise: ticks that the CPU has been idle
 * @missed: picks that had gone unseen on all CPUs at the last finish
 * @bank: the bank that is added to; see "Notes on locking"
 * @era: what remembered unwinds are compared with; written from afar
 * @stacks: this CPU's shard
 * @recall: remembered unwinds; NULL: there is no memory for this CPU
 * @key: where a capture is put together
 * @captures: stacks captured since load or reset
 * @unwound: how many of them had to be unwound
 * @differ: remembered stacks that verify=1 found to be wrong
 * @slice: what the views are shown
 * @spans: interrupts, one in another
 * @first: the CPU's first stamp
 * @closed: elapsed ticks of earlier times online
 * @steps: how often the clock went backwards
 * @flips: how often @bank has been another one; perftop_lock
 * @open: filled in by a cut; perftop_lock
 */
struct perftop_cpu {
	u64			start;
	struct task_struct	*running;
	unsigned long		arrived;
	u64			owner;
	u32			row;
	bool			captured;
	u8			bank;
	u32			views;
	union perftop_era	era;
	unsigned long		voluntary;
	struct perftop_faults	faults;
	u64			idle;
	unsigned long		missed;
	struct perftop_shard	*stacks;
	struct perftop_recall	*recall;
	struct perftop_key	*key;
	u64			captures;
	u64			unwound;
	u64			differ;
	u64			first;
	u64			closed;
	u64			steps;
	u32			flips;
	struct perftop_open	*open;
	struct perftop_slice	slice;
	struct perftop_cpu_spans spans;
};

DECLARE_PER_CPU_ALIGNED(struct perftop_cpu, perftop_cpu);

/* On the CPU itself with interrupts off, or from afar; see "Notes on locking". */
static inline void perftop_cpu_flip(struct perftop_cpu *c)
{
	WRITE_ONCE(c->bank, !c->bank);
	/* Who remembers what is in a bank reads it before. */
	WRITE_ONCE(c->flips, c->flips + 1);
}

/* Shown where slices end, to filters and views (view.h). */
DECLARE_STATIC_KEY_FALSE(perftop_watching);

/* What tasks had of faults when they arrived is noted. */
DECLARE_STATIC_KEY_FALSE(perftop_noting_faults);

/* Stacks have an owner: stack=both. */
DECLARE_STATIC_KEY_TRUE(perftop_owners);

/* Where there is a user stack, the kernel's is no part of the key: stack=user. */
DECLARE_STATIC_KEY_FALSE(perftop_user_only);

/* The views that each cut switches on; perftop_lock. */
extern u32 perftop_views_on;

/* Those of them for which interrupts are taken out of slices; as views_on. */
extern u32 perftop_views_of_interrupts;

/* Those that tell of page faults. */
extern u32 perftop_views_of_faults;

#endif /* PERFTOP_CPU_H */
