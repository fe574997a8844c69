/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/mutex.h>

struct shim_spinlock {
	int	held;
};

#define DEFINE_RAW_SPINLOCK(name)	struct shim_spinlock name

#define raw_spin_lock(lock)	shim_lock(&(lock)->held)
#define raw_spin_unlock(lock)	shim_unlock(&(lock)->held)

#endif
