// SPDX-License-Identifier: GPL-2.0
/*
 * Functions under the names that the running kernel has for them. The compiler
 * adds suffixes to static functions that it specialises: finish_task_switch
 * is finish_task_switch.isra.0 on most kernels.
 */
#include <linux/kprobes.h>
#include <linux/string.h>

#include "../perftop.h"

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
 * perftop_symbol_address() - Where a function begins
 * @name: as for perftop_symbol_probe()
 *
 * kallsyms_lookup_name() has not been exported since 5.7; a kprobe that is
 * registered and never armed tells as much.
 *
 * Context: process context.
 * Return: the address, 0 if there is no such function.
 */
unsigned long perftop_symbol_address(const char *name)
{
	struct kprobe probe = { .flags = KPROBE_FLAG_DISABLED };
	const char *const names[] = { name, NULL };
	char symbol[KSYM_NAME_LEN];
	unsigned long address;

	if (perftop_symbol_probe(&probe, names, symbol))
		return 0;
	address = (unsigned long)probe.addr;
	unregister_kprobe(&probe);
	return address;
}
