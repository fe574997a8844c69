/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_TSC_H
#define SHIM_ASM_TSC_H

extern unsigned int tsc_khz;

#endif
