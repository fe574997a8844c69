/* SPDX-License-Identifier: GPL-2.0 */
/* Work that waits until the CPU that queued it lets interrupts in. */
#ifndef SHIM_LINUX_IRQ_WORK_H
#define SHIM_LINUX_IRQ_WORK_H

#include <linux/types.h>

struct irq_work {
	void	(*func)(struct irq_work *work);
	bool	pending;
};

#define IRQ_WORK_INIT_HARD(fn)	(struct irq_work){ .func = fn }

/* How often any was queued. */
extern unsigned int shim_irq_works;

bool irq_work_queue(struct irq_work *work);
void irq_work_sync(struct irq_work *work);

/* Interrupts are let in on this CPU. */
void shim_run_irq_work(struct irq_work *work);

#endif
