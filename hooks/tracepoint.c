// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoint hook: sched_switch alone sees every switch. The leaving task
 * is current, both its stacks can be read, and the arriving one is an argument.
 *
 * The tracepoint is not exported, but it can be found among all of them.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../compat/compat.h"
#include "../perftop.h"
#include "../slice.h"

static struct tracepoint *sched_switch;

/* Built with a frame pointer, as the built-in frame address says. */
static __kprobes void switch_probe(PERFTOP_SCHED_SWITCH_ARGS)
{
	unsigned long *frame = __builtin_frame_address(0);
	const struct perftop_start start = {
		.ip	= frame[1],
		.sp	= (unsigned long)(frame + 2),
		.bp	= frame[0],
	};

	perftop_slice_switch(&start, next);
}

static void find(struct tracepoint *tracepoint, void *unused)
{
	if (!strcmp(tracepoint->name, "sched_switch"))
		sched_switch = tracepoint;
}

static int tracepoint_start(void)
{
	int err;

	for_each_kernel_tracepoint(find, NULL);
	if (!sched_switch) {
		pr_err("this kernel has no tracepoint sched_switch\n");
		return -EOPNOTSUPP;
	}
	err = tracepoint_probe_register(sched_switch, switch_probe, NULL);
	if (err)
		pr_err("cannot attach to sched_switch (%d)\n", err);
	return err;
}

static void tracepoint_stop(void)
{
	tracepoint_probe_unregister(sched_switch, switch_probe, NULL);
	tracepoint_synchronize_unregister();
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
