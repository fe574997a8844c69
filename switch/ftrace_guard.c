// SPDX-License-Identifier: GPL-2.0
/*
 * The guard of our kprobes: while it is held, ftrace cannot be switched off.
 *
 * A kprobe at the start of a function is a user of ftrace. All kernels have a
 * bug there: where such a user goes while kernel.ftrace_enabled is 0, the
 * function's record goes on saying that it has one. When ftrace is on again,
 * the next user to go from another function finds that wrong, WARNs, and ftrace
 * is dead until the next boot. A live patch must not lose its functions either,
 * and for that the kernel has FTRACE_OPS_FL_PERMANENT: as long as one of these
 * is registered, writing 0 fails with EBUSY, and none can be registered while
 * it is 0.
 *
 * Ours is on a function that nobody calls, so that it costs nothing.
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/mutex.h>

#include "compat/compat.h"
#include "perftop.h"
#include "switch/ftrace_guard.h"

#if defined(CONFIG_KPROBES_ON_FTRACE) && defined(CONFIG_DYNAMIC_FTRACE)

/* The only function of the module whose file Kbuild lets be traced. */
static noinline void never_called(void)
{
	barrier();
}

static notrace void never_calls(PERFTOP_FTRACE_ARGS)
{
}

static struct ftrace_ops guard = {
	.func	= never_calls,
	.flags	= FTRACE_OPS_FL_PERMANENT,
};

static DEFINE_MUTEX(lock);
static unsigned int holders;		/* guarded by lock */

static int arm(void)
{
	int err;

	err = ftrace_set_filter_ip(&guard, (unsigned long)never_called, 0, 0);
	/*
	 * A module whose functions ftrace had no memory to take in is loaded
	 * without a word, and has none that it knows.
	 */
	if (err == -EINVAL)
		err = -ENOMEM;
	if (!err)
		err = register_ftrace_function(&guard);
	if (err)
		/* Frees the filter; ftrace_free_filter() came to modules late. */
		ftrace_set_filter(&guard, NULL, 0, 1);
	return err;
}

static void disarm(void)
{
	unregister_ftrace_function(&guard);
	ftrace_set_filter(&guard, NULL, 0, 1);
}

/**
 * perftop_ftrace_hold() - Let nobody switch ftrace off
 *
 * To be called before the first kprobe is armed.
 *
 * Context: process context.
 * Return: 0, or an error with a line in the log: -EBUSY if it is off already.
 */
int perftop_ftrace_hold(void)
{
	int err = 0;

	mutex_lock(&lock);
	if (!holders)
		err = arm();
	if (!err)
		holders++;
	mutex_unlock(&lock);

	if (err == -EBUSY)
		pr_err("kprobes need ftrace, which is off: echo 1 > /proc/sys/kernel/ftrace_enabled\n");
	else if (err)
		pr_err("kprobes need ftrace, which does not work (%d)\n", err);
	return err;
}

/**
 * perftop_ftrace_release() - Undo one perftop_ftrace_hold()
 *
 * To be called when the last kprobe is gone.
 *
 * Context: process context.
 */
void perftop_ftrace_release(void)
{
	mutex_lock(&lock);
	if (!--holders)
		disarm();
	mutex_unlock(&lock);
}

#else

/* Kprobes are breakpoints here. */
int perftop_ftrace_hold(void)
{
	return 0;
}

void perftop_ftrace_release(void)
{
}

#endif
