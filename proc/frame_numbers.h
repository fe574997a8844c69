/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The distinct frames of what is read as JSON, by number.
 */
#ifndef PERFTOP_FRAME_NUMBERS_H
#define PERFTOP_FRAME_NUMBERS_H

#include <linux/types.h>

struct perftop_frame_numbers;

struct perftop_frame_numbers *perftop_frame_numbers_create(void);
void perftop_frame_numbers_free(struct perftop_frame_numbers *numbers);
u32 perftop_frame_number(const struct perftop_frame_numbers *numbers, u64 space,
			 u64 frame);
u32 perftop_frame_number_add(struct perftop_frame_numbers *numbers, u64 space,
			     u64 frame, const char *text, size_t length);
u32 perftop_frame_numbers_count(const struct perftop_frame_numbers *numbers);
u64 perftop_frame_numbers_lost(const struct perftop_frame_numbers *numbers);
const char *perftop_frame_text(const struct perftop_frame_numbers *numbers,
			       u32 number);

#endif /* PERFTOP_FRAME_NUMBERS_H */
