// SPDX-License-Identifier: GPL-2.0
/*
 * All stacks, one a line, as tools that draw flame graphs read them
 * (proc/print_folded.c). There is no header. The lines add up to /proc/perftop's
 * tasks, running, overflow and unattributed; with idle=1 idle stacks are lines too.
 */
#include "engine/view.h"
#include "proc/print_folded.h"

const struct perftop_view perftop_view_folded = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "all stacks, for flame graphs",
	.table		= &perftop_stacks,
	.open_slice	= perftop_slice_open_row,
	.rows		= perftop_folded_rows,
	.row		= perftop_print_folded,
	.all_rows	= true,
	.bare		= true,
};
