// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_bench: what the benchmark needs of a kernel. For its guest only.
 *
 * The parameter probe= hangs empty probes where perftop has its own, so that
 * the price of the hook can be told from the price of the work: none, kprobe
 * (the fair pick and the finish) or tracepoint (sched_switch).
 *
 * /proc/perftop_bench is where two processes that share one open file meet: a
 * write of struct request wakes the other side, or sleeps until the other side
 * wakes this one, or both, below as many functions as were asked for. Which
 * functions they are is asked for as well, so that there are as many stacks as
 * wanted.
 */
#include <linux/completion.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>

#define LEVELS_MAX	64

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

/* --- Stacks -------------------------------------------------------------- */

/* As work.c has it. */
struct request {
	u16	side;		/* 0 or 1 */
	u16	what;		/* MEET_WAKE the other side, MEET_SLEEP, or both */
	u32	levels;		/* functions above the sleep */
	u64	path;		/* which: four bits a function, the lowest first */
};

#define MEET_WAKE	1
#define MEET_SLEEP	2

struct meeting {
	struct completion woken[2];
};

typedef int step_fn(struct meeting *meeting, const struct request *request,
		    unsigned int level);

static step_fn *const steps[16];

static __always_inline int go_down(struct meeting *meeting,
				   const struct request *request,
				   unsigned int level)
{
	if (level < request->levels)
		return steps[request->path >> (4 * (level % 16)) & 15](meeting,
			request, level + 1);
	if (request->what & MEET_WAKE)
		complete(&meeting->woken[!request->side]);
	if (!(request->what & MEET_SLEEP))
		return 0;
	return wait_for_completion_killable(&meeting->woken[request->side]);
}

/*
 * One function a digit. Its number standing behind the call keeps the call from
 * becoming a jump, and the compiler from folding all of them into one.
 */
#define STEP(digit)							\
static noinline int step_##digit(struct meeting *meeting,		\
				 const struct request *request,	\
				 unsigned int level)			\
{									\
	int err = go_down(meeting, request, level);			\
									\
	asm volatile("" : : "i" (0x##digit));				\
	return err;							\
}

STEP(0)
STEP(1)
STEP(2)
STEP(3)
STEP(4)
STEP(5)
STEP(6)
STEP(7)
STEP(8)
STEP(9)
STEP(a)
STEP(b)
STEP(c)
STEP(d)
STEP(e)
STEP(f)

static step_fn *const steps[16] = {
	step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7,
	step_8, step_9, step_a, step_b, step_c, step_d, step_e, step_f,
};

static int bench_open(struct inode *inode, struct file *file)
{
	struct meeting *meeting = kzalloc(sizeof(*meeting), GFP_KERNEL);

	if (!meeting)
		return -ENOMEM;
	init_completion(&meeting->woken[0]);
	init_completion(&meeting->woken[1]);
	file->private_data = meeting;
	return 0;
}

static int bench_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t bench_write(struct file *file, const char __user *from,
			   size_t size, loff_t *pos)
{
	struct request request;
	int err;

	if (size != sizeof(request))
		return -EINVAL;
	if (copy_from_user(&request, from, size))
		return -EFAULT;
	if (request.side > 1 || request.levels > LEVELS_MAX)
		return -EINVAL;
	err = go_down(file->private_data, &request, 0);
	return err ? err : size;
}

static const struct proc_ops bench_ops = {
	.proc_open	= bench_open,
	.proc_write	= bench_write,
	.proc_release	= bench_release,
};

static int __init bench_init(void)
{
	if (proc_create("perftop_bench", 0600, NULL, &bench_ops))
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
