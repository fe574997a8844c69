/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_UIDGID_H
#define SHIM_LINUX_UIDGID_H

#include <linux/types.h>

struct shim_id {
	unsigned int val;
};

#define kuid_t			struct shim_id
#define kgid_t			struct shim_id

#define GLOBAL_ROOT_UID		((kuid_t){ 0 })
#define INVALID_GID		((kgid_t){ -1U })
#define gid_valid(gid)		((gid).val != -1U)
#define make_kgid(ns, number)	((kgid_t){ (number) })

#endif
