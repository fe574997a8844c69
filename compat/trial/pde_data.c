// SPDX-License-Identifier: GPL-2.0
/* Since 5.17 ("proc: remove PDE_DATA() completely"). */
#include <linux/proc_fs.h>

void *trial(const struct inode *inode);

void *trial(const struct inode *inode)
{
	return pde_data(inode);
}
