/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PATH_H
#define SHIM_LINUX_PATH_H

struct dentry;

struct path {
	int		references;
	struct dentry	*dentry;
};

/* References to paths that were not given back. */
extern int shim_paths;
#define path_put(path)		((void)(path), shim_paths--)

#endif
