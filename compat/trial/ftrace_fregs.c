// SPDX-License-Identifier: GPL-2.0
/* Since 5.11 ("ftrace: Have the callbacks receive a struct ftrace_regs"). */
#include <linux/ftrace.h>

ftrace_func_t try(void);

static void trial(unsigned long ip, unsigned long parent_ip,
		  struct ftrace_ops *ops, struct ftrace_regs *regs)
{
}

ftrace_func_t try(void)
{
	return trial;
}
