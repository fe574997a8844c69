/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the shards to a reader.
 */
#ifndef PERFTOP_DRAIN_H
#define PERFTOP_DRAIN_H

#include <linux/mutex.h>
#include <linux/types.h>

struct perftop_table;

extern struct mutex perftop_lock;

int perftop_drain_init(struct perftop_table *table);
int perftop_drain_start(void);
void perftop_drain_stop(void);
void perftop_drain_exit(void);
void perftop_drain_reset(void);
int perftop_drain_add_cpus(struct perftop_table *table);
void perftop_drain_attach(struct perftop_table *table, u32 view);
void perftop_drain_detach(struct perftop_table *table, u32 view);
int perftop_drain_cut(int (*begin)(void *data), void *data);
bool perftop_drain_was_cut(unsigned int cpu);
u64 perftop_drain_cut_at(void);
bool perftop_drain_was_offline(unsigned int cpu, u64 epoch);
bool perftop_drain_check_armed(void);
u64 perftop_drain_missed(void);
u64 perftop_drain_opened(void);
u64 perftop_drain_resets(void);
u64 perftop_drain_stolen(void);
void perftop_drain_count_open(void);

#endif /* PERFTOP_DRAIN_H */
