/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_FTRACE_H
#define SHIM_LINUX_FTRACE_H

#include <linux/types.h>

#define FTRACE_OPS_FL_PERMANENT	0x1

struct ftrace_ops;
struct ftrace_regs;

typedef void (*ftrace_func_t)(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops, struct ftrace_regs *regs);

struct ftrace_ops {
	ftrace_func_t	func;
	unsigned long	flags;
	unsigned long	filter;		/* memory that is to be freed */
};

/*
 * The one that is registered, and what a registration says; -EINVAL is said of
 * the address, which ftrace does not know.
 */
extern struct ftrace_ops *shim_ftrace_ops;
extern int shim_ftrace_error;

int register_ftrace_function(struct ftrace_ops *ops);
int unregister_ftrace_function(struct ftrace_ops *ops);
int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove,
			 int reset);
int ftrace_set_filter(struct ftrace_ops *ops, unsigned char *text, int length,
		      int reset);

#endif
