/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_MSR_H
#define SHIM_ASM_MSR_H

#include <linux/percpu.h>

/* Each CPU's own clock. */
extern u64 shim_clock[SHIM_CPU_IDS];
#define rdtsc()			(shim_clock[shim_cpu])

#endif
