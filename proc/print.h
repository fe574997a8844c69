/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all views print alike.
 */
#ifndef PERFTOP_PRINT_H
#define PERFTOP_PRINT_H

#include <linux/types.h>

#include "perftop.h"

struct perftop_row;
struct perftop_snapshot;
struct seq_file;

/* Any number in decimal, and the NUL. */
#define PERFTOP_NUMBER_SIZE	40

const char *perftop_format_number(char *buf, size_t size, perftop_wide number);
void perftop_format_ns(char *buf, size_t size, u64 ns);
void perftop_format_list(char *list, size_t size, const unsigned long *bits,
			 unsigned int n);
void perftop_print_field(struct seq_file *m, const char *text, int width);
void perftop_print_number(struct seq_file *m, perftop_wide number, int width);
void perftop_print_ns(struct seq_file *m, u64 ns, int width);
void perftop_print_nobody(struct seq_file *m, const struct perftop_row *row);
void perftop_print_header(struct seq_file *m,
			  const struct perftop_snapshot *snapshot);

#endif /* PERFTOP_PRINT_H */
