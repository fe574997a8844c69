/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/bits.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/types.h>
#include <sys/types.h>

#define TASK_COMM_LEN	16

#define SCHED_NORMAL	0
#define SCHED_FIFO	1
#define SCHED_RR	2
#define SCHED_BATCH	3
#define SCHED_IDLE	5
#define SCHED_DEADLINE	6

#define PF_IDLE		0x00000002
#define PF_IO_WORKER	0x00000010
#define PF_USER_WORKER	0x00004000
#define PF_KTHREAD	0x00200000

struct mm_struct;

struct pt_regs {
	unsigned long sp;
	unsigned long bp;
	unsigned long ip;
	unsigned long cs;
	unsigned long orig_ax;
};

struct task_struct {
	pid_t			pid;
	pid_t			tgid;
	unsigned int		flags;
	unsigned int		policy;
	unsigned int		rt_priority;
	int			static_prio;
	u64			start_time;
	unsigned long		nvcsw;
	unsigned long		nivcsw;
	char			comm[TASK_COMM_LEN];
	struct mm_struct	*mm;
	void			*stack;
	unsigned int		references;
	int			on_cpu;
	unsigned int		cpu;
};

#define task_cpu(task)		((task)->cpu)

extern struct task_struct *shim_current[SHIM_CPU_IDS];
#define current			(shim_current[shim_cpu])
#define smp_processor_id()	shim_cpu

static inline bool is_idle_task(const struct task_struct *task)
{
	return task->flags & PF_IDLE;
}

#endif
