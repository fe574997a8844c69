/* SPDX-License-Identifier: GPL-2.0 */
/* The CPU that is asked runs the function, its interrupts off; or none does. */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#include <linux/cpumask.h>
#include <linux/percpu.h>

/* Calls that were made of other CPUs or of this one. */
extern unsigned int shim_calls;

int smp_call_function_single(int cpu, void (*fn)(void *info), void *info,
			     int wait);
void on_each_cpu(void (*fn)(void *info), void *info, int wait);
void on_each_cpu_mask(const struct cpumask *mask, void (*fn)(void *info),
		      void *info, bool wait);

#endif
