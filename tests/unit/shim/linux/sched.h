/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/types.h>
#include <limits.h>
#include <sys/types.h>

#define TASK_COMM_LEN	16

#define HZ		250

#define TASK_RUNNING	0x0000
#define TASK_DEAD	0x0080

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
	unsigned long others[15];
	unsigned long di;
	unsigned long sp;
	unsigned long bp;
	unsigned long ip;
	unsigned int cs;
	unsigned int flags;
	unsigned long orig_ax;
};

/* What the kernel accounts of each task's waits for a CPU, in ns. */
struct sched_info {
	unsigned long	pcount;
	u64		run_delay;
	u64		last_arrival;
	u64		last_queued;
};

struct signal_struct {
	int		nr_threads;
	struct {
		int	counter;
	} live;
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
	unsigned long		min_flt;
	unsigned long		maj_flt;
	u64			self_exec_id;
	unsigned long		nivcsw;
	char			comm[TASK_COMM_LEN];
	struct mm_struct	*mm;
	void			*stack;
	unsigned int		references;
	int			on_cpu;
	unsigned int		cpu;
	int			on_rq;
	int			prio;
	unsigned int		__state;
	int			exit_state;
	bool			in_execve;
	struct task_struct	*group_leader;
	struct task_struct	*real_parent;
	struct signal_struct	*signal;
	void			*sighand;	/* NULL: it has been reaped */
	struct sched_info	sched_info;
	struct {
		u64	sum_exec_runtime;
		u64	nr_migrations;
	} se;
	struct {
		u64	deadline;
		u64	dl_deadline;
	} dl;
};

#define task_cpu(task)		((task)->cpu)
#define task_is_running(task)	((task)->__state == TASK_RUNNING)

extern struct task_struct *shim_current[SHIM_CPU_IDS];
#define current			(shim_current[shim_cpu])
#define smp_processor_id()	shim_cpu

/* What happens while current sleeps is the test's. */
extern void (*shim_sleep)(long jiffies);
void shim_schedule_timeout(long jiffies);

/* Until somebody wakes it up, or so long. */
void shim_wait(long jiffies);
#define set_current_state(state)	((void)(state))
#define __set_current_state(state)	((void)(state))
#define TASK_INTERRUPTIBLE		0x0001
#define MAX_SCHEDULE_TIMEOUT		LONG_MAX
#define wake_up_process(task)		((void)(task), shim_woken++)
extern unsigned int shim_woken;

/* The class that current was given: a nice level, or more than any. */
#define SHIM_FIFO_LOW	100
#define SHIM_FIFO	101
extern int shim_class;
#define sched_set_normal(task, nice)	((void)(task), (void)(shim_class = (nice)))
#define sched_set_fifo_low(task)	((void)(task), (void)(shim_class = SHIM_FIFO_LOW))
#define sched_set_fifo(task)		((void)(task), (void)(shim_class = SHIM_FIFO))

extern bool shim_killed;
#define fatal_signal_pending(task)	((void)(task), shim_killed)
#define schedule_timeout(jiffies)	shim_wait(jiffies)
#define schedule_timeout_uninterruptible(jiffies)	\
	shim_schedule_timeout(jiffies)

/* Not to be called where interrupts are off. */
void cond_resched(void);

/* How often somebody has said that others may run. */
extern unsigned long shim_resched;

/* What they do then, if no lock is held. */
extern void (*shim_others)(void);

static inline bool is_idle_task(const struct task_struct *task)
{
	return task->flags & PF_IDLE;
}

#endif
