/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots as JSON.
 */
#ifndef PERFTOP_PRINT_JSON_H
#define PERFTOP_PRINT_JSON_H

#include <linux/types.h>

struct perftop_frame_numbers;
struct perftop_snapshot;
struct seq_file;

bool perftop_json_has(const struct perftop_snapshot *first,
		      const struct perftop_frame_numbers *numbers,
		      unsigned long piece);
void perftop_json_show(struct seq_file *m, const struct perftop_snapshot *first,
		       struct perftop_frame_numbers *numbers, unsigned long piece);

#endif /* PERFTOP_PRINT_JSON_H */
