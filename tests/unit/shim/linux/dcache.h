/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_DCACHE_H
#define SHIM_LINUX_DCACHE_H

#include <linux/types.h>

struct dentry {
	struct {
		const char *name;
	} d_name;
	struct dentry	*d_parent;	/* itself: a root */
	bool		unhashed;
};

#define IS_ROOT(dentry)		((dentry) == (dentry)->d_parent)
#define d_unhashed(dentry)	((dentry)->unhashed)

#endif
