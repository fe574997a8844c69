/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose time is counted.
 */
#ifndef PERFTOP_FILTER_H
#define PERFTOP_FILTER_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include "engine/words.h"

struct task_struct;

/* With the NUL. */
#define PERFTOP_FILTER_WORDS	4096

/* What a task's filter says; see filter.c. */
DECLARE_STATIC_KEY_FALSE(perftop_filtering);

/* What may be written. */
extern const struct perftop_word perftop_filter_words[];

bool perftop_filter_passes(const struct task_struct *task);
bool perftop_filter_passes_waiting(const struct task_struct *task);

int perftop_filter_check(const char *words);
int perftop_filter_set(const char *words);
void perftop_filter_exit(void);
bool perftop_filter_passes_slice(u64 ticks);
bool perftop_filter_passes_open(const struct task_struct *task, u64 ticks);
void perftop_filter_copy(char *words);

#endif /* PERFTOP_FILTER_H */
