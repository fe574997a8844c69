/* SPDX-License-Identifier: GPL-2.0 */
/* They go on while somebody sleeps. */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

extern unsigned long shim_jiffies;
#define jiffies	shim_jiffies

#define time_before(a, b)	((long)((a) - (b)) < 0)

#endif
