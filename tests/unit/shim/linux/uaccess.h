/* SPDX-License-Identifier: GPL-2.0 */
/* A user's memory: what the test has mapped can be read, the rest faults. */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/types.h>
#include <sanitizer/asan_interface.h>

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

/* Sections that were begun and not ended. */
extern int shim_user_sections;

#define TASK_SIZE_MAX		((1UL << 47) - 4096)
#define __user

bool shim_read_user(void *to, unsigned long from, size_t size);

#define pagefault_disable()	(shim_user_sections += 0x100)
#define pagefault_enable()	(shim_user_sections -= 0x100)

static inline bool user_access_begin(const void *from, size_t size)
{
	if ((unsigned long)from > TASK_SIZE_MAX - size)
		return false;
	shim_user_sections++;
	return true;
}

#define user_access_end()	(shim_user_sections--)

#define unsafe_get_user(to, from, fault)				\
do {									\
	__typeof__(*(from)) value;					\
									\
	if (!shim_read_user(&value, (unsigned long)(from), sizeof(value))) \
		goto fault;						\
	(to) = value;							\
} while (0)

/* Bytes that copy_from_user() can read; the rest faults. */
extern size_t shim_user_bytes;

static inline size_t copy_from_user(void *to, const void *from, size_t size)
{
	const size_t readable = size < shim_user_bytes ? size : shim_user_bytes;

	memcpy(to, from, readable);
	return size - readable;
}

/* A kernel's memory is there unless the test has freed it. */
#define __get_kernel_nofault(to, from, type, fault)			\
do {									\
	if (__asan_region_is_poisoned((void *)(from), sizeof(type)))	\
		goto fault;						\
	*(type *)(to) = *(const type *)(from);				\
} while (0)

#endif
