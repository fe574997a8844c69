/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KPROBES_H
#define SHIM_LINUX_KPROBES_H

#include <linux/build_bug.h>
#include <linux/kallsyms.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/types.h>

#define __kprobes

#define KPROBE_FLAG_DISABLED	2

struct kprobe;

typedef int (*kprobe_pre_handler_t)(struct kprobe *probe, struct pt_regs *regs);

struct kprobe {
	kprobe_pre_handler_t pre_handler;
	unsigned long	nmissed;
	const char	*symbol_name;
	void		*addr;
	u32		flags;
	bool		by_ftrace;
};

#define kprobe_ftrace(probe)	((probe)->by_ftrace)

#define SHIM_KPROBES	8

/* Those that are registered, in the order of their registration. */
extern struct kprobe *shim_kprobes[SHIM_KPROBES];
extern unsigned int shim_kprobes_n;

/* How many have ever been armed. */
extern unsigned int shim_kprobes_armed;

/* What the registration of this function says, if not NULL. */
extern const char *shim_kprobe_refused;
extern int shim_kprobe_error;

/* On a function of the test's symbols. */
int register_kprobe(struct kprobe *probe);
void unregister_kprobe(struct kprobe *probe);

#endif
