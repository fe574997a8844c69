// SPDX-License-Identifier: GPL-2.0
/* perftop: which call stacks did the CPUs' time go to? */
#include <linux/module.h>

static int __init perftop_init(void)
{
	return 0;
}
module_init(perftop_init);

static void __exit perftop_exit(void)
{
}
module_exit(perftop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Exact CPU time by call stack");
