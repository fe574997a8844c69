// SPDX-License-Identifier: GPL-2.0
/*
 * Part 2.1, right: two files, one line for each stack, hexadecimal addresses.
 * stack_trace_save_user is not exported, so its address is asked for.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/stacktrace.h>
#include "table.h"

typedef unsigned int (*save_user_t)(unsigned long *store, unsigned int size);
typedef unsigned long (*lookup_t)(const char *name);
static save_user_t save_user;

static int on_pick(struct kprobe *p, struct pt_regs *regs)
{
	unsigned long stack[DEPTH];
	unsigned int n;

	if (current->mm)
		n = save_user(stack, DEPTH);
	else
		n = stack_trace_save(stack, DEPTH, 0);
	table_add(stack, n, current->mm != NULL);
	return 0;
}

static struct kprobe lookup = { .symbol_name = "kallsyms_lookup_name" };
static struct kprobe pick = {
	.symbol_name = "pick_next_task_fair", .pre_handler = on_pick,
};

static int show(struct seq_file *m, void *v)
{
	table_print(m);
	return 0;
}

static int __init init(void)
{
	int ret = register_kprobe(&lookup);

	if (ret)
		return ret;
	save_user = (save_user_t)
		((lookup_t)lookup.addr)("stack_trace_save_user");
	unregister_kprobe(&lookup);
	if (!save_user)
		return -ENOENT;
	if (!proc_create_single("perftop", 0444, NULL, show))
		return -ENOMEM;
	ret = register_kprobe(&pick);
	if (ret)
		remove_proc_entry("perftop", NULL);
	return ret;
}

static void __exit quit(void)
{
	unregister_kprobe(&pick);
	remove_proc_entry("perftop", NULL);
}

module_init(init);
module_exit(quit);
MODULE_LICENSE("GPL v2");
