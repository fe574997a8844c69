// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_helper: loads whose names and shares are known, and a count of
 * switches that perftop has no part in. For the tests' guest only.
 *
 * One command is written to /proc/perftop_helper at a time:
 *
 *   burn COLOUR SHARE CPU   a kernel thread on CPU burns SHARE % of it
 *   fifo COLOUR SHARE CPU   the same under SCHED_FIFO
 *   hold MS CPU             a thread keeps CPU to itself for so long, not counting
 *                           what is more than one at a time: then the host has
 *                           stopped all; on return it has ended
 *   invert MS CPU           a thread on CPU 0 waits for a mutex, whose owner a
 *                           real-time thread keeps from CPU for so long
 *   park                    every load sleeps; on return none is on a CPU
 *   unpark                  and they go on
 *   stop                    every load ends, and these two:
 *   timer US SHARE CPU      a timer burns SHARE % of CPU in its interrupt, each US
 *   storm MS CPU            a tasklet comes on CPU again and again for so long
 *   compare                 stack.c's captures are compared at each switch
 *   ignore                  and no longer
 *   claim                   /proc/perftop is the helper's
 *   unclaim                 and no longer
 *   race                    two CPUs write one word, and nothing orders them
 *
 * A COLOUR (red, green, blue, grey) names the thread and each function of its
 * stack, so that no two loads share a stack. Reading prints a line for each
 * load (COLOUR PID SHARE CPU), one for each CPU (switches CPU COUNT), one for
 * each task that ever left a CPU (task PID TICKS COUNT), how many captures were
 * equal, who waited for the mutex last and how long (waited PID NS), and what timer
 * and storm have burnt (timer COUNT TICKS LONGEST; storm_of_task, where ksoftirqd ran
 * it, storm_of_interrupt).
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#include "helper.h"

static unsigned int period_us = 10000;
module_param(period_us, uint, 0444);
MODULE_PARM_DESC(period_us, "a load burns and rests once in so many us");

struct load {
	const char *name;
	int (*run)(void *load);
	struct task_struct *task;
	unsigned int share;
	unsigned int cpu;
};

/*
 * Burn this period's part. The end is a point in time: no drift.
 *
 * A thread that keeps the CPU after it was asked for it is no good for a
 * truth: the scheduler has set its clock when it asked, does not set it again
 * at the switch (rq_clock_skip_update()), and so charges what the thread ran
 * meanwhile to the next.
 */
static __always_inline void burn(ktime_t start, struct load *load)
{
	ktime_t end = ktime_add_us(start, period_us / 100 * load->share);

	while (ktime_before(ktime_get(), end)) {
		cpu_relax();
		cond_resched();
	}
}

static __always_inline void rest(ktime_t start)
{
	ktime_t end = ktime_add_us(start, period_us);

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout(&end, HRTIMER_MODE_ABS);
}

/*
 * The functions of one load. What the empty asm statements name makes the
 * bodies differ, or the compiler would fold those of all colours into one;
 * standing behind a call they keep it from becoming a jump.
 */
#define DEFINE_LOAD(colour)						\
static noinline __noclone void colour##_burn(ktime_t start,		\
					     struct load *load)		\
{									\
	burn(start, load);						\
	asm volatile("# " #colour : : : "memory");			\
}									\
static noinline __noclone void colour##_rest(ktime_t start)		\
{									\
	rest(start);							\
	asm volatile("# " #colour : : : "memory");			\
}									\
static noinline __noclone void colour##_period(struct load *load)	\
{									\
	ktime_t start = ktime_get();					\
									\
	colour##_burn(start, load);					\
	colour##_rest(start);						\
	asm volatile("# " #colour : : : "memory");			\
}									\
static int colour##_thread(void *load)					\
{									\
	while (!kthread_should_stop()) {				\
		if (kthread_should_park())				\
			kthread_parkme();				\
		colour##_period(load);					\
		asm volatile("# " #colour : : : "memory");		\
	}								\
	return 0;							\
}

DEFINE_LOAD(red)
DEFINE_LOAD(green)
DEFINE_LOAD(blue)
DEFINE_LOAD(grey)

/* One command at a time; guards the loads. */
static DEFINE_MUTEX(helper_lock);

static struct load loads[] = {
	{ .name = "red", .run = red_thread },
	{ .name = "green", .run = green_thread },
	{ .name = "blue", .run = blue_thread },
	{ .name = "grey", .run = grey_thread },
};

static struct load *load_lookup(const char *name)
{
	struct load *load;

	for (load = loads; load < loads + ARRAY_SIZE(loads); load++)
		if (!strcmp(load->name, name))
			return load;
	return NULL;
}

static int load_start(const char *name, unsigned int share, unsigned int cpu,
		      bool fifo)
{
	struct load *load = load_lookup(name);
	struct task_struct *task;

	lockdep_assert_held(&helper_lock);
	if (!load || share > 100 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	if (load->task)
		return -EBUSY;

	load->share = share;
	load->cpu = cpu;
	task = kthread_create(load->run, load, "%s", load->name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	if (fifo)
		sched_set_fifo(task);
	load->task = task;
	wake_up_process(task);
	return 0;
}

static void loads_park(void)
{
	struct load *load;

	lockdep_assert_held(&helper_lock);
	for (load = loads; load < loads + ARRAY_SIZE(loads); load++)
		if (load->task)
			kthread_park(load->task);
}

static void loads_unpark(void)
{
	struct load *load;

	lockdep_assert_held(&helper_lock);
	for (load = loads; load < loads + ARRAY_SIZE(loads); load++)
		if (load->task)
			kthread_unpark(load->task);
}

static void loads_stop(void)
{
	struct load *load;

	lockdep_assert_held(&helper_lock);
	for (load = loads; load < loads + ARRAY_SIZE(loads); load++) {
		if (load->task)
			kthread_stop(load->task);
		load->task = NULL;
	}
}

/*
 * A task's time between the sched_switch events that bring and take it. The
 * CPU that the task leaves writes, with interrupts off; anyone reads. A task
 * that is met under the number of another, long gone, starts anew.
 */
struct account {
	u64		born;
	u64		ticks;
	unsigned long	count;
};

#define PIDS	32768

static struct account *accounts;

/* Written by its own CPU with interrupts off, read by anyone. */
static DEFINE_PER_CPU(unsigned long, switches);
static DEFINE_PER_CPU(u64, last_switch);

static void account(const struct task_struct *task, u64 ticks)
{
	struct account *account;

	if (task->pid >= PIDS)
		return;
	account = &accounts[task->pid];
	if (account->born != task->start_time)
		*account = (struct account){ .born = task->start_time };
	account->ticks += ticks;
	account->count++;
}

/*
 * Kernels from 5.18 on pass one argument more, behind these; the calling
 * convention lets a function ignore it.
 */
static void probe_sched_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next)
{
	u64 now = rdtsc();

	this_cpu_inc(switches);
	account(prev, now - this_cpu_read(last_switch));
	this_cpu_write(last_switch, now);
	captures_compare(prev);
}

static struct tracepoint *sched_switch;

static void tracepoint_match(struct tracepoint *tp, void *name)
{
	if (!strcmp(tp->name, name))
		sched_switch = tp;
}

/* Who was invert's waiter, and how long it waited. */
static pid_t waited_pid;
static s64 waited_ns;

static int helper_show(struct seq_file *m, void *v)
{
	unsigned int cpu, pid;
	struct load *load;

	mutex_lock(&helper_lock);
	for (load = loads; load < loads + ARRAY_SIZE(loads); load++)
		if (load->task)
			seq_printf(m, "%s %d %u %u\n", load->name,
				   task_pid_nr(load->task), load->share,
				   load->cpu);
	mutex_unlock(&helper_lock);
	for_each_possible_cpu(cpu)
		seq_printf(m, "switches %u %lu\n", cpu,
			   READ_ONCE(per_cpu(switches, cpu)));
	for (pid = 1; pid < PIDS; pid++)
		if (accounts[pid].count)
			seq_printf(m, "task %u %llu %lu\n", pid,
				   accounts[pid].ticks, accounts[pid].count);
	captures_show(m);
	seq_printf(m, "waited %d %lld\n", waited_pid, waited_ns);
	storms_show(m);
	return 0;
}

static int helper_open(struct inode *inode, struct file *file)
{
	return single_open(file, helper_show, NULL);
}

/*
 * Who wakes up meanwhile is to wait, for as long as is left: had the host stopped
 * all before, a point in time would have passed.
 */
static int hold_run(void *ms)
{
	s64 left = (unsigned long)ms * NSEC_PER_MSEC;
	ktime_t now, last = ktime_get();

	preempt_disable();
	while (left > 0) {
		cpu_relax();
		now = ktime_get();
		left -= min_t(s64, ktime_to_ns(ktime_sub(now, last)),
			      NSEC_PER_MSEC);
		last = now;
	}
	preempt_enable();
	set_current_state(TASK_UNINTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int hold(unsigned long ms, unsigned int cpu)
{
	struct task_struct *task;

	if (ms > 1000 || !cpu_possible(cpu))
		return -EINVAL;
	task = kthread_create(hold_run, (void *)ms, "hold");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	msleep(ms + 20);
	return kthread_stop(task);
}

/* What a kernel that looks for races is to find. */
static unsigned long raced;

static int race_run(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		cond_resched();
	}
	return 0;
}

static int race(void)
{
	struct task_struct *task[2] = { };
	unsigned int i;
	int err = 0;

	for (i = 0; i < 2 && !err; i++) {
		task[i] = kthread_run(race_run, NULL, "racer/%u", i);
		err = PTR_ERR_OR_ZERO(task[i]);
	}
	if (!err)
		msleep(1000);
	while (i--)
		if (!IS_ERR(task[i]))
			kthread_stop(task[i]);
	return err;
}

/* One wait for a mutex whose owner has lost the CPU. */
static DEFINE_MUTEX(contended);
static DECLARE_COMPLETION(owned);
static DECLARE_COMPLETION(waited);
static bool give_up;

static int owner_run(void *unused)
{
	mutex_lock(&contended);
	complete(&owned);
	while (!READ_ONCE(give_up))
		cond_resched();
	mutex_unlock(&contended);
	return 0;
}

static int waiter_run(void *unused)
{
	ktime_t begin = ktime_get();

	/* Once it is contended for, it is to be given up. */
	WRITE_ONCE(give_up, true);
	mutex_lock(&contended);
	waited_ns = ktime_to_ns(ktime_sub(ktime_get(), begin));
	waited_pid = task_pid_nr(current);
	mutex_unlock(&contended);
	complete(&waited);
	return 0;
}

static struct task_struct *waiter;

/* When it runs, the owner has lost the CPU. */
static int above_run(void *ms)
{
	wake_up_process(waiter);
	while (!READ_ONCE(give_up))
		cpu_relax();
	return hold_run(ms);
}

/* One that never ran never runs. */
static void stop_created(struct task_struct *task)
{
	if (!IS_ERR(task))
		kthread_stop(task);
}

static struct task_struct *create_on(int (*run)(void *), void *data,
				     const char *name, unsigned int cpu)
{
	struct task_struct *task = kthread_create(run, data, "%s", name);

	if (!IS_ERR(task))
		kthread_bind(task, cpu);
	return task;
}

static int invert(unsigned long ms, unsigned int cpu)
{
	struct task_struct *owner, *above;

	if (!cpu || ms > 1000 || !cpu_possible(cpu))
		return -EINVAL;
	owner = create_on(owner_run, NULL, "owner", cpu);
	waiter = create_on(waiter_run, NULL, "waiter", 0);
	above = create_on(above_run, (void *)ms, "above", cpu);
	if (IS_ERR(owner) || IS_ERR(waiter) || IS_ERR(above)) {
		stop_created(owner);
		stop_created(waiter);
		stop_created(above);
		return -ENOMEM;
	}
	sched_set_fifo(waiter);
	sched_set_fifo(above);
	reinit_completion(&owned);
	reinit_completion(&waited);
	give_up = false;
	wake_up_process(owner);
	wait_for_completion(&owned);
	wake_up_process(above);
	wait_for_completion(&waited);
	return kthread_stop(above);
}

/* The name that perftop wants, taken by another module. */
static struct proc_dir_entry *claimed;

static int claim(void)
{
	if (!claimed)
		claimed = proc_mkdir("perftop", NULL);
	return claimed ? 0 : -ENOMEM;
}

static void unclaim(void)
{
	proc_remove(claimed);
	claimed = NULL;
}

static void stop(void)
{
	loads_stop();
	storms_stop();
}

static int command(const char *words)
{
	unsigned int share, cpu, us;
	char verb[8], name[8];

	lockdep_assert_held(&helper_lock);

	if (sscanf(words, "timer %u %u %u", &us, &share, &cpu) == 3)
		return storms_timer(us, share, cpu);
	if (sscanf(words, "%7s %7s %u %u", verb, name, &share, &cpu) == 4) {
		if (!strcmp(verb, "burn"))
			return load_start(name, share, cpu, false);
		if (!strcmp(verb, "fifo"))
			return load_start(name, share, cpu, true);
		return -EINVAL;
	}
	if (sscanf(words, "storm %u %u", &share, &cpu) == 2)
		return storms_tasklet(share, cpu);
	if (sscanf(words, "hold %u %u", &share, &cpu) == 2)
		return hold(share, cpu);
	if (sscanf(words, "invert %u %u", &share, &cpu) == 2)
		return invert(share, cpu);
	if (!strcmp(words, "park"))
		loads_park();
	else if (!strcmp(words, "unpark"))
		loads_unpark();
	else if (!strcmp(words, "stop"))
		stop();
	else if (!strcmp(words, "compare"))
		return captures_start();
	else if (!strcmp(words, "ignore"))
		captures_stop();
	else if (!strcmp(words, "race"))
		return race();
	else if (!strcmp(words, "claim"))
		return claim();
	else if (!strcmp(words, "unclaim"))
		unclaim();
	else
		return -EINVAL;
	return 0;
}

static ssize_t helper_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *pos)
{
	char words[40];
	int err;

	if (count >= sizeof(words))
		return -EINVAL;
	if (copy_from_user(words, buf, count))
		return -EFAULT;
	words[count] = '\0';

	mutex_lock(&helper_lock);
	err = command(strim(words));
	mutex_unlock(&helper_lock);
	return err ?: count;
}

static const struct proc_ops helper_proc_ops = {
	.proc_open = helper_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = helper_write,
};

static int __init helper_init(void)
{
	int err;

	for_each_kernel_tracepoint(tracepoint_match, "sched_switch");
	if (!sched_switch)
		return -ENOENT;
	err = captures_init();
	if (err)
		goto err_captures;
	err = -ENOMEM;
	accounts = vcalloc(PIDS, sizeof(*accounts));
	if (!accounts)
		goto err_captures;
	err = tracepoint_probe_register(sched_switch, probe_sched_switch, NULL);
	if (err)
		goto err_free;

	if (!proc_create("perftop_helper", 0600, NULL, &helper_proc_ops)) {
		err = -ENOMEM;
		goto err_unregister;
	}
	return 0;

err_unregister:
	tracepoint_probe_unregister(sched_switch, probe_sched_switch, NULL);
	tracepoint_synchronize_unregister();
err_free:
	vfree(accounts);
err_captures:
	captures_exit();
	return err;
}
module_init(helper_init);

static void __exit helper_exit(void)
{
	remove_proc_entry("perftop_helper", NULL);
	mutex_lock(&helper_lock);
	stop();
	captures_stop();
	unclaim();
	mutex_unlock(&helper_lock);
	tracepoint_probe_unregister(sched_switch, probe_sched_switch, NULL);
	tracepoint_synchronize_unregister();
	vfree(accounts);
	captures_exit();
}
module_exit(helper_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Known loads and an independent count for perftop's tests");
