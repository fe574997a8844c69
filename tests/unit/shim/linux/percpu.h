/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU variables lie in a section of their own, and each CPU has a copy of
 * it. The CPU that runs is what the test says.
 */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>

extern unsigned int shim_cpu;

void *shim_percpu(const void *variable, unsigned int cpu);

/* All variables of all CPUs as they were when the program began. */
void shim_percpu_reset(void);

#define DEFINE_PER_CPU(type, name)					\
	__attribute__((section("percpu"))) __typeof__(type) name
#define DECLARE_PER_CPU(type, name)	extern DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_ALIGNED(type, name)				\
	DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_ALIGNED(type, name)				\
	extern DEFINE_PER_CPU_ALIGNED(type, name)

/* Taken at run time, and 0 on each CPU. */
void *shim_alloc_percpu(size_t size);
void free_percpu(void *variable);
#define __alloc_percpu(size, align)	shim_alloc_percpu(size)
#define alloc_percpu(type)	((type *)shim_alloc_percpu(sizeof(type)))

#define per_cpu_ptr(ptr, cpu)	((__typeof__(ptr))shim_percpu(ptr, cpu))
#define this_cpu_ptr(ptr)	per_cpu_ptr(ptr, shim_cpu)
#define per_cpu(var, cpu)	(*per_cpu_ptr(&(var), cpu))
#define this_cpu_read(var)	per_cpu(var, shim_cpu)
#define this_cpu_write(var, value) (per_cpu(var, shim_cpu) = (value))
#define this_cpu_inc(var)	(per_cpu(var, shim_cpu)++)

#endif
