// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_raise: interrupts and softirqs, as many as are asked for, and empty probes
 * on any tracepoints. For the benchmark's guest only.
 *
 * Numbers are written to parameters: to handled=, that many times the handler of a
 * device's interrupt is called, without the interrupt; to sent=, the CPU sends itself
 * interrupts; to softirqs=, it raises softirqs. Each is served before the next.
 *
 * used= names the tracepoints that have probes, once for each probe; those that are
 * written to empty= get one that does nothing.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

/* --- Empty probes -------------------------------------------------------- */

#define PROBES	64

/* On x86-64 who does not look at further arguments is not hurt. */
static void empty_probe(void *data)
{
}

/* Guarded by the lock that parameters are set under. */
static struct tracepoint *empty[PROBES];
static unsigned int empties;

struct wanted {
	const char		*name;
	struct tracepoint	*found;
};

static void find(struct tracepoint *candidate, void *data)
{
	struct wanted *wanted = data;

	if (!strcmp(candidate->name, wanted->name))
		wanted->found = candidate;
}

static void *data_of(unsigned int number)
{
	return &empty[number];
}

static int attach(const char *name)
{
	struct wanted wanted = { name };
	int err;

	for_each_kernel_tracepoint(find, &wanted);
	if (!wanted.found)
		return -ENOENT;
	if (empties == PROBES)
		return -ENOSPC;
	err = tracepoint_probe_register(wanted.found, empty_probe, data_of(empties));
	if (!err)
		empty[empties++] = wanted.found;
	return err;
}

static void detach_all(void)
{
	while (empties--)
		tracepoint_probe_unregister(empty[empties], empty_probe,
					    data_of(empties));
	empties = 0;
	tracepoint_synchronize_unregister();
}

static int set_empty(const char *value, const struct kernel_param *param)
{
	char *names = kstrdup(value, GFP_KERNEL), *rest = names, *name;
	int err = 0;

	if (!names)
		return -ENOMEM;
	detach_all();
	while (!err) {
		name = strsep(&rest, "\n\t ");
		if (!name)
			break;
		if (*name)
			err = attach(name);
	}
	if (err)
		detach_all();
	kfree(names);
	return err;
}

static const struct kernel_param_ops empty_ops = {
	.set	= set_empty,
};

module_param_cb(empty, &empty_ops, NULL, 0200);
MODULE_PARM_DESC(empty, "tracepoints that are to have empty probes, with blanks between");

static void name_used(struct tracepoint *tracepoint, void *buffer)
{
	const struct tracepoint_func *probe = (__force void *)tracepoint->funcs;

	for (; probe && probe->func; probe++)
		if (strlen(buffer) + strlen(tracepoint->name) + 2 < PAGE_SIZE) {
			strcat(buffer, tracepoint->name);
			strcat(buffer, "\n");
		}
}

/* Nobody is to attach or detach meanwhile. */
static int get_used(char *buffer, const struct kernel_param *param)
{
	*buffer = '\0';
	for_each_kernel_tracepoint(name_used, buffer);
	return strlen(buffer);
}

static const struct kernel_param_ops used_ops = {
	.get	= get_used,
};

module_param_cb(used, &used_ops, NULL, 0400);
MODULE_PARM_DESC(used, "the tracepoints that have probes");

/* --- Interrupts ---------------------------------------------------------- */

static int line;
static unsigned long served;

static irqreturn_t serve_device(int irq, void *id)
{
	served++;
	return IRQ_HANDLED;
}

static void serve_sent(struct irq_work *work)
{
	served++;
}

static void serve_softirq(struct tasklet_struct *tasklet)
{
	served++;
}

static struct irq_work sent;
static DECLARE_TASKLET(softirq, serve_softirq);

static void raise_handled(unsigned long count)
{
	local_irq_disable();
	while (count--)
		generic_handle_irq(line);
	local_irq_enable();
}

static void raise_sent(unsigned long count)
{
	while (count--) {
		irq_work_queue(&sent);
		irq_work_sync(&sent);
	}
}

/* Run at the end of where they are held off. */
static void raise_softirqs(unsigned long count)
{
	while (count--) {
		local_bh_disable();
		tasklet_schedule(&softirq);
		local_bh_enable();
	}
}

static int set_count(const char *value, const struct kernel_param *param)
{
	void (*raise)(unsigned long count) = param->arg;
	unsigned long count;
	int err = kstrtoul(value, 10, &count);

	if (err)
		return err;
	served = 0;
	raise(count);
	return served == count ? 0 : -EIO;
}

static const struct kernel_param_ops count_ops = {
	.set	= set_count,
};

module_param_cb(handled, &count_ops, raise_handled, 0200);
MODULE_PARM_DESC(handled, "let the handler of a device's interrupt be called so often");
module_param_cb(sent, &count_ops, raise_sent, 0200);
MODULE_PARM_DESC(sent, "let the CPU send itself so many interrupts");
module_param_cb(softirqs, &count_ops, raise_softirqs, 0200);
MODULE_PARM_DESC(softirqs, "raise so many softirqs");

/* --- Loading ------------------------------------------------------------- */

static int __init raise_init(void)
{
	int err;

	init_irq_work(&sent, serve_sent);
	line = irq_alloc_desc(NUMA_NO_NODE);
	if (line < 0)
		return line;
	irq_set_chip_and_handler(line, &dummy_irq_chip, handle_simple_irq);
	err = request_irq(line, serve_device, 0, "perftop_raise", NULL);
	if (err)
		irq_free_desc(line);
	return err;
}
module_init(raise_init);

static void __exit raise_exit(void)
{
	detach_all();
	free_irq(line, NULL);
	irq_free_desc(line);
	tasklet_kill(&softirq);
}
module_exit(raise_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Interrupts, softirqs and empty probes for perftop's benchmark");
