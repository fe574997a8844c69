// SPDX-License-Identifier: GPL-2.0
/*
 * System calls, as spans of the task that makes them: when it began is kept in the
 * task's slot, and ends on whatever CPU.
 *
 * What begins is not always what ends. A call that was going on when the probes were
 * attached ends without a beginning, and so do the one from which a child returns, and
 * one that seccomp has refused. Who exits in a call ends it by that. One that is to be
 * restarted ends, and begins again; if another begins in its place, a handler has run,
 * and it has failed.
 *
 * Each CPU remembers where the rows are of calls that tasks have made on it since its
 * banks were flipped. What finds them there is inline; the rest is called last.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <linux/topology.h>
#include <asm/msr.h>
#include <asm/unistd.h>

#include "compat/compat.h"
#include "engine/call_names.h"
#include "engine/calls.h"
#include "engine/event_sources.h"
#include "engine/filter.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "perftop.h"
#include "switch/cpu.h"
#include "switch/cpu_spans.h"
#include "switch/tracepoint_probe.h"

static bool has_ended(const u64 *head)
{
	return perftop_owner_has_ended(head[PERFTOP_CALL_OWNER]);
}

static const u8 merge[PERFTOP_CALL_COUNTERS] = {
	[PERFTOP_CALL_LONGEST]		= PERFTOP_MAX,
	[PERFTOP_CALL_COMM]		= PERFTOP_LAST,
	[PERFTOP_CALL_COMM + 1]		= PERFTOP_LAST,
	[PERFTOP_CALL_OPEN_LONGEST]	= PERFTOP_MAX,
	/* The others are sums. */
};

struct perftop_table perftop_calls = {
	.name		= "syscalls",
	.merge		= merge,
	.counters	= PERFTOP_CALL_COUNTERS,
	.rank		= PERFTOP_CALL_TICKS,
	.key_words	= PERFTOP_CALL_WORDS,
	.owner		= PERFTOP_CALL_OWNER,
	.ended		= has_ended,
};

static const u8 sums_merge[PERFTOP_CALL_SUM_COUNTERS] = {
	[PERFTOP_OCTAVE_LONGEST]	= PERFTOP_MAX,
};

struct perftop_table perftop_call_sums = {
	.name		= "syscalls.sum",
	.merge		= sums_merge,
	.counters	= PERFTOP_CALL_SUM_COUNTERS,
	.rank		= PERFTOP_OCTAVE_SUM,
	.key_words	= 2,
	.histogram	= true,
};

/* Numbers of x32 have this bit, be the kernel built with it or not. */
#define X32_BIT			0x40000000

/* Those of the other tables, of which the headers' names are not to be had here. */
#define RESTART_SYSCALL_32	0
#define SIGRETURN_32		119
#define RT_SIGRETURN_32		173
#define RT_SIGRETURN_X32	513

/* Those of the kernel's own that never reach a program. */
#define FIRST_RESTART		512
#define LAST_RESTART		516

DEFINE_PER_CPU(struct perftop_span_losses, perftop_calls_lost);

#define SOURCES_BITS	8

/* Of sums: by the call. */
static DEFINE_PER_CPU(struct perftop_event_sources *, sources);

/*
 * A call that a task has made on this CPU since its banks were flipped last: where its
 * row's counters are, and what the CPU remembers of the call.
 */
struct known_call {
	const struct perftop_state	*state;
	u64				program;	/* see program_of() */
	u64				flips;
	u64				*counter;
	struct perftop_event_source	*source;
};

#define KNOWN_CALLS	128

/**
 * struct caller - what a CPU remembers
 * @state: the slot of who has made a call last
 * @call: those that are known
 */
struct caller {
	struct perftop_state	*state;
	struct known_call	call[KNOWN_CALLS];
};

static DEFINE_PER_CPU(struct caller *, caller);

static u64 scale __read_mostly;		/* see perftop_view_scale() */
static u64 least __read_mostly;		/* ticks that are in an octave of eighths, */
static u64 small __read_mostly;		/* and so many more, that it can be multiplied by */

/* --- Counting ------------------------------------------------------------- */

/* When the task was started, and how many programs it has executed: a name is of one. */
static __always_inline u64 program_of(const struct perftop_state *state)
{
	return state->started + current->self_exec_id;
}

/* Neighbours and what one task calls are seldom in one place. */
static __always_inline struct known_call *known_place(struct caller *own,
						      const struct perftop_state *state)
{
	const u32 place = ((unsigned long)state >> 3) + (u32)state->call;

	return &own->call[place % KNOWN_CALLS];
}

static __kprobes u32 find_sum(struct perftop_cpu *c, u64 octave, const void *id)
{
	const u64 key[] = { *(const u64 *)id, octave };

	return perftop_view_index(c, &perftop_call_sums, key, ARRAY_SIZE(key));
}

/* The counters of the row of current's call. */
static __kprobes u64 *get_row(struct perftop_cpu *c, u64 id, u64 now, bool *remember)
{
	const u64 key[PERFTOP_CALL_WORDS] = { id, perftop_task_owner(current) };
	const u32 row = perftop_view_index(c, &perftop_calls, key, PERFTOP_CALL_WORDS);
	u64 *counter = perftop_shard_row(perftop_calls.shard[smp_processor_id()],
					 READ_ONCE(c->bank), row, now);

	/* Who has no room may have it later. */
	*remember = row >= PERFTOP_RESERVED;
	if (*remember)
		/* Another thread may be renaming it. */
		data_race(memcpy(&counter[PERFTOP_CALL_COMM],
				 perftop_task_process_name(current), TASK_COMM_LEN));
	return counter;
}

static __always_inline void add(u64 *counter, u64 now, u64 ticks)
{
	counter[-1] = now;
	counter[PERFTOP_CALL_TICKS] += ticks;
	counter[PERFTOP_CALL_COUNT]++;
	if (counter[PERFTOP_CALL_LONGEST] < ticks)
		counter[PERFTOP_CALL_LONGEST] = ticks;
}

/* What little is known of, which is remembered then. Interrupts are off. */
static __kprobes void count_any(const struct perftop_state *state, u64 now, u64 ticks,
				bool failed)
{
	struct perftop_cpu *c = this_cpu_ptr(&perftop_cpu);
	struct known_call *known = known_place(this_cpu_read(caller), state);
	/* Before the bank is read, which may be flipped from afar. */
	const u32 flips = READ_ONCE(c->flips);
	const u64 id = state->call;
	bool remember;
	u64 *counter = get_row(c, id, now, &remember);

	known->state = remember ? state : NULL;
	known->program = program_of(state);
	known->flips = flips;
	known->counter = counter;
	known->source = perftop_span_source(&perftop_call_sums, this_cpu_read(sources),
					    hash_64(id, SOURCES_BITS), ~id);
	add(counter, now, ticks);
	counter[PERFTOP_CALL_ERRORS] += failed;
	counter = perftop_span_add(c, &perftop_call_sums, known->source, now,
				   mul_u64_u64_shr(ticks, scale, 32), find_sum, &id);
	counter[PERFTOP_CALL_SUM_ERRORS] += failed;
}

/*
 * One that has not failed, where the rows are known; whether it has been counted. That
 * the call is the one that is known is said by the source.
 */
static __always_inline bool count(const struct perftop_state *state, u64 now, u64 ticks)
{
	const struct known_call *known = known_place(this_cpu_read(caller), state);
	const u64 ns = ticks * scale >> 32;
	unsigned int eighth;
	u32 row;

	if (unlikely(known->state != state || known->program != program_of(state) ||
		     known->flips != this_cpu_read(perftop_cpu.flips) ||
		     known->source->of != ~state->call || ticks - least > small))
		return false;
	row = perftop_span_row_known(known->source, ns, &eighth);
	if (unlikely(!row))
		return false;
	add(known->counter, now, ticks);
	perftop_span_add_known(this_cpu_read(sources), row, eighth, now, ns);
	return true;
}

/* --- The probes ----------------------------------------------------------- */

static __always_inline u64 id_of(u32 number)
{
	if (unlikely(in_ia32_syscall()))
		return perftop_call_id(PERFTOP_CALLS_32, number);
	if (unlikely(number & X32_BIT))
		return perftop_call_id(PERFTOP_CALLS_X32, number & ~X32_BIT);
	return perftop_call_id(PERFTOP_CALLS_64, number);
}

static bool is_restart(u64 id)
{
	return id == perftop_call_id(PERFTOP_CALLS_32, RESTART_SYSCALL_32) ||
	       (lower_32_bits(id) == __NR_restart_syscall &&
		upper_32_bits(id) != PERFTOP_CALLS_32);
}

/* Who returns from a handler gets the registers back that were there before. */
static bool has_no_result(u64 id)
{
	return id == perftop_call_id(PERFTOP_CALLS_64, __NR_rt_sigreturn) ||
	       id == perftop_call_id(PERFTOP_CALLS_32, SIGRETURN_32) ||
	       id == perftop_call_id(PERFTOP_CALLS_32, RT_SIGRETURN_32) ||
	       id == perftop_call_id(PERFTOP_CALLS_X32, RT_SIGRETURN_X32);
}

static noinline __kprobes struct perftop_state *claim_state(void)
{
	struct perftop_state *state;
	unsigned long irq;

	/* A slot is claimed in one go. */
	local_irq_save(irq);
	state = perftop_state_get(current);
	if (state)
		this_cpu_read(caller)->state = state;
	local_irq_restore(irq);
	return state;
}

/* Who has made the last call here mostly makes the next. */
static __always_inline struct perftop_state *last_state(void)
{
	return this_cpu_read(caller)->state;
}

/*
 * The task may be on another CPU from one line to the next, but not in here. Who makes a
 * call has interrupts on.
 */
static noinline __kprobes void end_any(struct perftop_state *state, u64 now, bool failed)
{
	const u64 ticks = max_t(s64, now - state->call_since, 0);

	local_irq_disable();
	if (!static_branch_unlikely(&perftop_filtering) || perftop_filter_passes(current))
		count_any(state, now, ticks, failed);
	local_irq_enable();
	state->call_since = 0;
}

/* It has ended, to begin again. */
static __kprobes void pause_call(struct perftop_state *state)
{
	state->call_first = state->call_since;
	state->call_ended = rdtsc();
	state->call_since = 0;
}

/* It has not begun again. */
static __kprobes void end_paused(struct perftop_state *state)
{
	const u64 ended = state->call_ended;

	state->call_since = state->call_first;
	state->call_ended = 0;
	end_any(state, ended, true);
}

/* Whether the one that begins is one that has ended for that, and goes on. */
static __kprobes bool goes_on(struct perftop_state *state, u64 id)
{
	if (id == state->call || is_restart(id)) {
		state->call_since = state->call_first;
		state->call_ended = 0;
		return true;
	}
	end_paused(state);
	return false;
}

static noinline __kprobes void begin_any(u64 id)
{
	struct perftop_state *state = claim_state();

	if (!state)
		return;
	if (state->call_since)
		this_cpu_inc(perftop_calls_lost.unended);
	else if (state->call_ended && goes_on(state, id))
		return;
	state->call = id;
	state->call_since = rdtsc();
}

/* From 7.2 on it may be preempted. */
static __kprobes void call_begins(void *data, struct pt_regs *regs, long number)
{
	const u64 id = id_of(number);
	struct perftop_state *state = last_state();

	if (unlikely(!perftop_state_is(state, current) ||
		     state->call_since | state->call_ended)) {
		begin_any(id);
		return;
	}
	state->call = id;
	state->call_since = rdtsc();
}

/* It has failed, or is to begin again; or little is known of it. */
static noinline __kprobes void end_unusual(long result)
{
	struct perftop_state *state = claim_state();

	if (!state)
		return;
	if (!state->call_since)
		this_cpu_inc(perftop_calls_lost.unbegun);
	else if (has_no_result(state->call))
		end_any(state, rdtsc(), false);
	else if (result <= -FIRST_RESTART && result >= -LAST_RESTART)
		pause_call(state);
	else
		end_any(state, rdtsc(), IS_ERR_VALUE(result));
}

/* Whoever is current has been looked for when the call began. */
static __kprobes void call_ends(void *data, struct pt_regs *regs, long result)
{
	struct perftop_state *state = last_state();
	bool counted;
	u64 now;

	if (unlikely(result < 0 || READ_ONCE(state->task) != current ||
		     !state->call_since ||
		     static_branch_unlikely(&perftop_filtering))) {
		end_unusual(result);
		return;
	}
	now = rdtsc();
	local_irq_disable();
	counted = count(state, now, now - state->call_since);
	local_irq_enable();
	if (likely(counted))
		state->call_since = 0;
	else
		end_any(state, now, false);
}

static __kprobes void task_exits(PERFTOP_SCHED_PROCESS_EXIT_ARGS)
{
	struct perftop_state *state = claim_state();

	if (state && state->call_since)
		end_any(state, rdtsc(), false);
	else if (state && state->call_ended)
		end_paused(state);
}

static struct perftop_tracepoint begin_event = {
	.name	= "sys_enter",
	.probe	= call_begins,
	.fits	= true,
};

static struct perftop_tracepoint end_event = {
	.name	= "sys_exit",
	.probe	= call_ends,
	.fits	= true,
};

static struct perftop_tracepoint exit_event = {
	.name	= "sched_process_exit",
	.probe	= task_exits,
	.fits	= PERFTOP_FITS_SCHED_PROCESS_EXIT,
};

struct perftop_tracepoint *const perftop_call_probes[] = {
	&exit_event,
	&end_event,
	&begin_event,
	NULL
};

static int alloc_callers(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct caller *own = kvzalloc_node(sizeof(*own), GFP_KERNEL,
						   cpu_to_node(cpu));

		if (!own)
			return -ENOMEM;
		/* Somebody's, or nobody's. */
		own->state = perftop_states;
		*per_cpu_ptr(&caller, cpu) = own;
	}
	return perftop_event_sources_alloc(&sources, SOURCES_BITS);
}

static void free_callers(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		kvfree(*per_cpu_ptr(&caller, cpu));
		*per_cpu_ptr(&caller, cpu) = NULL;
	}
}

/**
 * perftop_calls_start() - Be ready for the probes
 *
 * Context: process context; none of them runs, and there is memory for tasks' slots.
 * Return: 0 or -ENOMEM, with nothing to be undone.
 */
int perftop_calls_start(void)
{
	int err;

	scale = perftop_view_scale();
	least = div64_u64((PERFTOP_EIGHTHS + 1ULL) << 32, scale) + 1;
	small = div64_u64(U64_MAX, scale) - least;
	perftop_state_forget_calls();
	err = alloc_callers();
	if (err)
		free_callers();
	return err;
}

/**
 * perftop_calls_stop() - Give back what they took
 *
 * Context: as perftop_calls_start().
 */
void perftop_calls_stop(void)
{
	perftop_event_sources_free(&sources);
	free_callers();
}
