/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

#define atomic_read(v)		((v)->counter)
#define atomic_long_read(v)	((v)->counter)

#define ATOMIC_INIT(i)		{ (i) }
#define atomic_inc_return(v)	(++(v)->counter)
#define atomic_dec(v)		((void)(v)->counter--)
#define atomic_add_unless(v, n, most)					\
	((v)->counter == (most) ? false : ((v)->counter += (n), true))

struct shim_atomic64 {
	u64	counter;
};

#define atomic64_t		struct shim_atomic64

#define ATOMIC64_INIT(i)	{ (i) }
#define atomic64_read(v)	__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic64_set(v, i)	__atomic_store_n(&(v)->counter, i, __ATOMIC_RELAXED)
#define atomic64_inc(v)		\
	((void)__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_RELAXED))

#define cmpxchg(p, old, new)	__sync_val_compare_and_swap(p, old, new)

#endif
