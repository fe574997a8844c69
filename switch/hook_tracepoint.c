// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoint hook: sched_switch alone sees every switch. The leaving task
 * is current, both its stacks can be read, and the arriving one is an argument.
 *
 * The tracepoint is not exported, but it can be found among all of them, as
 * others that views ask for.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "compat/compat.h"
#include "engine/view.h"
#include "perftop.h"
#include "switch/slice.h"

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

	perftop_slice_switch(&start, next);
}

static void find(struct tracepoint *candidate, void *wanted)
{
	struct perftop_tracepoint *tracepoint = wanted;

	if (!strcmp(candidate->name, tracepoint->name))
		tracepoint->found = candidate;
}

/**
 * perftop_tracepoint_attach() - Let a probe run at a tracepoint
 * @tracepoint: its name and the probe
 *
 * Context: process context.
 * Return: 0, or an error with a line in the log: -EOPNOTSUPP if the kernel has
 *	no such tracepoint, or one with other arguments.
 */
int perftop_tracepoint_attach(struct perftop_tracepoint *tracepoint)
{
	int err = -EOPNOTSUPP;

	if (!tracepoint->fits) {
		pr_err("the tracepoint %s has other arguments in this kernel than perftop knows\n",
		       tracepoint->name);
		return err;
	}
	tracepoint->found = NULL;
	for_each_kernel_tracepoint(find, tracepoint);
	if (tracepoint->found)
		err = tracepoint_probe_register(tracepoint->found,
						tracepoint->probe, NULL);
	if (err)
		pr_err("cannot attach to the tracepoint %s (%d)\n",
		       tracepoint->name, err);
	return err;
}

/**
 * perftop_tracepoint_detach() - Let it run no more
 * @tracepoint: from perftop_tracepoint_attach()
 *
 * Context: process context. On return the probe does not run anywhere.
 */
void perftop_tracepoint_detach(struct perftop_tracepoint *tracepoint)
{
	tracepoint_probe_unregister(tracepoint->found, tracepoint->probe, NULL);
	tracepoint_synchronize_unregister();
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
