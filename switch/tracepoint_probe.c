// SPDX-License-Identifier: GPL-2.0
/*
 * Probes on the kernel's own tracepoints, which need not be exported: they can be
 * found among all of them.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "perftop.h"
#include "switch/tracepoint_probe.h"

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
	else if (tracepoint->may_lack)
		return 0;
	if (err) {
		pr_err("cannot attach to the tracepoint %s (%d)\n",
		       tracepoint->name, err);
		tracepoint->found = NULL;
	}
	return err;
}

static void unregister(struct perftop_tracepoint *tracepoint)
{
	if (tracepoint->fits && tracepoint->found)
		tracepoint_probe_unregister(tracepoint->found, tracepoint->probe, NULL);
	tracepoint->found = NULL;
}

/* The last first: who sees an end is there for as long as who sees a beginning. */
static void unregister_first(struct perftop_tracepoint *const *list, unsigned int n)
{
	while (n--)
		unregister(list[n]);
	tracepoint_synchronize_unregister();
}

/**
 * perftop_tracepoint_detach() - Let it run no more
 * @tracepoint: from perftop_tracepoint_attach()
 *
 * Context: process context. On return the probe does not run anywhere.
 */
void perftop_tracepoint_detach(struct perftop_tracepoint *tracepoint)
{
	unregister(tracepoint);
	tracepoint_synchronize_unregister();
}

/**
 * perftop_tracepoints_attach() - Let probes run, as far as the kernel fits them
 * @list: which, ended by NULL; one that sees an end before one that sees a beginning
 *
 * Context: process context.
 * Return: 0 if some run, or there are none; else an error as of
 *	perftop_tracepoint_attach(), and none runs.
 */
int perftop_tracepoints_attach(struct perftop_tracepoint *const *list)
{
	bool fits = false;
	unsigned int i;
	int err = 0;

	for (i = 0; list[i]; i++)
		fits |= list[i]->fits;
	for (i = 0; list[i] && !err; i++)
		if (list[i]->fits || !fits)
			err = perftop_tracepoint_attach(list[i]);
	if (!err)
		return 0;
	/* The last one was not attached. */
	unregister_first(list, i - 1);
	return err;
}

/**
 * perftop_tracepoints_detach() - Let them run no more
 * @list: from perftop_tracepoints_attach()
 *
 * Context: process context. On return none runs anywhere.
 */
void perftop_tracepoints_detach(struct perftop_tracepoint *const *list)
{
	unsigned int n;

	for (n = 0; list[n]; n++)
		;
	unregister_first(list, n);
}
