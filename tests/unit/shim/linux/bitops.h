/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include_next <linux/bitops.h>

/* The tools' own needs a library of the kernel's. */
#undef hweight64
#define hweight64(word)	((unsigned int)__builtin_popcountll(word))

#endif
