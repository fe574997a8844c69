/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks are taken once, and always in the same order: who takes two of them in
 * both orders could wait for ever.
 */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <errno.h>

struct mutex {
	atomic_long_t	owner;	/* the task, and flags in the low bits */
	int		held;
};

#define DEFINE_MUTEX(name)	struct mutex name

/* A signal has killed current. */
extern bool shim_killed;

void shim_lock(int *held);
void shim_unlock(int *held);
void shim_release_locks(void);
void shim_assert_held(const int *held);

#define mutex_lock(lock)	shim_lock(&(lock)->held)
#define mutex_lock_killable(lock)					\
	(shim_killed ? -EINTR : (shim_lock(&(lock)->held), 0))
#define mutex_unlock(lock)	shim_unlock(&(lock)->held)
#define lockdep_assert_held(lock) shim_assert_held(&(lock)->held)

#endif
