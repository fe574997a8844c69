// SPDX-License-Identifier: GPL-2.0
/*
 * No test, but a tool of them: leaves the module's files in a folder, as they are
 * on the tests' own machine after a few slices. What docs/ says of columns and words
 * is made from views.json so printed (scripts/docs), and tests/json reads the others.
 */
#include "machine.h"

#include <stdio.h>

static const char *folder;

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
}

static void leave_files(void **state)
{
	static const char *const names[] = {
		"perftop", "folded", "accounts", "processes", "tasks", "cpus",
		"latency", "inversion", "exits", "views", "stacks.json",
		"accounts.json", "processes.json", "tasks.json", "cpus.json",
		"latency.json", "inversion.json", "exits.json", "all.json",
		"views.json",
	};
	struct task_struct *one, *other, *dead;
	unsigned int i;

	*shim_param_views = "processes,tasks,cpus,latency,inversion,exits";
	assert_int_equal(machine_load(), 0);
	machine_write("filter tgid=100,202,300,404 cpu=0-5");
	machine_write("latency comm=\"\\xffo\\\"\\x01\"");
	machine_write("0");
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
	machine_pass(5 * MS);
	machine_preempt(0, other);
	machine_pass(MS);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		leave(names[i]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { MACHINE_TEST(leave_files) };

	if (argc != 2) {
		fprintf(stderr, "usage: print-files FOLDER\n");
		return 2;
	}
	folder = argv[1];
	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
