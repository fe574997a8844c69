/* SPDX-License-Identifier: GPL-2.0 */
/* Six CPU numbers, of which four are CPUs, online unless the test says not. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/kernel.h>
#include <linux/slab.h>

#define SHIM_CPU_IDS		6
#define nr_cpu_ids		((unsigned int)SHIM_CPU_IDS)

static inline bool shim_possible(unsigned int cpu)
{
	return cpu != 2 && cpu != 4;
}

/* A bit for each that is not. */
extern unsigned int shim_offline;

static inline bool cpu_online(unsigned int cpu)
{
	return shim_possible(cpu) && !(shim_offline & 1U << cpu);
}

#define num_possible_cpus()	4U

#define for_each_possible_cpu(cpu)					\
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)			\
		if (shim_possible(cpu))

#define for_each_online_cpu(cpu)					\
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)			\
		if (cpu_online(cpu))

static inline unsigned int num_online_cpus(void)
{
	unsigned int cpu, n = 0;

	for_each_online_cpu(cpu)
		n++;
	return n;
}

struct cpumask {
	unsigned long	bits;
};

#define cpumask_test_cpu(cpu, mask)	((mask)->bits >> (cpu) & 1)
#define cpumask_set_cpu(cpu, mask)	((void)((mask)->bits |= 1UL << (cpu)))
#define cpumask_clear(mask)		((void)((mask)->bits = 0))
#define cpumask_copy(to, from)		((void)((to)->bits = (from)->bits))
#define cpumask_empty(mask)		(!(mask)->bits)

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu,
					      struct cpumask *mask)
{
	const bool was = cpumask_test_cpu(cpu, mask);

	mask->bits &= ~(1UL << cpu);
	return was;
}

/* The first that is set behind a number. */
static inline unsigned int cpumask_next(int cpu, const struct cpumask *mask)
{
	do {
		cpu++;
	} while (cpu < SHIM_CPU_IDS && !cpumask_test_cpu(cpu, mask));
	return cpu;
}

#define cpumask_first(mask)	cpumask_next(-1, mask)

#define for_each_cpu(cpu, mask)						\
	for ((cpu) = cpumask_first(mask); (cpu) < nr_cpu_ids;		\
	     (cpu) = cpumask_next(cpu, mask))

static inline struct cpumask shim_mask(bool online)
{
	struct cpumask mask = { 0 };
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!online || cpu_online(cpu))
			cpumask_set_cpu(cpu, &mask);
	return mask;
}

#define cpu_possible_mask	(&(struct cpumask){ shim_mask(false).bits })
#define cpu_online_mask		(&(struct cpumask){ shim_mask(true).bits })

#define cpumask_or(to, a, b)	((to)->bits = (a)->bits | (b)->bits)

#define cpumask_var_t		struct cpumask *
#define alloc_cpumask_var(mask, flags)					\
	((*(mask) = kzalloc(sizeof(**(mask)), flags)) != NULL)
#define free_cpumask_var(mask)	kfree(mask)

/* "0-2,5" */
int cpulist_parse(const char *list, struct cpumask *mask);

#define cpu_to_node(cpu)	((void)(cpu), 0)

#endif
