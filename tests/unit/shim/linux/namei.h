/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_NAMEI_H
#define SHIM_LINUX_NAMEI_H

#include <linux/path.h>

/* Finds what another module has in procfs. */
int kern_path(const char *name, unsigned int flags, struct path *path);

#endif
