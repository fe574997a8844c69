// SPDX-License-Identifier: GPL-2.0
/* Part 1.3, right: a chained hash table by PID, a table of two columns. */
#include <linux/module.h>
#include <linux/hashtable.h>
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

MODULE_LICENSE("GPL");
MODULE_AUTHOR("[a student]");

static DEFINE_HASHTABLE(myhash, 10);
static DEFINE_SPINLOCK(lock);

struct hnode {
  int pid;
  int sched_count;
  struct hlist_node hlist;
};

/* add one for this pid, new node if it is not there yet */
static void hash_count(int pid)
{
  struct hnode *cur;

  hash_for_each_possible(myhash, cur, hlist, pid) {
    if (cur->pid == pid) {
      cur->sched_count++;
      return;
    }
  }
  cur = kmalloc(sizeof(*cur), GFP_ATOMIC);
  if (!cur)
    return;
  cur->pid = pid;
  cur->sched_count = 1;
  hash_add(myhash, &cur->hlist, pid);
}

static int handler_pre(struct kprobe *p, struct pt_regs *regs)
{
  struct task_struct *prev = (struct task_struct *)regs->si;
  unsigned long flags;

  if (prev == NULL)
    return 0;
  spin_lock_irqsave(&lock, flags);
  hash_count(prev->pid);
  spin_unlock_irqrestore(&lock, flags);
  return 0;
}

static struct kprobe kp = {
  .symbol_name = "pick_next_task_fair",
  .pre_handler = handler_pre,
};

static int perftop_show(struct seq_file *m, void *v)
{
  struct hnode *cur;
  unsigned long flags;
  int bkt;

  seq_printf(m, "PID\t|\tSchedule count\n------------------------\n");
  spin_lock_irqsave(&lock, flags);
  hash_for_each(myhash, bkt, cur, hlist)
    seq_printf(m, "%d\t|\t%d\n", cur->pid, cur->sched_count);
  spin_unlock_irqrestore(&lock, flags);
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
  int ret;

  if (!proc_create("perftop", 0, NULL, &perftop_fops))
    return -ENOMEM;
  ret = register_kprobe(&kp);
  if (ret < 0)
    remove_proc_entry("perftop", NULL);
  return ret;
}

static void __exit perftop_exit(void)
{
  struct hnode *cur;
  struct hlist_node *tmp;
  int bkt;

  remove_proc_entry("perftop", NULL);
  unregister_kprobe(&kp);
  hash_for_each_safe(myhash, bkt, tmp, cur, hlist) {
    hash_del(&cur->hlist);
    kfree(cur);
  }
}

module_init(perftop_init);
module_exit(perftop_exit);
