// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_many: the stacks of perftop_bench, in a module of 30,000 symbols, as
 * the worst switch wants them. It is slow to print what lies in it.
 */
#include <linux/module.h>

#include "stacks.h"

static int __init many_init(void)
{
	if (!proc_create("perftop_many", 0600, NULL, &stacks_ops))
		return -ENOMEM;
	return 0;
}
module_init(many_init);

static void __exit many_exit(void)
{
	remove_proc_entry("perftop_many", NULL);
}
module_exit(many_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Deep stacks among many symbols for perftop's benchmark");
