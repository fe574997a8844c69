/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_CPUFEATURE_H
#define SHIM_ASM_CPUFEATURE_H

#define X86_FEATURE_CONSTANT_TSC	0
#define X86_FEATURE_NONSTOP_TSC		1

/* A bit for each of them that the machine lacks. */
extern unsigned int shim_lacks;
#define boot_cpu_has(feature)	(!(shim_lacks & 1U << (feature)))

#endif
