// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/cpu.h>
#include <linux/ftrace.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/syscore_ops.h>
#include <linux/tracepoint.h>
#include <asm/irq_vectors.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/tsc.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "engine/table.h"
#include "hash.h"
#include "proc/frame_numbers.h"
#include "proc/print_frames.h"
#include "stack.h"
#include "switch/cpu.h"
#include "switch/hook_kprobe.h"
#include "switch/hook_select.h"
#include "switch/recall.h"
#include "switch/stack_key.h"
#include "switch/stack_row.h"
#include "switch/user_stack.h"

unsigned int tsc_khz = MACHINE_KHZ;

/* --- Stacks that are numbers ---------------------------------------------- */

#define STACK		((unsigned long)current->stack)

int machine_stack_error;

int perftop_stack_init(void)
{
	return machine_stack_error;
}

struct perftop_recall *perftop_recall_alloc(unsigned int cpu)
{
	return shim_vzalloc(1);
}

struct perftop_start machine_start;
unsigned long machine_return;

static void make_key(const struct perftop_cpu *c, struct perftop_key *key)
{
	key->words = KEY_HEADER_WORDS;
	key->word[0] = STACK & ~MACHINE_LONGER;
	if (STACK & MACHINE_LONGER)
		key->word[key->words++] = 1;
	key->word[KEY_OWNER] = is_idle_task(current) ? 0 : c->owner;
	key->word[KEY_SPACE] = 0;
	key->account = is_idle_task(current) ? PERFTOP_IDLE : PERFTOP_RANKED;
}

u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip, unsigned long sp,
		      unsigned long bp, struct pt_regs *regs)
{
	machine_start = (struct perftop_start){ ip, sp, bp, regs };
	machine_return = regs ? 0 : ((unsigned long *)sp)[-1];
	if (!c->recall)
		return PERFTOP_UNATTRIBUTED;
	c->captures++;
	c->differ += !!(STACK & MACHINE_DIFFERS);
	c->unwound += !!(STACK & MACHINE_UNWOUND);
	if (!STACK)
		return PERFTOP_UNATTRIBUTED;
	make_key(c, c->key);
	return perftop_shard_lookup(c->stacks, c->key);
}

void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key)
{
	make_key(c, key);
}

void perftop_stack_settle(u64 *word)
{
	word[0] &= ~MACHINE_UNSETTLED;
}

bool perftop_stack_truncated(const u64 *word)
{
	return word[0] & MACHINE_TRUNCATED;
}

u64 machine_user_faults;

u64 perftop_user_stack_faults(void)
{
	return machine_user_faults;
}

/* What has been printed once is kept. */
void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task,
			 char **printed)
{
	if (!*printed)
		*printed = kzalloc(1, GFP_KERNEL);
	seq_printf(m, "        stack %llu of %u\n", word[0],
		   lower_32_bits(task));
}

void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task,
			 char **printed)
{
	seq_printf(m, ";stack %llu of %u", word[0], lower_32_bits(task));
}

void perftop_frames_number(struct seq_file *m, const u64 *word, u64 task,
			   struct perftop_frame_numbers *numbers)
{
	u32 number = perftop_frame_number(numbers, word[2], word[0]);
	char text[80];

	snprintf(text, sizeof(text),
		 "{\"of\":\"kernel\",\"name\":\"stack %llu of %u\"}", word[0],
		 lower_32_bits(task));
	if (!number)
		number = perftop_frame_number_add(numbers, word[2], word[0], text,
						  strlen(text));
	seq_printf(m, "[%u]", number - 1);
}

/* --- The kernel ----------------------------------------------------------- */

static const struct shim_symbol symbols[] = {
	{ 0xffffffff81000000, 0x100, "pick_next_task_fair" },
	{ 0xffffffff81000100, 0x100, "pick_next_task_stop" },
	{ 0xffffffff81000200, 0x100, "finish_task_switch.isra.0" },
	{ 0xffffffff81000300, 0x100, "exit_mmap" },
	{ 0xffffffff81000300, 0x100, "my_pick" },
	{ 0xffffffff81000400, 0x100, "my_finish" },
	{ }
};

enum tracepoints {
	SCHED_SWITCH, SCHED_PROCESS_EXIT, CONTENTION_BEGIN, CONTENTION_END,
	IRQ_HANDLER_ENTRY, IRQ_HANDLER_EXIT, LOCAL_TIMER_ENTRY, LOCAL_TIMER_EXIT,
	SOFTIRQ_RAISE, SOFTIRQ_ENTRY, SOFTIRQ_EXIT, SYS_ENTER, SYS_EXIT,
};

static const char *const tracepoint_names[] = {
	[SCHED_SWITCH]		= "sched_switch",
	[SCHED_PROCESS_EXIT]	= "sched_process_exit",
	[CONTENTION_BEGIN]	= "contention_begin",
	[CONTENTION_END]	= "contention_end",
	[IRQ_HANDLER_ENTRY]	= "irq_handler_entry",
	[IRQ_HANDLER_EXIT]	= "irq_handler_exit",
	[LOCAL_TIMER_ENTRY]	= "local_timer_entry",
	[LOCAL_TIMER_EXIT]	= "local_timer_exit",
	[SOFTIRQ_RAISE]		= "softirq_raise",
	[SOFTIRQ_ENTRY]		= "softirq_entry",
	[SOFTIRQ_EXIT]		= "softirq_exit",
	[SYS_ENTER]		= "sys_enter",
	[SYS_EXIT]		= "sys_exit",
};

static struct tracepoint tracepoints[ARRAY_SIZE(tracepoint_names) + 1];

#define TASKS		256

static struct task_struct tasks[TASKS];
static struct signal_struct signals[TASKS];
static struct task_struct *living[TASKS + 1];
static unsigned int tasks_used;
static struct task_struct idle[SHIM_CPU_IDS];

/* Everybody's parent: a thread that is not its process's first. */
static struct task_struct parent;

bool machine_armed;

struct task_struct *machine_idle(unsigned int cpu)
{
	return &idle[cpu];
}

void machine_set_nice(struct task_struct *task, int nice)
{
	task->policy = SCHED_NORMAL;
	task->rt_priority = 0;
	task->static_prio = NICE_TO_PRIO(nice);
	task->prio = task->static_prio;
}

void machine_set_rt(struct task_struct *task, unsigned int priority)
{
	task->policy = SCHED_FIFO;
	task->rt_priority = priority;
	task->prio = MAX_RT_PRIO - 1 - priority;
}

void machine_set_deadline(struct task_struct *task, u64 deadline)
{
	task->policy = SCHED_DEADLINE;
	task->rt_priority = 0;
	task->prio = MAX_DL_PRIO - 1;
	task->dl.deadline = deadline;
	task->dl.dl_deadline = deadline;
}

struct task_struct *machine_task(pid_t pid, pid_t tgid, const char *comm)
{
	struct task_struct *task = &tasks[tasks_used++];
	struct task_struct *leader;

	assert_true(tasks_used <= TASKS);
	memset(task, 0, sizeof(*task));
	living[tasks_used - 1] = task;
	living[tasks_used] = NULL;
	task->pid = pid;
	task->tgid = tgid;
	strncpy(task->comm, comm, sizeof(task->comm) - 1);
	task->start_time = shim_ns + tasks_used;
	task->real_parent = &parent;
	task->sighand = &signals;
	task->signal = &signals[task - tasks];
	*task->signal = (struct signal_struct){ 1, { 1 } };
	task->group_leader = task;
	for (leader = tasks; leader < task; leader++) {
		if (leader->tgid == tgid && leader->sighand &&
		    leader->group_leader == leader) {
			task->group_leader = leader;
			task->signal = leader->signal;
			task->signal->nr_threads++;
			task->signal->live.counter++;
		}
	}
	machine_set_nice(task, 0);
	machine_set_stack(task, pid);
	task->__state = 1;
	return task;
}

static void make_idle(unsigned int cpu)
{
	memset(&idle[cpu], 0, sizeof(idle[cpu]));
	snprintf(idle[cpu].comm, sizeof(idle[cpu].comm), "swapper/%u", cpu);
	idle[cpu].flags = PF_IDLE | PF_KTHREAD;
	idle[cpu].group_leader = &idle[cpu];
	machine_set_nice(&idle[cpu], 0);
	machine_set_stack(&idle[cpu], 9000 + cpu);
	idle[cpu].cpu = cpu;
	idle[cpu].on_cpu = 1;
	idle[cpu].on_rq = 1;
	shim_current[cpu] = &idle[cpu];
}

void machine_pass(u64 ns)
{
	unsigned int cpu;

	shim_ns += ns;
	for_each_possible_cpu(cpu) {
		shim_clock[cpu] += TICKS(ns);
		shim_local_clock[cpu] += ns;
	}
}

#define BEGINNING	(5 * SEC)

void machine_until(u64 ns)
{
	assert_true(BEGINNING + ns >= shim_ns);
	machine_pass(BEGINNING + ns - shim_ns);
}

void machine_wake(struct task_struct *task)
{
	if (task->on_rq)
		return;
	task->__state = TASK_RUNNING;
	task->on_rq = 1;
	task->sched_info.last_queued = local_clock();
}

/* The probes on a function run, if it has any. */
static void call_function(const char *name)
{
	struct pt_regs regs = {
		.ip = MACHINE_IP, .sp = MACHINE_SP, .bp = MACHINE_BP,
	};
	unsigned int i;

	for (i = 0; i < shim_kprobes_n; i++) {
		struct kprobe *probe = shim_kprobes[i];

		if (machine_armed && !strcmp(probe->symbol_name, name))
			/* Or the instruction would be left out. */
			assert_int_equal(probe->pre_handler(probe, &regs), 0);
	}
}

static void trace_switch(struct task_struct *prev, struct task_struct *next)
{
	void (*probe)(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int state);
	unsigned int i;

	for (i = 0; machine_armed && i < SHIM_PROBES; i++) {
		probe = tracepoints[SCHED_SWITCH].probe[i];
		if (probe)
			probe(NULL, false, prev, next, prev->__state);
	}
}

static void account_waits(struct task_struct *prev, struct task_struct *next)
{
	struct sched_info *info = &next->sched_info;
	const u64 now = local_clock();

	if (!is_idle_task(prev) && prev->__state == TASK_RUNNING)
		prev->sched_info.last_queued = now;
	if (is_idle_task(next))
		return;
	if (info->last_queued)
		info->run_delay += now - info->last_queued;
	info->last_queued = 0;
	info->last_arrival = now;
	info->pcount++;
}

/* @count: of the leaving task's two, the one that this switch adds to */
static void switch_to(unsigned int cpu, struct task_struct *next,
		      unsigned long *count)
{
	const unsigned int here = shim_cpu;
	struct task_struct *prev;

	shim_cpu = cpu;
	prev = current;
	assert_ptr_not_equal(prev, next);
	assert_true(cpu_online(cpu));
	machine_wake(next);
	assert_false(next->on_cpu && !is_idle_task(next));
	shim_irqs_off++;
	if (!is_idle_task(prev))
		prev->se.sum_exec_runtime +=
			local_clock() - prev->sched_info.last_arrival;
	call_function("pick_next_task_fair");
	call_function("pick_next_task_stop");
	++*count;
	trace_switch(prev, next);
	account_waits(prev, next);
	next->on_cpu = 1;
	next->se.nr_migrations += next->cpu != cpu;
	next->cpu = cpu;
	current = next;
	call_function("finish_task_switch.isra.0");
	prev->on_cpu = 0;
	shim_run_irq_work(this_cpu_ptr(&perftop_half_full));
	shim_irqs_off--;
	shim_cpu = here;
}

void machine_block(unsigned int cpu, struct task_struct *next)
{
	struct task_struct *prev = shim_current[cpu];

	if (!is_idle_task(prev)) {
		prev->__state = 1;
		prev->on_rq = 0;
	}
	switch_to(cpu, next, &prev->nvcsw);
}

void machine_preempt(unsigned int cpu, struct task_struct *next)
{
	switch_to(cpu, next, &shim_current[cpu]->nivcsw);
}

void machine_end(unsigned int cpu, struct task_struct *next)
{
	void (*probe)(void *data, struct task_struct *task, bool group_dead);
	struct task_struct *prev = shim_current[cpu];
	const unsigned int here = shim_cpu;
	unsigned int i;

	shim_cpu = cpu;
	for (i = 0; i < SHIM_PROBES; i++) {
		probe = tracepoints[SCHED_PROCESS_EXIT].probe[i];
		if (probe)
			probe(NULL, prev, true);
	}
	shim_cpu = here;
	/* Whom nobody holds may be gone. */
	prev->real_parent = NULL;
	prev->sighand = NULL;
	prev->exit_state = 1;
	prev->signal->nr_threads--;
	prev->signal->live.counter--;
	if (prev->group_leader != prev)
		prev->group_leader = NULL;
	prev->__state = TASK_DEAD;
	prev->on_rq = 0;
	switch_to(cpu, next, &prev->nvcsw);
}

void machine_slice(unsigned int cpu, struct task_struct *task, u64 ns)
{
	machine_block(cpu, task);
	machine_pass(ns);
	machine_block(cpu, &idle[cpu]);
}

void machine_lock_begins(unsigned int cpu, void *lock, unsigned int flags)
{
	void (*probe)(void *data, void *lock, unsigned int flags);
	const unsigned int here = shim_cpu;

	probe = tracepoints[CONTENTION_BEGIN].probe[0];
	shim_cpu = cpu;
	if (probe)
		probe(NULL, lock, flags);
	shim_cpu = here;
}

void machine_lock_ends(unsigned int cpu, void *lock)
{
	void (*probe)(void *data, void *lock, int result);
	const unsigned int here = shim_cpu;

	probe = tracepoints[CONTENTION_END].probe[0];
	shim_cpu = cpu;
	if (probe)
		probe(NULL, lock, 0);
	shim_cpu = here;
}

/* @what: of a handler */
static void trace_irq(unsigned int cpu, enum tracepoints what, int irq,
		      struct irqaction *action)
{
	void (*probe)(void *data, int irq, struct irqaction *action, int handled);
	const unsigned int here = shim_cpu;

	probe = tracepoints[what].probe[0];
	shim_cpu = cpu;
	shim_irqs_off++;
	if (probe)
		probe(NULL, irq, action, 1);
	shim_irqs_off--;
	shim_cpu = here;
}

/* @off: whether interrupts are */
static void trace_number(unsigned int cpu, enum tracepoints what, unsigned int number,
			 unsigned int off)
{
	void (*probe)(void *data, unsigned int number);
	const unsigned int here = shim_cpu;

	probe = tracepoints[what].probe[0];
	shim_cpu = cpu;
	shim_irqs_off += off;
	if (probe)
		probe(NULL, number);
	shim_irqs_off -= off;
	shim_cpu = here;
}

void machine_irq_begins(unsigned int cpu, int irq, struct irqaction *action)
{
	trace_irq(cpu, IRQ_HANDLER_ENTRY, irq, action);
}

void machine_irq_ends(unsigned int cpu, int irq, struct irqaction *action)
{
	trace_irq(cpu, IRQ_HANDLER_EXIT, irq, action);
}

void machine_timer_begins(unsigned int cpu)
{
	trace_number(cpu, LOCAL_TIMER_ENTRY, LOCAL_TIMER_VECTOR, 1);
}

void machine_timer_ends(unsigned int cpu)
{
	trace_number(cpu, LOCAL_TIMER_EXIT, LOCAL_TIMER_VECTOR, 1);
}

static void trace_call(unsigned int cpu, enum tracepoints what, long number)
{
	void (*probe)(void *data, struct pt_regs *regs, long number);
	const unsigned int here = shim_cpu;

	probe = tracepoints[what].probe[0];
	shim_cpu = cpu;
	if (probe)
		probe(NULL, NULL, number);
	shim_cpu = here;
}

void machine_call_begins(unsigned int cpu, long number)
{
	trace_call(cpu, SYS_ENTER, number);
}

void machine_call_ends(unsigned int cpu, long result)
{
	trace_call(cpu, SYS_EXIT, result);
}

void machine_softirq_raised(unsigned int cpu, unsigned int number)
{
	trace_number(cpu, SOFTIRQ_RAISE, number, 1);
}

void machine_softirq_begins(unsigned int cpu, unsigned int number)
{
	trace_number(cpu, SOFTIRQ_ENTRY, number, 0);
}

void machine_softirq_ends(unsigned int cpu, unsigned int number)
{
	trace_number(cpu, SOFTIRQ_EXIT, number, 0);
}

void machine_cpu_dies(unsigned int cpu)
{
	assert_true(cpu != shim_cpu);
	if (!is_idle_task(shim_current[cpu]))
		machine_block(cpu, &idle[cpu]);
	cpus_read_lock();
	shim_offline |= 1U << cpu;
	assert_int_equal(shim_cpuhp_dead(cpu), 0);
	cpus_read_unlock();
}

void machine_cpu_comes(unsigned int cpu)
{
	cpus_read_lock();
	assert_int_equal(shim_cpuhp_prepare(cpu), 0);
	cpus_read_unlock();
	shim_offline &= ~(1U << cpu);
}

void machine_drain(void)
{
	/*
	 * Once until a grace period has begun, and once for its end; it looks twice
	 * each time whether it is to stop.
	 */
	shim_kthread_run(2 * 2);
}

/* --- The module ----------------------------------------------------------- */

static void reset_parameters(void)
{
	perftop_params = (struct perftop_params){
		.top = 20, .table = 64, .drainer = (u32)MIN_NICE,
		.inversion_us = 1000,
	};
	perftop_hook = &perftop_hook_kprobe;
	perftop_owners.enabled = 1;
	perftop_user_only.enabled = 0;
}

static void reset_shims(void)
{
	shim_symbols = symbols;
	shim_tracepoints = tracepoints;
	shim_cpu = 0;
	shim_offline = 0;
	shim_fail_at = 0;
	shim_sleep = NULL;
	shim_grace_period = NULL;
	shim_grace_lasts = false;
	shim_others = NULL;
	shim_killed = false;
	shim_logged = 0;
}

/* A machine that has just begun; all CPUs are idle. */
static int setup(void **state)
{
	unsigned int cpu, i;

	shim_percpu_reset();
	reset_parameters();
	reset_shims();
	for (i = 0; i < ARRAY_SIZE(tracepoint_names); i++)
		tracepoints[i].name = tracepoint_names[i];
	tasks_used = 0;
	living[0] = NULL;
	shim_tasks = living;
	machine_armed = true;
	shim_ns = BEGINNING;
	for_each_possible_cpu(cpu) {
		make_idle(cpu);
		shim_clock[cpu] = 1000000000000 * (cpu + 1);
		shim_local_clock[cpu] = 3 * SEC;
	}
	parent = (struct task_struct){ .pid = 12, .tgid = 11 };
	return 0;
}

static bool loaded;

int machine_load(void)
{
	int err = shim_module_init();

	loaded = !err;
	return err;
}

void machine_unload(void)
{
	loaded = false;
	shim_module_exit();
}

/* Unloads the module and checks that it has left nothing behind. */
void machine_check_gone(void)
{
	unsigned int i;

	assert_int_equal(shim_allocated, 0);
	assert_int_equal(shim_kprobes_n, 0);
	assert_int_equal(shim_kthreads, 0);
	assert_null(shim_cpuhp_dead);
	assert_null(shim_module_notifier);
	assert_null(shim_ftrace_ops);
	assert_null(shim_syscore);
	assert_int_equal(shim_paths, 0);
	for (i = 0; i < ARRAY_SIZE(tracepoint_names); i++) {
		assert_null(tracepoints[i].probe[0]);
		assert_int_equal(tracepoints[i].running, 0);
	}
	for (i = 0; i < SHIM_PROC_ENTRIES; i++)
		assert_int_equal(shim_proc[i].name[0], 0);
}

static int teardown(void **state)
{
	/* A test that has failed may have failed anywhere. */
	shim_release_locks();
	shim_irqs_off = 0;
	if (loaded)
		machine_unload();
	machine_check_gone();
	return 0;
}

struct machine_memory machine_memory(void)
{
	return (struct machine_memory){ shim_allocated, shim_allocated_bytes };
}

void machine_check_memory(struct machine_memory before)
{
	assert_int_equal(shim_allocated, before.pieces);
	assert_int_equal(shim_allocated_bytes, before.bytes);
}

/* --- Who reads and writes ------------------------------------------------- */

const char *machine_read(const char *name)
{
	static char text[65536];
	struct proc_dir_entry *entry = shim_proc_find(name);
	struct file file = { .f_mode = FMODE_READ };
	struct inode inode;
	loff_t pos = 0;

	assert_non_null(entry);
	inode.i_private = entry->data;
	assert_int_equal(entry->ops->proc_open(&inode, &file), 0);
	entry->ops->proc_read_iter(&file, text, sizeof(text), &pos);
	assert_int_equal(entry->ops->proc_release(&inode, &file), 0);
	return text;
}

ssize_t machine_write(const char *words)
{
	struct proc_dir_entry *entry = shim_proc_find("perftop");
	struct inode inode = { .i_private = entry->data };
	struct file file = { .f_mode = FMODE_WRITE };
	loff_t pos = 0;
	ssize_t result;

	assert_int_equal(entry->ops->proc_open(&inode, &file), 0);
	result = entry->ops->proc_write(&file, words, strlen(words), &pos);
	assert_int_equal(entry->ops->proc_release(&inode, &file), 0);
	return result;
}

/* Where the line is, NULL if it is not there. */
static const char *find_line(const char *text, const char *line,
			     unsigned int *number)
{
	const size_t length = strlen(line);

	for (*number = 0; *text; ++*number) {
		const char *end = strchr(text, '\n');

		assert_non_null(end);
		if (end - text == length && !memcmp(text, line, length))
			return text;
		text = end + 1;
	}
	return NULL;
}

void machine_expect(const char *text, const char *line)
{
	unsigned int number;

	if (find_line(text, line, &number))
		return;
	fprintf(stderr, "no line\n%s\nin\n%s", line, text);
	fail();
}

void machine_expect_not(const char *text, const char *line)
{
	unsigned int number;

	assert_null(find_line(text, line, &number));
}

unsigned int machine_line(const char *text, const char *line)
{
	unsigned int number;

	machine_expect(text, line);
	find_line(text, line, &number);
	return number;
}

bool machine_has(const char *text, const char *beginning)
{
	for (; *text; text = strchr(text, '\n') + 1)
		if (!strncmp(text, beginning, strlen(beginning)))
			return true;
	return false;
}

/* --- Tests ---------------------------------------------------------------- */

/* What a test's process has said is shown if the test has failed. */
static void show(FILE *output)
{
	char line[1024];

	rewind(output);
	while (fgets(line, sizeof(line), output))
		print_error("%s", line);
}

int machine_try(int (*fn)(unsigned int n), unsigned int n)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(fn(n));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void machine_run(void **test)
{
	CMUnitTestFunction function = (CMUnitTestFunction)*test;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(function, setup, teardown),
	};
	FILE *output = tmpfile();
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fileno(output), STDOUT_FILENO);
		dup2(fileno(output), STDERR_FILENO);
		status = cmocka_run_group_tests(tests, NULL, NULL);
		fflush(NULL);
		_exit(!!status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		show(output);
	fclose(output);
	assert_int_equal(status, 0);
}
