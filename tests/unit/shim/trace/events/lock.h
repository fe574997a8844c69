/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_TRACE_EVENTS_LOCK_H
#define SHIM_TRACE_EVENTS_LOCK_H

#define LCB_F_SPIN	(1U << 0)
#define LCB_F_READ	(1U << 1)
#define LCB_F_WRITE	(1U << 2)
#define LCB_F_RT	(1U << 3)
#define LCB_F_PERCPU	(1U << 4)
#define LCB_F_MUTEX	(1U << 5)

#endif
