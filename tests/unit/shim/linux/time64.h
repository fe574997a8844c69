/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TIME64_H
#define SHIM_LINUX_TIME64_H

#include <linux/math64.h>

#endif
