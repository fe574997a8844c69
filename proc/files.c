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
#include "proc/declarations.h"
#include "proc/files.h"
#include "proc/frame_numbers.h"
#include "proc/print.h"
#include "proc/print_columns.h"
#include "proc/print_json.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "views/all.h"

#define WORDS_MAX	4096

/* What starts over, or switches a view, needs no memory. */
#define WORDS_FEW	64

/* What is written is carried out one after the other. */
static DEFINE_MUTEX(control);

/* What an open file carries. */
struct reader {
	const struct file_data		*file;
	struct perftop_snapshot		*snapshot;	/* NULL: none is taken */
	struct perftop_frame_numbers	*numbers;	/* of JSON */
	bool				reads;		/* not to write only */
};

/* How a file is read: in pieces, each by one call. */
struct form {
	bool	(*has)(const struct reader *reader, unsigned long piece);
	void	(*show)(struct seq_file *m, const struct reader *reader,
			unsigned long piece);
};

/* A file: a form, and of what: a view's rows in the order of a counter, NULL: all. */
struct file_data {
	const struct form		*form;
	const struct perftop_view	*view;
	unsigned int			rank;
};

/* Of one view, its JSON included, and there are 32 views. */
#define FILES_A_VIEW	(2 + PERFTOP_VIEW_SORTED)

static struct file_data files[32 * FILES_A_VIEW];

/* --- Forms ---------------------------------------------------------------- */

static unsigned int count_rows(const struct reader *reader)
{
	const struct perftop_view *view = reader->file->view;

	if (!reader->snapshot->on)
		return 0;
	return view->rows ? view->rows(reader->snapshot) :
			    reader->snapshot->rows;
}

/* The header, then the rows. */
static bool text_has(const struct reader *reader, unsigned long piece)
{
	return piece <= count_rows(reader);
}

static void show_header(struct seq_file *m,
			const struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;

	if (!view->bare)
		perftop_print_header(m, snapshot);
	if (!snapshot->on) {
		seq_printf(m, "%s is off: echo +%s > /proc/perftop\n",
			   view->name, (view->of ? : view)->name);
	} else if (view->header) {
		view->header(m, snapshot);
	} else if (!view->row) {
		perftop_print_titles(m, view);
		seq_putc(m, '\n');
	}
}

static void text_show(struct seq_file *m, const struct reader *reader,
		      unsigned long piece)
{
	const struct perftop_snapshot *snapshot = reader->snapshot;

	if (!piece)
		show_header(m, snapshot);
	else if (snapshot->view->row)
		snapshot->view->row(m, snapshot, piece - 1);
	else
		perftop_print_row(m, snapshot, &snapshot->row[piece - 1]);
}

static bool json_has(const struct reader *reader, unsigned long piece)
{
	return perftop_json_has(reader->snapshot, reader->numbers, piece);
}

static void json_show(struct seq_file *m, const struct reader *reader,
		      unsigned long piece)
{
	perftop_json_show(m, reader->snapshot, reader->numbers, piece);
}

static bool views_has(const struct reader *reader, unsigned long piece)
{
	return perftop_declarations_has(piece);
}

static void views_show(struct seq_file *m, const struct reader *reader,
		       unsigned long piece)
{
	perftop_declarations_show(m, piece);
}

static void views_json_show(struct seq_file *m, const struct reader *reader,
			    unsigned long piece)
{
	perftop_declarations_json(m, piece);
}

static const struct form text = { text_has, text_show };
static const struct form json = { json_has, json_show };
static const struct form views = { views_has, views_show };
static const struct form views_json = { views_has, views_json_show };

/* --- Reading -------------------------------------------------------------- */

static void *seq_at(struct seq_file *m, loff_t pos)
{
	const struct reader *reader = m->private;

	if (!reader->reads || !reader->file->form->has(reader, pos))
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

	reader->file->form->show(m, reader, v - SEQ_START_TOKEN);
	return 0;
}

static const struct seq_operations seq_ops = {
	.start	= seq_start,
	.next	= seq_next,
	.stop	= seq_stop,
	.show	= seq_show,
};

/* /proc/perftop itself */
static bool is_ranking(const struct file_data *data)
{
	return data->view == &perftop_view_stacks && data->form == &text;
}

/* All that a group may see, where it may see a part: what is said of all is not. */
static bool is_shared(const struct file_data *data)
{
	return data->view ? data->view->shared : data->form != &json;
}

/*
 * Root of a container has the file, but not the whole machine. A member of the
 * group reads what the file's mode lets it read, and writes nothing.
 */
static bool may_open(const struct file_data *data, const struct file *file)
{
	if (perfmon_capable())
		return true;
	return is_shared(data) && !(file->f_mode & FMODE_WRITE) &&
	       gid_valid(perftop_params.group) &&
	       in_group_p(perftop_params.group);
}

/* What it shows is taken when it is opened. */
static int take(struct reader *reader)
{
	const struct file_data *data = reader->file;
	const bool is_json = data->form == &json;
	struct perftop_snapshot *snapshot;

	if (is_json) {
		reader->numbers = perftop_frame_numbers_create();
		if (!reader->numbers)
			return -ENOMEM;
	}
	snapshot = data->view ?
		   perftop_snapshot_take(data->view, data->rank, is_json) :
		   perftop_snapshot_take_all();
	if (IS_ERR(snapshot)) {
		perftop_frame_numbers_free(reader->numbers);
		return PTR_ERR(snapshot);
	}
	reader->snapshot = snapshot;
	return 0;
}

static int file_open(struct inode *inode, struct file *file)
{
	const struct file_data *data = pde_data(inode);
	struct reader *reader;
	int err = 0;

	if (!may_open(data, file))
		return -EPERM;
	if (is_ranking(data))
		perftop_drain_count_open();
	reader = __seq_open_private(file, &seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->file = data;
	reader->reads = file->f_mode & FMODE_READ;
	if (reader->reads && (data->form == &text || data->form == &json))
		err = take(reader);
	if (err)
		seq_release_private(inode, file);
	return err;
}

static int file_release(struct inode *inode, struct file *file)
{
	const struct seq_file *m = file->private_data;
	const struct reader *reader = m->private;

	if (reader->snapshot) {
		perftop_snapshot_free(reader->snapshot);
		perftop_frame_numbers_free(reader->numbers);
	}
	return seq_release_private(inode, file);
}

/* --- Writing -------------------------------------------------------------- */

static int start_over(bool check)
{
	if (check)
		return 0;
	perftop_view_begin_reset();
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
	if (!is_shared(data) || !gid_valid(perftop_params.group))
		return proc_create_data(name, 0600, parent, &file_ops, data);
	return give(proc_create_data(name, 0640, parent, &file_ops, data));
}

/* A file of a view's, whose name has something behind it. */
static int create_file(const struct perftop_view *view, const char *suffix,
		       struct file_data *data)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s%s", view->name, *suffix ? "." : "", suffix);
	return create(name, folder, data) ? 0 : -ENOMEM;
}

/* The stacks' text stands in no folder. */
static int create_text(const struct perftop_view *view, struct file_data *data)
{
	if (!is_ranking(data))
		return create_file(view, "", data);
	ranking = create("perftop", NULL, data);
	return ranking ? 0 : -ENOMEM;
}

/* The files of one view. */
static int create_view(const struct perftop_view *view, struct file_data *data)
{
	const unsigned int rank = view->table ? view->table->rank : 0;
	unsigned int i;
	int err;

	data[0] = (struct file_data){ &text, view, rank };
	err = create_text(view, &data[0]);
	if (!err && view->columns) {
		data[1] = (struct file_data){ &json, view, rank };
		err = create_file(view, "json", &data[1]);
	}
	for (i = 0; !err && i < PERFTOP_VIEW_SORTED && view->sorted[i].suffix; i++) {
		data[i + 2] = (struct file_data){ &text, view, view->sorted[i].rank };
		err = create_file(view, view->sorted[i].suffix, &data[i + 2]);
	}
	return err;
}

/* Those that are of no view. */
static int create_others(void)
{
	static struct file_data all_json = { &json }, list = { &views },
				list_json = { &views_json };

	if (!create("all.json", folder, &all_json) ||
	    !create("views", folder, &list) ||
	    !create("views.json", folder, &list_json))
		return -ENOMEM;
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
	if (!err)
		err = create_others();
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
