// SPDX-License-Identifier: GPL-2.0
/*
 * What all views print alike: numbers and times, and the header.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
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
#include "proc/values.h"
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

/**
 * perftop_format_number() - A number in decimal
 * @buf: where it is left, at the end
 * @size: of @buf, PERFTOP_NUMBER_SIZE
 * @number: the number
 *
 * Return: where it begins.
 */
const char *perftop_format_number(char *buf, size_t size, perftop_wide number)
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
	char buf[PERFTOP_NUMBER_SIZE];

	perftop_print_field(m, perftop_format_number(buf, sizeof(buf), number), width);
}

/**
 * perftop_format_list() - Which bits are set, as ranges
 * @list: where that is left, a dash for none
 * @size: of @list; what is longer ends behind a number or range, and in a mark:
 *	"0,2-4,+"
 * @bits: some of them are
 * @n: how many there are
 */
void perftop_format_list(char *list, size_t size, const unsigned long *bits,
			 unsigned int n)
{
	char *end;

	if (snprintf(list, size, "%*pbl", n, bits) >= size) {
		list[size - 2] = '\0';
		end = strrchr(list, ',');
		strscpy(end, ",+", list + size - end);
	}
	if (!*list)
		strscpy(list, "-", size);
}

/**
 * perftop_format_ns() - A time in four digits and a unit
 * @buf: where it is left
 * @size: of @buf
 * @ns: nanoseconds
 */
void perftop_format_ns(char *buf, size_t size, u64 ns)
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

	perftop_format_ns(buf, sizeof(buf), ns);
	perftop_print_field(m, buf, width);
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

static void print_part(struct seq_file *m, const char *what, perftop_wide part,
		       perftop_wide whole)
{
	u32 share = perftop_hundredths(part, whole);

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
	if (ticks[PERFTOP_INTERRUPTS])
		print_part(m, "interrupts", ticks[PERFTOP_INTERRUPTS],
			   all->elapsed);
	print_sum(m, "\nticks      ", ticks[PERFTOP_RANKED]);
	print_sum(m, " + ", all->running);
	print_sum(m, " + ", ticks[PERFTOP_IDLE]);
	print_sum(m, " + ", ticks[PERFTOP_OVERFLOW]);
	print_sum(m, " + ", ticks[PERFTOP_UNATTRIBUTED]);
	if (ticks[PERFTOP_FILTERED])
		print_sum(m, " + ", ticks[PERFTOP_FILTERED]);
	if (ticks[PERFTOP_INTERRUPTS])
		print_sum(m, " + ", ticks[PERFTOP_INTERRUPTS]);
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
	share = perftop_hundredths(captures - min(captures, snapshot->unwound),
				   captures);
	seq_printf(m, "captures   %llu   remembered %u.%02u%%", captures,
		   share / 100, share % 100);
	if (perftop_params.verify)
		seq_printf(m, "   differ %llu", snapshot->differ);
	seq_putc(m, '\n');
}

static void print_lost(struct seq_file *m, const struct perftop_span_losses *lost)
{
	seq_printf(m, "spans      unbegun %llu   unended %llu   no room %llu\n",
		   lost->unbegun, lost->unended, lost->full);
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
	if (view->lost)
		print_lost(m, &snapshot->lost);
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
