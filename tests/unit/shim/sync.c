// SPDX-License-Identifier: GPL-2.0
/*
 * Who waits for whom: locks, calls to other CPUs, threads, grace periods, and
 * those who are told when something comes or goes.
 */
#include "../test.h"

#include <linux/cpu.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/tracepoint.h>

u64 shim_ns;
u64 shim_local_clock[SHIM_CPU_IDS];
unsigned int shim_offline;
unsigned long shim_irqs_off;

/* Locks */

#define LOCKS	8

/* Those that are held, in the order in which they were taken. */
static int *held_locks[LOCKS];
static unsigned int held;

/* All, and which has been taken inside which. */
static int *known_locks[LOCKS];
static bool inside[LOCKS][LOCKS];

static unsigned int lock_number(int *lock)
{
	unsigned int i;

	for (i = 0; known_locks[i] && known_locks[i] != lock; i++)
		assert_true(i < LOCKS - 1);
	known_locks[i] = lock;
	return i;
}

void shim_lock(int *lock)
{
	const unsigned int number = lock_number(lock);
	unsigned int i, outer;

	assert_int_equal(shim_irqs_off, 0);
	assert_int_equal(*lock, 0);
	for (i = 0; i < held; i++) {
		outer = lock_number(held_locks[i]);
		assert_false(inside[outer][number]);
		inside[number][outer] = true;
	}
	assert_true(held < LOCKS);
	held_locks[held++] = lock;
	*lock = 1;
}

void shim_unlock(int *lock)
{
	unsigned int i;

	assert_int_equal(*lock, 1);
	for (i = 0; held_locks[i] != lock; i++)
		assert_true(i < held - 1);
	held--;
	for (; i < held; i++)
		held_locks[i] = held_locks[i + 1];
	*lock = 0;
}

void shim_release_locks(void)
{
	while (held)
		shim_unlock(held_locks[held - 1]);
}

void shim_assert_held(const int *lock)
{
	assert_int_equal(*lock, 1);
}

int shim_cpus_locked;

/* Calls to CPUs */

unsigned int shim_calls;

static void call(unsigned int cpu, void (*fn)(void *info), void *info)
{
	const unsigned int here = shim_cpu;

	shim_calls++;
	shim_cpu = cpu;
	shim_irqs_off++;
	fn(info);
	shim_irqs_off--;
	shim_cpu = here;
}

int smp_call_function_single(int cpu, void (*fn)(void *info), void *info,
			     int wait)
{
	assert_int_equal(shim_irqs_off, 0);
	assert_true(wait);
	if (!cpu_online(cpu))
		return -ENXIO;
	call(cpu, fn, info);
	return 0;
}

void on_each_cpu(void (*fn)(void *info), void *info, int wait)
{
	unsigned int cpu;

	assert_int_equal(shim_irqs_off, 0);
	assert_true(wait);
	for_each_online_cpu(cpu)
		call(cpu, fn, info);
}

void on_each_cpu_mask(const struct cpumask *mask, void (*fn)(void *info),
		      void *info, bool wait)
{
	unsigned int cpu;

	assert_int_equal(shim_irqs_off, 0);
	assert_true(wait);
	for_each_online_cpu(cpu)
		if (cpumask_test_cpu(cpu, mask))
			call(cpu, fn, info);
}

/* Grace periods */

void (*shim_grace_period)(void);

void synchronize_rcu(void)
{
	assert_int_equal(shim_irqs_off, 0);
	if (shim_grace_period)
		shim_grace_period();
}

static struct rcu_head *waiting;

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	assert_null(waiting);
	head->func = func;
	waiting = head;
}

void rcu_barrier(void)
{
	struct rcu_head *head = waiting;

	waiting = NULL;
	if (head)
		head->func(head);
}

/* Sleeping, and threads */

int shim_class;
bool shim_killed;
unsigned int shim_woken;
unsigned long shim_jiffies;
void (*shim_sleep)(long jiffies);

bool shim_grace_lasts;

void shim_wait(long jiffies)
{
	if (waiting && !shim_grace_lasts) {
		synchronize_rcu();
		rcu_barrier();
		return;
	}
	shim_jiffies += min(jiffies, 2L * HZ);
	shim_schedule_timeout(jiffies);
}

void shim_schedule_timeout(long jiffies)
{
	assert_int_equal(shim_irqs_off, 0);
	assert_int_equal(held, 0);
	if (shim_sleep)
		shim_sleep(jiffies);
}

unsigned long shim_resched;
void (*shim_others)(void);

void cond_resched(void)
{
	static bool running;

	shim_resched++;
	assert_int_equal(shim_irqs_off, 0);
	if (!shim_others || held || running)
		return;
	running = true;
	shim_others();
	running = false;
}

unsigned int shim_kthreads;

static struct task_struct kthread;
static int (*kthread_fn)(void *data);
static void *kthread_data;
static unsigned int kthread_rounds;

struct task_struct *kthread_run(int (*fn)(void *data), void *data,
				const char *name)
{
	if (shim_fail_at && !--shim_fail_at)
		return ERR_PTR(-ENOMEM);
	assert_int_equal(shim_kthreads, 0);
	kthread_fn = fn;
	kthread_data = data;
	shim_kthreads++;
	return &kthread;
}

int kthread_stop(struct task_struct *task)
{
	assert_ptr_equal(task, &kthread);
	assert_int_equal(shim_kthreads, 1);
	shim_kthreads--;
	return 0;
}

bool kthread_should_stop(void)
{
	return !kthread_rounds || !kthread_rounds--;
}

void shim_kthread_run(unsigned int rounds)
{
	assert_int_equal(shim_kthreads, 1);
	kthread_rounds = rounds;
	assert_int_equal(kthread_fn(kthread_data), 0);
}

/* Those who are told */

int shim_cpuhp_error;
int (*shim_cpuhp_prepare)(unsigned int cpu);
int (*shim_cpuhp_dead)(unsigned int cpu);

#define DYNAMIC_STATE	(CPUHP_BP_PREPARE_DYN + 7)

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*startup)(unsigned int cpu),
			      int (*teardown)(unsigned int cpu))
{
	const int err = shim_cpuhp_error;

	assert_int_equal(state, CPUHP_BP_PREPARE_DYN);
	assert_null(shim_cpuhp_dead);
	shim_cpuhp_error = 0;
	if (err)
		return err;
	shim_cpuhp_prepare = startup;
	shim_cpuhp_dead = teardown;
	return DYNAMIC_STATE;
}

void cpuhp_remove_state_nocalls(enum cpuhp_state state)
{
	assert_int_equal(state, DYNAMIC_STATE);
	assert_non_null(shim_cpuhp_dead);
	shim_cpuhp_prepare = NULL;
	shim_cpuhp_dead = NULL;
}

struct notifier_block *shim_module_notifier;

int register_module_notifier(struct notifier_block *nb)
{
	assert_null(shim_module_notifier);
	shim_module_notifier = nb;
	return 0;
}

int unregister_module_notifier(struct notifier_block *nb)
{
	assert_ptr_equal(shim_module_notifier, nb);
	shim_module_notifier = NULL;
	return 0;
}

struct syscore *shim_syscore;

void register_syscore(struct syscore *syscore)
{
	assert_null(shim_syscore);
	shim_syscore = syscore;
}

void unregister_syscore(struct syscore *syscore)
{
	assert_ptr_equal(shim_syscore, syscore);
	shim_syscore = NULL;
}

/* Function tracing: a filter holds memory until it is reset */

struct ftrace_ops *shim_ftrace_ops;
int shim_ftrace_error;

int register_ftrace_function(struct ftrace_ops *ops)
{
	if (shim_ftrace_error)
		return shim_ftrace_error;
	assert_null(shim_ftrace_ops);
	assert_true(ops->filter && ops->flags & FTRACE_OPS_FL_PERMANENT);
	shim_ftrace_ops = ops;
	return 0;
}

int unregister_ftrace_function(struct ftrace_ops *ops)
{
	assert_ptr_equal(shim_ftrace_ops, ops);
	assert_non_null(ops);
	/* Kprobes that go first cannot find it switched off. */
	assert_int_equal(shim_kprobes_n, 0);
	shim_ftrace_ops = NULL;
	return 0;
}

int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove,
			 int reset)
{
	assert_true(ip && !remove && !reset && !ops->filter);
	if (shim_ftrace_error == -EINVAL)
		return -EINVAL;
	ops->filter = ip;
	shim_allocated++;
	return 0;
}

int ftrace_set_filter(struct ftrace_ops *ops, unsigned char *text, int length,
		      int reset)
{
	assert_true(!text && reset && ops != shim_ftrace_ops);
	shim_allocated -= !!ops->filter;
	ops->filter = 0;
	return 0;
}

/* Tracepoints */

struct tracepoint *shim_tracepoints;
unsigned int shim_tracepoint_fail_at;

void shim_each_tracepoint(void (*fn)(struct tracepoint *tp, void *data),
			  void *data)
{
	struct tracepoint *tp;

	for (tp = shim_tracepoints; tp->name; tp++)
		fn(tp, data);
}

int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data)
{
	unsigned int i;

	if (shim_tracepoint_fail_at && !--shim_tracepoint_fail_at)
		return -ENOMEM;
	for (i = 0; tp->probe[i]; i++) {
		if (tp->probe[i] == probe)
			return -EEXIST;
		assert_true(i < SHIM_PROBES - 1);
	}
	tp->probe[i] = probe;
	return 0;
}

int tracepoint_probe_unregister(struct tracepoint *tp, void *probe,
				void *data)
{
	unsigned int i;

	for (i = 0; tp->probe[i] != probe; i++)
		assert_true(i < SHIM_PROBES - 1);
	for (; i < SHIM_PROBES - 1; i++)
		tp->probe[i] = tp->probe[i + 1];
	tp->probe[i] = NULL;
	tp->running = 1;
	return 0;
}

void tracepoint_synchronize_unregister(void)
{
	struct tracepoint *tp;

	for (tp = shim_tracepoints; tp->name; tp++)
		tp->running = 0;
}
