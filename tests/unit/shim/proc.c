// SPDX-License-Identifier: GPL-2.0
/*
 * Files in procfs, and what is read from them.
 */
#include "../test.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/cred.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

bool shim_capable = true;
unsigned int shim_group;
size_t shim_user_bytes = SIZE_MAX;

struct proc_dir_entry shim_proc[SHIM_PROC_ENTRIES];
const char *shim_proc_taken;
unsigned int shim_proc_fail_at;
int shim_paths;

int kern_path(const char *name, unsigned int flags, struct path *path)
{
	if (!shim_proc_taken || strcmp(name, shim_proc_taken))
		return -ENOENT;
	shim_paths++;
	return 0;
}

const char *shim_file_name, *shim_file_text;
int shim_files_open;

struct file *filp_open(const char *name, int flags, unsigned int mode)
{
	static struct file file;

	if (!shim_file_name || strcmp(name, shim_file_name))
		return ERR_PTR(-ENOENT);
	shim_files_open++;
	return &file;
}

ssize_t kernel_read(struct file *file, void *to, size_t size, loff_t *pos)
{
	size_t length = strlen(shim_file_text);

	if (length > size)
		length = size;
	memcpy(to, shim_file_text, length);
	return length;
}

int filp_close(struct file *file, void *id)
{
	shim_files_open--;
	return 0;
}

struct proc_dir_entry *shim_proc_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < SHIM_PROC_ENTRIES; i++)
		if (!strcmp(shim_proc[i].name, name))
			return &shim_proc[i];
	return NULL;
}

static struct proc_dir_entry *create(const char *name, unsigned int mode,
				     struct proc_dir_entry *parent,
				     const struct proc_ops *ops, void *data)
{
	struct proc_dir_entry *entry;

	if (shim_proc_fail_at && !--shim_proc_fail_at)
		return NULL;
	/* The kernel would report a bug. */
	assert_null(shim_proc_find(name));
	assert_true(strlen(name) < sizeof(entry->name));
	entry = shim_proc_find("");
	assert_non_null(entry);
	*entry = (struct proc_dir_entry){
		.mode = mode, .parent = parent, .ops = ops, .data = data,
	};
	strcpy(entry->name, name);
	return entry;
}

struct proc_dir_entry *proc_create_data(const char *name, unsigned int mode,
					struct proc_dir_entry *parent,
					const struct proc_ops *ops, void *data)
{
	return create(name, mode, parent, ops, data);
}

struct proc_dir_entry *proc_mkdir_mode(const char *name, unsigned int mode,
				       struct proc_dir_entry *parent)
{
	return create(name, mode, parent, NULL, NULL);
}

void proc_set_user(struct proc_dir_entry *entry, kuid_t uid, kgid_t gid)
{
	assert_int_equal(uid.val, 0);
	entry->group = gid.val;
}

void proc_remove(struct proc_dir_entry *entry)
{
	unsigned int i;

	if (!entry)
		return;
	assert_true(entry->name[0]);
	for (i = 0; i < SHIM_PROC_ENTRIES; i++)
		if (shim_proc[i].name[0] && shim_proc[i].parent == entry)
			proc_remove(&shim_proc[i]);
	memset(entry, 0, sizeof(*entry));
}

void *__seq_open_private(struct file *file, const struct seq_operations *op,
			 int size)
{
	struct seq_file *m = shim_kzalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->op = op;
	m->private = shim_kzalloc(size);
	if (!m->private) {
		kfree(m);
		return NULL;
	}
	file->private_data = m;
	return m->private;
}

int seq_release_private(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kfree(m->private);
	kfree(m);
	file->private_data = NULL;
	return 0;
}

ssize_t seq_read_iter(struct file *file, char *to, size_t size, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	void *v;

	m->count = 0;
	m->text[0] = '\0';
	v = m->op->start(m, pos);
	while (v) {
		assert_int_equal(m->op->show(m, v), 0);
		v = m->op->next(m, v, pos);
	}
	m->op->stop(m, v);
	assert_true(m->count < size);
	memcpy(to, m->text, m->count + 1);
	return m->count;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	return offset;
}
