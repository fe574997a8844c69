/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of kernel text by its address: which code lasts, and where
 * functions begin.
 */
#ifndef PERFTOP_KERNEL_TEXT_H
#define PERFTOP_KERNEL_TEXT_H

#include <linux/types.h>

int perftop_text_init(void);
void perftop_text_exit(void);
size_t perftop_text_bytes(void);
bool perftop_text_is_known(unsigned long addr);
bool perftop_text_lasts(unsigned long addr);
unsigned long perftop_text_function(unsigned long addr);
unsigned long perftop_text_find_function(unsigned long addr);
void perftop_text_answer(void);
u32 perftop_text_changed(void);

#endif /* PERFTOP_KERNEL_TEXT_H */
