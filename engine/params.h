/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parameters, fixed once loaded.
 */
#ifndef PERFTOP_PARAMS_H
#define PERFTOP_PARAMS_H

#include <linux/types.h>
#include <linux/uidgid.h>

/* Records of a table at the most. */
#define PERFTOP_TABLE_MAX	1048576

/* What makes a stack's key, by the parameter stack=. */
enum perftop_stack_mode {
	PERFTOP_STACK_BOTH,	/* kernel and user stack, and whose */
	PERFTOP_STACK_KERNEL,	/* the kernel stack alone */
	PERFTOP_STACK_USER,	/* user stack and process; else the kernel's */
};

/*
 * The class of the thread that merges, by the parameter drainer=. The default is
 * fair with most weight: beneath real-time tasks that never sleep, fair ones still
 * get a part of the CPU (throttling, since 6.12 the fair server), a low real-time
 * one nothing; and whoever needs the CPU in time is not kept from it.
 */
enum perftop_drainer {
	PERFTOP_DRAINER_FAIR,
	PERFTOP_DRAINER_FIFO_LOW,
	PERFTOP_DRAINER_FIFO,
};

/* How switches are seen, by the parameter hook=. */
enum perftop_hook_mode {
	PERFTOP_HOOK_AUTO,	/* kprobes, where they can be had */
	PERFTOP_HOOK_KPROBE,
	PERFTOP_HOOK_TRACEPOINT,
};

struct perftop_params {
	enum perftop_hook_mode	hook;
	enum perftop_stack_mode	stack;
	unsigned int		top;	/* rows to print */
	unsigned int		table;	/* distinct stacks that are kept */
	bool			idle;	/* rank idle time as well */
	bool			verify;	/* unwind all that is remembered, too */
	kgid_t			group;	/* may read tables; invalid: none */
	enum perftop_drainer	drainer;
	int			drainer_nice;	/* of the fair one */
	const char		*views;		/* to be switched on, NULL: none */
	const char		*filter;	/* likewise */
};

extern struct perftop_params perftop_params;

int perftop_params_check(void);

#endif /* PERFTOP_PARAMS_H */
