// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of a task, and whether it is there.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "engine/task.h"

/**
 * perftop_task_describe() - What a task's row is to say of it
 * @who: is filled in
 * @task: the task
 *
 * Context: interrupts off, or rcu_read_lock().
 */
void perftop_task_describe(struct perftop_who *who,
			   const struct task_struct *task)
{
	who->task = perftop_task_ids(task);
	who->started = task->start_time;
	who->priority = perftop_task_priority(task);
	memcpy(who->comm, task->comm, sizeof(who->comm));
	who->owner = perftop_task_owner(task);
	memcpy(who->process, perftop_task_process_name(task) ? : task->comm,
	       sizeof(who->process));
}

/**
 * perftop_owner_has_ended() - Has a process ended, or its id been given to another?
 * @owner: see perftop_task_owner()
 *
 * Context: process context.
 * Return: whether none of its threads lives any more, as the kernel says now.
 */
bool perftop_owner_has_ended(u64 owner)
{
	const struct task_struct *task;
	bool lives;

	rcu_read_lock();
	task = pid_task(find_pid_ns(upper_32_bits(owner), &init_pid_ns),
			PIDTYPE_PID);
	lives = task && perftop_task_owner(task) == owner &&
		atomic_read(&task->signal->live);
	rcu_read_unlock();
	return !lives;
}

/**
 * perftop_task_has_ended() - Has a thread's id ended, or been given to another?
 * @pid: the id
 * @started: the thread's start_time; one that executes a program in the place of
 *	its process's first thread takes over both
 *
 * Context: process context.
 * Return: whether it has, as the kernel says now.
 */
bool perftop_task_has_ended(pid_t pid, u64 started)
{
	const struct task_struct *task;
	bool lives;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	lives = task && task->start_time == started && !task->exit_state;
	rcu_read_unlock();
	return !lives;
}
