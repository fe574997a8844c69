// SPDX-License-Identifier: GPL-2.0
/*
 * What all views print alike: the header, and the columns of numbers, times and
 * shares.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/tsc.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/merged_records.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "switch/hook_select.h"
#include "switch/slice.h"

/**
 * perftop_print_field() - Print a word at the right of its column
 * @m: the file
 * @text: the word; what is too long for the column is not cut
 * @width: of the column, and of the blank before it, which is there whatever
 *	the word is; 0: it stands in no column
 *
 * Context: process context, as for all in this file.
 */
void perftop_print_field(struct seq_file *m, const char *text, int width)
{
	if (width)
		seq_putc(m, ' ');
	seq_printf(m, "%*s", width ? width - 1 : 0, text);
}

/* Nine digits more, or fewer if there are no others above them. */
static u32 divide(perftop_wide *number)
{
	u64 rest = 0;
	perftop_wide quotient = 0;
	int shift;

	for (shift = 96; shift >= 0; shift -= 32) {
		rest = rest << 32 | (u32)(*number >> shift);
		quotient = quotient << 32 | (u32)div_u64(rest, NSEC_PER_SEC);
		rest %= NSEC_PER_SEC;
	}
	*number = quotient;
	return rest;
}

/* In decimal, in @size bytes that are enough; the last of them is the NUL. */
static char *format_wide(char *buf, size_t size, perftop_wide number)
{
	char *at = buf + size;
	u32 nine;
	int i;

	*--at = '\0';
	do {
		nine = divide(&number);
		for (i = 0; i < 9 && (i == 0 || nine || number); i++) {
			*--at = '0' + nine % 10;
			nine /= 10;
		}
	} while (number);
	return at;
}

/**
 * perftop_print_number() - The same of a number
 * @m: the file
 * @number: the number
 * @width: of the column, as for all in this file
 */
void perftop_print_number(struct seq_file *m, perftop_wide number, int width)
{
	char buf[40];

	perftop_print_field(m, format_wide(buf, sizeof(buf), number), width);
}

/**
 * perftop_print_list() - Print which bits are set, as ranges, at the left
 * @m: the file
 * @bits: some of them are
 * @n: how many there are
 * @width: of the column
 *
 * What is longer than 31 letters ends behind a number or range, and in a mark:
 * "0,2-4,+".
 */
void perftop_print_list(struct seq_file *m, const unsigned long *bits,
			unsigned int n, int width)
{
	char list[32], *end;

	if (snprintf(list, sizeof(list), "%*pbl", n, bits) >= sizeof(list)) {
		list[sizeof(list) - 2] = '\0';
		end = strrchr(list, ',');
		strscpy(end, ",+", list + sizeof(list) - end);
	}
	seq_printf(m, " %-*s", width - 1, list);
}

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
 */
void perftop_print_ns(struct seq_file *m, u64 ns, int width)
{
	char buf[32];

	format_time(buf, sizeof(buf), ns);
	perftop_print_field(m, buf, width);
}

/* So far does a number have to be shifted to be no longer than that. */
static unsigned int excess(perftop_wide number, unsigned int bits)
{
	unsigned int shift = 0;

	while (number >> shift >> bits)
		shift++;
	return shift;
}

/**
 * perftop_ticks_to_ns() - How long that is
 * @ticks: of the time stamp counter, of 250 MHz at the least
 *
 * Context: any.
 * Return: nanoseconds, no more than fit.
 */
u64 perftop_ticks_to_ns(perftop_wide ticks)
{
	const unsigned int shift = excess(ticks, 62);
	const u64 ns = mul_u64_u64_div_u64(ticks >> shift, USEC_PER_SEC, tsc_khz);

	return ns > U64_MAX >> shift ? U64_MAX : ns << shift;
}

/**
 * perftop_print_ticks() - The same, of ticks
 * @m: the file
 * @ticks: of the time stamp counter
 * @width: of the column
 */
void perftop_print_ticks(struct seq_file *m, perftop_wide ticks, int width)
{
	perftop_print_ns(m, perftop_ticks_to_ns(ticks), width);
}

/**
 * perftop_print_average() - Print a sum of ticks over a count
 * @m: the file
 * @ticks: the sum
 * @count: if it is 0, a dash is printed
 * @width: of the column
 */
void perftop_print_average(struct seq_file *m, perftop_wide ticks, u64 count,
			   int width)
{
	const unsigned int shift = excess(ticks, 64);

	if (count)
		perftop_print_ticks(m, (perftop_wide)div64_u64(ticks >> shift,
							       count) << shift,
				    width);
	else
		perftop_print_field(m, "-", width);
}

/* Of a whole that may be nothing. */
static u32 hundredths(perftop_wide part, perftop_wide whole)
{
	const unsigned int shift = excess(whole, 64);

	return whole ? mul_u64_u64_div_u64(part >> shift, 10000, whole >> shift) :
		       0;
}

/**
 * perftop_print_share() - Print a part of a whole in percent
 * @m: the file
 * @part: the part
 * @whole: the whole
 * @width: of the column
 */
void perftop_print_share(struct seq_file *m, perftop_wide part,
			 perftop_wide whole, int width)
{
	u32 share = hundredths(part, whole);
	char buf[16];

	snprintf(buf, sizeof(buf), "%u.%02u", share / 100, share % 100);
	perftop_print_field(m, buf, width);
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
	char buf[24];

	snprintf(buf, sizeof(buf), "%llu.%llu", tenths / 10, tenths % 10);
	perftop_print_field(m, buf, width);
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
		[SCHED_EXT]		= "ext",
	};

	return policy < ARRAY_SIZE(names) && names[policy] ? names[policy] :
							     "other";
}

/* How many, their sum, the longest, and how much was held. */
static void print_waits(struct seq_file *m, const u64 *waits)
{
	perftop_print_ns(m, waits[1], 10);
	perftop_print_ticks(m, waits[3], 10);
	if (waits[0])
		perftop_print_ns(m, div64_u64(waits[1], waits[0]), 10);
	else
		perftop_print_field(m, "-", 10);
	perftop_print_ns(m, waits[2], 10);
}

/* Of the time that was wanted, how much there was. */
static void print_got(struct seq_file *m, perftop_wide ticks, u64 wait)
{
	u64 run = perftop_ticks_to_ns(ticks);

	if (run || wait)
		perftop_print_share(m, run, run + wait, 7);
	else
		perftop_print_field(m, "-", 7);
}

/**
 * perftop_print_slices_header() - Print what stands above them
 * @m: the file
 */
void perftop_print_slices_header(struct seq_file *m)
{
	seq_printf(m, " %6s %14s %8s %8s %8s %8s %8s", "CPU%", "TICKS", "TIME",
		   "SWITCHES", "VOL", "INVOL", "/S");
	seq_printf(m, " %9s %9s %9s %9s %6s", "WAIT", "HELD", "AVG WAIT",
		   "MAX WAIT", "GOT%");
}

/**
 * perftop_print_slices() - Print what somebody's slices were
 * @m: the file
 * @snapshot: it is part of
 * @row: somebody's, whose counters are: ticks; how many slices, and how many of
 *	them were given up; then, of the waits before them, how many, their sum and
 *	the longest in ns, and for how many ticks they were held
 *
 * Of what was moved there is no rate.
 */
void perftop_print_slices(struct seq_file *m,
			  const struct perftop_snapshot *snapshot,
			  const struct perftop_row *row)
{
	const u64 *counter = row->counter;
	const u64 count = counter[1], given_up = counter[2];
	const perftop_wide ticks = perftop_row_ticks(row);

	perftop_print_share(m, ticks, snapshot->total.elapsed, 7);
	perftop_print_number(m, ticks, 15);
	perftop_print_ticks(m, ticks, 9);
	perftop_print_number(m, count, 9);
	perftop_print_number(m, given_up, 9);
	perftop_print_number(m, count - given_up, 9);
	if (perftop_row_is_others(row))
		perftop_print_field(m, "-", 9);
	else
		perftop_print_rate(m, count, snapshot->up, 9);
	print_waits(m, &counter[PERFTOP_SLICES_WAITS]);
	print_got(m, ticks, counter[PERFTOP_SLICES_WAITS + 1]);
}

/**
 * perftop_print_id() - Print the id of a thread or a process, and its marks
 * @m: the file
 * @id: which
 * @ended: it has ended: "+"
 * @renamed: it had another name before: "*"
 *
 * Return: how many marks stand behind the seven columns of the id.
 */
unsigned int perftop_print_id(struct seq_file *m, u32 id, bool ended,
			      bool renamed)
{
	seq_printf(m, "%7u%s%s", id, ended ? "+" : "", renamed ? "*" : "");
	return ended + renamed;
}

/**
 * perftop_print_cpu() - Print a CPU's number, and its mark
 * @m: the file
 * @line: its account
 *
 * "*": it was offline for a while since the table began to count, or is.
 */
void perftop_print_cpu(struct seq_file *m, const struct perftop_line *line)
{
	char number[16];

	snprintf(number, sizeof(number), "%u%s", line->cpu,
		 line->was_offline ? "*" : "");
	seq_printf(m, "%-4s ", number);
}

/**
 * perftop_print_nobody() - Print what a row without a key is
 * @m: the file
 * @row: the row
 */
void perftop_print_nobody(struct seq_file *m, const struct perftop_row *row)
{
	seq_puts(m, perftop_row_is_others(row) ? "[others]" : "[overflow]");
}

/**
 * perftop_print_who() - Print a row's name, and end its line
 * @m: the file
 * @row: the row
 * @comm: its name, two words
 */
void perftop_print_who(struct seq_file *m, const struct perftop_row *row,
		       const u64 *comm)
{
	seq_putc(m, ' ');
	if (row->words)
		perftop_print_comm(m, comm);
	else
		perftop_print_nobody(m, row);
	if (row->open || row->waiting)
		seq_printf(m, " (%s%s%s)", row->open ? "running" : "",
			   row->open && row->waiting ? ", " : "",
			   row->waiting ? "waiting" : "");
	seq_putc(m, '\n');
}

static void print_part(struct seq_file *m, const char *what, perftop_wide part,
		       perftop_wide whole)
{
	u32 share = hundredths(part, whole);

	seq_printf(m, "   %s %u.%02u%%", what, share / 100, share % 100);
}

static void print_sum(struct seq_file *m, const char *before, perftop_wide ticks)
{
	seq_puts(m, before);
	perftop_print_number(m, ticks, 0);
}

static void print_times(struct seq_file *m, const struct perftop_line *all)
{
	const perftop_wide *ticks = all->sums.ticks;

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
	print_sum(m, "\nticks      ", ticks[PERFTOP_RANKED]);
	print_sum(m, " + ", all->running);
	print_sum(m, " + ", ticks[PERFTOP_IDLE]);
	print_sum(m, " + ", ticks[PERFTOP_OVERFLOW]);
	print_sum(m, " + ", ticks[PERFTOP_UNATTRIBUTED]);
	if (ticks[PERFTOP_FILTERED])
		print_sum(m, " + ", ticks[PERFTOP_FILTERED]);
	print_sum(m, " = ", all->elapsed);
	seq_putc(m, '\n');
}

/*
 * The CPUs' time by another clock, beside the sum; and whether the clock of ticks
 * is one to be trusted, which a plain virtual machine's is not in all respects.
 */
static void print_clock(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	const u64 up = mul_u64_u64_div_u64(snapshot->up, tsc_khz, USEC_PER_SEC);

	seq_printf(m, "clock      %u CPUs x %llu", snapshot->cpus, up);
	print_sum(m, " = ", (perftop_wide)up * snapshot->cpus);
	if (snapshot->were_offline)
		seq_printf(m, "   were offline %u", snapshot->were_offline);
	if (check_tsc_unstable())
		seq_puts(m, "   tsc unstable");
	if (!boot_cpu_has(X86_FEATURE_CONSTANT_TSC))
		seq_puts(m, "   tsc not constant");
	if (!boot_cpu_has(X86_FEATURE_NONSTOP_TSC))
		seq_puts(m, "   tsc not nonstop");
	if (snapshot->stolen) {
		seq_puts(m, "   stolen ");
		perftop_print_ns(m, snapshot->stolen, 0);
	}
	seq_putc(m, '\n');
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

/* As it was written, but for what moves a cursor. */
static void print_filter(struct seq_file *m, const char *words)
{
	seq_puts(m, "filter     ");
	perftop_print_name(m, words);
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

	seq_puts(m, "perftop " PERFTOP_VERSION "   up");
	seq_putc(m, ' ');
	perftop_print_ns(m, snapshot->up, 0);
	seq_printf(m, "   %u CPUs   %u.%03u MHz tsc   hook %s%s   opened %llu\n",
		   snapshot->cpus, tsc_khz / 1000, tsc_khz % 1000,
		   perftop_hook->name, snapshot->armed ? "" : " (not armed)",
		   snapshot->opened);
	print_times(m, all);
	print_clock(m, snapshot);
	seq_printf(m, "switches   %llu   uncaptured %llu   missed %llu",
		   all->sums.switches, all->sums.uncaptured, snapshot->missed);
	if (snapshot->on)
		seq_printf(m, "   %s %u", view->name, snapshot->records);
	if (snapshot->moved)
		seq_printf(m, "   moved %llu", snapshot->moved);
	if (snapshot->table == &perftop_stacks)
		seq_printf(m, "   truncated %llu", all->sums.truncated);
	if (snapshot->table == &perftop_stacks && snapshot->unnamed)
		seq_printf(m, "   unnamed %llu", snapshot->unnamed);
	if (view->cost && snapshot->full)
		seq_printf(m, "   no state %llu", snapshot->full);
	if (snapshot->steps)
		seq_printf(m, "   clock steps %llu", snapshot->steps);
	seq_putc(m, '\n');
	if (snapshot->table == &perftop_stacks)
		print_captures(m, snapshot);
	if (snapshot->filter[0])
		print_filter(m, snapshot->filter);
	if (snapshot->bare)
		seq_printf(m, "without    memory for %u CPUs: the time of their tasks is unattributed\n",
			   snapshot->bare);
	if (view->lacks)
		seq_printf(m, "without    %s\n", view->lacks);
	if (snapshot->table == &perftop_stacks && !snapshot->ends_seen)
		seq_puts(m, "without    files of processes that have ended: exit_mmap cannot be probed\n");
	seq_putc(m, '\n');
}
