/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

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

#endif
