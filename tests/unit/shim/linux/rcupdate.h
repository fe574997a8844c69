/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/types.h>

#define __rcu
#undef synchronize_rcu

#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_sched(p)	READ_ONCE(p)
#define rcu_dereference_protected(p, c)	((void)(c), (p))
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)

#ifndef rcu_read_lock
#define rcu_read_lock()			((void)0)
#define rcu_read_unlock()		((void)0)
#endif

struct rcu_head {
	void	(*func)(struct rcu_head *head);
};

/* What those do who were inside when somebody waits for them; NULL: nobody. */
extern void (*shim_grace_period)(void);
void synchronize_rcu(void);

/* The wait is over when the caller sleeps, unless it lasts. */
extern bool shim_grace_lasts;
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);

#endif
