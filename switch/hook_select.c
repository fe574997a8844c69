// SPDX-License-Identifier: GPL-2.0
/*
 * Which way switches are seen: the one that was asked for, or the best that there
 * is.
 */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "engine/params.h"
#include "perftop.h"
#include "switch/hook_kprobe.h"
#include "switch/hook_ops.h"
#include "switch/hook_select.h"
#include "switch/hook_tracepoint.h"

const struct perftop_hook *perftop_hook __read_mostly = &perftop_hook_kprobe;

/* What the hook needs is not there, or is off, or dead. */
static bool cannot_hook(int err)
{
	return err == -EOPNOTSUPP || err == -EBUSY || err == -ENODEV;
}

/**
 * perftop_hooks_start() - See switches from now on
 *
 * Where the functions to probe are missing, or some switches pass them by, or
 * ftrace has been switched off, the tracepoint serves as well. Core scheduling
 * picks for a sibling, too, which then finds its next task without asking.
 *
 * Context: process context.
 * Return: 0, or an error with a line in the log.
 */
int perftop_hooks_start(void)
{
	const bool automatic = perftop_params.hook == PERFTOP_HOOK_AUTO;
	int err = -EOPNOTSUPP;

	if (perftop_params.hook == PERFTOP_HOOK_TRACEPOINT)
		perftop_hook = &perftop_hook_tracepoint;
	if (!IS_ENABLED(CONFIG_SCHED_CORE) || !automatic)
		err = perftop_hook->start();
	if (!cannot_hook(err) || !automatic)
		return err;
	pr_info("hook=auto: taking the tracepoint instead\n");
	perftop_hook = &perftop_hook_tracepoint;
	return perftop_hook->start();
}
