// SPDX-License-Identifier: GPL-2.0
/*
 * The filter: whose time is counted. What it keeps out goes to the account
 * FILTERED, and to no table. It asks the task that is leaving, before anything
 * of it is stored; only a slice's length is not known before it has ended.
 *
 * It is replaced as a whole: who reads it has interrupts off, or is in RCU's
 * critical section.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched/deadline.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/tsc.h>

#include "engine/filter.h"
#include "engine/words.h"
#include "perftop.h"
#include "switch/cpu.h"

/* Numbers from the first to so many behind it. */
struct span {
	u32	first;
	u32	more;
};

#define ANY_NUMBER	((struct span){ 0, U32_MAX })

/* How many values a list has at most. */
#define LIST_MAX	16

struct ids {
	unsigned int	n;
	pid_t		id[LIST_MAX];
};

/**
 * struct filter - what a slice must have to be counted
 * @pid: its thread's id is in this span
 * @tgid: its process's in this
 * @prio: its thread's effective priority in this
 * @asks: besides @pid; ASKS_
 * @names: how many there are in @comm
 * @pids: those of the span @pid that will do
 * @tgids: likewise
 * @comm: names that its thread may have
 * @shortest: ticks
 * @longest: ticks
 * @cpus: on which it may have been
 * @words: as it was written
 */
struct filter {
	struct span	pid;
	struct span	tgid;
	struct span	prio;
	u32		asks;
	unsigned int	names;
	u64		shortest;
	u64		longest;
	struct ids	pids;
	struct ids	tgids;
	char		comm[LIST_MAX][TASK_COMM_LEN];
	struct cpumask	cpus;
	char		words[];
};

/* What is asked besides a span of pids that may have all. */
#define ASKS_TGID	BIT(0)
#define ASKS_PRIO	BIT(1)
#define ASKS_CPU	BIT(2)
#define ASKS_NAME	BIT(3)
#define ASKS_LISTS	BIT(4)	/* of several ids or names */

DEFINE_STATIC_KEY_FALSE(perftop_filtering);

/* Written by whoever is allowed to write to the files, one at a time. */
static struct filter __rcu *filter;

/* --- Hot path ------------------------------------------------------------- */

static __always_inline bool is_in(const struct span *span, u32 number)
{
	return number - span->first <= span->more;
}

static __always_inline bool is_among(const struct ids *ids, pid_t id)
{
	unsigned int i;

	for (i = 0; i < ids->n; i++)
		if (ids->id[i] == id)
			return true;
	/* There is no list. */
	return !ids->n;
}

/* Ends with the filter's name. A call would cost more than what it does. */
static __always_inline bool is_same(const char *name, const char *comm)
{
	for (; *name == *comm; name++, comm++)
		if (!*name)
			return true;
	return false;
}

static __always_inline bool is_named(const struct filter *f,
				     const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < f->names; i++)
		if (is_same(f->comm[i], task->comm))
			return true;
	return !f->names;
}

static noinline __kprobes bool passes_lists(const struct filter *f,
					    const struct task_struct *task)
{
	return is_among(&f->pids, task->pid) &&
	       is_among(&f->tgids, task->tgid) && is_named(f, task);
}

static __always_inline bool passes(const struct filter *f,
				   const struct task_struct *task,
				   unsigned int cpu)
{
	const u32 asks = f->asks;

	if (!is_in(&f->pid, task->pid))
		return false;
	if (asks & ASKS_TGID && !is_in(&f->tgid, task->tgid))
		return false;
	if (asks & ASKS_PRIO && !is_in(&f->prio, task->prio))
		return false;
	if (asks & ASKS_CPU && !cpumask_test_cpu(cpu, &f->cpus))
		return false;
	if (!(asks & (ASKS_NAME | ASKS_LISTS)))
		return true;
	if (asks & ASKS_LISTS)
		return passes_lists(f, task);
	return is_same(f->comm[0], task->comm);
}

/**
 * perftop_filter_passes() - Is this task's time counted?
 * @task: on this CPU
 *
 * Context: hot path, or interrupts off.
 * Return: true if it is, as far as can be said before the slice has ended.
 */
__kprobes bool perftop_filter_passes(const struct task_struct *task)
{
	const struct filter *f = rcu_dereference_sched(filter);

	return !f || passes(f, task, smp_processor_id());
}

/**
 * perftop_filter_passes_slice() - Is a slice of this length counted?
 * @ticks: its length
 *
 * Context: as perftop_filter_passes().
 * Return: true if it is.
 */
__kprobes bool perftop_filter_passes_slice(u64 ticks)
{
	const struct filter *f = rcu_dereference_sched(filter);

	return !f || (ticks >= f->shortest && ticks <= f->longest);
}

/**
 * perftop_filter_passes_open() - Is a slice that has not ended yet counted?
 * @task: whose it is, on this CPU
 * @ticks: its length so far
 *
 * Context: as perftop_filter_passes().
 * Return: true if it is, or may be.
 */
bool perftop_filter_passes_open(const struct task_struct *task, u64 ticks)
{
	const struct filter *f = rcu_dereference_sched(filter);

	return !f || (passes(f, task, smp_processor_id()) &&
		      ticks <= f->longest);
}

/**
 * perftop_filter_passes_waiting() - Is a task's wait counted, which has not ended?
 * @task: who waits, for the CPU that it is queued on
 *
 * How long the slice behind it will be is not known yet.
 *
 * Context: rcu_read_lock().
 * Return: true if it is, or may be.
 */
bool perftop_filter_passes_waiting(const struct task_struct *task)
{
	const struct filter *f = rcu_dereference(filter);

	return !f || passes(f, task, task_cpu(task));
}

/* --- Words ---------------------------------------------------------------- */

/* What does not fit would be a divide error. */
static int to_ticks(u64 *ticks, u64 ns)
{
	if (div_u64(ns, USEC_PER_SEC) >= U64_MAX / tsc_khz)
		return -EINVAL;
	*ticks = mul_u64_u64_div_u64(ns, tsc_khz, USEC_PER_SEC);
	return 0;
}

static void add_id(struct filter *f, struct ids *ids, struct span *span, pid_t id)
{
	pid_t first = span->first, last = first + span->more;

	first = ids->n ? min(first, id) : id;
	last = ids->n ? max(last, id) : id;
	*span = (struct span){ first, last - first };
	ids->id[ids->n++] = id;
	/* Of one, the span says it all. */
	if (ids->n > 1)
		f->asks |= ASKS_LISTS;
}

static void add_comm(struct filter *f, const char *name)
{
	f->asks |= f->names ? ASKS_LISTS : ASKS_NAME;
	strscpy(f->comm[f->names++], name, TASK_COMM_LEN);
}

static int add_cpus(struct filter *f, const char *list)
{
	cpumask_var_t cpus;
	int err = 0;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	if (cpulist_parse(list, cpus))
		err = -EINVAL;
	else
		cpumask_or(&f->cpus, &f->cpus, cpus);
	free_cpumask_var(cpus);
	f->asks |= ASKS_CPU;
	return err;
}

enum word {
	PID,
	TGID,
	COMM,
	CPU,
	CLASS,
	SHORTEST,
	LONGEST,
};

static const char *const class_names[] = { "any", "fair", "rt", "deadline", NULL };

/* By effective priority, which is what the scheduler goes by. */
static const struct span classes[] = {
	{ 0, U32_MAX },
	{ MAX_RT_PRIO, INT_MAX - MAX_RT_PRIO },
	{ MAX_DL_PRIO, MAX_RT_PRIO - MAX_DL_PRIO - 1 },
	{ (u32)INT_MIN, MAX_DL_PRIO - (u32)INT_MIN - 1 },
};

static_assert(ARRAY_SIZE(class_names) == ARRAY_SIZE(classes) + 1);

const struct perftop_word perftop_filter_words[] = {
	[PID]	   = { "pid", "ids of threads", PERFTOP_WORD_NUMBER,
		       .min = 1, .max = INT_MAX, .most = LIST_MAX },
	[TGID]	   = { "tgid", "ids of processes", PERFTOP_WORD_NUMBER,
		       .min = 1, .max = INT_MAX, .most = LIST_MAX },
	[COMM]	   = { "comm", "names of threads", PERFTOP_WORD_NAME,
		       .most = LIST_MAX },
	[CPU]	   = { "cpu", "CPUs, as 0,2-3", PERFTOP_WORD_CPUS,
		       .most = UINT_MAX },
	[CLASS]	   = { "class", "class of the scheduler, by effective priority",
		       PERFTOP_WORD_CHOICE, .choice = class_names,
		       .preset = "any", .most = 1 },
	[SHORTEST] = { "shortest", "length of a slice at the least",
		       PERFTOP_WORD_TIME, "ns",
		       .max = (s64)U32_MAX * NSEC_PER_SEC, .most = 1 },
	[LONGEST]  = { "longest", "length of a slice at the most",
		       PERFTOP_WORD_TIME, "ns",
		       .max = (s64)U32_MAX * NSEC_PER_SEC, .most = 1 },
	{ }
};

static int take(void *to, unsigned int word, const struct perftop_word_value *value)
{
	struct filter *f = to;

	switch (word) {
	case PID:
		add_id(f, &f->pids, &f->pid, value->number);
		return 0;
	case TGID:
		f->asks |= ASKS_TGID;
		add_id(f, &f->tgids, &f->tgid, value->number);
		return 0;
	case COMM:
		add_comm(f, value->text);
		return 0;
	case CPU:
		return add_cpus(f, value->text);
	case CLASS:
		f->prio = classes[value->number];
		f->asks |= ASKS_PRIO;
		return 0;
	case SHORTEST:
		return to_ticks(&f->shortest, value->number);
	default:
		return to_ticks(&f->longest, value->number);
	}
}

static int parse_words(struct filter *f, char *words)
{
	int err;

	f->pid = ANY_NUMBER;
	f->longest = U64_MAX;
	err = perftop_words_parse(perftop_filter_words, words, take, f);
	return f->longest < f->shortest ? -EINVAL : err;
}

static int fill(struct filter *f, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	strcpy(f->words, words);
	err = parse_words(f, copy);
	kfree(copy);
	return err;
}

static void refuse(const char *words)
{
	const char *cut = strlen(words) > 100 ? "..." : "";
	char takes[256];

	perftop_words_describe(perftop_filter_words, takes, sizeof(takes));
	pr_err("filter %.100s%s: give, each once, %s (lists of %u at most), a name in quotes where it has a blank, comma, = or quote; or off\n",
	       words, cut, takes, LIST_MAX);
}

/* NULL: all that is counted passes. */
static struct filter *create(const char *words)
{
	const size_t size = strlen(words) + 1;
	struct filter *new;
	int err = -EINVAL;

	if (size == 1 || !strcmp(words, "off"))
		return NULL;
	new = kzalloc(sizeof(*new) + size, GFP_KERNEL);
	if (!new)
		return ERR_PTR(-ENOMEM);
	if (size <= PERFTOP_FILTER_WORDS)
		err = fill(new, words);
	if (!err)
		return new;
	kfree(new);
	if (err == -EINVAL)
		refuse(words);
	return ERR_PTR(err);
}

/* Nobody reads the old one any more on return. */
static void replace(struct filter *new)
{
	struct filter *old = rcu_dereference_protected(filter, true);

	if (!new && !old)
		return;
	rcu_assign_pointer(filter, new);
	if (new && !old) {
		static_branch_inc(&perftop_watching);
		static_branch_enable(&perftop_filtering);
	} else if (old && !new) {
		static_branch_disable(&perftop_filtering);
		static_branch_dec(&perftop_watching);
	}
	synchronize_rcu();
	kfree(old);
}

/**
 * perftop_filter_check() - Could these be a filter's words?
 * @words: as perftop_filter_set() takes them
 *
 * Context: process context.
 * Return: 0, -EINVAL with a line in the log, or -ENOMEM.
 */
int perftop_filter_check(const char *words)
{
	struct filter *new = create(words);

	if (IS_ERR(new))
		return PTR_ERR(new);
	kfree(new);
	return 0;
}

/**
 * perftop_filter_set() - Count the time of some slices only, from now on
 * @words: NAME=LIST between blanks or commas (words.c), all of which must be
 *	met, or off
 *
 * Context: process context, one at a time.
 * Return: 0, -EINVAL with a line in the log, or -ENOMEM; then all is as before.
 */
int perftop_filter_set(const char *words)
{
	struct filter *new = create(words);

	if (IS_ERR(new))
		return PTR_ERR(new);
	replace(new);
	return 0;
}

/**
 * perftop_filter_exit() - Count all again
 *
 * Context: as perftop_filter_set().
 */
void perftop_filter_exit(void)
{
	replace(NULL);
}

/**
 * perftop_filter_copy() - What the filter is
 * @words: where its words are left, "" if there is none;
 *	PERFTOP_FILTER_WORDS bytes
 *
 * Context: any.
 */
void perftop_filter_copy(char *words)
{
	const struct filter *f;

	rcu_read_lock();
	f = rcu_dereference(filter);
	strscpy(words, f ? f->words : "", PERFTOP_FILTER_WORDS);
	rcu_read_unlock();
}
