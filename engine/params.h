/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parameters, fixed once loaded.
 */
#ifndef PERFTOP_PARAMS_H
#define PERFTOP_PARAMS_H

#include <linux/sched/prio.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "engine/words.h"

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
	PERFTOP_DRAINER_FIFO = MAX_NICE + 1,
	PERFTOP_DRAINER_FIFO_LOW,
};

/* How switches are seen, by the parameter hook=. */
enum perftop_hook_mode {
	PERFTOP_HOOK_AUTO,	/* kprobes, where they can be had */
	PERFTOP_HOOK_KPROBE,
	PERFTOP_HOOK_TRACEPOINT,
};

struct perftop_params {
	u32		hook;		/* enum perftop_hook_mode */
	u32		stack;		/* enum perftop_stack_mode */
	u32		top;		/* rows to print */
	u32		table;		/* distinct stacks that are kept */
	u32		idle;		/* rank idle time as well */
	u32		verify;		/* unwind all that is remembered, too */
	u32		drainer;	/* a nice level, or enum perftop_drainer */
	u32		group_number;	/* 0: none */
	kgid_t		group;		/* may read tables; invalid: none */
	u32		inversion_us;	/* a wait that counts as one */
	char		*views;		/* to be switched on, NULL: none */
	char		*filter;	/* likewise */
	char		*pick;		/* functions to be probed, NULL: found by name */
	char		*stop;
	char		*finish;
};

/* What they may be, ended by one without a name. */
extern const struct perftop_word perftop_param_words[];
extern struct perftop_params perftop_params;

int perftop_params_check(void);

#endif /* PERFTOP_PARAMS_H */
