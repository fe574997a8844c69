// SPDX-License-Identifier: GPL-2.0
/*
 * grade_load: kernel threads whose functions, ticks and rests are known, so
 * that what a submission prints of them can be judged. For the guest only: it
 * cannot be unloaded, since its threads may still have an instruction to go.
 *
 *   echo run > /proc/grade_load
 *
 * returns when four threads have ended:
 *
 *   alpha   burns TURNS times ALPHA_TICKS, and rests after each
 *   beta    the same with BETA_TICKS, at the same time as alpha
 *   gamma   afterwards, rests RESTS times and burns nothing
 *   crowd   rests CROWD_TURNS times at more places than a table may show
 *
 * Reading prints for each thread of the last run: its name, thread id, the
 * ticks it burned, and how often it rested. Of the others each rests in one
 * place, so that all of its time but the first and last instructions belongs to
 * one stack.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <asm/msr.h>

#define TURNS		10
#define RESTS		150
#define CROWD_TURNS	2
#define CROWD_PLACES	32
#define ALPHA_TICKS	10000000ULL
#define BETA_TICKS	5000000ULL
#define REST_US		1000

struct known {
	const char *name;
	int (*run)(void *known);
	u64 slice;
	unsigned int turns;

	/* Of the last run; written by the thread, read when it is done. */
	struct completion done;
	pid_t pid;
	u64 ticks;
};

/*
 * Reading the clock costs an emulator much: look at it now and then.
 *
 * Without cond_resched() or an interrupt after which the kernel might preempt
 * itself: a burn is one slice, and whoever counts ticks by slices must see all
 * of it.
 */
static __always_inline void burn(struct known *known)
{
	unsigned long flags;
	u64 start, now;
	unsigned int i;

	local_irq_save(flags);
	start = rdtsc();
	do {
		for (i = 0; i < 5000; i++)
			barrier();
		now = rdtsc();
	} while (now - start < known->slice);
	known->ticks += now - start;
	local_irq_restore(flags);
}

static __always_inline void rest(void)
{
	ktime_t time = ktime_set(0, REST_US * NSEC_PER_USEC);

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout(&time, HRTIMER_MODE_REL);
}

/*
 * The functions of one thread. The empty asm statements make the bodies
 * differ, or the compiler would fold them into one; standing behind a call they
 * keep it from becoming a jump.
 */
#define DEFINE_KNOWN(name)						\
static noinline __noclone void grade_##name##_rest(void)		\
{									\
	rest();								\
	asm volatile("# " #name : : : "memory");			\
}									\
static noinline __noclone void grade_##name##_turn(struct known *known)	\
{									\
	if (known->slice)						\
		burn(known);						\
	grade_##name##_rest();						\
	asm volatile("# " #name : : : "memory");			\
}									\
static int grade_##name##_main(void *known)				\
{									\
	unsigned int turn;						\
									\
	for (turn = 0; turn < ((struct known *)known)->turns; turn++) {	\
		grade_##name##_turn(known);				\
		asm volatile("# " #name : : : "memory");		\
	}								\
	complete(&((struct known *)known)->done);			\
	return 0;							\
}

DEFINE_KNOWN(alpha)
DEFINE_KNOWN(beta)
DEFINE_KNOWN(gamma)

/*
 * Unrolled, each call is a place of its own, and so another stack; of another
 * form than those of the threads above, for whoever takes but a part of it.
 */
static noinline __noclone void grade_crowd_turn(void)
{
	unsigned int place;

#pragma GCC unroll 32
	for (place = 0; place < CROWD_PLACES; place++)
		schedule_timeout_uninterruptible(1);
	asm volatile("# crowd" : : : "memory");
}

static int grade_crowd_main(void *data)
{
	struct known *known = data;
	unsigned int turn;

	for (turn = 0; turn < known->turns / CROWD_PLACES; turn++)
		grade_crowd_turn();
	complete(&known->done);
	return 0;
}

/* Guards the threads: one run at a time. */
static DEFINE_MUTEX(known_lock);

static struct known alpha = {
	.name = "alpha", .run = grade_alpha_main,
	.slice = ALPHA_TICKS, .turns = TURNS,
};

static struct known beta = {
	.name = "beta", .run = grade_beta_main,
	.slice = BETA_TICKS, .turns = TURNS,
};

static struct known gamma = {
	.name = "gamma", .run = grade_gamma_main,
	.turns = RESTS,
};

static struct known crowd = {
	.name = "crowd", .run = grade_crowd_main,
	.turns = CROWD_TURNS * CROWD_PLACES,
};

static int known_start(struct known *known)
{
	struct task_struct *task;

	known->ticks = 0;
	init_completion(&known->done);
	task = kthread_create(known->run, known, "grade_%s", known->name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, 0);
	known->pid = task->pid;
	wake_up_process(task);
	return 0;
}

static int known_run(void)
{
	int err;

	lockdep_assert_held(&known_lock);
	err = known_start(&alpha);
	if (err)
		return err;
	err = known_start(&beta);
	wait_for_completion(&alpha.done);
	if (err)
		return err;
	wait_for_completion(&beta.done);
	err = known_start(&gamma);
	if (err)
		return err;
	wait_for_completion(&gamma.done);
	err = known_start(&crowd);
	if (err)
		return err;
	wait_for_completion(&crowd.done);
	return 0;
}

static int known_show(struct seq_file *m, void *v)
{
	static const struct known *all[] = { &alpha, &beta, &gamma, &crowd };
	unsigned int i;

	mutex_lock(&known_lock);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		seq_printf(m, "%s %d %llu %u\n", all[i]->name, all[i]->pid,
			   all[i]->ticks, all[i]->turns);
	mutex_unlock(&known_lock);
	return 0;
}

static int known_open(struct inode *inode, struct file *file)
{
	return single_open(file, known_show, NULL);
}

/* Whatever is written: there is but one thing to do. */
static ssize_t known_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *pos)
{
	int err;

	mutex_lock(&known_lock);
	err = known_run();
	mutex_unlock(&known_lock);
	return err ?: count;
}

static const struct proc_ops known_proc_ops = {
	.proc_open = known_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = known_write,
};

static int __init known_init(void)
{
	if (!proc_create("grade_load", 0600, NULL, &known_proc_ops))
		return -ENOMEM;
	return 0;
}
module_init(known_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Known kernel threads for grading");
