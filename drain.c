// SPDX-License-Identifier: GPL-2.0
/*
 * From the shards to a reader: the drain about once a second, the cut that a
 * read makes on every CPU, reset, and CPUs and machines that come and go.
 */
#include <linux/cpu.h>
#include <linux/jhash.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>

#include "compat/compat.h"
#include "perftop.h"

/* The merged tables, the idle banks, the accounts. */
DEFINE_MUTEX(perftop_lock);

/* Guarded by perftop_lock. */
static struct perftop_table *stacks;
static struct perftop_sums *sums;	/* by CPU number */
static u64 epoch;			/* of load or reset, in ns */
static u64 missed_before;		/* the hook's count then */

static atomic64_t opened = ATOMIC64_INIT(0);
static struct task_struct *drainer;
static enum cpuhp_state hotplug_state;

/* What the drainer saw when it last woke up; READ_ONCE, WRITE_ONCE. */
static bool drainer_armed = true;

/* A table tells its drained rows to the accounts. */
static void add_to_sums(unsigned int cpu, const struct perftop_record *record,
			const u64 *counter)
{
	struct perftop_sums *sum = &sums[cpu];

	lockdep_assert_held(&perftop_lock);
	sum->ticks[record->account] += counter[PERFTOP_TICKS];
	sum->switches += counter[PERFTOP_COUNT];
	if (record->account == PERFTOP_UNATTRIBUTED)
		sum->uncaptured += counter[PERFTOP_COUNT];
	if (record->words &&
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

static void drain_idle_banks(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		perftop_hash_drain(stacks, cpu, idle_bank(cpu));
		if (perftop_hash_recycle(stacks, cpu))
			WRITE_ONCE(per_cpu_ptr(&perftop_cpu, cpu)->forget,
				   true);
		cond_resched();
	}
}

/*
 * The periodic drain: sends nothing to any CPU and cuts no slice. The hot path
 * runs with interrupts off, which synchronize_rcu() waits for.
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
		if (!READ_ONCE(drainer_armed))
			on_each_cpu(perftop_slice_drop_capture, NULL, true);
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

/**
 * perftop_drain_reset() - Forget all time before now
 *
 * Context: process context.
 */
void perftop_drain_reset(void)
{
	static char reset;
	unsigned int cpu;

	cpus_read_lock();
	mutex_lock(&perftop_lock);
	cut(&reset);
	for_each_possible_cpu(cpu) {
		perftop_hash_discard(stacks, cpu, idle_bank(cpu));
		if (!cpu_online(cpu))
			perftop_slice_forget(cpu);
	}
	perftop_hash_clear(stacks);
	memset(sums, 0, nr_cpu_ids * sizeof(*sums));
	epoch = ktime_get_ns();
	missed_before = perftop_hook->missed();
	atomic64_set(&opened, 0);
	mutex_unlock(&perftop_lock);
	cpus_read_unlock();
}

static void add_line(struct perftop_line *to, const struct perftop_line *line)
{
	int i;

	to->elapsed += line->elapsed;
	to->running += line->running;
	to->sums.switches += line->sums.switches;
	to->sums.uncaptured += line->sums.uncaptured;
	to->sums.truncated += line->sums.truncated;
	for (i = 0; i < PERFTOP_ACCOUNTS; i++)
		to->sums.ticks[i] += line->sums.ticks[i];
}

/* One CPU's accounts, its open slice counted where it belongs. */
static void fill_line(struct perftop_line *line, unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

	line->cpu = cpu;
	line->sums = sums[cpu];
	if (!cpu_online(cpu)) {
		line->elapsed = c->closed;
		return;
	}
	line->elapsed = c->open->elapsed;
	if (c->open->account == PERFTOP_RANKED)
		line->running = c->open->ticks;
	else
		line->sums.ticks[c->open->account] += c->open->ticks;
}

static void fill_lines(struct perftop_snapshot *snapshot)
{
	struct perftop_line *line = snapshot->line;
	unsigned int cpu;
	u64 unwound;

	for_each_possible_cpu(cpu) {
		const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

		snapshot->steps += READ_ONCE(c->steps);
		unwound = READ_ONCE(c->unwound);
		snapshot->captures += READ_ONCE(c->captures);
		snapshot->unwound += unwound;
		snapshot->differ += READ_ONCE(c->differ);
		if (!cpu_online(cpu) && !c->closed)
			continue;
		fill_line(line, cpu);
		add_line(&snapshot->total, line);
		line++;
	}
	snapshot->lines = line - snapshot->line;
}

/* Is a CPU's open slice a row of the snapshot? */
static bool open_is_row(const struct perftop_open *open)
{
	return open->account == PERFTOP_RANKED ||
	       (open->account == PERFTOP_IDLE && perftop_params.idle);
}

static void open_to_row(struct perftop_row *row, struct perftop_open *open)
{
	const struct perftop_key *key = &open->key;

	*row = (struct perftop_row){
		.hash		= jhash2((const u32 *)key->word,
					 key->words * 2, 0),
		.account	= open->account,
		.open		= true,
		.words		= key->words,
		.word		= key->word,
	};
	row->counter[PERFTOP_TICKS] = open->ticks;
	row->counter[PERFTOP_LONGEST] = open->ticks;
	row->counter[PERFTOP_TASK] = open->task;
	memcpy(&row->counter[PERFTOP_COMM], open->comm, TASK_COMM_LEN);
}

static void record_to_row(struct perftop_row *row,
			  const struct perftop_record *record)
{
	*row = (struct perftop_row){
		.hash		= record->hash,
		.account	= record->account,
		.words		= record->words,
		.word		= perftop_hash_words(stacks, record),
	};
	memcpy(row->counter, record->counter, sizeof(row->counter));
}

/* Moves the last of @n rows to its place among those before it. */
static void sort_in(struct perftop_row *row, unsigned int n)
{
	for (; --n; ) {
		if (row[n - 1].counter[PERFTOP_TICKS] >=
		    row[n].counter[PERFTOP_TICKS])
			break;
		swap(row[n - 1], row[n]);
	}
}

/*
 * The rows that have no place in the ranking: the open slices, and what found
 * no place in the table. @row has room for all CPUs and one more.
 */
static unsigned int collect_unranked(struct perftop_row *row)
{
	const struct perftop_record *overflow;
	unsigned int cpu, n = 0;

	overflow = perftop_hash_record(stacks, PERFTOP_OVERFLOW);
	if (overflow->stamp)
		record_to_row(&row[n++], overflow);

	for_each_online_cpu(cpu) {
		struct perftop_open *open = per_cpu_ptr(&perftop_cpu, cpu)->open;

		if (!open_is_row(open))
			continue;
		open_to_row(&row[n++], open);
		sort_in(row, n);
	}
	return n;
}

/* The next in rank: of the unranked rows or, at the same time, the records. */
static void next_row(struct perftop_row *row, const struct perftop_row *other,
		     unsigned int *others, struct perftop_record **record)
{
	u64 ticks = *record ? (*record)->counter[stacks->rank] : 0;

	if (*others && (!*record || other->counter[PERFTOP_TICKS] > ticks)) {
		*row = *other;
		(*others)--;
		return;
	}
	record_to_row(row, *record);
	*record = perftop_rbtop_next(*record);
}

/* Fills @snapshot->row; the keys still are the engine's. */
static void fill_rows(struct perftop_snapshot *snapshot,
		      struct perftop_row *other)
{
	struct perftop_record *record = perftop_rbtop_first(&stacks->top);
	unsigned int others = collect_unranked(other);
	unsigned int all = others;
	struct perftop_row *row = snapshot->row;

	while (snapshot->rows < perftop_params.top && (others || record)) {
		next_row(row++, &other[all - others], &others, &record);
		snapshot->rows++;
	}
}

/* Copies the keys of all rows, which the engine may change from now on. */
static int copy_keys(struct perftop_snapshot *snapshot)
{
	size_t words = 0;
	unsigned int i;
	u64 *word;

	for (i = 0; i < snapshot->rows; i++)
		words += snapshot->row[i].words;
	word = kvmalloc_array(words, sizeof(*word), GFP_KERNEL);
	if (!word && words)
		return -ENOMEM;
	snapshot->word = word;
	for (i = 0; i < snapshot->rows; i++) {
		struct perftop_row *row = &snapshot->row[i];

		memcpy(word, row->word, row->words * sizeof(*word));
		row->word = word;
		word += row->words;
	}
	return 0;
}

static int fill(struct perftop_snapshot *snapshot)
{
	unsigned int others = num_possible_cpus() + 1;
	struct perftop_row *other;
	unsigned int rows;

	lockdep_assert_held(&perftop_lock);

	rows = min(perftop_params.top, stacks->records + others);
	snapshot->line = kvcalloc(num_possible_cpus(), sizeof(*snapshot->line),
				  GFP_KERNEL);
	snapshot->row = kvcalloc(rows, sizeof(*snapshot->row), GFP_KERNEL);
	other = kvcalloc(others, sizeof(*other), GFP_KERNEL);
	if (!snapshot->line || !snapshot->row || !other) {
		kvfree(other);
		return -ENOMEM;
	}

	fill_lines(snapshot);
	fill_rows(snapshot, other);
	kvfree(other);
	snapshot->up = ktime_get_ns() - epoch;
	snapshot->opened = atomic64_read(&opened);
	snapshot->missed = perftop_hook->missed() - missed_before;
	snapshot->cpus = num_online_cpus();
	snapshot->stacks = stacks->records;
	return copy_keys(snapshot);
}

/*
 * A hook that was disarmed from outside says nothing. What tells is a switch
 * that must have been seen: the drainer's each second and, where there is
 * doubt, one made here.
 */
static bool check_armed(void)
{
	if (READ_ONCE(drainer_armed) && perftop_slice_armed())
		return true;
	schedule_timeout_uninterruptible(1);
	WRITE_ONCE(drainer_armed, perftop_slice_armed());
	return READ_ONCE(drainer_armed);
}

/**
 * perftop_snapshot_take() - Cut every CPU, drain, and copy the top rows
 *
 * Context: process context.
 * Return: what perftop_snapshot_free() is to be given, or NULL without memory.
 */
struct perftop_snapshot *perftop_snapshot_take(void)
{
	struct perftop_snapshot *snapshot;
	int err;

	snapshot = kzalloc(sizeof(*snapshot), GFP_KERNEL);
	if (!snapshot)
		return NULL;
	snapshot->armed = check_armed();

	cpus_read_lock();
	mutex_lock(&perftop_lock);
	cut(NULL);
	drain_idle_banks();
	err = fill(snapshot);
	mutex_unlock(&perftop_lock);
	cpus_read_unlock();

	if (err) {
		perftop_snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}

/**
 * perftop_snapshot_free() - Give a snapshot back
 * @snapshot: from perftop_snapshot_take()
 *
 * Context: process context.
 */
void perftop_snapshot_free(struct perftop_snapshot *snapshot)
{
	kvfree(snapshot->line);
	kvfree(snapshot->row);
	kvfree(snapshot->word);
	kfree(snapshot);
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
	sums = kcalloc(nr_cpu_ids, sizeof(*sums), GFP_KERNEL);
	if (!sums)
		return -ENOMEM;

	/* In this range the teardown runs when the CPU is dead. */
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "perftop:dead",
					  NULL, cpu_dead);
	if (state < 0) {
		kfree(sums);
		return state;
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
	epoch = ktime_get_ns();
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
	kfree(sums);
}
