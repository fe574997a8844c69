// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of the module.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/prio.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "engine/params.h"
#include "perftop.h"

#define TABLE_MIN	16

struct perftop_params perftop_params __read_mostly = {
	.top	= 20,
	.table	= 16384,
};

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

/**
 * perftop_params_check() - Read the parameters, and see whether they are good
 *
 * Context: process context, once.
 * Return: 0, or -EINVAL with a line in the log.
 */
int perftop_params_check(void)
{
	static const char *const hooks[] = {
		[PERFTOP_HOOK_AUTO]		= "auto",
		[PERFTOP_HOOK_KPROBE]		= "kprobe",
		[PERFTOP_HOOK_TRACEPOINT]	= "tracepoint",
	};
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

	mode = match_string(hooks, ARRAY_SIZE(hooks), hook);
	if (mode < 0) {
		pr_err("hook=%s: give auto, kprobe or tracepoint\n", hook);
		return -EINVAL;
	}
	perftop_params.hook = mode;

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
	perftop_params.views = views;
	perftop_params.filter = filter;
	return check_drainer() ? : check_group();
}
