// SPDX-License-Identifier: GPL-2.0
/*
 * From the shards to a reader: the drain about once a second, the cut that a
 * read makes on every CPU, reset, and CPUs and machines that come and go.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel_stat.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/merged_records.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/user_maps.h"
#include "hash.h"
#include "perftop.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/exit_mmap.h"
#include "switch/hook_select.h"
#include "switch/kernel_text.h"
#include "switch/slice.h"
#include "switch/slice_cut.h"

/* The merged tables, the idle banks, the accounts. */
DEFINE_MUTEX(perftop_lock);

/* Guarded by perftop_lock. */
static struct perftop_table *stacks;
static LIST_HEAD(tables);		/* that are drained */
static u64 missed_before;		/* the hook's count at load or reset */
static u64 stolen_before;		/* likewise */
static struct cpumask cut_cpus;		/* those that the last cut was made on */
static u64 cut_at;			/* when, ktime in ns */
static u64 flipped_at;			/* when banks last were, likewise */

/* Until when a CPU was offline since load, ktime in ns; 0: never. */
static DEFINE_PER_CPU(u64, offline_until);

/*
 * What the idle banks are: empty, or about to be idle, or what is to be merged, of
 * the CPU that is next and those behind it.
 */
static enum { EMPTY, FLIPPED, FULL } banks;
static unsigned int next_cpu;

static atomic64_t opened = ATOMIC64_INIT(0);

/* How often all was forgotten; under perftop_lock. */
static u64 resets;
static struct task_struct *drainer;
static enum cpuhp_state hotplug_state;

/* What the drainer saw when it last woke up; READ_ONCE, WRITE_ONCE. */
static bool drainer_armed = true;

/* A table tells its drained rows to the accounts. */
static void add_to_sums(struct perftop_table *table, unsigned int cpu,
			const struct perftop_record *record,
			const u64 *counter)
{
	lockdep_assert_held(&perftop_lock);
	perftop_accounts_add(table, cpu, record, counter);
	if (table == stacks && record->words &&
	    perftop_stack_truncated(perftop_record_head(stacks, record)))
		table->sums[cpu].truncated += counter[PERFTOP_COUNT];
}

static unsigned int idle_bank(unsigned int cpu)
{
	return !per_cpu_ptr(&perftop_cpu, cpu)->bank;
}

/* --- Banks ---------------------------------------------------------------- */

/* Lets those come in between who wait for the lock. */
static void give_way(void)
{
	mutex_unlock(&perftop_lock);
	cond_resched();
	mutex_lock(&perftop_lock);
}

/* What is merged without letting go of the lock, as perftop_table_drain() counts. */
#define WORK_AT_ONCE	65536

/* Merges so much of what a CPU's idle bank holds; returns what is left to do. */
static unsigned int drain_idle_bank(unsigned int cpu, unsigned int work)
{
	struct perftop_table *table;

	list_for_each_entry(table, &tables, node) {
		table->flipped = flipped_at;
		work = perftop_table_drain(table, cpu, idle_bank(cpu), work);
	}
	return work;
}

/* CPUs whose capture may be of a row that has been retired; perftop_lock. */
static struct cpumask retired;

static void recycle(unsigned int cpu)
{
	const u32 flips = per_cpu_ptr(&perftop_cpu, cpu)->flips;
	struct perftop_table *table;

	list_for_each_entry(table, &tables, node) {
		if (!perftop_table_recycle(table, cpu, flips) || table != stacks)
			continue;
		perftop_slice_rows_changed(cpu);
		cpumask_set_cpu(cpu, &retired);
	}
}

/* All with one call. Who is offline has no capture to lose. */
static void drop_captures(void)
{
	if (cpumask_empty(&retired))
		return;
	on_each_cpu_mask(&retired, perftop_slice_drop_capture, NULL, true);
	cpumask_clear(&retired);
}

static void banks_are_full(void)
{
	banks = FULL;
	next_cpu = cpumask_first(cpu_possible_mask);
}

/* Who has made a cut, and what is to be done when all is merged that it has left. */
struct reader {
	int	(*begin)(void *data);
	void	*data;
	int	result;
};

/* Whose cut is the last one, until that is done; guarded by perftop_lock. */
static struct reader *reader;

static void begin_read(void)
{
	if (!reader)
		return;
	reader->result = reader->begin(reader->data);
	reader = NULL;
}

/*
 * Merges some of what idle banks hold; whether there may be more. Whoever comes to
 * the end does what a reader waits for, before anything else is merged.
 */
static bool drain_some(void)
{
	unsigned int work = WORK_AT_ONCE;

	for (; next_cpu < nr_cpu_ids;
	     next_cpu = cpumask_next(next_cpu, cpu_possible_mask)) {
		work = drain_idle_bank(next_cpu, work);
		if (!work)
			return true;
		recycle(next_cpu);
	}
	drop_captures();
	banks = EMPTY;
	begin_read();
	return false;
}

static void interrupt(void *unused)
{
}

/*
 * What has been begun, by whomever, goes on in pieces, and others may come in
 * between. That of the periodic drain is not waited for: a task that keeps a CPU
 * from others may put a grace period off for as long as it runs. An interrupt comes
 * through, and when it has, no hot path runs on its CPU that saw the bank before.
 */
static void empty_banks(void)
{
	while (banks != EMPTY) {
		if (banks == FLIPPED) {
			on_each_cpu(interrupt, NULL, true);
			banks_are_full();
		}
		if (drain_some())
			give_way();
	}
}

/* The same of what a reader's cut has left; what is begun behind that is others'. */
static void end_cut(const struct reader *whose)
{
	while (whose && whose == reader)
		if (drain_some())
			give_way();
}

/* From afar: banks are idle after a grace period, or an interrupt. */
static void flip_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		perftop_cpu_flip(per_cpu_ptr(&perftop_cpu, cpu));
	flipped_at = ktime_get_ns();
	banks = FLIPPED;
}

/* --- The drainer ---------------------------------------------------------- */

/* CPUs of which a shard is half full. */
static struct cpumask asking;

/* The grace period that the drainer waits for. */
static struct rcu_head grace;
static bool grace_waited;		/* the drainer's own */
static bool grace_over;			/* READ_ONCE, WRITE_ONCE */

static void wake_drainer(void)
{
	struct task_struct *task = READ_ONCE(drainer);

	if (task)
		wake_up_process(task);
}

static void end_grace(struct rcu_head *unused)
{
	WRITE_ONCE(grace_over, true);
	wake_drainer();
}

/* A shard of this CPU is half full. */
static void ask(struct irq_work *unused)
{
	cpumask_set_cpu(smp_processor_id(), &asking);
	wake_drainer();
}

/*
 * The periodic drain: cuts no slice, and sends nothing to any CPU but where it
 * retires rows. The hot path runs with interrupts off, which a grace period waits
 * for.
 */
static void begin_drain(void)
{
	mutex_lock(&perftop_lock);
	empty_banks();
	flip_all();
	mutex_unlock(&perftop_lock);
	grace_waited = true;
	call_rcu(&grace, end_grace);
}

static void end_drain(void)
{
	mutex_lock(&perftop_lock);
	if (banks == FLIPPED)
		banks_are_full();
	empty_banks();
	mutex_unlock(&perftop_lock);
	WRITE_ONCE(grace_over, false);
	grace_waited = false;
}

/* Those that ask for it are interrupted, so that it is not long. */
static void drain_asking(const struct cpumask *cpus)
{
	mutex_lock(&perftop_lock);
	empty_banks();
	on_each_cpu_mask(cpus, perftop_slice_flip, NULL, true);
	flipped_at = ktime_get_ns();
	banks_are_full();
	empty_banks();
	mutex_unlock(&perftop_lock);
}

/*
 * A generation is retired by the first drain, and takes new keys again after two
 * more. Those who ask while this goes on do so again.
 */
static void answer_asking(void)
{
	/* The drainer's own. */
	static struct cpumask cpus;
	unsigned int i, cpu;

	cpumask_clear(&cpus);
	for_each_cpu(cpu, &asking)
		if (cpumask_test_and_clear_cpu(cpu, &asking))
			cpumask_set_cpu(cpu, &cpus);
	for (i = 0; !cpumask_empty(&cpus) && i <= PERFTOP_FLIPS_TO_RECYCLE; i++)
		drain_asking(&cpus);
}

/* Until somebody wants something, or so long. */
static void wait_for_work(long left)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (left > 0 && !kthread_should_stop() && !READ_ONCE(grace_over) &&
	    cpumask_empty(&asking))
		schedule_timeout(left);
	__set_current_state(TASK_RUNNING);
}

static void choose_class(void)
{
	switch (perftop_params.drainer) {
	case PERFTOP_DRAINER_FIFO_LOW:
		sched_set_fifo_low(current);
		break;
	case PERFTOP_DRAINER_FIFO:
		sched_set_fifo(current);
		break;
	default:
		sched_set_normal(current, (s32)perftop_params.drainer);
	}
}

static int drainer_run(void *unused)
{
	unsigned long next = jiffies + HZ;

	choose_class();

	while (!kthread_should_stop()) {
		/* A grace period may last longer than it is to the next drain. */
		wait_for_work(grace_waited ? MAX_SCHEDULE_TIMEOUT :
					     next - jiffies);
		answer_asking();
		if (READ_ONCE(grace_over))
			end_drain();
		if (time_before(jiffies, next) || grace_waited)
			continue;
		next = jiffies + HZ;
		WRITE_ONCE(drainer_armed, perftop_slice_armed());
		perftop_text_answer();
		begin_drain();
	}
	return 0;
}

/* --- The cut -------------------------------------------------------------- */

/* Cuts every CPU, all at one moment. */
static void cut(void *reset)
{
	unsigned int cpu;

	cpumask_copy(&cut_cpus, cpu_online_mask);
	on_each_cpu(perftop_slice_cut, reset, true);
	cut_at = ktime_get_ns();
	flipped_at = cut_at;
	for_each_possible_cpu(cpu) {
		if (!cpu_online(cpu))
			perftop_slice_cut_offline(cpu, reset);
		else if (!reset)
			perftop_slice_settle_open(cpu);
	}
}

static void end_copies(struct perftop_table *table)
{
	while (perftop_copies_some(table))
		give_way();
}

/* What a reset would forget while it is copied. */
static struct perftop_table *copied_table(void)
{
	struct perftop_table *table;

	list_for_each_entry(table, &tables, node)
		if (!list_empty(&table->copies))
			return table;
	return NULL;
}

/* Is nothing begun that is to be ended before? */
static bool is_quiet(const void *reset)
{
	return banks == EMPTY && !(reset && copied_table());
}

/* Ends what is begun, in pieces; others may begin anew in between. */
static void make_quiet(const void *reset)
{
	struct perftop_table *table;

	while (!is_quiet(reset)) {
		empty_banks();
		table = reset ? copied_table() : NULL;
		if (table && perftop_copies_some(table))
			give_way();
	}
}

static int lock(bool killable)
{
	if (killable)
		return mutex_lock_killable(&perftop_lock);
	mutex_lock(&perftop_lock);
	return 0;
}

/* How often others may begin anew before CPUs are locked until that is ended. */
#define TRIES	3

/* Locks CPUs where they are and perftop_lock, when it is quiet; 0 or -EINTR. */
static int lock_quiet(const void *reset, bool killable)
{
	unsigned int tries;

	for (tries = 0; ; tries++) {
		cpus_read_lock();
		if (lock(killable)) {
			cpus_read_unlock();
			return -EINTR;
		}
		if (tries == TRIES || is_quiet(reset))
			break;
		cpus_read_unlock();
		make_quiet(reset);
		mutex_unlock(&perftop_lock);
		cond_resched();
	}
	make_quiet(reset);
	return 0;
}

/*
 * Cuts every CPU, from where the views @on are shown slices, and those @off are
 * not. CPUs are let go then.
 */
static void cut_locked(u32 on, u32 off, void *reset)
{
	WRITE_ONCE(perftop_views_on, (perftop_views_on | on) & ~off);
	cut(reset);
	cpus_read_unlock();
}

/* The same; perftop_lock is held on return, but for an error. */
static int lock_and_cut(u32 off, void *reset, bool killable)
{
	if (lock_quiet(reset, killable))
		return -EINTR;
	cut_locked(0, off, reset);
	return 0;
}

/**
 * perftop_drain_was_cut() - Was a CPU online at the last cut?
 * @cpu: which
 *
 * Context: what perftop_drain_cut() calls; or perftop_lock held since the cut.
 * Return: whether it was, and what it had open is known.
 */
bool perftop_drain_was_cut(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &cut_cpus);
}

/**
 * perftop_drain_cut_at() - When was the last cut?
 *
 * Context: as perftop_drain_was_cut().
 * Return: ktime in ns.
 */
u64 perftop_drain_cut_at(void)
{
	return cut_at;
}

/**
 * perftop_drain_was_offline() - Was a CPU offline for a while?
 * @cpu: which
 * @epoch: since when, ktime in ns
 *
 * Context: perftop_lock held.
 * Return: whether it was, be it now.
 */
bool perftop_drain_was_offline(unsigned int cpu, u64 epoch)
{
	return per_cpu(offline_until, cpu) > epoch;
}

static void clear(struct perftop_table *table)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		perftop_table_discard(table, cpu, idle_bank(cpu));
	perftop_records_clear(table);
	perftop_accounts_clear(table);
	table->epoch = cut_at;
}

/* What a hypervisor has said, in ns. */
static u64 stolen(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += kcpustat_cpu(cpu).cpustat[CPUTIME_STEAL];
	return sum;
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

	lock_and_cut(0, &reset, false);
	list_for_each_entry(table, &tables, node)
		clear(table);
	perftop_maps_clear();
	perftop_exit_mmap_reset();
	missed_before = perftop_hook->missed();
	stolen_before = stolen();
	atomic64_set(&opened, 0);
	resets++;
	mutex_unlock(&perftop_lock);
}

/**
 * perftop_drain_resets() - How often all time was forgotten
 *
 * Context: perftop_lock held.
 * Return: how often, since load.
 */
u64 perftop_drain_resets(void)
{
	return resets;
}

/* The ticks of all slices that ended on a CPU before the cut. */
static u64 ticks_before_cut(unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	return perftop_drain_was_cut(cpu) ?
	       c->open->elapsed - c->open->ticks - c->open->interrupts :
	       c->closed;
}

/* A table begins to count with the slices that are open now. */
static void begin(struct perftop_table *table)
{
	unsigned int cpu;

	table->epoch = cut_at;
	if (!table->time)
		return;
	table->drained = add_to_sums;
	for_each_possible_cpu(cpu)
		table->sums[cpu].before = ticks_before_cut(cpu);
}

/**
 * perftop_drain_add_cpus() - Take the memory for the CPUs that are online
 * @table: a view's that is not on yet
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_drain_add_cpus(struct perftop_table *table)
{
	unsigned int cpu;
	int err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (!err)
			err = perftop_table_add_cpu(table, cpu);
	cpus_read_unlock();
	return err;
}

/*
 * Those that have come since its memory was taken. No more can, and none shows the
 * view anything yet.
 */
static void add_late_cpus(struct perftop_table *table)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		perftop_table_add_cpu(table, cpu);
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
	lock_quiet(NULL, false);
	if (table)
		add_late_cpus(table);
	cut_locked(view, 0, NULL);
	if (table) {
		begin(table);
		list_add_tail(&table->node, &tables);
	}
	/* What the cut has left in the idle banks is the other tables'. */
	banks_are_full();
	empty_banks();
	mutex_unlock(&perftop_lock);
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
	lock_and_cut(view, NULL, false);
	if (table)
		list_del(&table->node);
	banks_are_full();
	empty_banks();
	if (table)
		end_copies(table);
	mutex_unlock(&perftop_lock);
}

/**
 * perftop_drain_cut() - Cut every CPU and drain, for a reader
 * @begin: called once, with perftop_lock held, when what is merged ends where each
 *	CPU's open slice begins; by the caller, or by who has come in between and has
 *	ended the drain
 * @data: its argument
 *
 * Context: process context.
 * Return: what @begin has returned, or -EINTR where a signal has killed who waits,
 *	and @begin is not called.
 */
int perftop_drain_cut(int (*begin)(void *data), void *data)
{
	struct reader me = { .begin = begin, .data = data };

	if (lock_and_cut(0, NULL, true))
		return -EINTR;
	reader = &me;
	banks_are_full();
	end_cut(&me);
	mutex_unlock(&perftop_lock);
	return me.result;
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
 * perftop_drain_stolen() - For how long a hypervisor ran somebody else
 *
 * Context: perftop_lock held.
 * Return: ns of all CPUs since load or reset, as far as it says so.
 */
u64 perftop_drain_stolen(void)
{
	return stolen() - stolen_before;
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
	perftop_slice_code_changed(perftop_text_changed());
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call	= module_changed,
};

/* What a CPU that comes needs of all tables; what is missing is not there. */
static int supply(unsigned int cpu)
{
	struct perftop_table *table;
	int err = 0;

	lockdep_assert_held(&perftop_lock);
	list_for_each_entry(table, &tables, node) {
		err = table == stacks ? perftop_slice_add_cpu(stacks, cpu) :
					perftop_table_add_cpu(table, cpu);
		if (err)
			break;
	}
	return err;
}

/* A CPU is about to run. It does so in any case. */
static int cpu_prepare(unsigned int cpu)
{
	int err;

	mutex_lock(&perftop_lock);
	err = supply(cpu);
	per_cpu(offline_until, cpu) = ktime_get_ns();
	mutex_unlock(&perftop_lock);
	if (err)
		pr_warn("no memory for CPU %u: the time of its tasks is unattributed, or in [overflow]\n",
			cpu);
	return 0;
}

/*
 * Those that run already: some kernels (5.10) do not call who sets up a state of
 * this range for them.
 */
static int begin_with_cpus(void)
{
	unsigned int cpu;
	int err = 0;

	cpus_read_lock();
	mutex_lock(&perftop_lock);
	for_each_possible_cpu(cpu) {
		per_cpu(offline_until, cpu) = cpu_online(cpu) ? 0 : U64_MAX;
		if (!err && cpu_online(cpu))
			err = supply(cpu);
	}
	mutex_unlock(&perftop_lock);
	cpus_read_unlock();
	return err;
}

/* A reader is to see the CPU as it was at the cut. */
static int cpu_dead(unsigned int cpu)
{
	mutex_lock(&perftop_lock);
	end_cut(reader);
	perftop_slice_close(cpu);
	per_cpu(offline_until, cpu) = U64_MAX;
	mutex_unlock(&perftop_lock);
	return 0;
}

/**
 * perftop_drain_init() - Begin with the CPUs that are online, and follow the others
 * @table: the stacks, initialised
 *
 * Context: process context.
 * Return: 0 or an error; perftop_drain_exit() only after success.
 */
int perftop_drain_init(struct perftop_table *table)
{
	struct irq_work *work;
	unsigned int cpu;
	int state, err;

	stacks = table;
	stacks->drained = add_to_sums;
	list_add(&stacks->node, &tables);
	for_each_possible_cpu(cpu) {
		work = per_cpu_ptr(&perftop_half_full, cpu);
		*work = PERFTOP_IRQ_WORK(ask);
	}

	/* In this range it runs before the CPU does, and when it is dead. */
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN,
					  "perftop:prepare", cpu_prepare,
					  cpu_dead);
	if (state < 0)
		return state;
	err = begin_with_cpus();
	if (err) {
		cpuhp_remove_state_nocalls(state);
		return err;
	}
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
	/* It may be woken up until no hot path runs any more. */
	get_task_struct(task);
	WRITE_ONCE(drainer, task);
	stolen_before = stolen();
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
	rcu_barrier();
}

/**
 * perftop_drain_exit() - Undo perftop_drain_init()
 *
 * Context: process context; no switch is seen any more, nobody reads.
 */
void perftop_drain_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&perftop_half_full, cpu));
	if (drainer)
		put_task_struct(drainer);
	unregister_module_notifier(&module_notifier);
	unregister_syscore(&syscore);
	cpuhp_remove_state_nocalls(hotplug_state);
}
