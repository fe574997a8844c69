/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_TSC_H
#define SHIM_ASM_TSC_H

#include <linux/types.h>

extern unsigned int tsc_khz;

/* What the machine says of it. */
extern bool shim_tsc_unstable;
#define check_tsc_unstable()	shim_tsc_unstable

#endif
