/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_PRIO_H
#define SHIM_LINUX_SCHED_PRIO_H

#define MAX_DL_PRIO		0
#define MAX_RT_PRIO		100
#define MAX_NICE	19
#define MIN_NICE	-20

#define PRIO_TO_NICE(prio)	((prio) - 120)
#define NICE_TO_PRIO(nice)	((nice) + 120)

#endif
