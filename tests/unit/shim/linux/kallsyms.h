/* SPDX-License-Identifier: GPL-2.0 */
/* The symbols are the test's. */
#ifndef SHIM_LINUX_KALLSYMS_H
#define SHIM_LINUX_KALLSYMS_H

#include <linux/kernel.h>

#define KSYM_NAME_LEN		512
#define KSYM_SYMBOL_LEN		(KSYM_NAME_LEN + 64)

struct shim_symbol {
	unsigned long	start;
	unsigned long	size;
	const char	*name;
	const char	*module;
};

/* Ends with a size of 0. */
extern const struct shim_symbol *shim_symbols;

/* How often a name was looked for. */
extern unsigned int shim_lookups;

int sprint_symbol(char *buf, unsigned long addr);

#endif
