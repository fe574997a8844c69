/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that knows how it was taken, is counted, and can be made to run out.
 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/types.h>

/* Pieces and bytes that are out. */
extern unsigned int shim_allocated;
extern size_t shim_allocated_bytes;

/* The allocation to fail, counted from 1; 0 is none. */
extern unsigned int shim_fail_at;

void *shim_kzalloc(size_t size);
void *shim_vzalloc(size_t size);
void kfree(const void *memory);
void vfree(const void *memory);

#define kcalloc(n, size, flags)		((void)(flags), shim_kzalloc((n) * (size)))
#define kzalloc_node(size, flags, node)					\
	((void)(flags), (void)(node), shim_kzalloc(size))
#define vzalloc(size)			shim_vzalloc(size)
#define vzalloc_node(size, node)	((void)(node), shim_vzalloc(size))

#endif
