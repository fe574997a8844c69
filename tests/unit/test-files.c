// SPDX-License-Identifier: GPL-2.0
/*
 * The files in procfs: which there are and whose, what may be written, and
 * what is left when something fails.
 */
#include "machine.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "engine/drain.h"
#include "engine/filter.h"
#include "engine/task_state.h"
#include "switch/cpu.h"

static void load(const char *views)
{
	*shim_param_views = (char *)views;
	assert_int_equal(machine_load(), 0);
}

static unsigned int count_entries(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < SHIM_PROC_ENTRIES; i++)
		n += shim_proc[i].name[0] != '\0';
	return n;
}

static void files_are_for_root(void **state)
{
	static const char *const names[] = {
		"folded", "accounts", "processes", "processes.switches", "tasks",
		"tasks.switches", "tasks.wait", "cpus",
		"latency", "inversion", "exits", "irqs", "irqs.sum",
		"syscalls", "syscalls.count", "syscalls.sum", "faults", "views",
		"stacks.json", "accounts.json", "processes.json", "tasks.json",
		"cpus.json", "latency.json", "inversion.json", "exits.json",
		"irqs.json", "irqs.sum.json", "syscalls.json", "syscalls.sum.json",
		"faults.json", "all.json", "views.json",
	};
	struct proc_dir_entry *folder, *entry;
	unsigned int i;

	load(NULL);
	folder = shim_proc_find("perftop.d");
	assert_non_null(folder);
	assert_int_equal(folder->mode, 0500);
	assert_null(folder->parent);
	assert_null(folder->ops);
	entry = shim_proc_find("perftop");
	assert_non_null(entry);
	assert_int_equal(entry->mode, 0600);
	assert_null(entry->parent);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		entry = shim_proc_find(names[i]);
		assert_non_null(entry);
		assert_int_equal(entry->mode, 0600);
		assert_int_equal(entry->group, 0);
		assert_ptr_equal(entry->parent, folder);
	}
	assert_int_equal(count_entries(), 2 + ARRAY_SIZE(names));
	machine_unload();
	assert_int_equal(count_entries(), 0);
}

/* Each file has its own rows. */
static void files_show_their_views(void **state)
{
	load("processes,tasks,cpus,latency,inversion,exits");
	assert_non_null(strstr(machine_read("perftop"), "\nRANK  TIME%"));
	assert_non_null(strstr(machine_read("processes"), "\n    PID    PPID"));
	assert_non_null(strstr(machine_read("tasks"), "\n    PID    TGID"));
	assert_non_null(strstr(machine_read("cpus"), "\nCPU   SWITCHES"));
	assert_non_null(strstr(machine_read("latency"), "\nwait, all tasks"));
	assert_non_null(strstr(machine_read("inversion"), "\n    COUNT"));
	assert_non_null(strstr(machine_read("exits"), "\n      AGO"));
	assert_true(machine_has(machine_read("accounts"), "CPU  "));
	assert_true(machine_has(machine_read("views"), "VIEW "));
	assert_string_equal(machine_read("folded"), "");
}

static void files_of_views_that_are_off(void **state)
{
	static const char *const names[] = {
		"processes", "tasks", "cpus", "latency", "inversion", "exits",
	};
	char line[80];
	unsigned int i;

	load(NULL);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(line, sizeof(line),
			 "%s is off: echo +%s > /proc/perftop", names[i],
			 names[i]);
		machine_expect(machine_read(names[i]), line);
		assert_true(machine_has(machine_read(names[i]), "perftop 1 "));
		assert_int_equal(machine_line(machine_read(names[i]), line), 6);
		assert_string_equal(strstr(machine_read(names[i]), line) +
				    strlen(line), "\n");
	}
}

/* Only the ranking counts how often it was opened. */
static void files_opened(void **state)
{
	load(NULL);
	machine_read("folded");
	machine_read("accounts");
	assert_int_equal(perftop_drain_opened(), 0);
	machine_read("perftop");
	machine_read("perftop");
	assert_int_equal(perftop_drain_opened(), 2);
}

static int open_for(const char *name, unsigned int mode, struct file *file)
{
	struct proc_dir_entry *entry = shim_proc_find(name);
	struct inode inode = { .i_private = entry->data };

	*file = (struct file){ .f_mode = mode };
	return entry->ops->proc_open(&inode, file);
}

static void close_it(const char *name, struct file *file)
{
	const struct proc_ops *ops = shim_proc_find(name)->ops;

	assert_int_equal(ops->proc_release(NULL, file), 0);
}

/* Who only writes is shown nothing, and cuts no CPU. */
static void files_opened_to_write(void **state)
{
	const struct proc_ops *ops;
	struct machine_memory before;
	struct file file;
	char text[16] = "x";
	loff_t pos = 0;

	load(NULL);
	before = machine_memory();
	ops = shim_proc_find("perftop")->ops;
	assert_int_equal(open_for("perftop", FMODE_WRITE, &file), 0);
	assert_int_equal(ops->proc_read_iter(&file, text, sizeof(text), &pos), 0);
	close_it("perftop", &file);
	machine_check_memory(before);
	assert_ptr_equal(ops->proc_lseek, seq_lseek);
}

/* Whichever piece of memory is not to be had, it is said, and all given back. */
static void files_opened_without_memory(void **state)
{
	struct machine_memory before;
	struct file file;
	unsigned int n;
	int err;

	load(NULL);
	before = machine_memory();
	for (n = 1; ; n++) {
		shim_fail_at = n;
		err = open_for("perftop", FMODE_READ, &file);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		machine_check_memory(before);
	}
	shim_fail_at = 0;
	/* A reader, and what a snapshot takes. */
	assert_true(n > 1 + 5);
	close_it("perftop", &file);
	machine_check_memory(before);
}

static void files_need_the_right(void **state)
{
	struct machine_memory before;
	struct file file;

	load(NULL);
	before = machine_memory();
	shim_capable = false;
	assert_int_equal(open_for("perftop", FMODE_READ, &file), -EPERM);
	assert_int_equal(open_for("views", FMODE_WRITE, &file), -EPERM);
	assert_int_equal(perftop_drain_opened(), 0);
	shim_capable = true;
	machine_check_memory(before);
}

/* What shows addresses or stacks stays root's, and so does writing. */
static void files_for_a_group(void **state)
{
	static const char *const roots[] = {
		"perftop", "folded", "stacks.json", "all.json",
	};
	static const char *const tables[] = {
		"accounts", "processes", "processes.switches", "tasks",
		"tasks.switches", "tasks.wait", "cpus", "latency", "inversion", "exits",
		"irqs", "irqs.sum", "syscalls", "syscalls.count", "syscalls.sum", "faults",
		"views", "accounts.json", "processes.json",
		"tasks.json", "cpus.json", "latency.json", "inversion.json", "exits.json",
		"irqs.json", "irqs.sum.json", "syscalls.json", "syscalls.sum.json",
		"faults.json", "views.json",
	};
	struct proc_dir_entry *entry;
	struct machine_memory before;
	struct file file;
	unsigned int i;

	shim_param_set_group("998");
	load("tasks");
	entry = shim_proc_find("perftop.d");
	assert_int_equal(entry->mode, 0550);
	assert_int_equal(entry->group, 998);
	shim_capable = false;
	shim_group = 998;
	before = machine_memory();
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		entry = shim_proc_find(roots[i]);
		assert_int_equal(entry->mode, 0600);
		assert_int_equal(entry->group, 0);
		assert_int_equal(open_for(roots[i], FMODE_READ, &file), -EPERM);
	}
	machine_check_memory(before);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		entry = shim_proc_find(tables[i]);
		assert_int_equal(entry->mode, 0640);
		assert_int_equal(entry->group, 998);
		assert_int_equal(open_for(tables[i], FMODE_WRITE, &file), -EPERM);
		assert_int_equal(open_for(tables[i], FMODE_READ | FMODE_WRITE,
					  &file), -EPERM);
		machine_check_memory(before);
		assert_int_equal(open_for(tables[i], FMODE_READ, &file), 0);
		close_it(tables[i], &file);
		shim_group = 997;
		assert_int_equal(open_for(tables[i], FMODE_READ, &file), -EPERM);
		shim_group = 998;
	}
	shim_capable = true;
	shim_group = 0;
	machine_check_memory(before);
	assert_int_equal(count_entries(), 1 + ARRAY_SIZE(roots) + ARRAY_SIZE(tables));
}

/* That no group is named lets nobody in, whatever he is of. */
static void files_for_no_group(void **state)
{
	struct file file;

	load(NULL);
	shim_capable = false;
	shim_group = -1;
	assert_int_equal(open_for("views", FMODE_READ, &file), -EPERM);
	shim_capable = true;
	shim_group = 0;
}

static void files_without_memory(void **state)
{
	struct machine_memory before;
	struct file file;
	unsigned int n;

	load(NULL);
	machine_slice(0, machine_task(7, 7, "task"), MS);
	before = machine_memory();
	for (n = 1; ; n++) {
		shim_fail_at = n;
		if (!open_for("perftop", FMODE_READ, &file))
			break;
		assert_null(file.private_data);
		machine_check_memory(before);
	}
	shim_fail_at = 0;
	assert_int_equal(n, 2 + 10 + 1);
	close_it("perftop", &file);
	machine_check_memory(before);
}

/* What was read first is read again, whatever has happened since. */
static void files_are_of_one_moment(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	static char first[65536], again[65536];
	const struct proc_ops *ops;
	struct file file;
	loff_t pos = 0;

	load(NULL);
	machine_slice(0, task, MS);
	ops = shim_proc_find("perftop")->ops;
	assert_int_equal(open_for("perftop", FMODE_READ, &file), 0);
	ops->proc_read_iter(&file, first, sizeof(first), &pos);
	machine_slice(0, task, 5 * MS);
	machine_write("0");
	pos = 0;
	ops->proc_read_iter(&file, again, sizeof(again), &pos);
	assert_string_equal(first, again);
	/* From a row on. */
	pos = 1;
	ops->proc_read_iter(&file, again, sizeof(again), &pos);
	assert_string_equal(strstr(first, "   1 "), again);
	pos = 2;
	assert_int_equal(ops->proc_read_iter(&file, again, sizeof(again), &pos), 0);
	close_it("perftop", &file);
}

/* What a view was set to belongs to what was opened. */
static void files_are_of_what_was_asked(void **state)
{
	static char text[65536];
	const struct proc_ops *ops;
	struct file file, other;
	loff_t pos = 0;

	load("latency");
	ops = shim_proc_find("latency")->ops;
	machine_write("latency pid=7");
	machine_slice(0, machine_task(7, 7, "a b"), MS);
	assert_int_equal(open_for("latency", FMODE_READ, &file), 0);
	machine_write("latency comm=\"a b\"");
	assert_int_equal(open_for("latency", FMODE_READ, &other), 0);
	machine_write("latency all");
	ops->proc_read_iter(&file, text, sizeof(text), &pos);
	assert_non_null(strstr(text, "\nslice, pid 7   count 1   "));
	pos = 0;
	memset(text, 0, sizeof(text));
	ops->proc_read_iter(&other, text, sizeof(text), &pos);
	assert_non_null(strstr(text, "\nslice, comm a b   count 0\n"));
	close_it("latency", &file);
	close_it("latency", &other);
	assert_null(strstr(machine_read("latency"), "comm"));
}

/* --- Words ---------------------------------------------------------------- */

static void words_that_are_taken(void **state)
{
	static const char *const words[] = {
		"0", "0\n", " 0 ", "+tasks", "-tasks\n", "filter", "filter off",
		"filter pid=7\n", "filter  pid=7 comm=x", "latency pid=7",
		"latency all", "latency  all\n", "\t0", "0\r\n", "filter\toff",
		"\n0\n\n", "latency comm=\"a b\"\n", "latency pid=7,",
		"latency comm=\"\"", "latency pid=1", "filter comm=\"\\x0a\",b\n0",
	};
	unsigned int i;

	load(NULL);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		assert_int_equal(machine_write(words[i]), strlen(words[i]));
	assert_int_equal(shim_logged, 1);
}

static void words_that_are_not(void **state)
{
	static const char *const words[] = {
		"", "\n", "1", "00", "0 0", "+", "-", "+nosuch", "- tasks",
		"+stacks", "tasks", "tasks pid=7", "nosuch pid=7", "filterpid=7",
		"filters off", "filter nosuch", "latency", "latency x", "+ tasks",
		"0,+tasks", "\t\n\n", "0\n+nosuch", "+tasks\n1", "+tasks 0",
		"-tasks x", "+tasks\nfilter pid=0", "filter pid=7\nlatency x",
		"latency comm=a b", "latency pid=7 pid=7", "latency pid=7,8",
		"latency comm=\"a", "latency comm=a\"b\"", "latency pid",
		"latency tid=7", "filter comm=\"a\nb\"", "filter,pid=7",
	};
	unsigned int i, logged;

	load(NULL);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		logged = shim_logged;
		assert_int_equal(machine_write(words[i]), -EINVAL);
		assert_true(shim_logged > logged);
		assert_non_null(strstr(shim_last_logged, "/proc/perftop takes"));
	}
	assert_int_equal(perftop_watching.enabled, 0);
}

/* 4096 bytes may be written at once, and no more. */
static void words_are_not_endless(void **state)
{
	static char words[4098];

	load(NULL);
	memset(words, ' ', sizeof(words));
	words[0] = '0';
	words[4097] = '\0';
	assert_int_equal(machine_write(words), -EINVAL);
	words[4096] = '\0';
	assert_int_equal(machine_write(words), 4096);
	/* Up to the last of them. */
	words[4095] = 'x';
	assert_int_equal(machine_write(words), -EINVAL);
}

/* A line is done after the other, but none if one of them is wrong. */
static void words_of_many_lines(void **state)
{
	char filter[PERFTOP_FILTER_WORDS];
	u64 opened;

	load(NULL);
	assert_int_equal(machine_write("+tasks\n  filter pid=8\t\n\n+cpus"), 29);
	perftop_filter_copy(filter);
	assert_string_equal(filter, "pid=8");
	machine_expect(machine_read("views"),
		       "cpus         yes  158      each CPU's switches, slices, waits and migrations");
	assert_null(strstr(machine_read("tasks"), "is off"));
	assert_int_equal(machine_write("-tasks\nfilter off\nlatency x\n-cpus"),
			 -EINVAL);
	perftop_filter_copy(filter);
	assert_string_equal(filter, "pid=8");
	assert_null(strstr(machine_read("tasks"), "is off"));
	opened = perftop_drain_opened();
	assert_int_equal(machine_write("0\n1"), -EINVAL);
	assert_int_equal(perftop_drain_opened(), opened + 1);
	assert_int_equal(machine_write("0"), 1);
	assert_int_equal(perftop_drain_opened(), 0);
	assert_int_equal(machine_write("-tasks\n+tasks\n-tasks"), 20);
	assert_non_null(strstr(machine_read("tasks"), "is off"));
	assert_int_equal(machine_write("0\n-latency\nfilter pid=9"), 23);
	perftop_filter_copy(filter);
	assert_string_equal(filter, "pid=9");
}

/*
 * Whatever there is no memory for, it is not done, and nothing stays; few words
 * need none themselves.
 */
static void words_without_memory(void **state)
{
	static const char few[] = "filter pid=7";
	const struct proc_ops *ops;
	char many[64];
	struct machine_memory before;
	struct file file;
	loff_t pos = 0;
	unsigned int n;

	load(NULL);
	ops = shim_proc_find("perftop")->ops;
	assert_int_equal(open_for("perftop", FMODE_WRITE, &file), 0);
	before = machine_memory();
	for (n = 1; ; n++) {
		shim_fail_at = n;
		if (ops->proc_write(&file, few, 12, &pos) == 12)
			break;
		machine_check_memory(before);
	}
	/* The filter, twice. */
	assert_int_equal(n, 2 + 2 + 1);
	memset(many, ' ', sizeof(many));
	many[0] = '0';
	shim_fail_at = 1;
	assert_int_equal(ops->proc_write(&file, many, 63, &pos), 63);
	assert_int_equal(ops->proc_write(&file, many, 64, &pos), -ENOMEM);
	shim_fail_at = 0;
	close_it("perftop", &file);
}

static void words_that_cannot_be_read(void **state)
{
	load(NULL);
	shim_user_bytes = 3;
	assert_int_equal(machine_write("+tasks"), -EFAULT);
	assert_null(perftop_states);
	shim_user_bytes = SIZE_MAX;
}

/* A filter's words go to the filter, a reset forgets what is in no table. */
static void words_are_carried_out(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	char filter[PERFTOP_FILTER_WORDS];

	load("exits");
	machine_write("filter  pid=8 ");
	perftop_filter_copy(filter);
	assert_string_equal(filter, "pid=8");
	machine_write("filter");
	perftop_filter_copy(filter);
	assert_string_equal(filter, "");
	machine_block(0, task);
	machine_end(0, machine_idle(0));
	assert_non_null(strstr(machine_read("exits"), " task\n"));
	machine_write("0");
	assert_null(strstr(machine_read("exits"), " task\n"));
}

/* --- There and gone ------------------------------------------------------- */

static int load_with_error(int err)
{
	if (machine_load() != err)
		return 1;
	machine_check_gone();
	return 0;
}

static int load_where_taken(unsigned int n)
{
	shim_proc_taken = n ? "/proc/perftop.d" : "/proc/perftop";
	if (load_with_error(-EBUSY))
		return 1;
	return !strstr(shim_last_logged, shim_proc_taken) || shim_logged != 1;
}

static void files_of_another_module(void **state)
{
	assert_int_equal(machine_try(load_where_taken, 0), 0);
	assert_int_equal(machine_try(load_where_taken, 1), 0);
}

static int load_without_entry(unsigned int n)
{
	shim_proc_fail_at = n;
	return load_with_error(-ENOMEM);
}

static void files_that_cannot_be_made(void **state)
{
	unsigned int n;

	for (n = 1; n <= 35; n++)
		assert_int_equal(machine_try(load_without_entry, n), 0);
	assert_int_equal(machine_try(load_without_entry, 36), 1);
}

static int load_without_memory(unsigned int n)
{
	int err;

	*shim_param_views = "processes,tasks,cpus,latency,inversion,exits";
	*shim_param_filter = "pid=7";
	shim_fail_at = n;
	err = machine_load();
	if (!err)
		return 2;
	if (err != -ENOMEM)
		return 1;
	machine_check_gone();
	return 0;
}

/* Whatever there is no memory for, all that was begun is undone. */
static void load_runs_out_of_memory(void **state)
{
	unsigned int n;
	int result;

	for (n = 1; n < 200; n++) {
		result = machine_try(load_without_memory, n);
		if (result)
			break;
	}
	assert_int_equal(result, 2);
	assert_true(n > 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(files_are_for_root),
		MACHINE_TEST(files_show_their_views),
		MACHINE_TEST(files_of_views_that_are_off),
		MACHINE_TEST(files_opened),
		MACHINE_TEST(files_opened_to_write),
		MACHINE_TEST(files_opened_without_memory),
		MACHINE_TEST(files_need_the_right),
		MACHINE_TEST(files_for_a_group),
		MACHINE_TEST(files_for_no_group),
		MACHINE_TEST(files_without_memory),
		MACHINE_TEST(files_are_of_one_moment),
		MACHINE_TEST(files_are_of_what_was_asked),
		MACHINE_TEST(words_that_are_taken),
		MACHINE_TEST(words_that_are_not),
		MACHINE_TEST(words_are_not_endless),
		MACHINE_TEST(words_of_many_lines),
		MACHINE_TEST(words_without_memory),
		MACHINE_TEST(words_that_cannot_be_read),
		MACHINE_TEST(words_are_carried_out),
		MACHINE_TEST(files_of_another_module),
		MACHINE_TEST(files_that_cannot_be_made),
		MACHINE_TEST(load_runs_out_of_memory),
	};

	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
