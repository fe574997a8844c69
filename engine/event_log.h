/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequences, not sums.
 */
#ifndef PERFTOP_EVENT_LOG_H
#define PERFTOP_EVENT_LOG_H

#include <linux/percpu.h>
#include <linux/types.h>

struct perftop_log_cpu;

/**
 * struct perftop_log - the last entries of something, on each CPU
 * @words: words of 64 bits an entry, the first is its time in ns
 * @epoch: when it began, or was cleared, in ns
 * @cpu: private, one ring a CPU
 */
struct perftop_log {
	unsigned int			words;
	u64				epoch;
	struct perftop_log_cpu __percpu	*cpu;
};

int perftop_log_init(struct perftop_log *log);
void perftop_log_exit(struct perftop_log *log);
u64 *perftop_log_next(struct perftop_log *log);
void perftop_log_clear(struct perftop_log *log);
unsigned int perftop_log_limit(void);
unsigned int perftop_log_copy(struct perftop_log *log, u64 *to);

#endif /* PERFTOP_EVENT_LOG_H */
