/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which views, columns and words there are.
 */
#ifndef PERFTOP_DECLARATIONS_H
#define PERFTOP_DECLARATIONS_H

#include <linux/types.h>

struct seq_file;

bool perftop_declarations_has(unsigned long piece);
void perftop_declarations_show(struct seq_file *m, unsigned long piece);
void perftop_declarations_json(struct seq_file *m, unsigned long piece);

#endif /* PERFTOP_DECLARATIONS_H */
