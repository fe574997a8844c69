// SPDX-License-Identifier: GPL-2.0
/* Part 1.1, right: single_open and a greeting. */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

MODULE_LICENSE("GPL");

static int hello_show(struct seq_file *m, void *v){
    seq_printf(m, "Hello World\n");
    return 0;
}

static int hello_open(struct inode *inode, struct file *file) {
    return single_open(file, hello_show, NULL);
}

static const struct proc_ops hello_ops = {
    .proc_open = hello_open,
    .proc_read = seq_read,
    .proc_lseek = seq_lseek,
    .proc_release = single_release,
};

static int __init hello_init(void) {
    if (!proc_create("perftop", 0, NULL, &hello_ops))
        return -ENOMEM;
    return 0;
}

static void __exit hello_exit(void) {
    remove_proc_entry("perftop", NULL);
}

module_init(hello_init);
module_exit(hello_exit);
