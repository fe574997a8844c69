/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PID_NAMESPACE_H
#define SHIM_LINUX_PID_NAMESPACE_H

#include <linux/idr.h>

struct pid_namespace {
	struct idr idr;
};

extern struct pid_namespace init_pid_ns;

#endif
