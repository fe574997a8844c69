// SPDX-License-Identifier: GPL-2.0
/*
 * No test, but a tool of them: leaves the module's files in a folder, as they are
 * on the tests' own machine after a few slices. What docs/ says of columns and words
 * is made from views.json so printed (scripts/docs), and tests/json reads the others.
 *
 * "apart": they are of different moments, a millisecond apart, and meanwhile nothing is
 * counted, as a filter lets one read a machine that is at work. "full": of tables that
 * have given up rows, and shards that had no room, the first five rows.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/interrupt.h>

#include "engine/view.h"

static const char *folder;
static bool apart, full;

static void leave(const char *name)
{
	const char *text = machine_read(name);
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	if (apart)
		machine_pass(MS);
}

/* Those of one view; the stacks' text is in no folder. */
static void leave_view(const struct perftop_view *view)
{
	char name[64];

	leave(strcmp(view->name, "stacks") ? view->name : "perftop");
	if (view->columns) {
		snprintf(name, sizeof(name), "%s.json", view->name);
		leave(name);
	}
}

static void switch_on(const struct perftop_view *view)
{
	char words[64];

	if (!view->cost)
		return;
	snprintf(words, sizeof(words), "+%s", view->name);
	if (machine_write(words) < 0)
		print_message("%s\n", shim_last_logged);
	assert_true(perftop_view_is_on(view));
}

/* One of each, of one device on two CPUs, and one in another. */
static void interrupt(void)
{
	struct irqaction disk = { "disk \"0\"" };
	unsigned int i;

	for (i = 0; i < 40; i++) {
		machine_irq_begins(3, 24, &disk);
		machine_pass(i * i * 20);
		machine_irq_ends(3, 24, &disk);
		machine_softirq_raised(3, BLOCK_SOFTIRQ);
		machine_pass(500 + i);
		machine_softirq_begins(3, BLOCK_SOFTIRQ);
		machine_pass(1000);
		machine_timer_begins(3);
		machine_pass(3000 + i);
		machine_timer_ends(3);
		machine_softirq_ends(3, BLOCK_SOFTIRQ);
		machine_irq_begins(5, 24, &disk);
		machine_pass(i * 2000);
		machine_irq_ends(5, 24, &disk);
	}
}

/* Of who runs on CPU 0: system calls, some of which fail, and page faults. */
static void call(struct task_struct *task)
{
	int i;

	for (i = 0; i < 24; i++) {
		machine_call_begins(0, i % 3 ? i % 3 : 219);
		machine_pass(i * 100);
		machine_call_ends(0, i % 4 ? i : -EBADF);
	}
	task->min_flt += 7;
	task->maj_flt++;
}

/* More than there is room for, who have waited for each other. */
static void run_many(void)
{
	struct task_struct *high = machine_task(70, 71, "high"), *low;
	unsigned int i;

	machine_set_rt(high, 50);
	for (i = 0; i < 2 * 16 + 3; i++) {
		low = machine_task(500 + i, 500 + i / 2, "a thread");
		machine_slice(i % 2 ? 3 : 5, low, MS + i);
		machine_block(0, low);
		call(low);
		machine_pass(1);
		machine_wake(high);
		machine_pass(2 * MS);
		machine_preempt(0, high);
		machine_pass(i % 4 * MS);
		machine_block(0, machine_idle(0));
	}
	interrupt();
}

/* Some tasks, one of which runs, one waits, and one has ended. */
static void run_some(void)
{
	struct task_struct *one, *other, *dead;
	u64 then;

	one = machine_task(101, 100, "one");
	other = machine_task(202, 202, "\xffo\"\x01");
	dead = machine_task(404, 404, "[\\ \xc5\xbb");
	machine_set_rt(other, 50);
	machine_wake(one);
	machine_pass(MS);
	machine_slice(0, one, 3 * MS);
	machine_slice(3, other, 2 * MS);
	machine_block(5, dead);
	machine_pass(MS);
	machine_end(5, machine_idle(5));
	machine_block(0, one);
	machine_wake(other);
	then = shim_ns;
	interrupt();
	call(one);
	machine_pass(then + 5 * MS - shim_ns);
	machine_preempt(0, other);
	machine_pass(MS);
}

static void leave_files(void **state)
{
	const struct perftop_view *view;
	unsigned int i;

	if (full) {
		assert_int_equal(shim_param_set_table("16"), 0);
		assert_int_equal(shim_param_set_top("5"), 0);
	}
	assert_int_equal(machine_load(), 0);
	for (i = 0; (view = perftop_view_at(i)) != NULL; i++)
		switch_on(view);
	if (!full)
		machine_write("filter tgid=100,202,300,404 cpu=0-5");
	machine_write("latency comm=\"\\xffo\\\"\\x01\"");
	machine_write("0");
	if (full)
		run_many();
	else
		run_some();
	if (apart)
		machine_write("filter comm=nobody");
	for (i = 0; (view = perftop_view_at(i)) != NULL; i++)
		leave_view(view);
	leave("all.json");
	leave("views");
	leave("views.json");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { MACHINE_TEST(leave_files) };

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: print-files FOLDER [apart | full]\n");
		return 2;
	}
	folder = argv[1];
	apart = argc == 3 && !strcmp(argv[2], "apart");
	full = argc == 3 && !strcmp(argv[2], "full");
	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
