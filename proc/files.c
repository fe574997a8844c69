// SPDX-License-Identifier: GPL-2.0
/*
 * The files in procfs: what is read from a view, and the words that may be
 * written to any of them.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "compat/compat.h"
#include "engine/drain.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/view.h"
#include "engine/words.h"
#include "perftop.h"
#include "proc/files.h"
#include "proc/print.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "views/all.h"

#define WORDS_MAX	4096

/* What starts over, or switches a view, needs no memory. */
#define WORDS_FEW	64

/* What is written is carried out one after the other. */
static DEFINE_MUTEX(control);

/* A file: a view's rows in the order of a counter. */
struct file_data {
	const struct perftop_view	*view;
	unsigned int			rank;
};

/* Of one view, and there are 32 views. */
#define FILES_A_VIEW	(1 + PERFTOP_VIEW_SORTED)

static struct file_data files[32 * FILES_A_VIEW];

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

/*
 * Root of a container has the file, but not the whole machine. A member of the
 * group reads what the file's mode lets it read, and writes nothing.
 */
static bool may_open(const struct perftop_view *view, const struct file *file)
{
	if (perfmon_capable())
		return true;
	return view->shared && !(file->f_mode & FMODE_WRITE) &&
	       gid_valid(perftop_params.group) &&
	       in_group_p(perftop_params.group);
}

static int file_open(struct inode *inode, struct file *file)
{
	const struct file_data *data = pde_data(inode);
	struct perftop_snapshot *snapshot;
	struct reader *reader;

	if (!may_open(data->view, file))
		return -EPERM;
	if (data->view == &perftop_view_stacks)
		perftop_drain_count_open();
	reader = __seq_open_private(file, &seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->file = data;
	if (!(file->f_mode & FMODE_READ))
		return 0;
	snapshot = perftop_snapshot_take(data->view, data->rank);
	if (IS_ERR(snapshot)) {
		seq_release_private(inode, file);
		return PTR_ERR(snapshot);
	}
	reader->snapshot = snapshot;
	return 0;
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

static int start_over(bool check)
{
	if (check)
		return 0;
	perftop_drain_reset();
	perftop_view_reset();
	return 0;
}

static int switch_view(const char *word, bool check)
{
	const struct perftop_view *view = perftop_view_find(word + 1);

	if (!view || !view->cost)
		return -EINVAL;
	return check ? 0 : perftop_view_switch(view, *word == '+');
}

/* A line, or look whether it could be. */
static int carry_out(char *line, bool check)
{
	char *words = perftop_words_command(line);
	const struct perftop_view *view;

	if (!strcmp(line, "filter"))
		return check ? perftop_filter_check(words) :
			       perftop_filter_set(words);
	if (!strcmp(line, "0") && !*words)
		return start_over(check);
	if ((*line == '+' || *line == '-') && !*words)
		return switch_view(line, check);
	view = perftop_view_find(line);
	if (!view || !view->set)
		return -EINVAL;
	return view->set(words, check);
}

/* All lines, of which there has to be one. */
static int carry_out_lines(char *lines, bool check)
{
	unsigned int n = 0;
	int err = 0;
	char *line;

	while (!err && (line = strsep(&lines, "\n")) != NULL) {
		line = perftop_words_trim(line);
		if (!*line)
			continue;
		n++;
		err = carry_out(line, check);
	}
	return n ? err : -EINVAL;
}

/* Nothing is done if something cannot be understood; both hold the same. */
static int carry_out_all(char *lines, char *again)
{
	int err;

	mutex_lock(&control);
	err = carry_out_lines(lines, true);
	if (!err)
		err = carry_out_lines(again, false);
	mutex_unlock(&control);
	return err;
}

static int copy_and_carry_out(char *lines, const char __user *from, size_t size)
{
	char *again = lines + size + 1;

	if (copy_from_user(lines, from, size))
		return -EFAULT;
	lines[size] = '\0';
	memcpy(again, lines, size + 1);
	return carry_out_all(lines, again);
}

static ssize_t file_write(struct file *file, const char __user *from,
			  size_t size, loff_t *pos)
{
	char few[2 * WORDS_FEW], *lines = few;
	int err = -EINVAL;

	if (size <= WORDS_MAX) {
		if (size >= WORDS_FEW)
			lines = kzalloc(2 * (size + 1), GFP_KERNEL);
		if (!lines)
			return -ENOMEM;
		err = copy_and_carry_out(lines, from, size);
		if (lines != few)
			kfree(lines);
	}
	if (err == -EINVAL)
		pr_err("/proc/perftop takes 0 to start over, +VIEW, -VIEW, VIEW WORDS, filter WORDS; each is a line, and %u bytes all\n",
		       WORDS_MAX);
	return err ? err : size;
}

static const struct proc_ops file_ops = {
	.proc_open	= file_open,
	/* With an iterator, since sendfile() and splice() go by it. */
	.proc_read_iter	= seq_read_iter,
	.proc_write	= file_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= file_release,
};

/* --- There and gone ------------------------------------------------------- */

/* /proc/perftop and /proc/perftop.d, while they are there. */
static struct proc_dir_entry *ranking, *folder;

/* Let the group have what its mode gives to a group. */
static struct proc_dir_entry *give(struct proc_dir_entry *entry)
{
	if (entry)
		proc_set_user(entry, GLOBAL_ROOT_UID, perftop_params.group);
	return entry;
}

static struct proc_dir_entry *create_folder(const char *name)
{
	if (!gid_valid(perftop_params.group))
		return proc_mkdir_mode(name, 0500, NULL);
	return give(proc_mkdir_mode(name, 0550, NULL));
}

static struct proc_dir_entry *create(const char *name,
				     struct proc_dir_entry *parent,
				     struct file_data *data)
{
	if (!data->view->shared || !gid_valid(perftop_params.group))
		return proc_create_data(name, 0600, parent, &file_ops, data);
	return give(proc_create_data(name, 0640, parent, &file_ops, data));
}

/* The files of one view. */
static int create_view(const struct perftop_view *view, struct file_data *data)
{
	unsigned int i;
	char name[32];

	data[0] = (struct file_data){ view, view->table ? view->table->rank : 0 };
	if (view == &perftop_view_stacks) {
		ranking = create("perftop", NULL, &data[0]);
		return ranking ? 0 : -ENOMEM;
	}
	if (!create(view->name, folder, &data[0]))
		return -ENOMEM;
	for (i = 0; i < PERFTOP_VIEW_SORTED && view->sorted[i].suffix; i++) {
		data[i + 1] = (struct file_data){ view, view->sorted[i].rank };
		snprintf(name, sizeof(name), "%s.%s", view->name,
			 view->sorted[i].suffix);
		if (!create(name, folder, &data[i + 1]))
			return -ENOMEM;
	}
	return 0;
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
	folder = create_folder("perftop.d");
	if (!folder)
		return -ENOMEM;
	for (i = 0; !err && perftop_views[i]; i++)
		err = create_view(perftop_views[i], &files[FILES_A_VIEW * i]);
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
