// SPDX-License-Identifier: GPL-2.0
/*
 * perftop: the call stacks that got most CPU time, exactly and not by
 * sampling. This file: the parameters, the order of start and stop, and the
 * files in procfs. perftop.h has the essay on how the parts fit.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>

#include "compat/compat.h"
#include "perftop.h"

#define TABLE_MIN	16
#define TABLE_MAX	1048576

struct perftop_params perftop_params __read_mostly = {
	.top	= 20,
	.table	= 16384,
};

const struct perftop_hook *perftop_hook __read_mostly = &perftop_hook_kprobe;

static char *hook = "auto";
module_param(hook, charp, 0444);
MODULE_PARM_DESC(hook, "how switches are seen: auto, kprobe, tracepoint (default: auto)");

static char *stack = "both";
module_param(stack, charp, 0444);
MODULE_PARM_DESC(stack, "what makes a stack: both, kernel, user (default: both)");

module_param_named(top, perftop_params.top, uint, 0444);
MODULE_PARM_DESC(top, "rows to print (default: 20)");

module_param_named(idle, perftop_params.idle, bool, 0444);
MODULE_PARM_DESC(idle, "rank idle time as well (default: 0)");

module_param_named(verify, perftop_params.verify, bool, 0444);
MODULE_PARM_DESC(verify, "unwind what is remembered as well, and compare (default: 0)");

module_param_named(table, perftop_params.table, uint, 0444);
MODULE_PARM_DESC(table, "distinct stacks to keep, 16 to 1048576 (default: 16384)");

static int check_params(void)
{
	static const char *const stacks[] = {
		[PERFTOP_STACK_BOTH]	= "both",
		[PERFTOP_STACK_KERNEL]	= "kernel",
		[PERFTOP_STACK_USER]	= "user",
	};
	int mode = match_string(stacks, ARRAY_SIZE(stacks), stack);

	if (mode < 0) {
		pr_err("stack=%s: give both, kernel or user\n", stack);
		return -EINVAL;
	}
	perftop_params.stack = mode;

	if (!strcmp(hook, "tracepoint")) {
		perftop_hook = &perftop_hook_tracepoint;
	} else if (strcmp(hook, "auto") && strcmp(hook, "kprobe")) {
		pr_err("hook=%s: give auto, kprobe or tracepoint\n", hook);
		return -EINVAL;
	}

	if (perftop_params.table < TABLE_MIN ||
	    perftop_params.table > TABLE_MAX) {
		pr_err("table=%u: give %u to %u\n", perftop_params.table,
		       TABLE_MIN, TABLE_MAX);
		return -EINVAL;
	}
	if (!perftop_params.top || perftop_params.top > TABLE_MAX) {
		pr_err("top=%u: give 1 to %u\n", perftop_params.top, TABLE_MAX);
		return -EINVAL;
	}
	return 0;
}

/* What an open file carries. */
struct reader {
	const struct perftop_view	*view;
	struct perftop_snapshot		*snapshot;	/* NULL to write only */
};

/* Position 0 is the header, the others are rows. */
static void *seq_at(struct seq_file *m, loff_t pos)
{
	const struct reader *reader = m->private;

	if (!reader->snapshot)
		return NULL;
	if (!pos)
		return SEQ_START_TOKEN;
	if (pos > reader->view->rows(reader->snapshot))
		return NULL;
	return (void *)((unsigned long)SEQ_START_TOKEN + (unsigned long)pos);
}

static void *seq_start(struct seq_file *m, loff_t *pos)
{
	return seq_at(m, *pos);
}

static void *seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_at(m, ++*pos);
}

static void seq_stop(struct seq_file *m, void *v)
{
}

static int seq_show(struct seq_file *m, void *v)
{
	const struct reader *reader = m->private;
	unsigned int number = v - SEQ_START_TOKEN;

	if (!number)
		reader->view->header(m, reader->snapshot);
	else
		reader->view->row(m, reader->snapshot, number - 1);
	return 0;
}

static const struct seq_operations seq_ops = {
	.start	= seq_start,
	.next	= seq_next,
	.stop	= seq_stop,
	.show	= seq_show,
};

static int file_open(struct inode *inode, struct file *file)
{
	const struct perftop_view *view = pde_data(inode);
	struct reader *reader;

	/* Root of a container has the file, but not the whole machine. */
	if (!perfmon_capable())
		return -EPERM;
	if (view == &perftop_view_stacks)
		perftop_drain_count_open();
	reader = __seq_open_private(file, &seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->view = view;
	if (!(file->f_mode & FMODE_READ))
		return 0;
	reader->snapshot = perftop_snapshot_take();
	if (reader->snapshot)
		return 0;
	seq_release_private(inode, file);
	return -ENOMEM;
}

static int file_release(struct inode *inode, struct file *file)
{
	const struct seq_file *m = file->private_data;
	const struct reader *reader = m->private;

	if (reader->snapshot)
		perftop_snapshot_free(reader->snapshot);
	return seq_release_private(inode, file);
}

static ssize_t file_write(struct file *file, const char __user *from,
			  size_t size, loff_t *pos)
{
	char word[16] = "";

	if (size < sizeof(word)) {
		if (copy_from_user(word, from, size))
			return -EFAULT;
		if (!strcmp(strim(word), "0")) {
			perftop_drain_reset();
			return size;
		}
	}
	pr_err("/proc/perftop takes 0, to start over\n");
	return -EINVAL;
}

static const struct proc_ops stacks_ops = {
	.proc_open	= file_open,
	.proc_read	= seq_read,
	.proc_write	= file_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= file_release,
};

static const struct proc_ops view_ops = {
	.proc_open	= file_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= file_release,
};

static int create_files(void)
{
	struct proc_dir_entry *folder;

	if (!proc_create_data("perftop", 0600, NULL, &stacks_ops,
			      (void *)&perftop_view_stacks))
		return -ENOMEM;
	folder = proc_mkdir_mode("perftop.d", 0500, NULL);
	if (folder &&
	    proc_create_data(perftop_view_accounts.name, 0400, folder,
			     &view_ops, (void *)&perftop_view_accounts))
		return 0;
	remove_proc_subtree("perftop.d", NULL);
	remove_proc_entry("perftop", NULL);
	return -ENOMEM;
}

/* Waits for readers that are inside, and closes the files of the others. */
static void remove_files(void)
{
	remove_proc_subtree("perftop.d", NULL);
	remove_proc_entry("perftop", NULL);
}

/* Where the functions to probe are missing, the tracepoint serves as well. */
static int start_hook(void)
{
	int err = perftop_hook->start();

	if (err != -EOPNOTSUPP || strcmp(hook, "auto"))
		return err;
	pr_info("hook=auto: taking the tracepoint instead\n");
	perftop_hook = &perftop_hook_tracepoint;
	return perftop_hook->start();
}

static void report_load(void)
{
	char symbols[128];

	perftop_hook->describe(symbols, sizeof(symbols));
	pr_info("hook %s (%s), %u stacks, %zu KiB\n", perftop_hook->name,
		symbols, perftop_params.table, perftop_stacks.bytes / 1024);
}

static int __init perftop_init(void)
{
	int err;

	if (!tsc_khz) {
		pr_err("this machine has no time stamp counter\n");
		return -EOPNOTSUPP;
	}
	err = check_params();
	if (err)
		return err;
	err = perftop_stack_init();
	if (err)
		return err;
	perftop_recall_init();

	perftop_stacks.bytes = num_possible_cpus() * perftop_slice_bytes();
	err = perftop_hash_init(&perftop_stacks, perftop_params.table);
	if (err)
		goto err_hash;
	err = perftop_slice_init(&perftop_stacks);
	if (err)
		goto err_slice;
	err = perftop_drain_init(&perftop_stacks);
	if (err)
		goto err_slice;
	err = start_hook();
	if (err)
		goto err_drain;
	err = perftop_drain_start();
	if (err)
		goto err_hook;
	err = create_files();
	if (err)
		goto err_start;
	report_load();
	return 0;

err_start:
	perftop_drain_stop();
err_hook:
	perftop_hook->stop();
err_drain:
	perftop_drain_exit();
err_slice:
	perftop_slice_exit();
err_hash:
	perftop_hash_exit(&perftop_stacks);
	return err;
}
module_init(perftop_init);

static void __exit perftop_exit(void)
{
	remove_files();
	perftop_drain_stop();
	perftop_hook->stop();
	perftop_drain_exit();
	perftop_slice_exit();
	perftop_hash_exit(&perftop_stacks);
}
module_exit(perftop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Exact CPU time by call stack");
MODULE_VERSION("1");
