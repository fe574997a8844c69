/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's tracepoints are the test's. */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/types.h>

#define SHIM_PROBES	2

struct tracepoint {
	const char	*name;
	void		*probe[SHIM_PROBES];
	unsigned int	running;	/* gone, but waited for by nobody */
};

/* Ends without a name. */
extern struct tracepoint *shim_tracepoints;

/* Registrations to come until one fails, counted from 1; 0 is none. */
extern unsigned int shim_tracepoint_fail_at;

void shim_each_tracepoint(void (*fn)(struct tracepoint *tp, void *data),
			  void *data);
#define for_each_kernel_tracepoint(fn, data)	shim_each_tracepoint(fn, data)

int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data);
int tracepoint_probe_unregister(struct tracepoint *tp, void *probe,
				void *data);
void tracepoint_synchronize_unregister(void);

#endif
