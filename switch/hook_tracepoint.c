// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoint hook: sched_switch alone sees every switch. The leaving task
 * is current, both its stacks can be read, and the arriving one is an argument.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "switch/hook_ops.h"
#include "switch/hook_tracepoint.h"
#include "switch/recall.h"
#include "switch/switch.h"
#include "switch/tracepoint_probe.h"

/*
 * Runs under the run-queue lock, interrupts off. Built with a frame pointer, as
 * the built-in frame address says.
 */
static __kprobes void switch_probe(PERFTOP_SCHED_SWITCH_ARGS)
{
	unsigned long *frame = __builtin_frame_address(0);
	const struct perftop_start start = {
		.ip	= frame[1],
		.sp	= (unsigned long)(frame + 2),
		.bp	= frame[0],
	};

	perftop_switch(&start, next);
}

static struct perftop_tracepoint sched_switch = {
	.name	= "sched_switch",
	.probe	= switch_probe,
	.fits	= PERFTOP_FITS_SCHED_SWITCH,
};

static int tracepoint_start(void)
{
	return perftop_tracepoint_attach(&sched_switch);
}

static void tracepoint_stop(void)
{
	perftop_tracepoint_detach(&sched_switch);
}

/* A tracepoint misses nothing. */
static u64 tracepoint_missed(void)
{
	return 0;
}

static void tracepoint_describe(char *buf, size_t size)
{
	strscpy(buf, "sched_switch", size);
}

const struct perftop_hook perftop_hook_tracepoint = {
	.name		= "tracepoint",
	.start		= tracepoint_start,
	.stop		= tracepoint_stop,
	.missed		= tracepoint_missed,
	.describe	= tracepoint_describe,
};
