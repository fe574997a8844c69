/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KERNEL_STAT_H
#define SHIM_LINUX_KERNEL_STAT_H

#include <linux/cpumask.h>
#include <linux/types.h>

enum { CPUTIME_STEAL, SHIM_CPUTIMES };

struct kernel_cpustat {
	u64	cpustat[SHIM_CPUTIMES];
};

/* In ns. */
extern struct kernel_cpustat shim_cpustat[SHIM_CPU_IDS];
#define kcpustat_cpu(cpu)	shim_cpustat[cpu]

#endif
