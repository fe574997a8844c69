/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PROC_FS_H
#define SHIM_LINUX_PROC_FS_H

#include <linux/fs.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct proc_ops {
	int	(*proc_open)(struct inode *inode, struct file *file);
	/* An iterator is a place and a position here. */
	ssize_t	(*proc_read_iter)(struct file *file, char *to, size_t size,
				  loff_t *pos);
	ssize_t	(*proc_write)(struct file *file, const char *from, size_t size,
			      loff_t *pos);
	loff_t	(*proc_lseek)(struct file *file, loff_t offset, int whence);
	int	(*proc_release)(struct inode *inode, struct file *file);
};

struct proc_dir_entry {
	char			name[32];
	unsigned int		mode;
	unsigned int		group;
	struct proc_dir_entry	*parent;
	const struct proc_ops	*ops;	/* NULL: a folder */
	void			*data;
};

#define SHIM_PROC_ENTRIES	64

/* Those in use have a name. */
extern struct proc_dir_entry shim_proc[SHIM_PROC_ENTRIES];

/* The path of something that another module has, or NULL. */
extern const char *shim_proc_taken;

/* The entry to fail, counted from 1; 0 is none. */
extern unsigned int shim_proc_fail_at;

struct proc_dir_entry *proc_create_data(const char *name, unsigned int mode,
					struct proc_dir_entry *parent,
					const struct proc_ops *ops, void *data);
struct proc_dir_entry *proc_mkdir_mode(const char *name, unsigned int mode,
				       struct proc_dir_entry *parent);
void proc_set_user(struct proc_dir_entry *entry, kuid_t uid, kgid_t gid);
void proc_remove(struct proc_dir_entry *entry);
struct proc_dir_entry *shim_proc_find(const char *name);

#define pde_data(inode)		((inode)->i_private)

#endif
