/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs from kernel to kernel. The only place with a version test.
 */
#ifndef PERFTOP_COMPAT_H
#define PERFTOP_COMPAT_H

#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/*
 * Tasks that have an address space but never ran in user mode, so that their
 * saved user registers mean nothing. PF_IO_WORKER came with 5.12, and
 * PF_USER_WORKER, which covers vhost's as well, with 6.4.
 */
#ifndef PF_IO_WORKER
#define PF_IO_WORKER	0
#endif
#ifndef PF_USER_WORKER
#define PF_USER_WORKER	0
#endif
#define PERFTOP_PF_NO_USER_STACK (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)

/*
 * Until 5.14 ("kprobes: Remove kprobe::fault_handler")
 * the page fault that a probe's handler takes counts as a missed probe,
 * although nothing was missed.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
#define PERFTOP_FAULTS_COUNT_AS_MISSED	1
#else
#define PERFTOP_FAULTS_COUNT_AS_MISSED	0
#endif

/* 5.17: PDE_DATA() became pde_data() ("proc: remove PDE_DATA() completely"). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data(inode)		PDE_DATA(inode)
#endif

/*
 * 5.18 gave sched_switch the leaving task's state ("sched/tracing: Append
 * prev_state to tp args instead").
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define PERFTOP_SCHED_SWITCH_ARGS	void *data, bool preempt,	\
	struct task_struct *prev, struct task_struct *next
#else
#define PERFTOP_SCHED_SWITCH_ARGS	void *data, bool preempt,	\
	struct task_struct *prev, struct task_struct *next,		\
	unsigned int prev_state
#endif

/*
 * 6.19 split what is registered from its operations and gave these an argument
 * ("syscore: Pass context data to callbacks").
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define PERFTOP_SYSCORE_ARGS	void
#define DEFINE_PERFTOP_SYSCORE(name, suspend_fn, resume_fn)		\
	static struct syscore_ops name = {				\
		.suspend = suspend_fn, .resume = resume_fn,		\
	}
#define register_syscore(ops)	register_syscore_ops(ops)
#define unregister_syscore(ops)	unregister_syscore_ops(ops)
#else
#define PERFTOP_SYSCORE_ARGS	void *data
#define DEFINE_PERFTOP_SYSCORE(name, suspend_fn, resume_fn)		\
	static const struct syscore_ops name##_ops = {			\
		.suspend = suspend_fn, .resume = resume_fn,		\
	};								\
	static struct syscore name = { .ops = &name##_ops }
#endif

/* 6.16 tells sched_process_exit whether the whole process ends (group_dead). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define PERFTOP_SCHED_PROCESS_EXIT_ARGS	void *data, struct task_struct *task
#else
#define PERFTOP_SCHED_PROCESS_EXIT_ARGS	void *data, struct task_struct *task, \
	bool group_dead
#endif

/* 6.0 says of a lock that is contended for whether it is a mutex. */
#include <trace/events/lock.h>
#ifndef LCB_F_MUTEX
#define LCB_F_MUTEX	0
#define LCB_F_SPIN	0
#endif

/* 5.14 gave a task's state another name ("sched: Change task_struct::state"). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
#define perftop_task_is_dead(task)	(READ_ONCE((task)->state) == TASK_DEAD)
#else
#define perftop_task_is_dead(task)	(READ_ONCE((task)->__state) == TASK_DEAD)
#endif

/*
 * Is a task on a CPU, or about to be or to have been? It may not exist: its
 * memory may be anything, or not be there. Later kernels have a byte for it, and
 * a kernel for one CPU need not keep it.
 */
static __always_inline bool perftop_task_is_on_cpu(struct task_struct *task)
{
#ifdef CONFIG_SMP
	__typeof__(task->on_cpu) on_cpu;

	__get_kernel_nofault(&on_cpu, &task->on_cpu, __typeof__(on_cpu), gone);
	return on_cpu == 1;
gone:
	return false;
#else
	return true;
#endif
}

/* The same of a task that does exist. */
static __always_inline bool perftop_task_runs(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	return READ_ONCE(task->on_cpu);
#else
	return task == current;
#endif
}

#endif /* PERFTOP_COMPAT_H */
