// SPDX-License-Identifier: GPL-2.0
/*
 * Where an address space ends: nobody uses it any more, and its areas are still
 * there. That is once for each, in a process's last thread, in one that executes
 * another program, or in a worker that has got the last reference.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>

#include "engine/params.h"
#include "engine/user_maps.h"
#include "perftop.h"
#include "switch/exit_mmap.h"
#include "switch/ftrace_guard.h"
#include "switch/symbol.h"

static __kprobes int exit_mmap_handler(struct kprobe *probe,
				       struct pt_regs *regs)
{
	perftop_maps_keep((struct mm_struct *)regs->di);
	return 0;
}

static struct kprobe probe;
static char symbol[KSYM_NAME_LEN];
static bool armed;
static unsigned long missed_before;	/* at the reset */

static int arm(void)
{
	static const char *const names[] = { "exit_mmap", NULL };
	int err;

	err = perftop_ftrace_hold();
	if (err)
		return err;
	probe = (struct kprobe){ .pre_handler = exit_mmap_handler };
	err = perftop_symbol_probe(&probe, names, symbol);
	if (err)
		perftop_ftrace_release();
	return err;
}

/**
 * perftop_exit_mmap_start() - Keep what address spaces had mapped as they end
 *
 * Where stacks have user frames. If it cannot be, all else goes on without it, and
 * perftop_exit_mmap_seen() says so.
 *
 * Context: process context.
 */
void perftop_exit_mmap_start(void)
{
	int err;

	if (perftop_params.stack == PERFTOP_STACK_KERNEL)
		return;
	err = arm();
	armed = !err;
	if (err)
		pr_warn("cannot probe exit_mmap (%d): no files are known of processes that have ended\n",
			err);
}

/**
 * perftop_exit_mmap_stop() - Keep no more
 *
 * Context: process context. On return the handler does not run anywhere.
 */
void perftop_exit_mmap_stop(void)
{
	if (!armed)
		return;
	unregister_kprobe(&probe);
	perftop_ftrace_release();
	armed = false;
}

/**
 * perftop_exit_mmap_seen() - Are the ends of address spaces seen?
 *
 * Return: true where stacks have no user frames, as well.
 */
bool perftop_exit_mmap_seen(void)
{
	return armed || perftop_params.stack == PERFTOP_STACK_KERNEL;
}

/**
 * perftop_exit_mmap_missed() - How many of them went unseen since the reset
 *
 * Context: process context, with perftop_lock held.
 */
u64 perftop_exit_mmap_missed(void)
{
	return READ_ONCE(probe.nmissed) - missed_before;
}

/**
 * perftop_exit_mmap_reset() - Count those anew
 *
 * Context: process context, with perftop_lock held.
 */
void perftop_exit_mmap_reset(void)
{
	missed_before = READ_ONCE(probe.nmissed);
}
