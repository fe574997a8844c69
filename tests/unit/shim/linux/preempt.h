/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <linux/types.h>

extern bool shim_hardirq;
#define hardirq_count()		(shim_hardirq)
#define preempt_disable()	((void)0)
#define preempt_enable()	((void)0)

#endif
