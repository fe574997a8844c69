/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's hash, of which a test can leave a few bits. */
#ifndef SHIM_LINUX_JHASH_H
#define SHIM_LINUX_JHASH_H

#define jhash shim_whole_jhash
#define jhash2 shim_whole_jhash2
#include_next <linux/jhash.h>
#undef jhash
#undef jhash2

extern u32 shim_jhash_mask;

static inline u32 jhash(const void *key, u32 length, u32 initval)
{
	return shim_whole_jhash(key, length, initval) & shim_jhash_mask;
}

static inline u32 jhash2(const u32 *key, u32 length, u32 initval)
{
	return shim_whole_jhash2(key, length, initval) & shim_jhash_mask;
}

#endif
