/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_PRIO_H
#define SHIM_LINUX_SCHED_PRIO_H

#define PRIO_TO_NICE(prio)	((prio) - 120)

#endif
