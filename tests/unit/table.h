/* SPDX-License-Identifier: GPL-2.0 */
/* A table of which all CPUs that are online have their shards. */
#ifndef TABLE_H
#define TABLE_H

#include <linux/jhash.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "engine/table.h"
#include "hash.h"

/* A machine that has just begun. */
static inline void table_begin(void)
{
	shim_percpu_reset();
	shim_jhash_mask = ~0U;
	shim_clock[0] = 1ULL << 40;
}

/* Nothing is left of the table. */
static inline void table_end(struct perftop_table *table)
{
	perftop_table_exit(table);
	memset(table, 0, sizeof(*table));
	assert_int_equal(shim_allocated, 0);
}

static inline int table_init(struct perftop_table *table)
{
	int err = perftop_table_init(table);
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (!err)
			err = perftop_table_add_cpu(table, cpu);
	return err;
}

#endif
