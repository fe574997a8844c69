/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all views print alike.
 */
#ifndef PERFTOP_PRINT_H
#define PERFTOP_PRINT_H

#include <linux/types.h>

#include "perftop.h"

struct perftop_line;
struct perftop_row;
struct perftop_snapshot;
struct seq_file;

void perftop_print_header(struct seq_file *m,
			  const struct perftop_snapshot *snapshot);
void perftop_print_field(struct seq_file *m, const char *text, int width);
void perftop_print_list(struct seq_file *m, const unsigned long *bits,
			unsigned int n, int width);
void perftop_print_number(struct seq_file *m, perftop_wide number, int width);
u64 perftop_ticks_to_ns(perftop_wide ticks);
void perftop_print_ticks(struct seq_file *m, perftop_wide ticks, int width);
void perftop_print_average(struct seq_file *m, perftop_wide ticks, u64 count,
			   int width);
void perftop_print_ns(struct seq_file *m, u64 ns, int width);
const char *perftop_print_policy(u32 policy);
void perftop_print_cpu(struct seq_file *m, const struct perftop_line *line);
unsigned int perftop_print_id(struct seq_file *m, u32 id, bool ended,
			      bool renamed);
void perftop_print_nobody(struct seq_file *m, const struct perftop_row *row);
void perftop_print_who(struct seq_file *m, const struct perftop_row *row,
		       const u64 *comm);
void perftop_print_slices_header(struct seq_file *m);
void perftop_print_slices(struct seq_file *m,
			  const struct perftop_snapshot *snapshot,
			  const struct perftop_row *row);
void perftop_print_share(struct seq_file *m, perftop_wide part,
			 perftop_wide whole, int width);
void perftop_print_rate(struct seq_file *m, u64 count, u64 ns, int width);

#endif /* PERFTOP_PRINT_H */
