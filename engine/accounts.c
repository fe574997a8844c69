// SPDX-License-Identifier: GPL-2.0
/*
 * Where all of a CPU's time is: what the drain has added up, table by table, for
 * each CPU.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine/accounts.h"
#include "engine/table.h"

/**
 * perftop_accounts_init() - Take the memory for a table's sums
 * @table: initialised; one that accounts for no time needs none
 *
 * Context: process context.
 * Return: 0 or -ENOMEM; perftop_accounts_exit() is called in either case.
 */
int perftop_accounts_init(struct perftop_table *table)
{
	if (!table->time)
		return 0;
	table->sums = kcalloc(nr_cpu_ids, sizeof(*table->sums), GFP_KERNEL);
	if (!table->sums)
		return -ENOMEM;
	table->bytes += nr_cpu_ids * sizeof(*table->sums);
	return 0;
}

/**
 * perftop_accounts_exit() - Give it back
 * @table: as perftop_accounts_init() left it
 *
 * Context: process context.
 */
void perftop_accounts_exit(struct perftop_table *table)
{
	kfree(table->sums);
	table->sums = NULL;
}

/**
 * perftop_accounts_clear() - Begin to add up anew
 * @table: any
 *
 * Context: perftop_lock held.
 */
void perftop_accounts_clear(struct perftop_table *table)
{
	if (table->time)
		memset(table->sums, 0, nr_cpu_ids * sizeof(*table->sums));
}

/**
 * perftop_accounts_add() - Add a row that has been merged
 * @table: it accounts for time
 * @cpu: whose row
 * @record: that it went to
 * @counter: the row's
 *
 * Context: perftop_lock held.
 */
void perftop_accounts_add(struct perftop_table *table, unsigned int cpu,
			  const struct perftop_record *record,
			  const u64 *counter)
{
	struct perftop_sums *sum = &table->sums[cpu];

	sum->ticks[record->account] += counter[PERFTOP_TICKS];
	sum->switches += counter[PERFTOP_COUNT];
	if (record->account == PERFTOP_UNATTRIBUTED)
		sum->uncaptured += counter[PERFTOP_COUNT];
}
