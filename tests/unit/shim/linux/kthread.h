/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel thread runs when the test calls shim_kthread_run(). */
#ifndef SHIM_LINUX_KTHREAD_H
#define SHIM_LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

struct task_struct *kthread_run(int (*fn)(void *data), void *data,
				const char *name);
int kthread_stop(struct task_struct *task);
bool kthread_should_stop(void);

/* Threads that have been made and not been stopped. */
extern unsigned int shim_kthreads;

/* Lets the thread go so many times round its loop. */
void shim_kthread_run(unsigned int rounds);

#endif
