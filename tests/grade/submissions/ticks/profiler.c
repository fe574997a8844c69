// SPDX-License-Identifier: GPL-2.0
/*
 * Part 2.2, right: decimal addresses one a line, the numbers below them, and a
 * walk of the user stack by hand. No Makefile.
 */
#include <linux/module.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/jhash.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>

#define FRAMES  16
#define SLOTS   4096

typedef struct {
    u32 hash;
    unsigned int len;
    unsigned long trace[FRAMES];
    unsigned long long total;
    unsigned int times;
} Slot;

static Slot *slots;
static DEFINE_RAW_SPINLOCK(slots_lock);
static DEFINE_PER_CPU(unsigned long long, since);

static unsigned int walk_user(unsigned long *out)
{
    struct pt_regs *regs = task_pt_regs(current);
    unsigned long frame[2], bp = regs->bp;
    unsigned int n = 0;

    out[n++] = regs->ip;
    while (n < FRAMES && bp && bp < TASK_SIZE_MAX) {
        if (copy_from_user_nofault(frame, (void __user *)bp, sizeof(frame)))
            break;
        if (!frame[1])
            break;
        out[n++] = frame[1];
        if (frame[0] <= bp)
            break;
        bp = frame[0];
    }
    return n;
}

static void charge(unsigned long *trace, unsigned int len, unsigned long long t)
{
    u32 h = jhash2((u32 *)trace, len * 2, 17);
    unsigned int i, at;

    for (i = 0; i < SLOTS; i++) {
        at = (h + i) % SLOTS;
        if (slots[at].times == 0) {
            slots[at].hash = h;
            slots[at].len = len;
            memcpy(slots[at].trace, trace, len * sizeof(long));
            break;
        }
        if (slots[at].hash == h && slots[at].len == len &&
            memcmp(slots[at].trace, trace, len * sizeof(long)) == 0)
            break;
    }
    if (i == SLOTS)
        return;
    slots[at].times++;
    slots[at].total += t;
}

static int entry(struct kprobe *p, struct pt_regs *regs)
{
    unsigned long long now = rdtsc(), before = this_cpu_read(since);
    unsigned long trace[FRAMES], flags;
    unsigned int len;

    this_cpu_write(since, now);
    if (!before)
        return 0;
    len = current->mm ? walk_user(trace) : stack_trace_save(trace, FRAMES, 1);
    raw_spin_lock_irqsave(&slots_lock, flags);
    charge(trace, len, now - before);
    raw_spin_unlock_irqrestore(&slots_lock, flags);
    return 0;
}

static struct kprobe probe = {
    .symbol_name = "pick_next_task_fair",
    .pre_handler = entry,
};

static int out(struct seq_file *f, void *v)
{
    unsigned int i, j;

    seq_printf(f, "CPU profiler\n\n");
    for (i = 0; i < SLOTS; i++) {
        if (slots[i].times == 0)
            continue;
        seq_printf(f, "Stack trace:\n");
        for (j = 0; j < slots[i].len; j++)
            seq_printf(f, "    %lu\n", slots[i].trace[j]);
        seq_printf(f, "Cumulative time: %llu rdtsc ticks (%u times)\n\n",
                   slots[i].total, slots[i].times);
    }
    return 0;
}

static int op(struct inode *i, struct file *f) { return single_open(f, out, NULL); }

static struct proc_ops po = {
    .proc_open = op, .proc_read = seq_read, .proc_lseek = seq_lseek,
    .proc_release = single_release,
};

static int __init profiler_init(void)
{
    int rc;

    slots = vzalloc(SLOTS * sizeof(Slot));
    if (slots == NULL) return -ENOMEM;
    rc = register_kprobe(&probe);
    if (rc < 0) {
        vfree(slots);
        return rc;
    }
    if (proc_create("perftop", 0, NULL, &po) == NULL) {
        unregister_kprobe(&probe);
        vfree(slots);
        return -ENOMEM;
    }
    return 0;
}

static void __exit profiler_exit(void)
{
    remove_proc_entry("perftop", NULL);
    unregister_kprobe(&probe);
    vfree(slots);
}

module_init(profiler_init);
module_exit(profiler_exit);
MODULE_LICENSE("GPL");
