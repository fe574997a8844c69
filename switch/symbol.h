/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions by name.
 */
#ifndef PERFTOP_SYMBOL_H
#define PERFTOP_SYMBOL_H

#include <linux/compiler.h>
#include <linux/types.h>

struct kprobe;

/* A function's place in memory. */
struct perftop_range {
	unsigned long	start;
	unsigned long	size;
};

static __always_inline bool perftop_in_range(const struct perftop_range *range,
					     unsigned long addr)
{
	return addr - range->start < range->size;
}

/* The same, and whether its code goes only when a module does. */
struct perftop_function {
	struct perftop_range	range;
	bool			lasting;
};

/* Where __schedule() lies; fixed once loaded. */
extern struct perftop_range perftop_schedule;

int perftop_symbol_probe(struct kprobe *probe, const char *const *names,
			 char *symbol);
bool perftop_symbol_extent(unsigned long addr, char *symbol,
			   struct perftop_range *range);
bool perftop_symbol_range(const char *name, struct perftop_range *range);
void perftop_symbol_function(unsigned long addr, char *symbol,
			     struct perftop_function *function);

#endif /* PERFTOP_SYMBOL_H */
