// SPDX-License-Identifier: GPL-2.0
/*
 * The filter: whose time is counted. What it keeps out goes to the account
 * FILTERED, and to no table. It asks the task that is leaving, before anything
 * of it is stored; only a slice's length is not known before it has ended.
 *
 * It is replaced as a whole: who reads it has interrupts off.
 */
#include <linux/cpumask.h>
#include <linux/ctype.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/sched/deadline.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/tsc.h>

#include "view.h"

/* By effective priority, which is what the scheduler goes by. */
enum task_class {
	CLASS_ANY,
	CLASS_FAIR,
	CLASS_RT,
	CLASS_DEADLINE,
};

static const char *const classes[] = {
	[CLASS_ANY]		= "any",
	[CLASS_FAIR]		= "fair",
	[CLASS_RT]		= "rt",
	[CLASS_DEADLINE]	= "deadline",
};

/**
 * struct filter - what a slice must have to be counted; 0: anything will do
 * @pid: its thread's id
 * @tgid: its process's id
 * @comm: its thread's name
 * @class: its thread's scheduling class
 * @some_cpus: it must have been on one of @cpus
 * @shortest: ticks
 * @longest: ticks
 * @cpus: see @some_cpus
 * @words: as it was written
 */
struct filter {
	pid_t		pid;
	pid_t		tgid;
	char		comm[TASK_COMM_LEN];
	enum task_class	class;
	bool		some_cpus;
	u64		shortest;
	u64		longest;
	struct cpumask	cpus;
	char		words[PERFTOP_FILTER_WORDS];
};

DEFINE_STATIC_KEY_FALSE(perftop_filtering);

/* Written by whoever is allowed to write to the files, one at a time. */
static struct filter __rcu *filter;

/* --- Hot path ------------------------------------------------------------- */

static __always_inline enum task_class class_of(const struct task_struct *task)
{
	if (task->prio < MAX_DL_PRIO)
		return CLASS_DEADLINE;
	return task->prio < MAX_RT_PRIO ? CLASS_RT : CLASS_FAIR;
}

static __always_inline bool passes(const struct filter *f, const struct task_struct *task)
{
	if (f->pid && f->pid != task->pid)
		return false;
	if (f->tgid && f->tgid != task->tgid)
		return false;
	if (f->class != CLASS_ANY && f->class != class_of(task))
		return false;
	if (f->some_cpus && !cpumask_test_cpu(smp_processor_id(), &f->cpus))
		return false;
	return !f->comm[0] || !strncmp(f->comm, task->comm, TASK_COMM_LEN);
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

	return !f || passes(f, task);
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

	return !f || (passes(f, task) && ticks <= f->longest);
}

/* --- Words ---------------------------------------------------------------- */

/* "10", "10us", "5ms", "1s": ticks. Microseconds unless told otherwise. */
static int parse_time(const char *value, u64 *ticks)
{
	static const struct {
		const char	*unit;
		u32		ns;
	} units[] = {
		{ "ns", 1 }, { "us", NSEC_PER_USEC }, { "", NSEC_PER_USEC },
		{ "ms", NSEC_PER_MSEC }, { "s", NSEC_PER_SEC },
	};
	size_t digits = strspn(value, "0123456789");
	char number[16] = "";
	unsigned int i;
	u64 ns;
	u32 n;

	if (!digits || digits >= sizeof(number))
		return -EINVAL;
	memcpy(number, value, digits);
	if (kstrtou32(number, 10, &n))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(units[i].unit, value + digits)) {
			ns = (u64)n * units[i].ns;
			/* What does not fit would be a divide error. */
			if (div_u64(ns, USEC_PER_SEC) >= U64_MAX / tsc_khz)
				return -EINVAL;
			*ticks = mul_u64_u64_div_u64(ns, tsc_khz, USEC_PER_SEC);
			return 0;
		}
	return -EINVAL;
}

static int parse_pid(const char *value, pid_t *pid)
{
	return kstrtoint(value, 10, pid) || *pid <= 0 ? -EINVAL : 0;
}

static int parse_class(const char *value, enum task_class *class)
{
	int found = match_string(classes, ARRAY_SIZE(classes), value);

	if (found < 0)
		return -EINVAL;
	*class = found;
	return 0;
}

static int parse_word(struct filter *f, char *word)
{
	char *value = strchr(word, '=');

	if (!value || !value[1])
		return -EINVAL;
	*value++ = '\0';
	if (!strcmp(word, "pid"))
		return parse_pid(value, &f->pid);
	if (!strcmp(word, "tgid"))
		return parse_pid(value, &f->tgid);
	if (!strcmp(word, "comm"))
		return strscpy(f->comm, value, sizeof(f->comm)) < 0 ?
		       -EINVAL : 0;
	if (!strcmp(word, "class"))
		return parse_class(value, &f->class);
	if (!strcmp(word, "shortest"))
		return parse_time(value, &f->shortest);
	if (!strcmp(word, "longest"))
		return parse_time(value, &f->longest);
	if (strcmp(word, "cpu"))
		return -EINVAL;
	f->some_cpus = true;
	return cpulist_parse(value, &f->cpus) ? -EINVAL : 0;
}

/* As strsep(); but a list of CPUs goes on behind a comma. */
static char *next_word(char **words)
{
	char *word = strsep(words, " ,");

	while (*words && isdigit(**words) && !strncmp(word, "cpu=", 4)) {
		(*words)[-1] = ',';
		strsep(words, " ,");
	}
	return word;
}

static int parse_words(struct filter *f, char *words)
{
	char *word;
	int err = 0;

	f->longest = U64_MAX;
	while (!err && (word = next_word(&words)) != NULL)
		err = *word ? parse_word(f, word) : 0;
	return f->longest < f->shortest ? -EINVAL : err;
}

static int parse(struct filter *f, const char *words)
{
	char *copy = kstrdup(words, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	err = strscpy(f->words, words, sizeof(f->words)) < 0 ?
	      -EINVAL : parse_words(f, copy);
	kfree(copy);
	if (err == -EINVAL)
		pr_err("filter %s: give pid=, tgid=, comm=, cpu=LIST, class=fair, rt or deadline, shortest=TIME, longest=TIME, or off\n",
		       words);
	return err;
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
 * perftop_filter_set() - Count the time of some slices only, from now on
 * @words: NAME=VALUE between blanks or commas, all of which must be met, or
 *	off
 *
 * Context: process context, one at a time.
 * Return: 0, -EINVAL with a line in the log, or -ENOMEM; then all is as before.
 */
int perftop_filter_set(const char *words)
{
	struct filter *new;
	int err;

	if (!*words || !strcmp(words, "off")) {
		replace(NULL);
		return 0;
	}
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	err = parse(new, words);
	if (err) {
		kfree(new);
		return err;
	}
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
