/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/moduleparam.h>
#include <linux/types.h>

struct module {
	unsigned long	start;
	unsigned long	size;
};

/* The tested module, as the test places it. */
extern struct module shim_module;
#define THIS_MODULE		(&shim_module)

static inline bool within_module(unsigned long addr, const struct module *mod)
{
	return addr - mod->start < mod->size;
}

/* Loaded and unloaded by the test. */
#define module_init(fn)							\
	extern int (*const shim_module_init)(void);			\
	int (*const shim_module_init)(void) = fn
#define module_exit(fn)							\
	extern void (*const shim_module_exit)(void);			\
	void (*const shim_module_exit)(void) = fn
#define MODULE_LICENSE(text)		extern int shim_nothing
#define MODULE_DESCRIPTION(text)	extern int shim_nothing
#define MODULE_VERSION(text)		extern int shim_nothing

#define NOTIFY_DONE		0

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long action,
			     void *data);
};

/* Who is told of modules. */
extern struct notifier_block *shim_module_notifier;

int register_module_notifier(struct notifier_block *nb);
int unregister_module_notifier(struct notifier_block *nb);

#endif
