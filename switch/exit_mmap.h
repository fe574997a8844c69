/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What processes had mapped is kept when they end.
 */
#ifndef PERFTOP_EXIT_MMAP_H
#define PERFTOP_EXIT_MMAP_H

#include <linux/types.h>

void perftop_exit_mmap_start(void);
void perftop_exit_mmap_stop(void);
bool perftop_exit_mmap_seen(void);
u64 perftop_exit_mmap_missed(void);
void perftop_exit_mmap_reset(void);

#endif /* PERFTOP_EXIT_MMAP_H */
