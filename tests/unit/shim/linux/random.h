/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <linux/types.h>

/* What is random the next time. */
extern u32 shim_random;

static inline u32 get_random_u32(void)
{
	return shim_random;
}

static inline u64 get_random_u64(void)
{
	return (u64)shim_random << 32 | shim_random;
}

#endif
