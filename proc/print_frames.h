/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys, printed.
 */
#ifndef PERFTOP_PRINT_FRAMES_H
#define PERFTOP_PRINT_FRAMES_H

#include <linux/types.h>

struct perftop_frame_numbers;
struct seq_file;

void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task,
			 char **printed);
void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task,
			 char **printed);
void perftop_frames_number(struct seq_file *m, const u64 *word, u64 task,
			   struct perftop_frame_numbers *numbers);

#endif /* PERFTOP_PRINT_FRAMES_H */
