/* SPDX-License-Identifier: GPL-2.0 */
/* Six CPU numbers, of which four are CPUs. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/kernel.h>

#define SHIM_CPU_IDS		6
#define nr_cpu_ids		((unsigned int)SHIM_CPU_IDS)

static inline bool shim_possible(unsigned int cpu)
{
	return cpu != 2 && cpu != 4;
}

#define num_possible_cpus()	4U

#define for_each_possible_cpu(cpu)					\
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)			\
		if (shim_possible(cpu))

#define cpu_to_node(cpu)	((void)(cpu), 0)

#endif
