// SPDX-License-Identifier: GPL-2.0
/*
 * From the shards to a reader: the drain about once a second, the cut that a
 * read makes on every CPU, reset, and CPUs and machines that come and go.
 */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>

#include "compat/compat.h"
#include "perftop.h"

/* The merged tables, the idle banks, the accounts. */
DEFINE_MUTEX(perftop_lock);

u32 perftop_views_on;

/* Guarded by perftop_lock. */
static struct perftop_table *stacks;
static LIST_HEAD(tables);		/* that are drained */
static u64 missed_before;		/* the hook's count at load or reset */

static atomic64_t opened = ATOMIC64_INIT(0);
static struct task_struct *drainer;
static enum cpuhp_state hotplug_state;

/* What the drainer saw when it last woke up; READ_ONCE, WRITE_ONCE. */
static bool drainer_armed = true;

/* A table tells its drained rows to the accounts. */
static void add_to_sums(struct perftop_table *table, unsigned int cpu,
			const struct perftop_record *record,
			const u64 *counter)
{
	struct perftop_sums *sum = &table->sums[cpu];

	lockdep_assert_held(&perftop_lock);
	sum->ticks[record->account] += counter[PERFTOP_TICKS];
	sum->switches += counter[PERFTOP_COUNT];
	if (record->account == PERFTOP_UNATTRIBUTED)
		sum->uncaptured += counter[PERFTOP_COUNT];
	if (table == stacks && record->words &&
	    perftop_stack_truncated(perftop_hash_words(stacks, record)))
		sum->truncated += counter[PERFTOP_COUNT];
}

static unsigned int idle_bank(unsigned int cpu)
{
	return !per_cpu_ptr(&perftop_cpu, cpu)->bank;
}

/* Flips from afar; the bank is idle after a grace period. */
static void flip(unsigned int cpu)
{
	struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	WRITE_ONCE(c->bank, !c->bank);
}

static void drain_idle_bank(struct perftop_table *table, unsigned int cpu)
{
	perftop_hash_drain(table, cpu, idle_bank(cpu));
	if (!perftop_hash_recycle(table, cpu) || table != stacks)
		return;
	/* Rows have been retired. Who is offline has no capture to lose. */
	WRITE_ONCE(per_cpu_ptr(&perftop_cpu, cpu)->forget, true);
	smp_call_function_single(cpu, perftop_slice_drop_capture, NULL, true);
}

static void drain_idle_banks(void)
{
	struct perftop_table *table;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		list_for_each_entry(table, &tables, node) {
			drain_idle_bank(table, cpu);
			cond_resched();
		}
	}
}

/*
 * The periodic drain: cuts no slice, and sends nothing to any CPU but where it
 * retires rows. The hot path runs with interrupts off, which synchronize_rcu()
 * waits for.
 */
static void drain(void)
{
	unsigned int cpu;

	mutex_lock(&perftop_lock);
	for_each_possible_cpu(cpu)
		flip(cpu);
	synchronize_rcu();
	drain_idle_banks();
	mutex_unlock(&perftop_lock);
}

static int drainer_run(void *unused)
{
	while (!kthread_should_stop()) {
		schedule_timeout_interruptible(HZ);
		WRITE_ONCE(drainer_armed, perftop_slice_armed());
		drain();
	}
	return 0;
}

/*
 * Cuts every CPU. Those that are offline add nothing, so their banks are
 * flipped from here.
 */
static void cut(void *reset)
{
	unsigned int cpu;

	lockdep_assert_held(&perftop_lock);

	for_each_possible_cpu(cpu) {
		if (!cpu_online(cpu))
			flip(cpu);
		else
			smp_call_function_single(cpu, perftop_slice_cut, reset,
						 true);
	}
}

/*
 * Cuts every CPU, from where the views @on are shown slices, and those @off are
 * not. All is locked until perftop_drain_unlock().
 */
static void lock_and_cut(u32 on, u32 off, void *reset)
{
	unsigned int cpu;

	cpus_read_lock();
	mutex_lock(&perftop_lock);
	WRITE_ONCE(perftop_views_on, (perftop_views_on | on) & ~off);
	cut(reset);
	/* Cuts let CPUs that are online know; the others do not run. */
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			per_cpu_ptr(&perftop_cpu, cpu)->views =
				perftop_views_on;
}

static void clear(struct perftop_table *table)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		perftop_hash_discard(table, cpu, idle_bank(cpu));
	perftop_hash_clear(table);
	if (table->time)
		memset(table->sums, 0, nr_cpu_ids * sizeof(*table->sums));
	table->epoch = ktime_get_ns();
}

/**
 * perftop_drain_reset() - Forget all time before now
 *
 * Context: process context.
 */
void perftop_drain_reset(void)
{
	struct perftop_table *table;
	static char reset;
	unsigned int cpu;

	lock_and_cut(0, 0, &reset);
	list_for_each_entry(table, &tables, node)
		clear(table);
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			perftop_slice_forget(cpu);
	missed_before = perftop_hook->missed();
	atomic64_set(&opened, 0);
	perftop_drain_unlock();
}

/* The ticks of all slices that ended on a CPU before the cut. */
static u64 ticks_before_cut(unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	return cpu_online(cpu) ? c->open->elapsed - c->open->ticks : c->closed;
}

/* A table begins to count with the slices that are open now. */
static void begin(struct perftop_table *table)
{
	unsigned int cpu;

	table->epoch = ktime_get_ns();
	if (!table->time)
		return;
	table->drained = add_to_sums;
	for_each_possible_cpu(cpu)
		table->sums[cpu].before = ticks_before_cut(cpu);
}

/**
 * perftop_drain_attach() - Show a view the slices that end from now on
 * @table: the view's, initialised; NULL: it has none
 * @view: the view's bit
 *
 * Context: process context.
 */
void perftop_drain_attach(struct perftop_table *table, u32 view)
{
	lock_and_cut(view, 0, NULL);
	if (table) {
		begin(table);
		list_add_tail(&table->node, &tables);
	}
	/* What the cut has left in the idle banks is the other tables'. */
	drain_idle_banks();
	perftop_drain_unlock();
}

/**
 * perftop_drain_detach() - Show a view nothing any more
 * @table: as for perftop_drain_attach(); nothing refers to it on return
 * @view: likewise
 *
 * Context: process context.
 */
void perftop_drain_detach(struct perftop_table *table, u32 view)
{
	lock_and_cut(0, view, NULL);
	if (table)
		list_del(&table->node);
	drain_idle_banks();
	perftop_drain_unlock();
}

/**
 * perftop_drain_lock() - Cut every CPU and drain, for a reader
 *
 * What is merged then ends where each CPU's open slice begins, and stays so
 * until perftop_drain_unlock().
 *
 * Context: process context.
 */
void perftop_drain_lock(void)
{
	lock_and_cut(0, 0, NULL);
	drain_idle_banks();
}

/**
 * perftop_drain_unlock() - The reader has copied what it needs
 *
 * Context: process context.
 */
void perftop_drain_unlock(void)
{
	mutex_unlock(&perftop_lock);
	cpus_read_unlock();
}

/**
 * perftop_drain_check_armed() - Are switches seen?
 *
 * A hook that was disarmed from outside says nothing. What tells is a switch
 * that must have been seen: the drainer's each second and, where there is
 * doubt, one made here.
 *
 * Context: process context.
 * Return: whether the last switches were seen that must have been.
 */
bool perftop_drain_check_armed(void)
{
	if (READ_ONCE(drainer_armed) && perftop_slice_armed())
		return true;
	schedule_timeout_uninterruptible(1);
	WRITE_ONCE(drainer_armed, perftop_slice_armed());
	return READ_ONCE(drainer_armed);
}

/**
 * perftop_drain_missed() - Events that the hook was not given
 *
 * Context: perftop_lock held.
 * Return: how many since load or reset.
 */
u64 perftop_drain_missed(void)
{
	u64 missed = perftop_hook->missed();

	/* A hook that can tell faults from misses by their sum only may err. */
	return missed > missed_before ? missed - missed_before : 0;
}

/**
 * perftop_drain_opened() - How often /proc/perftop was opened
 *
 * Context: any.
 * Return: since load or reset.
 */
u64 perftop_drain_opened(void)
{
	return atomic64_read(&opened);
}

/**
 * perftop_drain_count_open() - /proc/perftop was opened once more
 *
 * Context: any.
 */
void perftop_drain_count_open(void)
{
	atomic64_inc(&opened);
}

static int suspend(PERFTOP_SYSCORE_ARGS)
{
	perftop_slice_suspend();
	return 0;
}

static void resume(PERFTOP_SYSCORE_ARGS)
{
	perftop_slice_resume();
}

/* Around a suspend these run last and first, when one CPU is left. */
DEFINE_PERFTOP_SYSCORE(syscore, suspend, resume);

/* Unwinds through code that goes must not be taken for those to come. */
static int module_changed(struct notifier_block *nb, unsigned long action,
			  void *module)
{
	perftop_slice_forget_unwinds();
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call	= module_changed,
};

static int cpu_dead(unsigned int cpu)
{
	mutex_lock(&perftop_lock);
	perftop_slice_close(cpu);
	mutex_unlock(&perftop_lock);
	return 0;
}

/**
 * perftop_drain_init() - Make the accounts, and meet them with a table
 * @table: the stacks, initialised
 *
 * Context: process context.
 * Return: 0 or an error; perftop_drain_exit() only after success.
 */
int perftop_drain_init(struct perftop_table *table)
{
	int state;

	stacks = table;
	stacks->drained = add_to_sums;
	list_add(&stacks->node, &tables);

	/* In this range the teardown runs when the CPU is dead. */
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "perftop:dead",
					  NULL, cpu_dead);
	if (state < 0)
		return state;
	hotplug_state = state;
	register_syscore(&syscore);
	register_module_notifier(&module_notifier);
	return 0;
}

/**
 * perftop_drain_start() - Open a slice on each CPU and drain from now on
 *
 * Context: process context; the hook has been started.
 * Return: 0 or an error, with nothing to be undone.
 */
int perftop_drain_start(void)
{
	struct task_struct *task;

	on_each_cpu(perftop_slice_stamp, NULL, true);
	stacks->epoch = ktime_get_ns();
	task = kthread_run(drainer_run, NULL, "perftop");
	if (IS_ERR(task))
		return PTR_ERR(task);
	drainer = task;
	return 0;
}

/**
 * perftop_drain_stop() - Drain no more
 *
 * Context: process context.
 */
void perftop_drain_stop(void)
{
	kthread_stop(drainer);
}

/**
 * perftop_drain_exit() - Undo perftop_drain_init()
 *
 * Context: process context; no switch is seen any more, nobody reads.
 */
void perftop_drain_exit(void)
{
	unregister_module_notifier(&module_notifier);
	unregister_syscore(&syscore);
	cpuhp_remove_state_nocalls(hotplug_state);
}
