// SPDX-License-Identifier: GPL-2.0
/*
 * perftop: the call stacks that got most CPU time, exactly and not by
 * sampling. This file: the parameters, and the order of start and stop.
 * perftop.h has the essay on how the parts fit.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/prio.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <asm/tsc.h>

#include "engine/maps.h"
#include "engine/view.h"
#include "switch/exit_mmap.h"
#include "switch/text.h"

#define TABLE_MIN	16

struct perftop_params perftop_params __read_mostly = {
	.top	= 20,
	.table	= 16384,
};

const struct perftop_hook *perftop_hook __read_mostly = &perftop_hook_kprobe;

static char *hook = "auto";
module_param(hook, charp, 0444);
MODULE_PARM_DESC(hook, "how switches are seen: auto, kprobe, tracepoint (default: auto)");

static char *stack = "both";
module_param(stack, charp, 0444);
MODULE_PARM_DESC(stack, "what makes a stack: both, kernel, user (default: both)");

module_param_named(top, perftop_params.top, uint, 0444);
MODULE_PARM_DESC(top, "rows to print (default: 20)");

module_param_named(idle, perftop_params.idle, bool, 0444);
MODULE_PARM_DESC(idle, "rank idle time as well (default: 0)");

module_param_named(verify, perftop_params.verify, bool, 0444);
MODULE_PARM_DESC(verify, "unwind what is remembered as well, and compare (default: 0)");

module_param_named(table, perftop_params.table, uint, 0444);
MODULE_PARM_DESC(table, "distinct stacks to keep, 16 to 1048576 (default: 16384)");

static char *views;
module_param(views, charp, 0400);
MODULE_PARM_DESC(views, "views to switch on, with commas between (default: none)");

static char *filter;
module_param(filter, charp, 0400);
MODULE_PARM_DESC(filter, "whose time to count, as in echo filter NAME=VALUE (default: all)");

static char *drainer = "-20";
module_param(drainer, charp, 0444);
MODULE_PARM_DESC(drainer, "class of the thread that merges: fifo, fifo-low, or a nice level (default: -20)");

static char *group = "none";
module_param(group, charp, 0444);
MODULE_PARM_DESC(group, "number of the group that may read tables without stacks (default: none)");

/*
 * Root's own group is none to be trusted: root of a container is of it.
 */
static int check_group(void)
{
	u32 number = 0;

	perftop_params.group = INVALID_GID;
	if (!strcmp(group, "none"))
		return 0;
	if (!kstrtou32(group, 10, &number) && number)
		perftop_params.group = make_kgid(&init_user_ns, number);
	if (gid_valid(perftop_params.group))
		return 0;
	pr_err("group=%s: give the number of a group other than root's, or none\n",
	       group);
	return -EINVAL;
}

static int check_drainer(void)
{
	int nice;

	if (!strcmp(drainer, "fifo")) {
		perftop_params.drainer = PERFTOP_DRAINER_FIFO;
	} else if (!strcmp(drainer, "fifo-low")) {
		perftop_params.drainer = PERFTOP_DRAINER_FIFO_LOW;
	} else if (!kstrtoint(drainer, 10, &nice) && nice >= MIN_NICE &&
		   nice <= MAX_NICE) {
		perftop_params.drainer = PERFTOP_DRAINER_FAIR;
		perftop_params.drainer_nice = nice;
	} else {
		pr_err("drainer=%s: give fifo, fifo-low, or a nice level from %d to %d\n",
		       drainer, MIN_NICE, MAX_NICE);
		return -EINVAL;
	}
	return 0;
}

static int check_params(void)
{
	static const char *const stacks[] = {
		[PERFTOP_STACK_BOTH]	= "both",
		[PERFTOP_STACK_KERNEL]	= "kernel",
		[PERFTOP_STACK_USER]	= "user",
	};
	int mode = match_string(stacks, ARRAY_SIZE(stacks), stack);

	if (mode < 0) {
		pr_err("stack=%s: give both, kernel or user\n", stack);
		return -EINVAL;
	}
	perftop_params.stack = mode;

	if (!strcmp(hook, "tracepoint")) {
		perftop_hook = &perftop_hook_tracepoint;
	} else if (strcmp(hook, "auto") && strcmp(hook, "kprobe")) {
		pr_err("hook=%s: give auto, kprobe or tracepoint\n", hook);
		return -EINVAL;
	}

	if (perftop_params.table < TABLE_MIN ||
	    perftop_params.table > PERFTOP_TABLE_MAX) {
		pr_err("table=%u: give %u to %u\n", perftop_params.table,
		       TABLE_MIN, PERFTOP_TABLE_MAX);
		return -EINVAL;
	}
	if (!perftop_params.top || perftop_params.top > PERFTOP_TABLE_MAX) {
		pr_err("top=%u: give 1 to %u\n", perftop_params.top, PERFTOP_TABLE_MAX);
		return -EINVAL;
	}
	return check_drainer() ? : check_group();
}

/* What the hook needs is not there, or is off, or dead. */
static bool cannot_hook(int err)
{
	return err == -EOPNOTSUPP || err == -EBUSY || err == -ENODEV;
}

/*
 * Where the functions to probe are missing, or some switches pass them by, or
 * ftrace has been switched off, the tracepoint serves as well. Core scheduling
 * picks for a sibling, too, which then finds its next task without asking.
 */
static int start_hook(void)
{
	const bool automatic = !strcmp(hook, "auto");
	int err = -EOPNOTSUPP;

	if (!IS_ENABLED(CONFIG_SCHED_CORE) || !automatic)
		err = perftop_hook->start();
	if (!cannot_hook(err) || !automatic)
		return err;
	pr_info("hook=auto: taking the tracepoint instead\n");
	perftop_hook = &perftop_hook_tracepoint;
	return perftop_hook->start();
}

static void stop_watching(void)
{
	perftop_view_exit();
	perftop_filter_exit();
}

static int start_watching(void)
{
	int err = 0;

	if (filter)
		err = perftop_filter_set(filter);
	if (!err && views)
		err = perftop_view_switch_names(views);
	if (err) {
		stop_watching();
		return err;
	}
	/* All tables begin to count at one moment. */
	perftop_drain_reset();
	return 0;
}

static void report_load(void)
{
	char symbols[128];

	perftop_hook->describe(symbols, sizeof(symbols));
	pr_info("hook %s (%s), %u stacks, %zu KiB\n", perftop_hook->name,
		symbols, perftop_params.table, perftop_stacks.bytes / 1024);
}

static int __init perftop_init(void)
{
	int err;

	if (!tsc_khz) {
		pr_err("this machine has no time stamp counter\n");
		return -EOPNOTSUPP;
	}
	err = check_params();
	if (err)
		return err;
	err = perftop_stack_init();
	if (err)
		return err;
	err = perftop_text_init();
	if (err)
		return err;
	err = perftop_maps_init();
	if (err)
		goto err_maps;

	perftop_stacks.bytes = perftop_text_bytes() + perftop_maps_bytes();
	perftop_stacks.limit = perftop_params.table;
	err = perftop_hash_init(&perftop_stacks);
	if (err)
		goto err_hash;
	err = perftop_slice_init(&perftop_stacks);
	if (err)
		goto err_slice;
	err = perftop_drain_init(&perftop_stacks);
	if (err)
		goto err_slice;
	err = start_hook();
	if (err)
		goto err_drain;
	perftop_exit_mmap_start();
	err = perftop_drain_start();
	if (err)
		goto err_hook;
	err = start_watching();
	if (err)
		goto err_start;
	err = perftop_files_create();
	if (err)
		goto err_watching;
	report_load();
	return 0;

err_watching:
	stop_watching();
err_start:
	perftop_drain_stop();
err_hook:
	perftop_exit_mmap_stop();
	perftop_hook->stop();
err_drain:
	perftop_drain_exit();
err_slice:
	perftop_slice_exit();
err_hash:
	perftop_hash_exit(&perftop_stacks);
	perftop_maps_exit();
err_maps:
	perftop_text_exit();
	return err;
}
module_init(perftop_init);

static void __exit perftop_exit(void)
{
	perftop_files_remove();
	stop_watching();
	perftop_drain_stop();
	perftop_exit_mmap_stop();
	perftop_hook->stop();
	perftop_drain_exit();
	perftop_slice_exit();
	perftop_hash_exit(&perftop_stacks);
	perftop_maps_exit();
	perftop_text_exit();
}
module_exit(perftop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Exact CPU time by call stack");
MODULE_VERSION(PERFTOP_VERSION);
