/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs from kernel to kernel. Versions are not asked, since stable trees
 * and distributions take over what later ones have: Kbuild has compiled trial/
 * and knows which PERFTOP_HAS_ are 1.
 */
#ifndef PERFTOP_COMPAT_H
#define PERFTOP_COMPAT_H

#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "found.inc"

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

/* The policy came with 6.12; it is the same number everywhere. */
#ifndef SCHED_EXT
#define SCHED_EXT	7
#endif

/*
 * The page fault that a probe's handler takes counts as a missed probe, as long
 * as kprobes have fault handlers, although nothing was missed.
 */
#define PERFTOP_FAULTS_COUNT_AS_MISSED	PERFTOP_HAS_KPROBE_FAULT_HANDLER

/* Work that runs in the interrupt itself, also under PREEMPT_RT. */
#ifdef IRQ_WORK_INIT_HARD
#define PERFTOP_IRQ_WORK(fn)	IRQ_WORK_INIT_HARD(fn)
#else
#define PERFTOP_IRQ_WORK(fn)						\
	((struct irq_work){						\
		.flags = ATOMIC_INIT(IRQ_WORK_HARD_IRQ), .func = fn,	\
	})
#endif

#if !PERFTOP_HAS_PDE_DATA
#define pde_data(inode)		PDE_DATA(inode)
#endif

#if !PERFTOP_HAS_SYSCORE_DATA
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

#if PERFTOP_HAS_FTRACE_FREGS
#define PERFTOP_FTRACE_ARGS	unsigned long ip, unsigned long parent_ip, \
	struct ftrace_ops *ops, struct ftrace_regs *regs
#else
#define PERFTOP_FTRACE_ARGS	unsigned long ip, unsigned long parent_ip, \
	struct ftrace_ops *ops, struct pt_regs *regs
#endif

/*
 * The arguments of a probe on a tracepoint. A kernel may have others than are
 * known; then PERFTOP_FITS_ is 0, and the probe is built but never attached.
 */
#if PERFTOP_HAS_SCHED_SWITCH_3
#define PERFTOP_SCHED_SWITCH_ARGS	void *data, bool preempt,	\
	struct task_struct *prev, struct task_struct *next
#else
#define PERFTOP_SCHED_SWITCH_ARGS	void *data, bool preempt,	\
	struct task_struct *prev, struct task_struct *next,		\
	unsigned int prev_state
#endif
#define PERFTOP_FITS_SCHED_SWITCH					\
	(PERFTOP_HAS_SCHED_SWITCH_3 || PERFTOP_HAS_SCHED_SWITCH_4)

#if PERFTOP_HAS_SCHED_PROCESS_EXIT_1
#define PERFTOP_SCHED_PROCESS_EXIT_ARGS	void *data, struct task_struct *task
#else
#define PERFTOP_SCHED_PROCESS_EXIT_ARGS	void *data, struct task_struct *task, \
	bool group_dead
#endif
#define PERFTOP_FITS_SCHED_PROCESS_EXIT					\
	(PERFTOP_HAS_SCHED_PROCESS_EXIT_1 || PERFTOP_HAS_SCHED_PROCESS_EXIT_2)

/* 6.0 says of a lock that is contended for whether it is a mutex. */
#include <trace/events/lock.h>
#ifndef LCB_F_MUTEX
#define LCB_F_MUTEX	0
#define LCB_F_SPIN	0
#endif

/* A wait for a mutex has two ends; one is worth nothing without the other. */
#define PERFTOP_FITS_CONTENTION						\
	(PERFTOP_HAS_CONTENTION_BEGIN_2 && PERFTOP_HAS_CONTENTION_END_2)
#define PERFTOP_NO_CONTENTION						\
	(PERFTOP_HAS_CONTENTION_BEGIN_0 && PERFTOP_HAS_CONTENTION_END_0)

#if PERFTOP_HAS_TASK_STATE_RENAMED
#define perftop_task_state(task)	READ_ONCE((task)->__state)
#else
#define perftop_task_state(task)	READ_ONCE((task)->state)
#endif

#define perftop_task_is_dead(task)	(perftop_task_state(task) == TASK_DEAD)

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

/*
 * Could a task run that is on no CPU? Later kernels leave some on a queue that
 * sleep.
 */
static __always_inline bool perftop_task_is_queued(const struct task_struct *task)
{
	return !perftop_task_runs(task) && READ_ONCE(task->on_rq) &&
	       perftop_task_state(task) == TASK_RUNNING;
}

/* The areas of an address space, from the first on, which were in a list. */
#if !PERFTOP_HAS_VMA_ITERATOR
struct vma_iterator {
	struct vm_area_struct	*next;
};

#define VMA_ITERATOR(name, mm, from)	struct vma_iterator name = { (mm)->mmap }

static inline struct vm_area_struct *vma_next(struct vma_iterator *areas)
{
	struct vm_area_struct *vma = areas->next;

	if (vma)
		areas->next = vma->vm_next;
	return vma;
}
#endif

#endif /* PERFTOP_COMPAT_H */
