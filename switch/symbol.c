// SPDX-License-Identifier: GPL-2.0
/*
 * Functions under the names that the running kernel has for them. The compiler
 * adds suffixes to static functions that it specialises: finish_task_switch
 * is finish_task_switch.isra.0 on most kernels.
 */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "switch/symbol.h"

struct perftop_range perftop_schedule __read_mostly;

static const char *const suffixes[] = {
	"", ".isra.0", ".constprop.0", ".isra.0.constprop.0",
	".constprop.0.isra.0", ".isra.1", ".constprop.1", ".isra.2",
	".constprop.2",
};

/**
 * perftop_symbol_probe() - Register a kprobe under the first name there is
 * @probe: its handlers and flags are set
 * @names: names to try, each also with the compiler's suffixes; ends with NULL
 * @symbol: KSYM_NAME_LEN bytes, where the name found is kept; the probe refers
 *	to it
 *
 * Context: process context.
 * Return: 0, -ENOENT if the kernel has none of the names, or what
 *	register_kprobe() says of the first that it has.
 */
int perftop_symbol_probe(struct kprobe *probe, const char *const *names,
			 char *symbol)
{
	const unsigned int flags = probe->flags;
	unsigned int i;
	int err;

	for (; *names; names++) {
		for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
			snprintf(symbol, KSYM_NAME_LEN, "%s%s", *names,
				 suffixes[i]);
			probe->symbol_name = symbol;
			probe->addr = NULL;
			probe->flags = flags;
			err = register_kprobe(probe);
			if (err != -ENOENT)
				return err;
		}
	}
	return -ENOENT;
}

/**
 * perftop_symbol_extent() - The function that an address lies in
 * @addr: the address
 * @symbol: KSYM_SYMBOL_LEN bytes, where "name+0xoffset/0xsize" or, in a
 *	module, "name+0xoffset/0xsize [module]" is left
 * @range: what it covers
 *
 * Context: process context; sprint_symbol() takes no lock, but costs some
 *	thousand instructions, and a module's symbols are searched one by one.
 * Return: false if there is no such function.
 */
bool perftop_symbol_extent(unsigned long addr, char *symbol,
			   struct perftop_range *range)
{
	unsigned long offset;
	const char *at;

	sprint_symbol(symbol, addr);
	at = strchr(symbol, '+');
	if (!at || sscanf(at, "+%lx/%lx", &offset, &range->size) != 2)
		return false;
	range->start = addr - offset;
	return true;
}

/**
 * perftop_symbol_function() - What is known of the function at an address
 * @addr: the address
 * @symbol: KSYM_SYMBOL_LEN bytes of scratch
 * @function: what is known; if that is nothing, the page stands for it
 *
 * Context: as perftop_symbol_extent().
 */
void perftop_symbol_function(unsigned long addr, char *symbol,
			     struct perftop_function *function)
{
	const char *module;

	if (!perftop_symbol_extent(addr, symbol, &function->range)) {
		function->range.start = addr & PAGE_MASK;
		function->range.size = PAGE_SIZE;
		function->lasting = false;
		return;
	}
	module = strchr(symbol, '[');
	function->lasting = !module || (strcmp(module, "[bpf]") &&
					strncmp(module, "[__builtin__", 12));
}

/**
 * perftop_symbol_range() - Where a function lies
 * @name: as for perftop_symbol_probe()
 * @range: what it covers
 *
 * kallsyms_lookup_name() has not been exported since 5.7; a kprobe that is
 * registered and never armed tells as much.
 *
 * Context: process context.
 * Return: false if there is no such function.
 */
bool perftop_symbol_range(const char *name, struct perftop_range *range)
{
	struct kprobe probe = { .flags = KPROBE_FLAG_DISABLED };
	const char *const names[] = { name, NULL };
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long address;

	if (perftop_symbol_probe(&probe, names, symbol))
		return false;
	address = (unsigned long)probe.addr;
	unregister_kprobe(&probe);
	return perftop_symbol_extent(address, symbol, range);
}
