/* SPDX-License-Identifier: GPL-2.0 */
/* A user's memory: what the test has mapped can be read, the rest faults. */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/types.h>

struct shim_mapping {
	unsigned long	start;
	size_t		size;
	u8		*memory;
};

/* Ends with a size of 0. */
extern const struct shim_mapping *shim_mappings;

/* Reads that did not fault, and those that did. */
extern unsigned int shim_user_reads;
extern unsigned int shim_user_faults;

long copy_from_user_nofault(void *to, const void *from, size_t size);

#endif
