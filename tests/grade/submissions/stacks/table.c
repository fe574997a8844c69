// SPDX-License-Identifier: GPL-2.0
/* The table of part 2.1: entries from a pool, found by all of their stack. */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include "table.h"

static DEFINE_HASHTABLE(table, 9);
static DEFINE_RAW_SPINLOCK(table_lock);
static struct task_entry pool[MOST];
static int used;

static struct task_entry *find(u32 key, unsigned long *stack, unsigned int n)
{
	struct task_entry *e;

	hash_for_each_possible(table, e, list, key)
		if (e->key == key && e->n == n &&
		    !memcmp(e->stack, stack, n * sizeof(long)))
			return e;
	return NULL;
}

void table_add(unsigned long *stack, unsigned int n, int user)
{
	u32 key = jhash(stack, n * sizeof(unsigned long), 0);
	struct task_entry *e;
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	e = find(key, stack, n);
	if (!e && used < MOST) {
		e = &pool[used++];
		e->key = key;
		e->n = n;
		e->user = user;
		memcpy(e->stack, stack, n * sizeof(long));
		hash_add(table, &e->list, key);
	}
	if (e)
		e->schedules++;
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

void table_print(struct seq_file *m)
{
	struct task_entry *e;
	unsigned long flags;
	int bkt, i;

	raw_spin_lock_irqsave(&table_lock, flags);
	hash_for_each(table, bkt, e, list) {
		seq_printf(m, "%s task, jhash=%x, scheduled=%lu, stack=",
			   e->user ? "user" : "kernel", e->key, e->schedules);
		for (i = 0; i < e->n; i++)
			seq_printf(m, "%s%016lx", i ? "," : "", e->stack[i]);
		seq_putc(m, '\n');
	}
	raw_spin_unlock_irqrestore(&table_lock, flags);
}
