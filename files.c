// SPDX-License-Identifier: GPL-2.0
/*
 * The files in procfs: what is read from a view, and the words that may be
 * written to any of them.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "view.h"

#define WORDS_MAX	160

/* What is written is carried out one after the other. */
static DEFINE_MUTEX(control);

/* A file: a view's rows in the order of a counter. */
struct file_data {
	const struct perftop_view	*view;
	unsigned int			rank;
};

/* A view has two at most, and there are 32 views. */
static struct file_data files[64];

/* What an open file carries. */
struct reader {
	const struct file_data	*file;
	struct perftop_snapshot	*snapshot;	/* NULL to write only */
};

/* --- Reading -------------------------------------------------------------- */

static unsigned int count_rows(const struct reader *reader)
{
	const struct perftop_view *view = reader->file->view;

	if (!reader->snapshot->on)
		return 0;
	return view->rows ? view->rows(reader->snapshot) :
			    reader->snapshot->rows;
}

/* Position 0 is the header, the others are rows. */
static void *seq_at(struct seq_file *m, loff_t pos)
{
	const struct reader *reader = m->private;

	if (!reader->snapshot)
		return NULL;
	if (!pos)
		return SEQ_START_TOKEN;
	if (pos > count_rows(reader))
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

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;

	if (!view->bare)
		perftop_print_header(m, snapshot);
	if (!snapshot->on)
		seq_printf(m, "%s is off: echo +%s > /proc/perftop\n",
			   view->name, view->name);
	else if (view->header)
		view->header(m, snapshot);
}

static int seq_show(struct seq_file *m, void *v)
{
	const struct reader *reader = m->private;
	unsigned int number = v - SEQ_START_TOKEN;

	if (number)
		reader->file->view->row(m, reader->snapshot, number - 1);
	else
		show_header(m, reader->snapshot);
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
	const struct file_data *data = pde_data(inode);
	struct reader *reader;

	/* Root of a container has the file, but not the whole machine. */
	if (!perfmon_capable())
		return -EPERM;
	if (data->view == &perftop_view_stacks)
		perftop_drain_count_open();
	reader = __seq_open_private(file, &seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->file = data;
	if (!(file->f_mode & FMODE_READ))
		return 0;
	reader->snapshot = perftop_snapshot_take(data->view, data->rank);
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

/* --- Writing -------------------------------------------------------------- */

/* "NAME words": for a view that takes some. */
static int set_view(char *words)
{
	const struct perftop_view *view = perftop_view_find(strsep(&words, " "));

	if (!view || !view->set)
		return -EINVAL;
	return view->set(words ? strim(words) : "");
}

static int carry_out(char *words)
{
	const struct perftop_view *view;

	if (!strcmp(words, "0")) {
		perftop_drain_reset();
		perftop_view_reset();
		return 0;
	}
	if (*words == '+' || *words == '-') {
		view = perftop_view_find(words + 1);
		return view ? perftop_view_switch(view, *words == '+') :
			      -EINVAL;
	}
	if (!strncmp(words, "filter", 6) && (!words[6] || words[6] == ' '))
		return perftop_filter_set(strim(words + 6));
	return set_view(words);
}

static ssize_t file_write(struct file *file, const char __user *from,
			  size_t size, loff_t *pos)
{
	char words[WORDS_MAX] = "";
	int err = -EINVAL;

	if (size < sizeof(words)) {
		if (copy_from_user(words, from, size))
			return -EFAULT;
		mutex_lock(&control);
		err = carry_out(strim(words));
		mutex_unlock(&control);
	}
	if (err == -EINVAL)
		pr_err("/proc/perftop takes 0 to start over, +VIEW, -VIEW, VIEW WORDS, filter WORDS\n");
	return err ? err : size;
}

static const struct proc_ops file_ops = {
	.proc_open	= file_open,
	.proc_read	= seq_read,
	.proc_write	= file_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= file_release,
};

/* --- There and gone ------------------------------------------------------- */

/* /proc/perftop and /proc/perftop.d, while they are there. */
static struct proc_dir_entry *ranking, *folder;

static struct proc_dir_entry *create(const char *name,
				     struct proc_dir_entry *parent,
				     struct file_data *data)
{
	return proc_create_data(name, 0600, parent, &file_ops, data);
}

/* The files of one view. */
static int create_view(const struct perftop_view *view, struct file_data *data)
{
	char name[32];

	data[0] = (struct file_data){ view, view->table ? view->table->rank : 0 };
	if (view == &perftop_view_stacks) {
		ranking = create("perftop", NULL, &data[0]);
		return ranking ? 0 : -ENOMEM;
	}
	if (!create(view->name, folder, &data[0]))
		return -ENOMEM;
	if (!view->sorted.suffix)
		return 0;
	data[1] = (struct file_data){ view, view->sorted.rank };
	snprintf(name, sizeof(name), "%s.%s", view->name, view->sorted.suffix);
	return create(name, folder, &data[1]) ? 0 : -ENOMEM;
}

/* The kernel would report a bug if it were found out by creating it. */
static bool is_taken(const char *name)
{
	struct path path;

	if (kern_path(name, 0, &path))
		return false;
	path_put(&path);
	pr_err("%s is another module's\n", name);
	return true;
}

/**
 * perftop_files_create() - Make all files
 *
 * Context: process context.
 * Return: 0, -EBUSY where another module has one of that name, with a line in
 *	the log, or -ENOMEM; with nothing to be undone.
 */
int perftop_files_create(void)
{
	unsigned int i;
	int err = 0;

	if (is_taken("/proc/perftop") || is_taken("/proc/perftop.d"))
		return -EBUSY;
	folder = proc_mkdir_mode("perftop.d", 0500, NULL);
	if (!folder)
		return -ENOMEM;
	for (i = 0; !err && perftop_views[i]; i++)
		err = create_view(perftop_views[i], &files[2 * i]);
	if (err)
		perftop_files_remove();
	return err;
}

/**
 * perftop_files_remove() - Remove all files
 *
 * Waits for readers that are inside, and closes the files of the others.
 *
 * Context: process context.
 */
void perftop_files_remove(void)
{
	proc_remove(folder);
	proc_remove(ranking);
}
