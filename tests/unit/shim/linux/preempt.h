/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <linux/irqflags.h>
#include <linux/types.h>

extern bool shim_hardirq, shim_nmi;
#define hardirq_count()		(shim_hardirq)
#define in_nmi()		(shim_nmi)
#define preempt_disable()	((void)0)
#define preempt_enable()	((void)0)

#endif
