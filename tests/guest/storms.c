// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts whose time is known: a timer that burns in its handler, and a tasklet
 * that comes again and again. Each sums its own spans.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "helper.h"

/*
 * What has been spent by now. Written on one CPU, with interrupts or softirqs off;
 * whoever reads it knows that it may go on.
 */
struct spent {
	unsigned long	count;
	u64		ticks;
	u64		longest;
};

static void spend(struct spent *spent, u64 ns)
{
	const u64 end = ktime_get_ns() + ns, from = rdtsc();
	u64 ticks;

	while (ktime_get_ns() < end)
		cpu_relax();
	ticks = rdtsc() - from;
	spent->count++;
	spent->ticks += ticks;
	if (spent->longest < ticks)
		spent->longest = ticks;
}

static void show(struct seq_file *m, const char *name, const struct spent *spent)
{
	seq_printf(m, "%s %lu %llu %llu\n", name, spent->count, spent->ticks,
		   spent->longest);
}

/* --- A timer -------------------------------------------------------------- */

static struct hrtimer timer;
static struct spent timer_spent;
static u64 timer_period, timer_burns;
static bool timer_runs;

/* The next one begins a rest after the end of this one. */
static enum hrtimer_restart timer_fires(struct hrtimer *of)
{
	spend(&timer_spent, timer_burns);
	hrtimer_set_expires(of, ktime_add_ns(ktime_get(), timer_period - timer_burns));
	return HRTIMER_RESTART;
}

/* On the CPU that is to have it. */
static void timer_begin(void *unused)
{
	hrtimer_start(&timer, ns_to_ktime(timer_period), HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * storms_timer() - Let a timer burn a CPU's time in its handler
 * @period_us: so often
 * @share: per cent of it
 * @cpu: which
 *
 * Return: 0 or an error.
 */
int storms_timer(unsigned int period_us, unsigned int share, unsigned int cpu)
{
	if (timer_runs || !period_us || share > 95 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	timer_spent = (struct spent){ };
	timer_period = period_us * 1000ULL;
	timer_burns = timer_period * share / 100;
#ifdef HAS_HRTIMER_SETUP
	hrtimer_setup(&timer, timer_fires, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = timer_fires;
#endif
	timer_runs = true;
	return smp_call_function_single(cpu, timer_begin, NULL, true);
}

/* --- A tasklet ------------------------------------------------------------ */

#define STORM_NS	200000

static struct spent storm_of_task, storm_of_interrupt;
static u64 storm_end;

/* Softirqs are served by that thread, or on the back of what it interrupts. */
static void storm_runs(struct tasklet_struct *tasklet)
{
	const bool task = !strncmp(current->comm, "ksoftirqd", 9);

	spend(task ? &storm_of_task : &storm_of_interrupt, STORM_NS);
	if (ktime_get_ns() < storm_end)
		tasklet_schedule(tasklet);
}

static DECLARE_TASKLET(storm, storm_runs);

static void storm_begin(void *unused)
{
	tasklet_schedule(&storm);
}

/**
 * storms_tasklet() - Let a softirq come for so long without a rest
 * @ms: how long
 * @cpu: where
 *
 * Return: 0 or an error; it goes on.
 */
int storms_tasklet(unsigned int ms, unsigned int cpu)
{
	if (ms > 10000 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	tasklet_kill(&storm);
	storm_of_task = (struct spent){ };
	storm_of_interrupt = (struct spent){ };
	storm_end = ktime_get_ns() + ms * 1000000ULL;
	return smp_call_function_single(cpu, storm_begin, NULL, true);
}

/**
 * storms_stop() - On return there are none, until they are started again
 */
void storms_stop(void)
{
	if (timer_runs)
		hrtimer_cancel(&timer);
	timer_runs = false;
	storm_end = 0;
	tasklet_kill(&storm);
}

/**
 * storms_show() - Print what has been spent
 * @m: to here
 */
void storms_show(struct seq_file *m)
{
	show(m, "timer", &timer_spent);
	show(m, "storm_of_task", &storm_of_task);
	show(m, "storm_of_interrupt", &storm_of_interrupt);
}
