/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CRED_H
#define SHIM_LINUX_CRED_H

#include <linux/uidgid.h>

/* The group of whoever opens a file. */
extern unsigned int shim_group;
#define in_group_p(gid)		((gid).val == shim_group)

#endif
