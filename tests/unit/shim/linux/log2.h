/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOG2_H
#define SHIM_LINUX_LOG2_H

#include_next <linux/log2.h>

#define order_base_2(n)		ilog2(roundup_pow_of_two(n))

#endif
