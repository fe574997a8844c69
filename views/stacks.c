// SPDX-License-Identifier: GPL-2.0
/*
 * The stacks: the view that /proc/perftop prints.
 *
 * perftop 1   up 10.002 s   2 CPUs   2000.000 MHz tsc   hook kprobe   opened 3
 *         |      |                                      |             |
 *         |      since load or reset                    |    likewise, times
 *         version of this format       how switches are seen, "(not armed)"
 *                                      added where they are not
 * cpu time   tasks 40.12%   running 1.11%   idle 58.77%   overflow 0.00% ...
 *            |              |                             |
 *            |              slices not ended yet          no place in the table
 *            slices that ended, ranked below
 * ticks      8024401 + 222011 + 11754203 + 0 + 0 = 20000615
 *            the same five in ticks, and all that all CPUs have had
 * switches   104829   uncaptured 0   missed 0   stacks 143   truncated 0
 *                     |              |          |            |
 *                     |              |          |   switches by stacks with
 *                     |              |          |   frames left out
 *                     |              |          distinct ones
 *                     |              probes that fired and were not run
 *                     charged to no stack: unattributed
 * captures   104829   remembered 99.62%
 *            |        not unwound again
 *            stacks taken, one or two a switch
 *
 * RANK  TIME%          TICKS     TIME    COUNT      AVG  LONGEST JHASH    TASK
 *    1  15.63     6254812345  3.127 s     1204 2.597 ms 9.313 ms 1f3a90c2 cc[4] +3
 *       |                               |             |       |        |
 *       of all CPUs' time               slices        slice   of the   seen
 *                                       that ended            key      last; +3:
 *         schedule+0x5a                                  other threads as well
 *         |
 *         where the task left the CPU; below, its callers
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <asm/tsc.h>

#include "../perftop.h"

#define FORMAT_VERSION	1

/* More threads than this share a bit of the bitmap too often to be counted. */
#define THREADS_COUNTED	16

static const u8 merge[PERFTOP_SLICE_COUNTERS] = {
	[PERFTOP_TICKS]		= PERFTOP_SUM,
	[PERFTOP_COUNT]		= PERFTOP_SUM,
	[PERFTOP_LONGEST]	= PERFTOP_MAX,
	[PERFTOP_THREADS]	= PERFTOP_OR,
	[PERFTOP_TASK]		= PERFTOP_LAST,
	[PERFTOP_COMM]		= PERFTOP_LAST,
	[PERFTOP_COMM2]		= PERFTOP_LAST,
};

struct perftop_table perftop_stacks = {
	.name		= "stacks",
	.merge		= merge,
	.counters	= PERFTOP_SLICE_COUNTERS,
	.rank		= PERFTOP_TICKS,
};

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

static u64 ticks_to_ns(u64 ticks)
{
	return mul_u64_u64_div_u64(ticks, USEC_PER_SEC, tsc_khz);
}

static void show_time(struct seq_file *m, u64 ticks, int width)
{
	char buf[32];

	format_time(buf, sizeof(buf), ticks_to_ns(ticks));
	seq_printf(m, "%*s", width, buf);
}

/* Hundredths of a percent. */
static u32 share(u64 part, u64 whole)
{
	return whole ? mul_u64_u64_div_u64(part, 10000, whole) : 0;
}

static void show_share(struct seq_file *m, const char *what, u64 part,
		       u64 whole)
{
	u32 hundredths = share(part, whole);

	seq_printf(m, "   %s %u.%02u%%", what, hundredths / 100,
		   hundredths % 100);
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	const struct perftop_line *all = &snapshot->total;
	const u64 *ticks = all->sums.ticks;
	u32 hundredths;
	char up[32];

	format_time(up, sizeof(up), snapshot->up);
	seq_printf(m, "perftop %d   up %s   %u CPUs   %u.%03u MHz tsc   ",
		   FORMAT_VERSION, up, snapshot->cpus, tsc_khz / 1000,
		   tsc_khz % 1000);
	seq_printf(m, "hook %s%s   opened %llu\n", perftop_hook->name,
		   snapshot->armed ? "" : " (not armed)", snapshot->opened);

	seq_puts(m, "cpu time");
	show_share(m, "tasks", ticks[PERFTOP_RANKED], all->elapsed);
	show_share(m, "running", all->running, all->elapsed);
	show_share(m, "idle", ticks[PERFTOP_IDLE], all->elapsed);
	show_share(m, "overflow", ticks[PERFTOP_OVERFLOW], all->elapsed);
	show_share(m, "unattributed", ticks[PERFTOP_UNATTRIBUTED],
		   all->elapsed);
	seq_printf(m, "\nticks      %llu + %llu + %llu + %llu + %llu = %llu\n",
		   ticks[PERFTOP_RANKED], all->running, ticks[PERFTOP_IDLE],
		   ticks[PERFTOP_OVERFLOW], ticks[PERFTOP_UNATTRIBUTED],
		   all->elapsed);

	seq_printf(m, "switches   %llu   uncaptured %llu   missed %llu   ",
		   all->sums.switches, all->sums.uncaptured, snapshot->missed);
	seq_printf(m, "stacks %u   truncated %llu", snapshot->stacks,
		   all->sums.truncated);
	if (snapshot->steps)
		seq_printf(m, "   clock steps %llu", snapshot->steps);
	/* Both go on counting while they are read. */
	hundredths = share(snapshot->captures - min(snapshot->captures,
						    snapshot->unwound),
			   snapshot->captures);
	seq_printf(m, "\ncaptures   %llu   remembered %u.%02u%%",
		   snapshot->captures, hundredths / 100, hundredths % 100);
	if (perftop_params.verify)
		seq_printf(m, "   differ %llu", snapshot->differ);
	seq_puts(m, "\n\nRANK  TIME%          TICKS     TIME    COUNT      AVG");
	seq_puts(m, "  LONGEST JHASH    TASK\n");
}

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return snapshot->rows;
}

static void show_task(struct seq_file *m, const struct perftop_row *row)
{
	unsigned int threads = hweight64(row->counter[PERFTOP_THREADS]);
	char comm[TASK_COMM_LEN];

	if (!row->words) {
		seq_puts(m, "[overflow]\n");
		return;
	}
	/* Copied while another CPU may have been writing it. */
	strscpy(comm, (const char *)&row->counter[PERFTOP_COMM], sizeof(comm));
	perftop_frames_show_name(m, comm);
	seq_printf(m, "[%u]", lower_32_bits(row->counter[PERFTOP_TASK]));
	if (row->open)
		seq_puts(m, " (running)");
	else if (threads > THREADS_COUNTED)
		seq_puts(m, " +many");
	else if (threads > 1)
		seq_printf(m, " +%u", threads - 1);
	seq_putc(m, '\n');
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];
	const u64 *counter = row->counter;
	u64 ticks = counter[PERFTOP_TICKS];
	u64 count = counter[PERFTOP_COUNT];
	u32 hundredths = share(ticks, snapshot->total.elapsed);

	seq_printf(m, "%4u %3u.%02u %14llu", number + 1, hundredths / 100,
		   hundredths % 100, ticks);
	show_time(m, ticks, 9);
	seq_printf(m, " %8llu", count);
	if (count)
		show_time(m, div64_u64(ticks, count), 9);
	else
		seq_printf(m, "%9s", "-");
	show_time(m, counter[PERFTOP_LONGEST], 9);
	seq_printf(m, " %08x ", row->hash);
	show_task(m, row);
	if (row->words)
		perftop_frames_show(m, row->word, counter[PERFTOP_TASK]);
}

const struct perftop_view perftop_view_stacks = {
	.name	= "perftop",
	.header	= show_header,
	.rows	= count_rows,
	.row	= show_row,
};
