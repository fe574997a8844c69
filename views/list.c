// SPDX-License-Identifier: GPL-2.0
/*
 * The list of views, as the file "views":
 *
 *   VIEW       ON   COST  SHOWS
 *   tasks      yes  70    threads by CPU time, their switches and waits
 *   |          |    |
 *   |          |    guest instructions a switch; -: none, and always on
 *   |          echo +tasks > /proc/perftop
 *   the file in /proc/perftop.d
 */
#include <linux/seq_file.h>

#include "engine/view.h"
#include "proc/snapshot.h"

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	seq_printf(m, "%-10s %-4s %-10s %s\n", "VIEW", "ON", "COST", "SHOWS");
}

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	unsigned int n = 0;

	while (perftop_view_at(n))
		n++;
	return n;
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_view *view = perftop_view_at(number);

	seq_printf(m, "%-10s %-4s %-10s %s", view->name,
		   perftop_view_is_on(view) ? "yes" : "no",
		   view->cost ? view->cost : "-", view->what);
	if (view->lacks)
		seq_printf(m, " (without %s)", view->lacks);
	seq_putc(m, '\n');
}

const struct perftop_view perftop_view_list = {
	.name	= "views",
	.what	= "this list",
	.header	= show_header,
	.rows	= count_rows,
	.row	= show_row,
	.bare	= true,
	.shared	= true,
};
