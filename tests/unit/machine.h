/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine on which the module is loaded: CPUs, tasks, a clock, and switches
 * in the kernel's order, with what the kernel counts at each. Only stacks are
 * not real: a task's is a number, which is what its field says.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "test.h"

#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/prio.h>

#include "switch/recall.h"

/* Two ticks are a nanosecond. */
#define MACHINE_KHZ	2000000
#define TICKS(ns)	((ns) * 2ULL)

#define US		1000ULL
#define MS		1000000ULL
#define SEC		1000000000ULL

/* A stack of which a part is missing, beside its number. */
#define MACHINE_TRUNCATED	0x10000UL

/* Its captures are unwound, not remembered. */
#define MACHINE_UNWOUND		0x20000UL

/* It is not finished before it is drained. */
#define MACHINE_UNSETTLED	0x40000UL

/* It is found to be another one than was remembered. */
#define MACHINE_DIFFERS		0x80000UL

/* It is one frame longer than the one of that number. */
#define MACHINE_LONGER		0x100000UL

#define machine_set_stack(task, number)					\
	((task)->stack = (void *)(unsigned long)(number))

/* Its parameters, which have their defaults before it is loaded. */
extern char **const shim_param_views, **const shim_param_filter;
extern char **const shim_param_pick, **const shim_param_stop;
extern char **const shim_param_finish;
int shim_param_set_hook(const char *text);
int shim_param_set_stack(const char *text);
int shim_param_set_top(const char *text);
int shim_param_set_table(const char *text);
int shim_param_set_idle(const char *text);
int shim_param_set_verify(const char *text);
int shim_param_set_drainer(const char *text);
int shim_param_set_group(const char *text);
int shim_param_set_inversion_us(const char *text);
int shim_param_get_hook(char *buf);
int shim_param_get_stack(char *buf);
int shim_param_get_top(char *buf);
int shim_param_get_table(char *buf);
int shim_param_get_idle(char *buf);
int shim_param_get_verify(char *buf);
int shim_param_get_drainer(char *buf);
int shim_param_get_group(char *buf);
int shim_param_get_inversion_us(char *buf);
extern const int shim_param_mode_group;
extern const int shim_param_mode_hook, shim_param_mode_stack;
extern const int shim_param_mode_top, shim_param_mode_idle;
extern const int shim_param_mode_verify, shim_param_mode_table;
extern const int shim_param_mode_views, shim_param_mode_filter;
extern const int shim_param_mode_pick, shim_param_mode_stop;
extern const int shim_param_mode_finish, shim_param_mode_inversion_us;

extern int (*const shim_module_init)(void);
extern void (*const shim_module_exit)(void);

int machine_load(void);
void machine_unload(void);

struct task_struct *machine_task(pid_t pid, pid_t tgid, const char *comm);
struct task_struct *machine_idle(unsigned int cpu);

/* Fair tasks have a nice level, the others a priority. */
void machine_set_nice(struct task_struct *task, int nice);
void machine_set_rt(struct task_struct *task, unsigned int priority);
void machine_set_deadline(struct task_struct *task, u64 deadline);

/* Time goes on everywhere: so long, or until so long after the beginning. */
void machine_pass(u64 ns);
void machine_until(u64 ns);

/* A task becomes runnable. */
void machine_wake(struct task_struct *task);

/* The CPU's task goes to sleep, is preempted, or ends; @next gets the CPU. */
void machine_block(unsigned int cpu, struct task_struct *next);
void machine_preempt(unsigned int cpu, struct task_struct *next);
void machine_end(unsigned int cpu, struct task_struct *next);

/* A task comes, runs so long, and sleeps again. */
void machine_slice(unsigned int cpu, struct task_struct *task, u64 ns);

/* Where the last capture was to begin: what a hook has given. */
extern struct perftop_start machine_start;

/* Without registers, what lay below its sp then. */
extern unsigned long machine_return;

/* What a kprobe's handler is given. */
#define MACHINE_IP		0x1111
#define MACHINE_SP		0x2222
#define MACHINE_BP		0x3333

/* What the stacks say when they are to begin. */
extern int machine_stack_error;

/* How often they could not read a user's. */
extern u64 machine_user_faults;

/* While false, the hook's probes are disarmed. */
extern bool machine_armed;

/* Events at tracepoints, of the CPU's task. */
void machine_lock_begins(unsigned int cpu, void *lock, unsigned int flags);
void machine_lock_ends(unsigned int cpu, void *lock);

/* A system call of the task that runs there; its number, and what it returns. */
void machine_call_begins(unsigned int cpu, long number);
void machine_call_ends(unsigned int cpu, long result);

/* Interrupts and softirqs; their time passes between the two. */
struct irqaction;
void machine_irq_begins(unsigned int cpu, int irq, struct irqaction *action);
void machine_irq_ends(unsigned int cpu, int irq, struct irqaction *action);
void machine_timer_begins(unsigned int cpu);
void machine_timer_ends(unsigned int cpu);
void machine_softirq_raised(unsigned int cpu, unsigned int number);
void machine_softirq_begins(unsigned int cpu, unsigned int number);
void machine_softirq_ends(unsigned int cpu, unsigned int number);

void machine_cpu_dies(unsigned int cpu);
void machine_cpu_comes(unsigned int cpu);

/* What the thread does once a second. */
void machine_drain(void);

/* All of a file, until the next call; and what write() says. */
const char *machine_read(const char *name);
ssize_t machine_write(const char *words);

/* Fails, and shows the text, unless a line of it is this one. */
void machine_expect(const char *text, const char *line);
void machine_expect_not(const char *text, const char *line);

/* The number of the line, from 0. */
unsigned int machine_line(const char *text, const char *line);

/* Whether some line begins so. */
bool machine_has(const char *text, const char *beginning);

/* What a function says in a process of its own; nothing stays of it here. */
int machine_try(int (*fn)(unsigned int n), unsigned int n);

/* Checks that the module has left nothing behind. */
void machine_check_gone(void);

/* The memory that is taken, before and after something that leaves none. */
struct machine_memory {
	unsigned int	pieces;
	size_t		bytes;
};

struct machine_memory machine_memory(void);
void machine_check_memory(struct machine_memory before);

/*
 * Each test has a process of its own, since a module that is loaded begins
 * with new variables.
 */
void machine_run(void **test);

#define MACHINE_TEST(name)						\
	{ #name, machine_run, NULL, NULL, (void *)(name) }

#endif /* MACHINE_H */
