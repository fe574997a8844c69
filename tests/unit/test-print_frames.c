// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: a key's words become lines, or one line of a flame graph. The names
 * are those of the symbols and files that the test has laid out.
 *
 * With the name of a file, all that is printed is left there as it is in JSON as
 * well, for tests/json.
 */
#include "test.h"

#include <stdio.h>

#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "engine/user_maps.h"
#include "engine/params.h"
#include "proc/frame_numbers.h"
#include "proc/print_frames.h"
#include "switch/stack_key.h"

#define KERNEL		0xffffffff81000000UL
#define MODULE		0xffffffffc0000000UL
#define TEXT		0x400000UL
#define ANON		0x500000UL
#define VDSO		0x7ff000UL
#define CONTEXT		77
#define TID		41
#define TGID		40
#define TASK		((u64)TGID << 32 | TID)
#define FILE_NAME_MAX	255	/* the file system's */

static const struct shim_symbol symbols[] = {
	{ KERNEL, 0x100, "first" },
	{ KERNEL + 0x100, 0x100, "second" },
	{ MODULE, 0x100, "third", "ext4" },
	{ }
};

struct perftop_params perftop_params;

static struct super_block block = { MKDEV(8, 1) };
static struct inode inode = { 12, 1, &block };
static struct dentry root = { .d_name = { "/" }, .d_parent = &root };
static struct dentry dentry = { .d_name = { "program" }, .d_parent = &root };
static struct file program = { { .dentry = &dentry }, &inode };
static struct vm_area_struct areas[4];
static struct mm_struct mm, other_mm;
static struct task_struct thread, leader;
static struct task_struct *tasks[3];
static struct seq_file file;
static u64 word[16];

static int setup(void **state)
{
	areas[0] = (struct vm_area_struct){ TEXT, TEXT + 0x2000, 3, &program,
					    VM_EXEC };
	areas[1] = (struct vm_area_struct){ ANON, ANON + 0x1000, 5, NULL,
					    VM_EXEC };
	areas[2] = (struct vm_area_struct){ VDSO, VDSO + 0x1000, 0, NULL,
					    VM_EXEC };
	mm = (struct mm_struct){ .context = { CONTEXT, (void *)VDSO },
				 .users = 1, .vma = areas };
	other_mm = (struct mm_struct){ .context = { CONTEXT + 1 }, .users = 1,
				       .vma = areas };
	thread = (struct task_struct){ .pid = TID, .mm = &mm };
	leader = (struct task_struct){ .pid = TGID, .mm = &mm };
	tasks[0] = &thread;
	tasks[1] = &leader;
	shim_tasks = tasks;
	shim_symbols = symbols;
	memset(word, 0, sizeof(word));
	dentry = (struct dentry){ .d_name = { "program" }, .d_parent = &root };
	shim_percpu_reset();
	return perftop_maps_init();
}

static int teardown(void **state)
{
	perftop_maps_clear();
	perftop_maps_exit();
	assert_int_equal(shim_allocated, 0);
	return 0;
}

/* A key of these frames: kernel's first, in words from @frame on. */
static void make_key(u64 flags, unsigned int kernel, unsigned int user,
		     const u64 *frame)
{
	word[0] = flags | kernel | user << KEY_USER_SHIFT;
	word[KEY_SPACE] = CONTEXT;
	memcpy(word + KEY_HEADER_WORDS, frame, (kernel + user) * sizeof(u64));
}

/* Whatever was taken has been given back. */
static void check_balance(void)
{
	assert_int_equal(mm.users, 1);
	assert_int_equal(other_mm.users, 1);
	assert_int_equal(mm.readers, 0);
	assert_int_equal(other_mm.readers, 0);
	assert_int_equal(thread.references, 0);
	assert_int_equal(leader.references, 0);
}

static void empty_file(void)
{
	file.count = 0;
	file.text[0] = '\0';
}

static FILE *said;

/* "shows" or "folds", the text, the numbers, the frames: a NUL behind each. */
static void leave(const char *how, const char *text)
{
	struct perftop_frame_numbers *numbers;
	u32 i;

	if (!said)
		return;
	numbers = perftop_frame_numbers_create();
	assert_non_null(numbers);
	empty_file();
	perftop_frames_number(&file, word, TASK, numbers);
	fprintf(said, "%s%c%s%c%s%c[", how, 0, text, 0, file.text, 0);
	for (i = 1; i <= perftop_frame_numbers_count(numbers); i++)
		fprintf(said, "%s%s", i > 1 ? "," : "",
			perftop_frame_text(numbers, i));
	fprintf(said, "]%c", 0);
	perftop_frame_numbers_free(numbers);
	check_balance();
}

static void shows(const char *text)
{
	char *printed = NULL;

	empty_file();
	perftop_frames_show(&file, word, TASK, &printed);
	kfree(printed);
	assert_string_equal(file.text, text);
	check_balance();
	leave("shows", text);
}

static void folds(const char *text)
{
	char *printed = NULL;

	empty_file();
	perftop_frames_fold(&file, word, TASK, &printed);
	kfree(printed);
	assert_string_equal(file.text, text);
	check_balance();
	leave("folds", text);
}

#define USER	"        user: "

/* A call is in front of its return address; where an interrupt struck is not.
 */
static void frames_of_the_kernel(void **state)
{
	const u64 frame[] = { KERNEL + 0x12, KERNEL + 0x100,
			      (KERNEL + 0x100) & ~INTERRUPTED, MODULE + 3 };

	make_key(0, 4, 0, frame);
	shows("        first+0x12\n        first+0x100\n        second+0x0\n"
	      "        third+0x3 [ext4]\n");
	folds(";third [ext4];second;first;first");
}

static void frames_without_a_symbol(void **state)
{
	const u64 frame[] = { KERNEL + 0x5000 };

	make_key(0, 1, 0, frame);
	shows("        0xffffffff81005000\n");
	folds(";0xffffffff81005000");
}

/* Offsets are in the file; what is no mapping is an address. */
static void frames_of_a_process(void **state)
{
	const u64 frame[] = { KERNEL + 1, TEXT, TEXT + 0x1fff, TEXT + 0x2000,
			      ANON + 0x10, VDSO + 0x20, VDSO + 0x1000 };

	make_key(KEY_USER, 1, 6, frame);
	shows("        first+0x1\n"
	      USER "program+0x3000\n" USER "program+0x4fff\n"
	      USER "0x402000\n" USER "[anon]@0x500010\n" USER "[vdso]+0x20\n"
	      USER "0x800000\n");
	folds(";0x800000;[vdso]+0x20;[anon]@0x500010;0x402000;program+0x4fff;"
	      "program+0x3000;first");
}

static void frames_end_where_they_end(void **state)
{
	const u64 frame[] = { KERNEL + 1, TEXT + 1 };

	make_key(KEY_USER | KEY_KERNEL_TRUNCATED | KEY_USER_TRUNCATED, 1, 1,
		 frame);
	shows("        first+0x1\n        (truncated)\n"
	      USER "program+0x3001\n" USER "(truncated)\n");
	make_key(KEY_USER | KEY_USER_TRUNCATED | KEY_USER_RUNNING, 1, 0, frame);
	shows("        first+0x1\n" USER "(running)\n" USER "(truncated)\n");
}

/* A leaf alone is all that there is without frame pointers. */
static void frames_without_a_pointer(void **state)
{
	const u64 frame[] = { TEXT, TEXT + 1 };

	make_key(KEY_USER, 0, 1, frame);
	shows(USER "program+0x3000\n" USER "(no frame pointer)\n");
	make_key(KEY_USER, 0, 2, frame);
	shows(USER "program+0x3000\n" USER "program+0x3001\n");
	make_key(KEY_USER, 0, 0, frame);
	shows("");
	make_key(KEY_USER | KEY_USER_RUNNING, 0, 0, frame);
	shows(USER "(running)\n" USER "(no frame pointer)\n");
	make_key(KEY_USER | KEY_USER_RUNNING, 0, 1, frame);
	shows(USER "(running)\n" USER "program+0x3000\n");
}

/* A kernel thread's key has no user part, whatever its words say. */
static void frames_of_a_kernel_thread(void **state)
{
	const u64 frame[] = { KERNEL + 1 };

	make_key(KEY_USER_TRUNCATED, 1, 0, frame);
	shows("        first+0x1\n");
	folds(";first");
}

/* Either of the two tasks leads to the process; its lock may be held. */
static void frames_look_for_the_process(void **state)
{
	const u64 frame[] = { TEXT, TEXT + 1 };
	const char *named = USER "program+0x3000\n" USER "program+0x3001\n";
	const char *bare = USER "0x400000\n" USER "0x400001\n";

	make_key(KEY_USER, 0, 2, frame);
	leader.mm = NULL;
	shows(named);
	thread.mm = NULL;
	shows(bare);
	leader.mm = &mm;
	shows(named);
	thread.mm = &other_mm;
	shows(named);
	leader.mm = &other_mm;
	shows(bare);
	tasks[0] = NULL;
	shows(bare);
	folds(";0x400001;0x400000");
	tasks[0] = &leader;
	tasks[1] = NULL;
	leader.mm = &mm;
	shows(named);
	mm.write_locked = true;
	shows(bare);
	folds(";0x400001;0x400000");
}

/* What is printed of a process is printed of it when it has gone. */
static void frames_of_the_dead(void **state)
{
	const u64 frame[] = { TEXT + 1, ANON + 0x10, VDSO + 0x20, VDSO + 0x1000 };
	const char *living = USER "program+0x3001\n" USER "[anon]@0x500010\n"
			     USER "[vdso]+0x20\n" USER "0x800000\n";
	const char *deleted = USER "program+0x3001 (deleted)\n"
			      USER "[anon]@0x500010\n" USER "[vdso]+0x20\n"
			      USER "0x800000\n";

	make_key(KEY_USER, 0, 4, frame);
	shows(living);
	tasks[0] = NULL;
	shows(USER "0x400001\n" USER "0x500010\n" USER "0x7ff020\n"
	      USER "0x800000\n");
	perftop_maps_note(CONTEXT);
	perftop_maps_keep(&mm);
	shows(living);
	folds(";0x800000;[vdso]+0x20;[anon]@0x500010;program+0x3001");
	/* A file of that name may be seen again, as another process's. */
	tasks[0] = &thread;
	dentry.unhashed = true;
	shows(deleted);
	tasks[0] = NULL;
	shows(deleted);
	folds(";0x800000;[vdso]+0x20;[anon]@0x500010;program+0x3001 (deleted)");
}

/* Whatever they would be called now. */
static void frames_are_printed_once(void **state)
{
	const u64 frame[] = { KERNEL + 1, TEXT };
	char *printed = NULL, text[200];

	make_key(KEY_USER, 1, 1, frame);
	empty_file();
	/* What did not fit is printed again, and then kept. */
	file.overflowed = true;
	perftop_frames_show(&file, word, TASK, &printed);
	assert_null(printed);
	file.overflowed = false;
	/* Nor is it without memory. */
	shim_fail_at = 1;
	perftop_frames_show(&file, word, TASK, &printed);
	assert_null(printed);
	empty_file();
	perftop_frames_show(&file, word, TASK, &printed);
	strcpy(text, file.text);
	tasks[0] = NULL;
	empty_file();
	perftop_frames_show(&file, word, TASK, &printed);
	assert_string_equal(file.text, text);
	kfree(printed);
	printed = NULL;
	empty_file();
	perftop_frames_fold(&file, word, TASK, &printed);
	assert_string_equal(file.text, ";0x400000;first");
	tasks[0] = &thread;
	perftop_frames_fold(&file, word, TASK, &printed);
	assert_string_equal(file.text, ";0x400000;first;0x400000;first");
	kfree(printed);
	/* There is nothing to keep of none. */
	printed = NULL;
	make_key(KEY_USER | KEY_USER_RUNNING, 1, 0, frame);
	perftop_frames_show(&file, word, TASK, &printed);
	assert_null(printed);
}

/* A file's name may be anything, one of ours too, and as long as names are. */
static void frames_of_any_name(void **state)
{
	const u64 frame[] = { TEXT };
	char name[FILE_NAME_MAX + 1] = "", text[FILE_NAME_MAX + 10] = ";";

	make_key(KEY_USER, 0, 1, frame);
	dentry.d_name.name = "[vdso]";
	shows(USER "?vdso]+0x3000\n" USER "(no frame pointer)\n");
	dentry.d_name.name = "a;b c\n";
	folds(";a_b_c?+0x3000");
	shows(USER "a;b c?+0x3000\n" USER "(no frame pointer)\n");
	dentry.d_name.name = "x";
	folds(";x+0x3000");
	memset(name, 'x', FILE_NAME_MAX);
	memset(text + 1, 'x', FILE_NAME_MAX);
	strcat(text, "+0x3000");
	dentry.d_name.name = name;
	folds(text);
}

/* No more of it is kept than was printed. */
static void frames_are_kept_as_they_are(void **state)
{
	static const u64 frames[] = { KERNEL + 1, TEXT + 1 };
	const size_t before = shim_allocated_bytes;
	char *printed = NULL;

	make_key(KEY_USER, 1, 1, frames);
	empty_file();
	perftop_frames_show(&file, word, TASK, &printed);
	assert_non_null(printed);
	assert_int_equal(shim_allocated_bytes - before, strlen(printed) + 1);
	kfree(printed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_of_the_kernel, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_without_a_symbol, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_of_a_process, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_end_where_they_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_without_a_pointer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_of_a_kernel_thread, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_look_for_the_process, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_of_the_dead, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_are_printed_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(frames_are_kept_as_they_are,
						setup, teardown),
		cmocka_unit_test_setup_teardown(frames_of_any_name, setup,
						teardown),
	};

	if (argc > 1)
		said = fopen(argv[1], "w");
	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
