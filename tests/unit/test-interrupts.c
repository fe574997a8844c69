// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts' time on the module as a whole: it is no slice's, it has an account of
 * its own, and with that each CPU's time is whole, whatever comes when.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/interrupt.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "switch/cpu.h"

static void load(const char *views)
{
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
}

static void timer(unsigned int cpu, u64 ns)
{
	machine_timer_begins(cpu);
	machine_pass(ns);
	machine_timer_ends(cpu);
}

/* The parts of a CPU's time, in ticks. */
struct parts {
	u64	elapsed, ranked, idle, interrupts, running, others;
};

static const char *parse_line(const char *line, unsigned int *cpu, struct parts *parts)
{
	unsigned long long n[8];

	if (sscanf(line, "%u%*[ *]%llu %llu %llu %llu %llu %llu %llu %llu", cpu, &n[0],
		   &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]) != 9)
		return NULL;
	*parts = (struct parts){ n[0], n[1], n[2], n[6], n[7], n[3] + n[4] + n[5] };
	assert_int_equal(parts->ranked + parts->idle + parts->interrupts +
			 parts->running + parts->others, parts->elapsed);
	return strchr(line, '\n') + 1;
}

static struct parts parts_of(unsigned int wanted)
{
	const char *line = strchr(machine_read("accounts"), '\n') + 1;
	struct parts parts, found = { 0 };
	unsigned int cpu;

	while ((line = parse_line(line, &cpu, &parts)) != NULL)
		if (cpu == wanted)
			found = parts;
	return found;
}

static void interrupts_are(unsigned int cpu, u64 ns)
{
	assert_int_equal(parts_of(cpu).interrupts, TICKS(ns));
}

/* Of each table that accounts for time, and of the others. */
static void check_headers(void)
{
	static const char *const files[] = {
		"perftop", "tasks", "processes", "cpus", "irqs", "irqs.sum",
	};
	const char *text, *line;
	unsigned long long part, sum, last;
	unsigned int i;
	int length;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		text = machine_read(files[i]);
		line = strstr(text, "\nticks ");
		if (!line)
			continue;
		line += strlen("\nticks ");
		for (sum = 0; sscanf(line, " %llu +%n", &part, &length) == 1; ) {
			sum += part;
			if (line[length - 1] != '+')
				break;
			line += length;
		}
		assert_int_equal(sscanf(line, " %llu = %llu", &part, &last), 2);
		assert_int_equal(sum, last);
	}
}

static void check(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		parts_of(cpu);
	check_headers();
}

static const char all[] = "irqs,tasks,processes,cpus";

/* --- Cases ---------------------------------------------------------------- */

static void interrupt_in_a_tasks_slice(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct parts parts;

	load(all);
	machine_pass(MS);
	machine_block(3, task);
	machine_pass(2 * MS);
	timer(3, MS);
	machine_pass(3 * MS);
	machine_block(3, machine_idle(3));
	parts = parts_of(3);
	assert_int_equal(parts.ranked, TICKS(5 * MS));
	assert_int_equal(parts.idle, TICKS(MS));
	assert_int_equal(parts.interrupts, TICKS(MS));
	interrupts_are(0, 0);
	assert_true(machine_has(machine_read("tasks"),
				"      7       7 normal      0  17.85       10000000 5.000 ms "));
	check_headers();
	machine_expect(machine_read("tasks"),
		       "ticks      10000000 + 0 + 44000000 + 0 + 0 + 2000000 = 56000000");
}

static void interrupt_of_an_idle_cpu(void **state)
{
	struct parts parts;

	load("irqs");
	machine_pass(MS);
	timer(5, 3 * MS);
	parts = parts_of(5);
	assert_int_equal(parts.interrupts, TICKS(3 * MS));
	assert_int_equal(parts.idle, TICKS(MS));
	check_headers();
}

/* A softirq on the back of an interrupt, and one in it. */
static void interrupts_in_each_other(void **state)
{
	struct irqaction disk = { "disk" };

	load(all);
	machine_irq_begins(1, 24, &disk);
	machine_pass(MS);
	machine_irq_ends(1, 24, &disk);
	machine_softirq_begins(1, BLOCK_SOFTIRQ);
	machine_pass(MS);
	timer(1, 4 * MS);
	machine_pass(MS);
	machine_softirq_ends(1, BLOCK_SOFTIRQ);
	interrupts_are(1, 7 * MS);
	check_headers();
	machine_expect(machine_read("irqs.sum"),
		       "softirq    4 BLOCK                   1    142.8 2.000 ms 2.000 ms 2.000 ms 2.000 ms 2.000 ms        -     0 ns       1     0 ns");
}

static void softirqs_of_ksoftirqd_are_its_own(void **state)
{
	struct task_struct *ksoftirqd = machine_task(20, 20, "ksoftirqd/1");
	struct parts parts;

	ksoftirqd->flags = PF_KTHREAD;
	load(all);
	machine_block(1, ksoftirqd);
	machine_pass(MS);
	machine_softirq_begins(1, TASKLET_SOFTIRQ);
	machine_pass(2 * MS);
	timer(1, 4 * MS);
	machine_pass(MS);
	machine_softirq_ends(1, TASKLET_SOFTIRQ);
	machine_block(1, machine_idle(1));
	parts = parts_of(1);
	assert_int_equal(parts.ranked, TICKS(4 * MS));
	assert_int_equal(parts.interrupts, TICKS(4 * MS));
	check_headers();
	/* A softirq that interrupts it is nobody's. */
	machine_block(1, ksoftirqd);
	machine_timer_begins(1);
	machine_softirq_begins(1, TASKLET_SOFTIRQ);
	machine_pass(MS);
	machine_softirq_ends(1, TASKLET_SOFTIRQ);
	machine_timer_ends(1);
	machine_block(1, machine_idle(1));
	interrupts_are(1, 5 * MS);
	/* Nor is it another's by that name. */
	ksoftirqd->flags = 0;
	machine_block(1, ksoftirqd);
	machine_softirq_begins(1, TASKLET_SOFTIRQ);
	machine_pass(MS);
	machine_softirq_ends(1, TASKLET_SOFTIRQ);
	interrupts_are(1, 6 * MS);
}

/* What is going on at a cut belongs to it, and is charged once. */
static void cut_in_an_interrupt(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct parts parts;

	load(all);
	machine_block(3, task);
	machine_pass(MS);
	machine_timer_begins(3);
	machine_pass(2 * MS);
	parts = parts_of(3);
	assert_int_equal(parts.interrupts, TICKS(2 * MS));
	assert_int_equal(parts.running, TICKS(MS));
	check_headers();
	machine_pass(4 * MS);
	machine_timer_ends(3);
	machine_pass(MS);
	interrupts_are(3, 6 * MS);
	machine_block(3, machine_idle(3));
	parts = parts_of(3);
	assert_int_equal(parts.interrupts, TICKS(6 * MS));
	assert_int_equal(parts.ranked, TICKS(2 * MS));
}

static void reset_in_an_interrupt(void **state)
{
	load(all);
	timer(3, MS);
	machine_timer_begins(3);
	machine_pass(2 * MS);
	machine_write("0");
	interrupts_are(3, 0);
	machine_pass(4 * MS);
	machine_timer_ends(3);
	machine_pass(MS);
	interrupts_are(3, 4 * MS);
	check_headers();
}

/* It is switched off, and on again, while one goes on. */
static void switched_in_an_interrupt(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	struct parts parts;

	load(all);
	machine_block(3, task);
	machine_timer_begins(3);
	machine_pass(MS);
	machine_write("-irqs");
	interrupts_are(3, MS);
	machine_pass(2 * MS);
	interrupts_are(3, MS);
	machine_write("+irqs");
	machine_pass(4 * MS);
	machine_timer_ends(3);
	interrupts_are(3, MS);
	timer(3, 8 * MS);
	interrupts_are(3, 9 * MS);
	machine_block(3, machine_idle(3));
	parts = parts_of(3);
	assert_int_equal(parts.ranked, TICKS(6 * MS));
	assert_int_equal(parts.interrupts, TICKS(9 * MS));
	check_headers();
	/* Until a reset it is there. */
	machine_write("-irqs");
	timer(3, MS);
	interrupts_are(3, 9 * MS);
	machine_write("0");
	timer(3, MS);
	interrupts_are(3, 0);
	assert_null(strstr(machine_read("perftop"), "interrupts"));
}

/* A view that comes later has what has been since, each table of its own. */
static void view_comes_in_an_interrupt(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("irqs");
	machine_block(3, task);
	timer(3, MS);
	machine_timer_begins(3);
	machine_pass(2 * MS);
	machine_write("+tasks");
	check();
	machine_pass(4 * MS);
	machine_timer_ends(3);
	machine_pass(MS);
	check();
	machine_block(3, machine_idle(3));
	check();
	interrupts_are(3, 7 * MS);
}

/* The slice that is open when a CPU goes is dropped, with what was in it. */
static void cpu_goes_with_interrupts(void **state)
{
	struct parts parts;

	load(all);
	machine_slice(3, machine_task(7, 7, "task"), MS);
	timer(3, MS);
	machine_cpu_dies(3);
	interrupts_are(3, 0);
	machine_pass(10 * MS);
	machine_cpu_comes(3);
	machine_block(3, machine_task(8, 8, "other"));
	machine_pass(2 * MS);
	machine_block(3, machine_idle(3));
	parts = parts_of(3);
	assert_int_equal(parts.interrupts, 0);
	assert_int_equal(parts.ranked, TICKS(3 * MS));
	timer(3, MS);
	interrupts_are(3, MS);
	check_headers();
}

/* Nor what comes on it before its first switch. */
static void cpu_comes_with_interrupts(void **state)
{
	load(all);
	machine_cpu_dies(3);
	machine_cpu_comes(3);
	timer(3, MS);
	machine_block(3, machine_task(8, 8, "other"));
	machine_pass(2 * MS);
	machine_block(3, machine_idle(3));
	interrupts_are(3, 0);
	check_headers();
}

/* It is switched while a CPU is away. */
static void switched_without_a_cpu(void **state)
{
	load(all);
	timer(3, MS);
	machine_block(3, machine_task(8, 8, "other"));
	machine_block(3, machine_idle(3));
	machine_cpu_dies(3);
	machine_write("-irqs");
	machine_cpu_comes(3);
	machine_block(3, machine_task(9, 9, "third"));
	timer(3, MS);
	machine_block(3, machine_idle(3));
	interrupts_are(3, MS);
	machine_cpu_dies(3);
	machine_write("+irqs");
	machine_cpu_comes(3);
	machine_block(3, machine_task(10, 10, "fourth"));
	timer(3, 2 * MS);
	machine_block(3, machine_idle(3));
	interrupts_are(3, 3 * MS);
	check_headers();
}

/* --- The view -------------------------------------------------------------- */

/* A member of the row that has these, in the JSON of a view; 0: there is no row. */
static u64 member(const char *file, const char *row, const char *id)
{
	const char *line = strstr(machine_read(file), row);
	char name[32];

	if (!line)
		return 0;
	snprintf(name, sizeof(name), "\"%s\":", id);
	line = strstr(line, name) + strlen(name);
	return strtoull(line + (*line == '"'), NULL, 10);
}

/* One of two on a line, and one in the other: a row each. */
static void handlers_of_one_line(void **state)
{
	struct irqaction one = { "one" }, other = { "the name of another" };

	load("irqs");
	machine_irq_begins(1, 9, &one);
	machine_pass(MS);
	machine_irq_ends(1, 9, &one);
	machine_irq_begins(1, 9, &other);
	machine_pass(2 * MS);
	machine_irq_begins(1, 10, &one);
	machine_pass(4 * MS);
	machine_irq_ends(1, 10, &one);
	machine_irq_ends(1, 9, &other);
	assert_int_equal(member("irqs.json", "\"number\":9,\"name\":\"the name of an+\"",
				"time"), 2 * MS);
	assert_int_equal(member("irqs.json", "\"number\":9,\"name\":\"one\"", "time"), MS);
	interrupts_are(1, 7 * MS);
}

/* One that is gone, and another one in its memory, of another line. */
static void handlers_in_one_place(void **state)
{
	struct irqaction action = { "gone" };

	load("irqs");
	machine_irq_begins(1, 9, &action);
	machine_pass(MS);
	machine_irq_ends(1, 9, &action);
	action.name = "come";
	machine_irq_begins(1, 10, &action);
	machine_pass(MS);
	machine_irq_ends(1, 10, &action);
	assert_int_equal(member("irqs.json", "\"number\":9,\"name\":\"gone\"", "time"),
			 MS);
	assert_int_equal(member("irqs.json", "\"number\":10,\"name\":\"come\"", "time"),
			 MS);
}

/* A run does all that it was raised for; who is raised in it has to wait again. */
static void softirqs_wait_until_they_run(void **state)
{
	static const char net[] = "\"cpu\":1,\"kind\":\"softirq\",\"number\":3,";

	load("irqs");
	machine_softirq_raised(1, NET_RX_SOFTIRQ);
	machine_pass(3000);
	machine_softirq_raised(1, NET_RX_SOFTIRQ);
	machine_pass(4000);
	machine_softirq_begins(1, NET_RX_SOFTIRQ);
	machine_pass(10);
	machine_softirq_raised(1, NET_RX_SOFTIRQ);
	machine_pass(100);
	machine_softirq_ends(1, NET_RX_SOFTIRQ);
	machine_softirq_begins(1, NET_RX_SOFTIRQ);
	machine_softirq_ends(1, NET_RX_SOFTIRQ);
	/* Nobody has raised it. */
	machine_softirq_begins(1, NET_RX_SOFTIRQ);
	machine_softirq_ends(1, NET_RX_SOFTIRQ);
	assert_int_equal(member("irqs.json", net, "count"), 3);
	assert_int_equal(member("irqs.json", net, "delays"), 2);
	assert_int_equal(member("irqs.json", net, "delay"), 7000 + 100);
	assert_int_equal(member("irqs.json", net, "delay_longest"), 7000);
}

/* The most in one window, which begins with a multiple of 100 ms; not in two. */
static void storms_are_of_a_window(void **state)
{
	static const char timers[] = "\"cpu\":0,\"kind\":\"local\",";
	unsigned int i;
	u64 into;

	load("irqs");
	into = shim_clock[0] / 2 % (100 * MS);
	machine_pass(100 * MS - into);
	for (i = 0; i < 7; i++)
		timer(0, MS);
	machine_pass(93 * MS - 3 * MS / 10);
	/* The third of them ends in the next one. */
	for (i = 0; i < 5; i++)
		timer(0, MS / 8);
	machine_pass(150 * MS);
	assert_int_equal(member("irqs.json", timers, "count"), 12);
	assert_int_equal(member("irqs.json", timers, "storm"), 9);
	assert_int_equal(member("irqs.sum.json", "\"kind\":\"local\",", "storm"), 9);
	/* Since the end of the window. */
	assert_int_equal(member("irqs.json", timers, "storm_ago"),
			 150 * MS + 3 * MS / 8 - 3 * MS / 10 + 2 * MS / 8);
}

/* More than a CPU remembers: none is lost, nor after rows have been given up. */
static void sources_without_room(void **state)
{
	struct irqaction action[300] = { 0 };
	unsigned int i, round;
	const char *text;
	char row[64];

	load("irqs");
	for (round = 0; round < 4; round++) {
		for (i = 0; i < ARRAY_SIZE(action); i++) {
			action[i].name = "many";
			machine_irq_begins(1, i, &action[i]);
			machine_pass(100);
			machine_irq_ends(1, i, &action[i]);
		}
		machine_drain();
	}
	interrupts_are(1, 4 * 100 * ARRAY_SIZE(action));
	text = machine_read("irqs.sum");
	for (i = 0; i < ARRAY_SIZE(action); i += 37) {
		snprintf(row, sizeof(row), "irq      %3u many                    4 ", i);
		assert_true(machine_has(text, row));
	}
}

/* --- Anything --------------------------------------------------------------- */

#define TASKS	8
#define DEEP	12

/* What each CPU has by the model, in ns. */
struct cpu_model {
	unsigned int	number[DEEP];	/* of the softirqs that are open */
	unsigned int	open;
	unsigned int	known;		/* the innermost so many have been seen to begin */
	bool		base;		/* the outermost of these is ksoftirqd's */
	bool		started;	/* it has an open slice */
	u64		in_slice;
	u64		charged;
};

static struct {
	struct cpu_model	cpu[SHIM_CPU_IDS];
	struct task_struct	*task[TASKS];
	bool			on;
} model;

static void pass(u64 ns)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct cpu_model *c = &model.cpu[cpu];

		if (model.on && c->known > c->base)
			c->in_slice += ns;
	}
	machine_pass(ns);
}

static void begin(unsigned int cpu, unsigned int number)
{
	struct cpu_model *c = &model.cpu[cpu];

	/* As the kernel does, no deeper than there is room. */
	if (c->open == PERFTOP_CPU_SPANS)
		return;
	machine_softirq_begins(cpu, number);
	c->number[c->open++] = number;
	if (!model.on)
		return;
	if (!c->known++)
		c->base = shim_current[cpu] == model.task[0];
}

static void end(unsigned int cpu)
{
	struct cpu_model *c = &model.cpu[cpu];

	if (!c->open)
		return;
	machine_softirq_ends(cpu, c->number[--c->open]);
	if (c->known && !--c->known)
		c->base = false;
}

static void end_all(unsigned int cpu)
{
	while (model.cpu[cpu].open)
		end(cpu);
}

static void slice_ends(unsigned int cpu)
{
	struct cpu_model *c = &model.cpu[cpu];

	if (c->started)
		c->charged += c->in_slice;
	c->in_slice = 0;
	c->started = true;
}

static void switch_one(u64 *seed, unsigned int cpu)
{
	struct task_struct *next = model.task[test_below(seed, TASKS)];

	if (!test_below(seed, 3))
		next = machine_idle(cpu);
	if (next->on_cpu)
		return;
	end_all(cpu);
	slice_ends(cpu);
	if (test_below(seed, 2))
		machine_block(cpu, next);
	else
		machine_preempt(cpu, next);
}

/* What is in the open slice is charged; what goes on is not known any more. */
static void switch_irqs(void)
{
	unsigned int cpu;

	machine_write(model.on ? "-irqs" : "+irqs");
	model.on = !model.on;
	for_each_possible_cpu(cpu) {
		struct cpu_model *c = &model.cpu[cpu];

		if (c->started)
			c->charged += c->in_slice;
		c->in_slice = 0;
		c->known = 0;
		c->base = false;
	}
}

static void reset(void)
{
	unsigned int cpu;

	machine_write("0");
	for_each_possible_cpu(cpu) {
		model.cpu[cpu].charged = 0;
		model.cpu[cpu].in_slice = 0;
		model.cpu[cpu].started = cpu_online(cpu) || model.cpu[cpu].started;
	}
}

static void change_cpu(unsigned int cpu)
{
	struct cpu_model *c = &model.cpu[cpu];

	if (!cpu)
		return;
	if (!cpu_online(cpu)) {
		machine_cpu_comes(cpu);
		return;
	}
	end_all(cpu);
	if (!is_idle_task(shim_current[cpu]))
		slice_ends(cpu);
	machine_cpu_dies(cpu);
	c->in_slice = 0;
	c->started = false;
}

static void check_model(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		interrupts_are(cpu, model.cpu[cpu].charged +
				    (model.cpu[cpu].started ? model.cpu[cpu].in_slice : 0));
	check_headers();
}

static void step(u64 *seed)
{
	unsigned int cpu, number;

	do
		cpu = test_below(seed, nr_cpu_ids);
	while (!shim_possible(cpu));
	pass(test_below(seed, 1000));
	number = test_below(seed, 1000);
	if (number == 0)
		switch_irqs();
	else if (number == 1)
		reset();
	else if (number < 4)
		change_cpu(cpu);
	else if (number < 10)
		check_model();
	else if (number < 12)
		machine_drain();
	else if (number < 14)
		machine_write(test_below(seed, 2) ? "+tasks" : "-tasks");
	else if (!cpu_online(cpu))
		return;
	else if (number < 400)
		begin(cpu, test_below(seed, NR_SOFTIRQS));
	else if (number < 800)
		end(cpu);
	else
		switch_one(seed, cpu);
}

static void whole_by_chance(void **state)
{
	u64 seed = test_seed(601);
	unsigned int i;

	memset(&model, 0, sizeof(model));
	for (i = 0; i < TASKS; i++)
		model.task[i] = machine_task(10 + i, 10 + i, i ? "task" : "ksoftirqd/0");
	model.task[0]->flags = PF_KTHREAD;
	for (i = 0; i < SHIM_CPU_IDS; i++)
		model.cpu[i].started = true;
	model.on = true;
	load(all);
	for (i = 0; i < 60000; i++)
		step(&seed);
	check_model();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(interrupt_in_a_tasks_slice),
		MACHINE_TEST(interrupt_of_an_idle_cpu),
		MACHINE_TEST(interrupts_in_each_other),
		MACHINE_TEST(softirqs_of_ksoftirqd_are_its_own),
		MACHINE_TEST(cut_in_an_interrupt),
		MACHINE_TEST(reset_in_an_interrupt),
		MACHINE_TEST(switched_in_an_interrupt),
		MACHINE_TEST(view_comes_in_an_interrupt),
		MACHINE_TEST(cpu_goes_with_interrupts),
		MACHINE_TEST(cpu_comes_with_interrupts),
		MACHINE_TEST(switched_without_a_cpu),
		MACHINE_TEST(handlers_of_one_line),
		MACHINE_TEST(handlers_in_one_place),
		MACHINE_TEST(softirqs_wait_until_they_run),
		MACHINE_TEST(storms_are_of_a_window),
		MACHINE_TEST(sources_without_room),
		MACHINE_TEST(whole_by_chance),
	};

	return cmocka_run_group_tests_name("interrupts", tests, NULL, NULL);
}
