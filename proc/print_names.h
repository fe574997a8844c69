/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that anybody may have chosen, printed.
 */
#ifndef PERFTOP_PRINT_NAMES_H
#define PERFTOP_PRINT_NAMES_H

#include <linux/types.h>

struct seq_file;

/* Stands for bytes that are no letter, and is one itself. */
#define PERFTOP_NO_LETTER	0xfffd

u32 perftop_name_letter(const char **text);
const char *perftop_comm_read(char *comm, const u64 *word);
unsigned int perftop_print_name(struct seq_file *m, const char *name);
void perftop_print_folded_name(struct seq_file *m, const char *name);
unsigned int perftop_print_comm(struct seq_file *m, const u64 *word);
void perftop_print_folded_comm(struct seq_file *m, const u64 *word);

#endif /* PERFTOP_PRINT_NAMES_H */
