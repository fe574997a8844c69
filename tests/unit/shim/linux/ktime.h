/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include <linux/types.h>

/* The monotonic clock. */
extern u64 shim_ns;

#define ktime_get_ns()			(shim_ns)
#define ktime_get_mono_fast_ns()	(shim_ns)

#endif
