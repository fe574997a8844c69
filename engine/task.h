/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is said of a task: who it is, whose, and of what priority.
 */
#ifndef PERFTOP_TASK_H
#define PERFTOP_TASK_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/types.h>

/**
 * struct perftop_who - a task, as a row of it is to say
 * @task: as PERFTOP_TASK
 * @started: its start_time
 * @priority: its perftop_task_priority()
 * @comm: its name
 * @owner: whose it is, see perftop_task_owner()
 * @process: the name of that
 */
struct perftop_who {
	u64	task;
	u64	started;
	u64	priority;
	u64	comm[2];
	u64	owner;
	u64	process[2];
};

/* Thread id and process id in one word. */
static __always_inline u64 perftop_task_ids(const struct task_struct *task)
{
	return (u64)task->tgid << 32 | (u32)task->pid;
}

/*
 * Has a task left its process and its parent, either of which may be gone? As long
 * as it has not, they are there for a grace period at the least. Others reap it,
 * maybe while it leaves a CPU for the last time.
 *
 * Context: interrupts off, or rcu_read_lock().
 */
static __always_inline bool
perftop_task_is_reaped(const struct task_struct *task)
{
	return !READ_ONCE(task->sighand);
}

/* The first thread of its process, NULL where that may be gone. */
static __always_inline const struct task_struct *
perftop_task_leader(const struct task_struct *task)
{
	/* When another thread executes a program, it becomes the first. */
	const struct task_struct *leader = READ_ONCE(task->group_leader);

	return leader != task && unlikely(perftop_task_is_reaped(task)) ? NULL :
								   leader;
}

/*
 * Whose a task is: its process, by the id, and below it by when that began, since
 * an id is used again; a kernel thread is its own. The lower half is a number of
 * 256 ns, which come again after 18 minutes, and the id again; 0 where a thread
 * has been reaped, and who is first is not known any more.
 */
static __always_inline u64 perftop_task_owner(const struct task_struct *task)
{
	const struct task_struct *leader = perftop_task_leader(task);

	if (unlikely(!leader))
		return (u64)task->tgid << 32;
	return perftop_task_ids(leader) ^ (u32)(leader->start_time >> 8);
}

/*
 * The name of its process, which is its first thread's; NULL where that may be
 * gone, see perftop_task_owner().
 */
static __always_inline const char *
perftop_task_process_name(const struct task_struct *task)
{
	const struct task_struct *leader = perftop_task_leader(task);

	return likely(leader) ? leader->comm : NULL;
}

static __always_inline unsigned long
perftop_task_switches(const struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

/*
 * Policy, and below it the real-time priority or the nice level; above both, how
 * often it has been switched out, so that the largest is the last.
 */
static __always_inline u64 perftop_task_priority(const struct task_struct *task)
{
	s16 level = task->rt_priority ? (s16)task->rt_priority :
					PRIO_TO_NICE(task->static_prio);

	return (u64)perftop_task_switches(task) << 24 |
	       (u64)(u8)task->policy << 16 | (u16)level;
}

static __always_inline u32 perftop_priority_policy(u64 priority)
{
	return priority >> 16 & 0xff;
}

static __always_inline int perftop_priority_level(u64 priority)
{
	return (s16)priority;
}

void perftop_task_describe(struct perftop_who *who,
			   const struct task_struct *task);
bool perftop_owner_has_ended(u64 owner);
bool perftop_task_has_ended(pid_t pid, u64 started);

#endif /* PERFTOP_TASK_H */
