/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITMAP_H
#define SHIM_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/string.h>

#define bitmap_zalloc(bits, flags)					\
	kcalloc(((bits) + 63) / 64, sizeof(unsigned long), flags)
#define bitmap_zero(bitmap, bits)					\
	memset(bitmap, 0, ((bits) + 63) / 64 * sizeof(unsigned long))
#define bitmap_free(bitmap)	kfree(bitmap)

#endif
