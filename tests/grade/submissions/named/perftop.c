// SPDX-License-Identifier: GPL-2.0
/*
 * Part 3, right: an rb-tree kept in order while probes run, names by %pS, user
 * addresses bare. Many students' way: a node is taken out, changed and put back.
 */
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/jhash.h>
#include <linux/rbtree.h>
#include <linux/hashtable.h>
#include <linux/spinlock.h>
#include <asm/msr.h>

#define MAX_TRACE 32
#define TOP 20

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("CPU Profiler");

struct perf_node {
    struct rb_node rb;
    struct hlist_node hash;
    u32 key;
    int pid;
    bool is_user;
    unsigned int len;
    unsigned long trace[MAX_TRACE];
    u64 total_time;
    u64 count;
};

static struct rb_root tree = RB_ROOT;
static DEFINE_HASHTABLE(nodes, 10);
static DEFINE_SPINLOCK(perf_lock);
static DEFINE_PER_CPU(u64, last_tsc);

typedef unsigned int (*save_user_fn)(unsigned long *store, unsigned int size);
static save_user_fn my_stack_trace_save_user;

static void insert_node(struct perf_node *n)
{
    struct rb_node **link = &tree.rb_node, *parent = NULL;

    while (*link) {
        struct perf_node *cur = rb_entry(*link, struct perf_node, rb);

        parent = *link;
        if (n->total_time < cur->total_time)
            link = &parent->rb_left;
        else
            link = &parent->rb_right;
    }
    rb_link_node(&n->rb, parent, link);
    rb_insert_color(&n->rb, &tree);
}

static struct perf_node *find_node(u32 key, unsigned long *trace, unsigned int len)
{
    struct perf_node *n;

    hash_for_each_possible(nodes, n, hash, key)
        if (n->key == key && n->len == len &&
            memcmp(n->trace, trace, len * sizeof(unsigned long)) == 0)
            return n;
    return NULL;
}

static void account(unsigned long *trace, unsigned int len, u64 time)
{
    u32 key = jhash(trace, len * sizeof(unsigned long), 0);
    struct perf_node *n = find_node(key, trace, len);

    if (n) {
        rb_erase(&n->rb, &tree);
    } else {
        n = kzalloc(sizeof(*n), GFP_ATOMIC);
        if (!n)
            return;
        n->key = key;
        n->len = len;
        n->is_user = current->mm != NULL;
        memcpy(n->trace, trace, len * sizeof(unsigned long));
        hash_add(nodes, &n->hash, key);
    }
    n->pid = current->pid;
    n->count++;
    n->total_time += time;
    insert_node(n);
}

static int handler_pre(struct kprobe *p, struct pt_regs *regs)
{
    unsigned long trace[MAX_TRACE];
    unsigned long flags;
    unsigned int len;
    u64 now = rdtsc();
    u64 last = this_cpu_read(last_tsc);

    this_cpu_write(last_tsc, now);
    if (last == 0)
        return 0;
    if (current->mm)
        len = my_stack_trace_save_user(trace, MAX_TRACE);
    else
        len = stack_trace_save(trace, MAX_TRACE, 0);

    spin_lock_irqsave(&perf_lock, flags);
    account(trace, len, now - last);
    spin_unlock_irqrestore(&perf_lock, flags);
    return 0;
}

static struct kprobe kp = {
    .symbol_name = "pick_next_task_fair",
    .pre_handler = handler_pre,
};

static struct kprobe kl = {
    .symbol_name = "kallsyms_lookup_name",
};

static int perftop_show(struct seq_file *m, void *v)
{
    struct rb_node *node;
    unsigned long flags;
    int rank = 0, i;

    spin_lock_irqsave(&perf_lock, flags);
    for (node = rb_last(&tree); node && rank < TOP; node = rb_prev(node)) {
        struct perf_node *n = rb_entry(node, struct perf_node, rb);

        seq_printf(m, "Rank %d: PID %d, jhash 0x%08x, Total time: %llu, count %llu\n",
                   ++rank, n->pid, n->key, n->total_time, n->count);
        for (i = 0; i < n->len; i++) {
            if (n->is_user)
                seq_printf(m, "\t0x%lx\n", n->trace[i]);
            else
                seq_printf(m, "\t%pS\n", (void *)n->trace[i]);
        }
        seq_printf(m, "\n");
    }
    spin_unlock_irqrestore(&perf_lock, flags);
    return 0;
}

static int perftop_open(struct inode *inode, struct file *file)
{
    return single_open(file, perftop_show, NULL);
}

static const struct proc_ops perftop_fops = {
    .proc_open = perftop_open,
    .proc_read = seq_read,
    .proc_lseek = seq_lseek,
    .proc_release = single_release,
};

static int __init perftop_init(void)
{
    unsigned long (*lookup)(const char *name);
    int ret;

    ret = register_kprobe(&kl);
    if (ret < 0)
        return ret;
    lookup = (void *)kl.addr;
    unregister_kprobe(&kl);
    my_stack_trace_save_user = (void *)lookup("stack_trace_save_user");
    if (!my_stack_trace_save_user)
        return -ENOENT;

    if (!proc_create("perftop", 0, NULL, &perftop_fops))
        return -ENOMEM;
    ret = register_kprobe(&kp);
    if (ret < 0) {
        remove_proc_entry("perftop", NULL);
        return ret;
    }
    printk(KERN_INFO "perftop: loaded\n");
    return 0;
}

static void __exit perftop_exit(void)
{
    struct perf_node *n;
    struct hlist_node *tmp;
    int bkt;

    remove_proc_entry("perftop", NULL);
    unregister_kprobe(&kp);
    hash_for_each_safe(nodes, bkt, tmp, n, hash) {
        hash_del(&n->hash);
        kfree(n);
    }
}

module_init(perftop_init);
module_exit(perftop_exit);
