// SPDX-License-Identifier: GPL-2.0
/*
 * The stacks: the view that /proc/perftop prints.
 *
 *    1  15.63     6254812345  3.127 s     1204 2.597 ms 9.313 ms 1f3a90c2 cc[4] +3
 *         schedule+0x5a                                                       |
 *         |                                              other threads as well
 *         where the task left the CPU; below, its callers
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "engine/view.h"
#include "proc/print.h"
#include "proc/print_columns.h"
#include "proc/print_frames.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"

/* More threads than this share a bit of the bitmap too often to be counted. */
#define THREADS_COUNTED	16

#define COLUMNS(COLUMN)							\
	COLUMN(rank, "RANK", 4, NUMBER, "its place by time", RANK)	\
	COLUMN(time_share, "TIME%", 6, PERCENT,				\
	       "share of all CPUs' time", SHARE, PERFTOP_TICKS)		\
	COLUMN(ticks, "TICKS", 14, TICKS,				\
	       "time in slices that ended with this stack",		\
	       COUNTER, PERFTOP_TICKS)					\
	COLUMN(time, "TIME", 8, NS,					\
	       "the same as a time", TIME, PERFTOP_TICKS)		\
	COLUMN(count, "COUNT", 8, COUNT,				\
	       "slices that have ended; 0: of one that has not",	\
	       COUNTER, PERFTOP_COUNT)					\
	COLUMN(average, "AVG", 8, NS,					\
	       "average length of these", AVERAGE, PERFTOP_TICKS, PERFTOP_COUNT) \
	COLUMN(longest, "LONGEST", 8, NS,				\
	       "length of the longest", TIME, PERFTOP_LONGEST)		\
	COLUMN(jhash, "JHASH", 8, HASH, "Jenkins hash of the stack", KEY_HASH) \
	COLUMN(comm, "COMM", 0, NAME,					\
	       "whose it is: its process's name, or a kernel thread's",	\
	       COMM, PERFTOP_COMM)					\
	COLUMN(pid, "PID", 0, ID,					\
	       "thread that was seen last with it", COUNTER_LOW, PERFTOP_TASK) \
	COLUMN(tgid, "TGID", 0, ID, "its process", COUNTER_HIGH, PERFTOP_TASK) \
	COLUMN(threads, "THREADS", 0, NUMBER,				\
	       "how many threads there were; null: more than 16",	\
	       BITS, PERFTOP_THREADS, THREADS_COUNTED)			\
	COLUMN(stack, "STACK", 0, STACK,				\
	       "its frames, the innermost first", KEY_STACK, PERFTOP_TASK)

PERFTOP_COLUMNS(COLUMNS);

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	perftop_print_titles(m, snapshot->view);
	/* The hash is longer than its title. */
	seq_puts(m, "    TASK\n");
}

static void show_task(struct seq_file *m, const struct perftop_row *row)
{
	unsigned int threads = hweight64(row->counter[PERFTOP_THREADS]);

	seq_putc(m, ' ');
	if (perftop_row_is_nobody(row)) {
		perftop_print_nobody(m, row);
		seq_putc(m, '\n');
		return;
	}
	perftop_print_comm(m, &row->counter[PERFTOP_COMM]);
	seq_printf(m, "[%u]", lower_32_bits(row->counter[PERFTOP_TASK]));
	if (row->open)
		seq_puts(m, " (running)");
	else if (threads > THREADS_COUNTED)
		seq_puts(m, " +many");
	else if (threads > 1)
		seq_printf(m, " +%u", threads - 1);
	seq_putc(m, '\n');
}

/* Below the row its frames, a line each. */
static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	struct perftop_row *row = &snapshot->row[number];

	perftop_print_columns(m, snapshot, row);
	show_task(m, row);
	if (row->words)
		perftop_frames_show(m, row->word, row->counter[PERFTOP_TASK],
				    &row->printed);
}

const struct perftop_view perftop_view_stacks = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "call stacks by CPU time: /proc/perftop",
	.table		= &perftop_stacks,
	.open_slice	= perftop_slice_open_row,
	.open_apart	= true,
	.columns	= columns,
	.header		= show_header,
	.row		= show_row,
};
