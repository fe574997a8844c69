/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/build_bug.h>

#define NOKPROBE_SYMBOL(function)	static_assert(1)
