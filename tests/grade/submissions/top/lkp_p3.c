// SPDX-License-Identifier: GPL-2.0
/*
 * Part 2.3, right: counters in an array, the rb-tree made when the file is
 * opened, a table with a header and numbers without words. Kernel stacks of
 * all tasks; a user task shows by its system call.
 */
#include <linux/module.h>
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/jhash.h>
#include <linux/rbtree.h>
#include <linux/mutex.h>
#include <asm/msr.h>

#define N 4096
#define D 20

struct item
{
	struct rb_node node;
	unsigned long st[D];
	unsigned int n, cnt;
	u32 h;
	u64 tsc, key;
};

static struct item items[N];
static int nitems;
static arch_spinlock_t l = __ARCH_SPIN_LOCK_UNLOCKED;
static DEFINE_MUTEX(show_mutex);
static DEFINE_PER_CPU(u64, stamp);

static struct item *get(unsigned long *st, unsigned int n)
{
	u32 h = jhash(st, n * 8, 0xdead);
	int i;

	for (i = 0; i < nitems; i++)
		if (items[i].h == h && items[i].n == n && !memcmp(items[i].st, st, n * 8))
			return items + i;
	if (nitems == N)
		return NULL;
	items[i].h = h;
	items[i].n = n;
	memcpy(items[i].st, st, n * 8);
	nitems++;
	return items + i;
}

static int hook(struct kprobe *kp, struct pt_regs *regs)
{
	u64 t = rdtsc(), s = __this_cpu_read(stamp);
	unsigned long st[D], flags;
	struct item *it;
	int n;

	__this_cpu_write(stamp, t);
	n = stack_trace_save(st, D, 2);
	local_irq_save(flags);
	arch_spin_lock(&l);
	it = s ? get(st, n) : NULL;
	if (it)
	{
		it->tsc += t - s;
		it->cnt++;
	}
	arch_spin_unlock(&l);
	local_irq_restore(flags);
	return 0;
}

static struct kprobe kp = { .symbol_name = "pick_next_task_fair", .pre_handler = hook };

static int show(struct seq_file *m, void *v)
{
	struct rb_root root = RB_ROOT;
	struct rb_node **p, *parent;
	int i, j, max;

	mutex_lock(&show_mutex);
	max = READ_ONCE(nitems);
	for (i = 0; i < max; i++)
	{
		items[i].key = items[i].tsc;
		parent = NULL;
		for (p = &root.rb_node; *p; )
		{
			parent = *p;
			p = items[i].key > rb_entry(parent, struct item, node)->key ?
				&parent->rb_left : &parent->rb_right;
		}
		rb_link_node(&items[i].node, parent, p);
		rb_insert_color(&items[i].node, &root);
	}
	seq_puts(m, "Rank  Jhash      Ticks             Count    Stack trace\n");
	parent = rb_first(&root);
	for (i = 1; i <= 20 && parent; i++, parent = rb_next(parent))
	{
		struct item *it = rb_entry(parent, struct item, node);

		seq_printf(m, "%-4d  %08x  %-16llu  %-7u ", i, it->h, it->key, it->cnt);
		for (j = 0; j < it->n; j++)
			seq_printf(m, " 0x%px", (void *)it->st[j]);
		seq_puts(m, "\n");
	}
	mutex_unlock(&show_mutex);
	return 0;
}

static int __init mod_init(void)
{
	proc_create_single("perftop", 0, NULL, show);
	return register_kprobe(&kp);
}

static void __exit mod_exit(void)
{
	unregister_kprobe(&kp);
	remove_proc_entry("perftop", NULL);
}

module_init(mod_init);
module_exit(mod_exit);
MODULE_LICENSE("GPL");
