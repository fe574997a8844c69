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
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <asm/msr.h>
#include <asm/unistd.h>

#include "compat/compat.h"
#include "engine/call_names.h"
#include "engine/filter.h"
#include "engine/task_state.h"
#include "perftop.h"
#include "switch/calls.h"
#include "switch/cpu.h"
#include "switch/cpu_spans.h"
#include "switch/tracepoint_probe.h"

/* Numbers of x32 have this bit, be the kernel built with it or not. */
#define X32_BIT			0x40000000

#define RESTART_SYSCALL_32	0

/* Those of the kernel's own that never reach a program. */
#define FIRST_RESTART		512
#define LAST_RESTART		516

DEFINE_PER_CPU(struct perftop_span_losses, perftop_calls_lost);

/* Who is told of those that end. Written while no probe runs. */
static perftop_call_ended watcher;

u64 perftop_calls_began __read_mostly;

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

static noinline __kprobes struct perftop_state *claim_state(void)
{
	struct perftop_state *state;
	unsigned long irq;

	/* A slot is claimed in one go. */
	local_irq_save(irq);
	state = perftop_state_find(current);
	local_irq_restore(irq);
	return state;
}

static __always_inline struct perftop_state *own_state(void)
{
	struct perftop_state *state = perftop_state_place(current);

	if (likely(perftop_state_is(state, current)))
		return state;
	return claim_state();
}

/* The task may be on another CPU from one line to the next, but not in here. */
static __always_inline void end(struct perftop_state *state, u64 now, bool failed)
{
	const u64 ticks = max_t(s64, now - perftop_call_since(state), 0);
	unsigned long irq;

	local_irq_save(irq);
	if (!static_branch_unlikely(&perftop_filtering) || perftop_filter_passes(current))
		watcher(this_cpu_ptr(&perftop_cpu), state->call, now, ticks, failed);
	local_irq_restore(irq);
	state->call_since = 0;
	state->call_ended = 0;
}

/* One has begun already. Whether it is the one that begins, which goes on. */
static noinline __kprobes bool begins_again(struct perftop_state *state, u64 id)
{
	if (!state->call_ended) {
		this_cpu_inc(perftop_calls_lost.unended);
		return false;
	}
	if (id == state->call || is_restart(id)) {
		state->call_ended = 0;
		return true;
	}
	end(state, state->call_ended, true);
	return false;
}

/* From 7.2 on it may be preempted. */
static __kprobes void call_begins(void *data, struct pt_regs *regs, long number)
{
	const u64 id = id_of(number);
	struct perftop_state *state = own_state();

	if (unlikely(!state) ||
	    (unlikely(state->call_since) && begins_again(state, id)))
		return;
	state->call = id;
	state->call_since = rdtsc();
}

static __kprobes void call_ends(void *data, struct pt_regs *regs, long result)
{
	struct perftop_state *state = own_state();

	if (unlikely(!state))
		return;
	if (unlikely(!state->call_since))
		this_cpu_inc(perftop_calls_lost.unbegun);
	else if (unlikely(result <= -FIRST_RESTART && result >= -LAST_RESTART))
		state->call_ended = rdtsc();
	else
		end(state, rdtsc(), IS_ERR_VALUE(result));
}

static __kprobes void task_exits(PERFTOP_SCHED_PROCESS_EXIT_ARGS)
{
	struct perftop_state *state = own_state();

	if (!state || !state->call_since)
		return;
	if (state->call_ended)
		end(state, state->call_ended, true);
	else
		end(state, rdtsc(), false);
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

/**
 * perftop_calls_watch() - Say who is to be told of calls that end
 * @ended: is told
 *
 * Context: process context; none of the probes runs.
 */
void perftop_calls_watch(perftop_call_ended ended)
{
	watcher = ended;
	perftop_state_forget_calls();
}

/**
 * perftop_calls_reset() - From now on, the time before counts no more
 *
 * Context: process context.
 */
void perftop_calls_reset(void)
{
	WRITE_ONCE(perftop_calls_began, rdtsc());
}
