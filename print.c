// SPDX-License-Identifier: GPL-2.0
/*
 * What all views print alike: the header, times, shares, names.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <asm/tsc.h>

#include "view.h"

#define FORMAT_VERSION	1

/* Four significant digits and a unit. */
static void format_time(char *buf, size_t size, u64 ns)
{
	static const char *const units[] = { "us", "ms", "s" };
	unsigned int unit = 0;
	u32 thousandths;

	if (ns < 1000) {
		snprintf(buf, size, "%llu ns", ns);
		return;
	}
	while (unit < ARRAY_SIZE(units) - 1 && ns >= 1000000) {
		ns = div_u64(ns, 1000);
		unit++;
	}
	ns = div_u64_rem(ns, 1000, &thousandths);
	if (ns < 10)
		snprintf(buf, size, "%llu.%03u %s", ns, thousandths,
			 units[unit]);
	else if (ns < 100)
		snprintf(buf, size, "%llu.%02u %s", ns, thousandths / 10,
			 units[unit]);
	else if (ns < 1000)
		snprintf(buf, size, "%llu.%u %s", ns, thousandths / 100,
			 units[unit]);
	else
		snprintf(buf, size, "%llu %s", ns, units[unit]);
}

/**
 * perftop_print_ns() - Print a time in four digits and a unit
 * @m: the file
 * @ns: nanoseconds
 * @width: of the column
 *
 * Context: process context, as for all in this file.
 */
void perftop_print_ns(struct seq_file *m, u64 ns, int width)
{
	char buf[32];

	format_time(buf, sizeof(buf), ns);
	seq_printf(m, "%*s", width, buf);
}

/**
 * perftop_print_ticks() - The same, of ticks
 * @m: the file
 * @ticks: of the time stamp counter
 * @width: of the column
 */
void perftop_print_ticks(struct seq_file *m, u64 ticks, int width)
{
	perftop_print_ns(m, mul_u64_u64_div_u64(ticks, USEC_PER_SEC, tsc_khz),
			 width);
}

/**
 * perftop_print_average() - Print a sum of ticks over a count
 * @m: the file
 * @ticks: the sum
 * @count: if it is 0, a dash is printed
 * @width: of the column
 */
void perftop_print_average(struct seq_file *m, u64 ticks, u64 count, int width)
{
	if (count)
		perftop_print_ticks(m, div64_u64(ticks, count), width);
	else
		seq_printf(m, "%*s", width, "-");
}

/* Of a whole that may be nothing. */
static u32 hundredths(u64 part, u64 whole)
{
	return whole ? mul_u64_u64_div_u64(part, 10000, whole) : 0;
}

/**
 * perftop_print_share() - Print a part of a whole in percent
 * @m: the file
 * @part: the part
 * @whole: the whole
 * @width: of the column, at least 4
 */
void perftop_print_share(struct seq_file *m, u64 part, u64 whole, int width)
{
	u32 share = hundredths(part, whole);

	seq_printf(m, "%*u.%02u", width - 3, share / 100, share % 100);
}

/**
 * perftop_print_rate() - Print how often something happens
 * @m: the file
 * @count: so many times
 * @ns: in so many nanoseconds
 * @width: of the column
 */
void perftop_print_rate(struct seq_file *m, u64 count, u64 ns, int width)
{
	u64 tenths = ns ? mul_u64_u64_div_u64(count, 10ULL * NSEC_PER_SEC, ns) :
			  0;

	seq_printf(m, "%*llu.%llu", width - 2, tenths / 10, tenths % 10);
}

/**
 * perftop_print_name() - Print a name that anybody may have chosen
 * @m: the file
 * @name: a command's or a file's
 *
 * What could move a terminal's cursor, or look like another line, column or
 * frame, is shown as ?.
 */
void perftop_print_name(struct seq_file *m, const char *name)
{
	for (; *name; name++)
		seq_putc(m, *name > ' ' && *name <= '~' && *name != ';' ?
			    *name : '?');
}

/**
 * perftop_print_comm() - Print a task's name that is kept in two words
 * @m: the file
 * @word: the words, copied while another CPU may have been writing the name
 */
void perftop_print_comm(struct seq_file *m, const u64 *word)
{
	char comm[TASK_COMM_LEN];

	strscpy(comm, (const char *)word, sizeof(comm));
	perftop_print_name(m, comm);
}

/**
 * perftop_print_policy() - The name of a scheduling policy
 * @policy: as in struct task_struct
 *
 * Return: a word.
 */
const char *perftop_print_policy(u32 policy)
{
	static const char *const names[] = {
		[SCHED_NORMAL]		= "normal",
		[SCHED_FIFO]		= "fifo",
		[SCHED_RR]		= "rr",
		[SCHED_BATCH]		= "batch",
		[SCHED_IDLE]		= "idle",
		[SCHED_DEADLINE]	= "deadline",
	};

	return policy < ARRAY_SIZE(names) && names[policy] ? names[policy] :
							     "other";
}

static void print_part(struct seq_file *m, const char *what, u64 part,
		       u64 whole)
{
	u32 share = hundredths(part, whole);

	seq_printf(m, "   %s %u.%02u%%", what, share / 100, share % 100);
}

static void print_times(struct seq_file *m, const struct perftop_line *all)
{
	const u64 *ticks = all->sums.ticks;

	seq_puts(m, "cpu time");
	print_part(m, "tasks", ticks[PERFTOP_RANKED], all->elapsed);
	print_part(m, "running", all->running, all->elapsed);
	print_part(m, "idle", ticks[PERFTOP_IDLE], all->elapsed);
	print_part(m, "overflow", ticks[PERFTOP_OVERFLOW], all->elapsed);
	print_part(m, "unattributed", ticks[PERFTOP_UNATTRIBUTED],
		   all->elapsed);
	if (ticks[PERFTOP_FILTERED])
		print_part(m, "filtered", ticks[PERFTOP_FILTERED],
			   all->elapsed);
	seq_printf(m, "\nticks      %llu + %llu + %llu + %llu + %llu",
		   ticks[PERFTOP_RANKED], all->running, ticks[PERFTOP_IDLE],
		   ticks[PERFTOP_OVERFLOW], ticks[PERFTOP_UNATTRIBUTED]);
	if (ticks[PERFTOP_FILTERED])
		seq_printf(m, " + %llu", ticks[PERFTOP_FILTERED]);
	seq_printf(m, " = %llu\n", all->elapsed);
}

static void print_captures(struct seq_file *m,
			   const struct perftop_snapshot *snapshot)
{
	u64 captures = snapshot->captures;
	u32 share;

	/* Both go on counting while they are read. */
	share = hundredths(captures - min(captures, snapshot->unwound),
			   captures);
	seq_printf(m, "captures   %llu   remembered %u.%02u%%", captures,
		   share / 100, share % 100);
	if (perftop_params.verify)
		seq_printf(m, "   differ %llu", snapshot->differ);
	seq_putc(m, '\n');
}

/**
 * perftop_print_header() - Print the lines above every table
 * @m: the file
 * @snapshot: what they tell of
 *
 * A table that accounts for time tells of its own, another of the stacks'.
 */
void perftop_print_header(struct seq_file *m,
			  const struct perftop_snapshot *snapshot)
{
	const struct perftop_line *all = &snapshot->total;
	const struct perftop_view *view = snapshot->view;

	seq_printf(m, "perftop %d   up", FORMAT_VERSION);
	seq_putc(m, ' ');
	perftop_print_ns(m, snapshot->up, 0);
	seq_printf(m, "   %u CPUs   %u.%03u MHz tsc   hook %s%s   opened %llu\n",
		   snapshot->cpus, tsc_khz / 1000, tsc_khz % 1000,
		   perftop_hook->name, snapshot->armed ? "" : " (not armed)",
		   snapshot->opened);
	print_times(m, all);
	seq_printf(m, "switches   %llu   uncaptured %llu   missed %llu",
		   all->sums.switches, all->sums.uncaptured, snapshot->missed);
	if (snapshot->on)
		seq_printf(m, "   %s %u", view->name, snapshot->records);
	if (snapshot->table == &perftop_stacks)
		seq_printf(m, "   truncated %llu", all->sums.truncated);
	if (view->cost && snapshot->full)
		seq_printf(m, "   no state %llu", snapshot->full);
	if (snapshot->steps)
		seq_printf(m, "   clock steps %llu", snapshot->steps);
	seq_putc(m, '\n');
	if (snapshot->table == &perftop_stacks)
		print_captures(m, snapshot);
	if (snapshot->filter[0])
		seq_printf(m, "filter     %s\n", snapshot->filter);
	seq_putc(m, '\n');
}
