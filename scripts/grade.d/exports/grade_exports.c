// SPDX-License-Identifier: GPL-2.0
/*
 * grade_exports: for submissions that call what the kernel of their time, or
 * the handout, lets a module call, and what is exported no more. For the guest
 * only.
 *
 * The names are those of the kernel's own functions, which a module cannot link
 * to; of modules, a symbol's name is looked for among what is exported alone.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/stacktrace.h>

static unsigned long (*lookup_name)(const char *name);
static unsigned int (*save_user)(unsigned long *store, unsigned int size);

/* Exported until 5.7. */
unsigned long kallsyms_lookup_name(const char *name)
{
	return lookup_name(name);
}
EXPORT_SYMBOL_GPL(kallsyms_lookup_name);

/* Named by the handout, and never exported. */
unsigned int stack_trace_save_user(unsigned long *store, unsigned int size)
{
	return save_user(store, size);
}
EXPORT_SYMBOL_GPL(stack_trace_save_user);

/* A probe knows where its function lies. */
static int find(const char *name, void **address)
{
	struct kprobe probe = { .symbol_name = name };
	int err;

	err = register_kprobe(&probe);
	if (err)
		return err;
	*address = probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

static int __init exports_init(void)
{
	int err;

	err = find("kallsyms_lookup_name", (void **)&lookup_name);
	if (err)
		return err;
	return find("stack_trace_save_user", (void **)&save_user);
}
module_init(exports_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What kernels exported once, for grading");
