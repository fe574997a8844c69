/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CAPABILITY_H
#define SHIM_LINUX_CAPABILITY_H

#include <linux/types.h>

/* Whether whoever opens a file may watch the whole machine. */
extern bool shim_capable;
#define perfmon_capable()	(shim_capable)

#endif
