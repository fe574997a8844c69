/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include <linux/dcache.h>
#include <linux/path.h>
#include <linux/types.h>
#include <sys/types.h>

#define FMODE_READ	1
#define FMODE_WRITE	2

struct super_block {
	dev_t	s_dev;
};

struct inode {
	unsigned long		i_ino;
	u32			i_generation;
	struct super_block	*i_sb;
	void			*i_private;
};

struct file {
	struct path	f_path;
	struct inode	*f_inode;
	unsigned int	f_mode;
	void		*private_data;
};

#define file_inode(file)	((file)->f_inode)

/* What a file of the kernel's has that the module reads; NULL: there is none. */
extern const char *shim_file_name, *shim_file_text;
extern int shim_files_open;

struct file *filp_open(const char *name, int flags, unsigned int mode);
ssize_t kernel_read(struct file *file, void *to, size_t size, loff_t *pos);
int filp_close(struct file *file, void *id);

#endif
