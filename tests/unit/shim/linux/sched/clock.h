/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_CLOCK_H
#define SHIM_LINUX_SCHED_CLOCK_H

#include <linux/math64.h>
#include <linux/percpu.h>

/* What the scheduler goes by: each CPU's own, and not the monotonic clock. */
extern u64 shim_local_clock[SHIM_CPU_IDS];

#define local_clock()	(shim_local_clock[shim_cpu])

#endif
