// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_bench: what the benchmark needs of a kernel. For its guest only.
 *
 * The parameter probe= hangs empty probes where perftop has its own, so that
 * the price of the hook can be told from the price of the work: none, kprobe
 * (the fair pick and the finish) or tracepoint (sched_switch).
 *
 * /proc/perftop_bench is where two processes meet, see stacks.h.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "stacks.h"

/* --- Empty probes -------------------------------------------------------- */

static __kprobes int empty_handler(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

/* Kernels add arguments at the end; on x86-64 who does not look is not hurt. */
static void empty_probe(void *data, bool preempt, struct task_struct *prev,
			struct task_struct *next)
{
}

static const char *const picks[] = {
	"pick_next_task_fair", "pick_task_fair", NULL
};

static const char *const finishes[] = {
	"finish_task_switch", "finish_task_switch.isra.0", NULL
};

static struct kprobe pick, finish;
static struct tracepoint *sched_switch;

static int arm_kprobe(struct kprobe *probe, const char *const *name)
{
	int err = -ENOENT;

	for (; *name && err; name++) {
		*probe = (struct kprobe){
			.symbol_name	= *name,
			.pre_handler	= empty_handler,
		};
		err = register_kprobe(probe);
	}
	return err;
}

static int arm_kprobes(void)
{
	int err = arm_kprobe(&pick, picks);

	if (err)
		return err;
	err = arm_kprobe(&finish, finishes);
	if (err)
		unregister_kprobe(&pick);
	return err;
}

static void disarm_kprobes(void)
{
	unregister_kprobe(&finish);
	unregister_kprobe(&pick);
}

static void find(struct tracepoint *tracepoint, void *unused)
{
	if (!strcmp(tracepoint->name, "sched_switch"))
		sched_switch = tracepoint;
}

static int attach(void *probe)
{
	for_each_kernel_tracepoint(find, NULL);
	if (!sched_switch)
		return -ENOENT;
	return tracepoint_probe_register(sched_switch, probe, NULL);
}

static void detach(void *probe)
{
	tracepoint_probe_unregister(sched_switch, probe, NULL);
	tracepoint_synchronize_unregister();
}

static int arm_tracepoint(void)
{
	return attach(empty_probe);
}

static void disarm_tracepoint(void)
{
	detach(empty_probe);
}

static int arm_none(void)
{
	return 0;
}

static void disarm_none(void)
{
}

static const struct probe {
	const char	*name;
	int		(*arm)(void);
	void		(*disarm)(void);
} probes[] = {
	{ "none", arm_none, disarm_none },
	{ "kprobe", arm_kprobes, disarm_kprobes },
	{ "tracepoint", arm_tracepoint, disarm_tracepoint },
};

/* Guarded by the lock that parameters are set under, and by loading. */
static const struct probe *armed = &probes[0];

static int set_probe(const char *value, const struct kernel_param *param)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (sysfs_streq(value, probes[i].name))
			break;
	if (i == ARRAY_SIZE(probes))
		return -EINVAL;

	armed->disarm();
	armed = &probes[0];
	err = probes[i].arm();
	if (!err)
		armed = &probes[i];
	return err;
}

static int get_probe(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", armed->name);
}

static const struct kernel_param_ops probe_ops = {
	.set	= set_probe,
	.get	= get_probe,
};

module_param_cb(probe, &probe_ops, NULL, 0644);
MODULE_PARM_DESC(probe, "empty probes: none, kprobe, tracepoint (default: none)");

/* --- Holds --------------------------------------------------------------- */

/*
 * The mutex at an address that is written to the parameter lock= is watched from
 * then on; what is read is for how many ticks somebody who was on a CPU held it at
 * the most, and how often it was held. Only who holds it writes here.
 */
static unsigned long watched, holds;
static struct task_struct *holder;
static u64 held_since, off_since, longest_hold;

static void begin_hold(void)
{
	off_since = 0;
	held_since = rdtsc_ordered();
	WRITE_ONCE(holder, current);
}

/* What the holder does not run is no part of it. */
static void holder_switches(void *data, bool preempt, struct task_struct *prev,
			    struct task_struct *next)
{
	if (prev == READ_ONCE(holder)) {
		off_since = rdtsc_ordered();
	} else if (next == READ_ONCE(holder) && off_since) {
		held_since += rdtsc_ordered() - off_since;
		off_since = 0;
	}
}

/* Those of other mutexes are let go. */
static int ask_lock(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return regs->di != READ_ONCE(watched);
}

static int has_lock(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	begin_hold();
	return 0;
}

static int may_have_lock(struct kretprobe_instance *instance,
			 struct pt_regs *regs)
{
	/* Or a signal has come first. */
	if (!(int)regs_return_value(regs))
		begin_hold();
	return 0;
}

static int leaves_lock(struct kprobe *probe, struct pt_regs *regs)
{
	if (regs->di != READ_ONCE(watched) || current != holder)
		return 0;
	longest_hold = max(longest_hold, rdtsc_ordered() - held_since);
	holds++;
	WRITE_ONCE(holder, NULL);
	return 0;
}

static struct kretprobe locks[] = {
	{
		.kp.symbol_name	= "mutex_lock",
		.entry_handler	= ask_lock,
		.handler	= has_lock,
		.maxactive	= 256,
	}, {
		.kp.symbol_name	= "mutex_lock_killable",
		.entry_handler	= ask_lock,
		.handler	= may_have_lock,
		.maxactive	= 256,
	},
};

static struct kprobe unlock = {
	.symbol_name	= "mutex_unlock",
	.pre_handler	= leaves_lock,
};

static int watch(void)
{
	int err = attach(holder_switches);

	if (err)
		return err;
	err = register_kprobe(&unlock);
	if (err)
		goto err_unlock;
	err = register_kretprobe(&locks[0]);
	if (err)
		goto err_lock;
	err = register_kretprobe(&locks[1]);
	if (err)
		goto err_killable;
	return 0;

err_killable:
	unregister_kretprobe(&locks[0]);
err_lock:
	unregister_kprobe(&unlock);
err_unlock:
	detach(holder_switches);
	return err;
}

static void unwatch(void)
{
	unregister_kretprobe(&locks[1]);
	unregister_kretprobe(&locks[0]);
	unregister_kprobe(&unlock);
	detach(holder_switches);
}

static int set_lock(const char *value, const struct kernel_param *param)
{
	unsigned long address;
	int err = kstrtoul(value, 16, &address);

	if (!err && !watched)
		err = watch();
	if (err)
		return err;
	WRITE_ONCE(watched, address);
	longest_hold = 0;
	holds = 0;
	return 0;
}

static int get_lock(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%llu %lu\n", longest_hold, holds);
}

static const struct kernel_param_ops lock_ops = {
	.set	= set_lock,
	.get	= get_lock,
};

module_param_cb(lock, &lock_ops, NULL, 0600);
MODULE_PARM_DESC(lock, "address of a mutex, in hex; read: the longest hold, in ticks, and how many");

static int __init bench_init(void)
{
	if (proc_create("perftop_bench", 0600, NULL, &stacks_ops))
		return 0;
	armed->disarm();
	return -ENOMEM;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	remove_proc_entry("perftop_bench", NULL);
	if (watched)
		unwatch();
	armed->disarm();
}
module_exit(bench_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Empty probes and deep stacks for perftop's benchmark");
