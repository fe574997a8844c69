/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs come and go when the test says so. */
#ifndef SHIM_LINUX_CPU_H
#define SHIM_LINUX_CPU_H

#include <linux/cpumask.h>
#include <linux/mutex.h>

extern int shim_cpus_locked;

#define cpus_read_lock()	shim_lock(&shim_cpus_locked)
#define cpus_read_unlock()	shim_unlock(&shim_cpus_locked)

enum cpuhp_state {
	CPUHP_BP_PREPARE_DYN	= 100,
};

/* The error that the next one gets; what a state is called when a CPU comes, and has died. */
extern int shim_cpuhp_error;
extern int (*shim_cpuhp_prepare)(unsigned int cpu);
extern int (*shim_cpuhp_dead)(unsigned int cpu);

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*startup)(unsigned int cpu),
			      int (*teardown)(unsigned int cpu));
void cpuhp_remove_state_nocalls(enum cpuhp_state state);

#endif
