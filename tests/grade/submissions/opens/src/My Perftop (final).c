// SPDX-License-Identifier: GPL-2.0
/*
 * Part 1.2, right: a kprobe on the module's own open function. In a folder
 * below, without a Makefile, and with a name that make cannot take.
 */
#include <linux/module.h>
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static atomic_t hits = ATOMIC_INIT(0);

static int top_show(struct seq_file *m, void *v)
{
	seq_puts(m, "===== perftop =====\n");
	seq_printf(m, "file has been opened %d time(s) so far\n",
		   atomic_read(&hits));
	return 0;
}

int noinline perftop_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, top_show, NULL);
}

static int pre(struct kprobe *p, struct pt_regs *regs)
{
	atomic_inc(&hits);
	return 0;
}

static struct kprobe kp = {
	.symbol_name = "perftop_proc_open",
	.pre_handler = pre,
};

static const struct proc_ops ops = {
	.proc_open = perftop_proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init start(void)
{
	int ret = register_kprobe(&kp);

	if (ret < 0)
		return ret;
	if (!proc_create("perftop", 0444, NULL, &ops)) {
		unregister_kprobe(&kp);
		return -ENOMEM;
	}
	return 0;
}

static void __exit stop(void)
{
	remove_proc_entry("perftop", NULL);
	unregister_kprobe(&kp);
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
