/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A way in which switches are seen.
 */
#ifndef PERFTOP_HOOK_OPS_H
#define PERFTOP_HOOK_OPS_H

#include <linux/types.h>

/**
 * struct perftop_hook - one way of seeing switches
 * @name: as in the parameter hook= and the header
 * @start: begin; returns 0 or the errno that insmod shows
 * @stop: end, and wait until no handler runs any more
 * @missed: events that were seen by the kernel but not delivered
 * @describe: the probed symbols, for the load message
 */
struct perftop_hook {
	const char	*name;
	int		(*start)(void);
	void		(*stop)(void);
	u64		(*missed)(void);
	void		(*describe)(char *buf, size_t size);
};

#endif /* PERFTOP_HOOK_OPS_H */
