/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SEQ_FILE_H
#define SHIM_LINUX_SEQ_FILE_H

#include <linux/fs.h>
#include <linux/types.h>

struct seq_file {
	union {
		char			text[65536];
		char			buf[65536];
	};
	size_t				size;
	size_t				count;
	bool				overflowed;
	const struct seq_operations	*op;
	void				*private;
};

struct seq_operations {
	void	*(*start)(struct seq_file *m, loff_t *pos);
	void	(*stop)(struct seq_file *m, void *v);
	void	*(*next)(struct seq_file *m, void *v, loff_t *pos);
	int	(*show)(struct seq_file *m, void *v);
};

#define SEQ_START_TOKEN	((void *)1)

#define seq_has_overflowed(m)	((m)->overflowed)

void seq_printf(struct seq_file *m, const char *fmt, ...);
int seq_write(struct seq_file *m, const void *data, size_t length);
void seq_putc(struct seq_file *m, char c);
void seq_puts(struct seq_file *m, const char *text);

void *__seq_open_private(struct file *file, const struct seq_operations *op,
			 int size);
int seq_release_private(struct inode *inode, struct file *file);

/* All of the file from a position on, as many calls of read() make it. */
ssize_t seq_read_iter(struct file *file, char *to, size_t size, loff_t *pos);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);

#endif
