/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/string.h>
#include <linux/kernel.h>

#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

static inline void memset64(u64 *to, u64 value, size_t number)
{
	while (number--)
		*to++ = value;
}

#endif
