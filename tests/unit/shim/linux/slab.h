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
void *shim_kvzalloc(size_t size);
void kvfree(const void *memory);
char *shim_kstrdup(const char *text);

#define GFP_KERNEL_ACCOUNT	GFP_KERNEL

#define kcalloc(n, size, flags)		((void)(flags), shim_kzalloc((n) * (size)))
#define kcalloc_node(n, size, flags, node)				\
	((void)(node), kcalloc(n, size, flags))
#define kzalloc(size, flags)		((void)(flags), shim_kzalloc(size))
#define kvzalloc_node(size, flags, node)				\
	((void)(flags), (void)(node), shim_kvzalloc(size))
#define kvcalloc(n, size, flags)	((void)(flags), shim_kvzalloc((n) * (size)))
char *shim_kmemdup_nul(const char *text, size_t length);

#define kmemdup_nul(text, length, flags)				\
	((void)(flags), shim_kmemdup_nul(text, length))
#define kstrdup(text, flags)		((void)(flags), shim_kstrdup(text))
#define kzalloc_node(size, flags, node)					\
	((void)(flags), (void)(node), shim_kzalloc(size))
#define vzalloc(size)			shim_vzalloc(size)
#define vzalloc_node(size, node)	((void)(node), shim_vzalloc(size))

#endif
