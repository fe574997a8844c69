/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include <linux/types.h>

/* The monotonic clock. */
extern u64 shim_ns;

/* When it was 0, by the other clock. */
#define SHIM_EPOCH	1700000000000000000ULL

#define ktime_get_ns()			(shim_ns)
#define ktime_get_real_ns()		(shim_ns + SHIM_EPOCH)
#define ktime_get_mono_fast_ns()	(shim_ns)

#endif
