/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on the kernel's own tracepoints.
 */
#ifndef PERFTOP_TRACEPOINT_PROBE_H
#define PERFTOP_TRACEPOINT_PROBE_H

#include <linux/types.h>

struct tracepoint;

/**
 * struct perftop_tracepoint - a probe on one of the kernel's tracepoints
 * @name: of the tracepoint, which need not be exported
 * @probe: a function with the tracepoint's arguments behind a void pointer
 * @fits: whether these are the arguments that this kernel's tracepoint has, as
 *	was found when the module was built
 * @may_lack: a kernel may have no such tracepoint, which is no error
 * @found: private
 */
struct perftop_tracepoint {
	const char		*name;
	void			*probe;
	bool			fits;
	bool			may_lack;
	struct tracepoint	*found;
};

int perftop_tracepoint_attach(struct perftop_tracepoint *tracepoint);
void perftop_tracepoint_detach(struct perftop_tracepoint *tracepoint);
int perftop_tracepoints_attach(struct perftop_tracepoint *const *list);
void perftop_tracepoints_detach(struct perftop_tracepoint *const *list);

#endif /* PERFTOP_TRACEPOINT_PROBE_H */
