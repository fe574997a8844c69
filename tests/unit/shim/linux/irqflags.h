/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_IRQFLAGS_H
#define SHIM_LINUX_IRQFLAGS_H

/* How often they were switched off. */
extern unsigned long shim_irqs_off;

/* Only what was saved can be restored. */
#define SHIM_SAVED			0xf1a60000UL

#define local_irq_save(flags)		((flags) = SHIM_SAVED + shim_irqs_off++)
#define local_irq_restore(flags)					\
do {									\
	if ((flags) >> 16 != SHIM_SAVED >> 16)				\
		__builtin_trap();					\
	shim_irqs_off = (flags) - SHIM_SAVED;				\
} while (0)

#define local_irq_disable()		((void)shim_irqs_off++)
#define local_irq_enable()		((void)shim_irqs_off--)

#endif
