/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SORT_H
#define SHIM_LINUX_SORT_H

#include <linux/types.h>

/* Of equal ones, the later stands in the middle of those before it. */
extern bool shim_sort_mixes;

/* As the kernel's: equal ones end up in any order, here the reverse. */
void sort_r(void *base, size_t n, size_t size,
	    int (*compare)(const void *a, const void *b, const void *priv),
	    void *swap, const void *priv);
void sort(void *base, size_t n, size_t size,
	  int (*compare)(const void *a, const void *b), void *swap);

#endif
