// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frames of a stack's key: kernel functions by name, places in user
 * programs by file and offset.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine/user_maps.h"
#include "proc/frame_numbers.h"
#include "proc/json.h"
#include "proc/print.h"
#include "proc/print_frames.h"
#include "proc/print_names.h"
#include "switch/stack_key.h"

/* "name+0x12/0x34 [module]", or an address: KSYM_SYMBOL_LEN bytes. */
static void name_kernel_frame(char *symbol, u64 frame)
{
	bool struck = !(frame & INTERRUPTED);
	void *addr = (void *)(unsigned long)(frame | INTERRUPTED);

	snprintf(symbol, KSYM_SYMBOL_LEN, struck ? "%pS" : "%pB", addr);
}

/* "name+0x12 [module]"; the size of the function says nothing to a reader. */
static void print_kernel_frame(struct seq_file *m, u64 frame, bool offset)
{
	char symbol[KSYM_SYMBOL_LEN];
	char *cut, *module;

	name_kernel_frame(symbol, frame);
	cut = strchr(symbol, offset ? '/' : '+');
	module = cut ? strchr(cut, ' ') : NULL;
	if (cut)
		*cut = '\0';
	seq_printf(m, "%s%s", symbol, module ? module : "");
}

/*
 * The address space that a user stack was captured in, if it is still there
 * and one of the tasks that we know of uses it.
 */
static struct mm_struct *find_mm(u64 ctx_id, u64 task)
{
	const pid_t ids[] = { lower_32_bits(task), upper_32_bits(task) };
	struct task_struct *p;
	struct mm_struct *mm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		rcu_read_lock();
		p = pid_task(find_pid_ns(ids[i], &init_pid_ns), PIDTYPE_PID);
		if (p)
			get_task_struct(p);
		rcu_read_unlock();
		if (!p)
			continue;
		mm = get_task_mm(p);
		put_task_struct(p);
		if (mm && mm->context.ctx_id == ctx_id)
			return mm;
		if (mm)
			mmput(mm);
	}
	return NULL;
}

/* A file's name is anybody's to choose. */
static void print_file(struct seq_file *m, const char *name, bool folded)
{
	if (folded)
		perftop_print_folded_name(m, name);
	else
		perftop_print_name(m, name);
}

/* "file+0x1234", "[anon]@0x7f0012345678", or the address. */
static void print_user_frame(struct seq_file *m, u64 space, struct mm_struct *mm,
			     u64 addr, bool folded)
{
	struct perftop_place place;

	if (mm)
		perftop_maps_find_living(mm, addr, &place);
	else
		perftop_maps_find(space, addr, &place);
	if (place.file)
		print_file(m, place.name, folded);
	else
		seq_puts(m, place.name);
	if (place.name[0])
		seq_putc(m, place.absolute ? '@' : '+');
	seq_printf(m, "0x%llx%s", place.number,
		   place.deleted ? " (deleted)" : "");
}

/*
 * The address space of a key with its lock held, NULL if it has gone. One that is
 * locked is waited for as little as one that hangs.
 */
static struct mm_struct *lock_mm(const u64 *word, u64 task)
{
	struct mm_struct *mm = NULL;

	if (FIELD_GET(KEY_USER_FRAMES, word[0]))
		mm = find_mm(word[KEY_SPACE], task);
	if (!mm || mmap_read_trylock(mm))
		return mm;
	mmput(mm);
	return NULL;
}

static void unlock_mm(struct mm_struct *mm)
{
	if (!mm)
		return;
	mmap_read_unlock(mm);
	mmput(mm);
}

static const u64 *user_frames(const u64 *word)
{
	return word + KEY_HEADER_WORDS + FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
}

static void show_user(struct seq_file *m, const u64 *word, u64 task)
{
	struct mm_struct *mm = lock_mm(word, task);
	unsigned int n = FIELD_GET(KEY_USER_FRAMES, word[0]);
	bool running = word[0] & KEY_USER_RUNNING;
	unsigned int i;

	if (running)
		seq_puts(m, "        user: (running)\n");
	for (i = 0; i < n; i++) {
		u64 frame = user_frames(word)[i];

		seq_puts(m, "        user: ");
		print_user_frame(m, word[KEY_SPACE], mm,
				 frame & ~SIGNALLED, false);
		seq_puts(m, frame & SIGNALLED ?
			    " (signal)\n        user: (running)\n" : "\n");
	}
	unlock_mm(mm);
	if (word[0] & KEY_USER_TRUNCATED)
		seq_puts(m, "        user: (truncated)\n");
	else if (n == !running)
		seq_puts(m, "        user: (no frame pointer)\n");
}

static void fold_user(struct seq_file *m, const u64 *word, u64 task)
{
	struct mm_struct *mm = lock_mm(word, task);
	unsigned int i;

	for (i = FIELD_GET(KEY_USER_FRAMES, word[0]); i--; ) {
		seq_putc(m, ';');
		print_user_frame(m, word[KEY_SPACE], mm,
				 user_frames(word)[i] & ~SIGNALLED, true);
	}
	unlock_mm(mm);
}

/*
 * User frames are printed once, and then as they were: what they are called may
 * change while a file is open, and is then not to be found, or in another place.
 */
static void print_once(struct seq_file *m, const u64 *word, u64 task,
		       char **printed,
		       void (*print)(struct seq_file *m, const u64 *word,
				     u64 task))
{
	const size_t before = m->count;

	if (*printed) {
		seq_puts(m, *printed);
		return;
	}
	print(m, word, task);
	/* Without memory it is done anew each time. */
	if (!seq_has_overflowed(m) && FIELD_GET(KEY_USER_FRAMES, word[0]))
		*printed = kmemdup_nul(m->buf + before, m->count - before,
				       GFP_KERNEL);
}

/**
 * perftop_frames_show() - Print the frames of a key, one a line
 * @m: the file
 * @word: the key's words
 * @task: thread id, process id above it: who may still use the address space
 * @printed: NULL, or what has been printed of the user frames, which is left there
 *	and is to be given to kfree()
 *
 * Context: process context, may sleep.
 */
void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task,
			 char **printed)
{
	unsigned int n = FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
	unsigned int i;

	for (i = 0; i < n; i++) {
		seq_puts(m, "        ");
		print_kernel_frame(m, word[KEY_HEADER_WORDS + i], true);
		seq_putc(m, '\n');
	}
	if (word[0] & KEY_KERNEL_TRUNCATED)
		seq_puts(m, "        (truncated)\n");
	if (word[0] & KEY_USER)
		print_once(m, word, task, printed, show_user);
}

/**
 * perftop_frames_fold() - Print the frames of a key in one line
 * @m: the file
 * @word: the key's words
 * @task: as for perftop_frames_show()
 * @printed: likewise
 *
 * The outermost comes first, and each is led by a semicolon. Kernel functions
 * have no offsets, so that what a function took is one piece of a flame graph.
 *
 * Context: process context, may sleep.
 */
void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task,
			 char **printed)
{
	unsigned int i;

	print_once(m, word, task, printed, fold_user);
	for (i = FIELD_GET(KEY_KERNEL_FRAMES, word[0]); i--; ) {
		seq_putc(m, ';');
		print_kernel_frame(m, word[KEY_HEADER_WORDS + i], false);
	}
}

/* --- By number ------------------------------------------------------------ */

/* What is not a place in anything, in an address space of its own. */
#define MARKS	U64_MAX

enum mark {
	KERNEL_TRUNCATED,
	USER_RUNNING,
	USER_SIGNAL,
	USER_TRUNCATED,
	USER_NO_FRAME_POINTER,
};

/* A list of numbers that is being written. */
struct list {
	struct seq_file			*m;
	struct perftop_frame_numbers	*numbers;
	const u64			*word;
	u64				task;
	struct mm_struct		*mm;
	bool				sought;		/* whether there is an @mm */
	bool				begun;
};

/* {"of":"kernel","name":"schedule","offset":"0x5a","module":"ext4"} */
static void describe_kernel_frame(struct list *list, u64 frame)
{
	char symbol[KSYM_SYMBOL_LEN];
	char *offset, *module;

	name_kernel_frame(symbol, frame);
	offset = strchr(symbol, '+');
	module = offset ? strchr(offset, '[') : NULL;
	seq_puts(list->m, "{\"of\":\"kernel\"");
	if (offset) {
		*offset++ = '\0';
		offset[strcspn(offset, "/")] = '\0';
	}
	perftop_json_name(list->m, offset ? "name" : "address", symbol);
	if (offset)
		perftop_json_name(list->m, "offset", offset);
	if (module) {
		module[strcspn(module, "]")] = '\0';
		perftop_json_name(list->m, "module", module + 1);
	}
	seq_putc(list->m, '}');
}

/*
 * {"of":"user","file":"cc","offset":"0x1f29"}; what is no file's has a name, as
 * [vdso], or but an address.
 */
static void describe_user_frame(struct list *list, u64 addr)
{
	const u64 space = list->word[KEY_SPACE];
	struct perftop_place place;

	if (!list->sought)
		list->mm = lock_mm(list->word, list->task);
	list->sought = true;
	if (list->mm)
		perftop_maps_find_living(list->mm, addr, &place);
	else
		perftop_maps_find(space, addr, &place);
	seq_puts(list->m, "{\"of\":\"user\"");
	if (place.name[0])
		perftop_json_name(list->m, place.file ? "file" : "name", place.name);
	perftop_json_id(list->m, place.name[0] && !place.absolute ? "offset" :
								   "address");
	seq_printf(list->m, "\"0x%llx\"", place.number);
	if (place.deleted)
		seq_puts(list->m, ",\"deleted\":true");
	seq_putc(list->m, '}');
}

static void describe_mark(struct list *list, u64 mark)
{
	static const char *const marks[] = {
		[KERNEL_TRUNCATED]	= "\"kernel\",\"mark\":\"truncated\"",
		[USER_RUNNING]		= "\"user\",\"mark\":\"running\"",
		[USER_SIGNAL]		= "\"user\",\"mark\":\"signal\"",
		[USER_TRUNCATED]	= "\"user\",\"mark\":\"truncated\"",
		[USER_NO_FRAME_POINTER]	= "\"user\",\"mark\":\"no frame pointer\"",
	};

	seq_printf(list->m, "{\"of\":%s}", marks[mark]);
}

/* It is written where its number will be, read, and taken back. */
static u32 number_frame(struct list *list, u64 space, u64 frame,
			void (*describe)(struct list *list, u64 frame))
{
	u32 number = perftop_frame_number(list->numbers, space, frame);
	struct seq_file *m = list->m;
	const size_t before = m->count;

	/* All of the row is written once more, with more room. */
	if (number || seq_has_overflowed(m))
		return number;
	describe(list, frame);
	if (seq_has_overflowed(m))
		return 0;
	number = perftop_frame_number_add(list->numbers, space, frame,
					  m->buf + before, m->count - before);
	m->count = before;
	return number;
}

/* Numbers are from 0, as lists of them are read. */
static void add(struct list *list, u64 space, u64 frame,
		void (*describe)(struct list *list, u64 frame))
{
	u32 number;

	if (list->begun)
		seq_putc(list->m, ',');
	list->begun = true;
	number = number_frame(list, space, frame, describe);
	if (number)
		perftop_print_number(list->m, number - 1, 0);
	else
		seq_puts(list->m, "null");
}

static void add_mark(struct list *list, enum mark mark)
{
	add(list, MARKS, mark, describe_mark);
}

static void add_user(struct list *list)
{
	const u64 *word = list->word;
	unsigned int n = FIELD_GET(KEY_USER_FRAMES, word[0]);
	bool running = word[0] & KEY_USER_RUNNING;
	unsigned int i;

	if (running)
		add_mark(list, USER_RUNNING);
	for (i = 0; i < n; i++) {
		const u64 frame = user_frames(word)[i];

		add(list, word[KEY_SPACE], frame & ~SIGNALLED,
		    describe_user_frame);
		if (frame & SIGNALLED) {
			add_mark(list, USER_SIGNAL);
			add_mark(list, USER_RUNNING);
		}
	}
	unlock_mm(list->mm);
	if (word[0] & KEY_USER_TRUNCATED)
		add_mark(list, USER_TRUNCATED);
	else if (n == !running)
		add_mark(list, USER_NO_FRAME_POINTER);
}

/**
 * perftop_frames_number() - Write the frames of a key as a list of numbers
 * @m: the file
 * @word: the key's words
 * @task: as for perftop_frames_show()
 * @numbers: the numbers that have been given; new frames get one
 *
 * In the order of perftop_frames_show(), and what is said there in brackets is a
 * frame with a mark. A frame without a number, for lack of memory, is null.
 *
 * Context: process context, may sleep.
 */
void perftop_frames_number(struct seq_file *m, const u64 *word, u64 task,
			   struct perftop_frame_numbers *numbers)
{
	struct list list = {
		.m = m, .numbers = numbers, .word = word, .task = task,
	};
	unsigned int i;

	seq_putc(m, '[');
	for (i = 0; i < FIELD_GET(KEY_KERNEL_FRAMES, word[0]); i++)
		add(&list, 0, word[KEY_HEADER_WORDS + i], describe_kernel_frame);
	if (word[0] & KEY_KERNEL_TRUNCATED)
		add_mark(&list, KERNEL_TRUNCATED);
	if (word[0] & KEY_USER)
		add_user(&list);
	seq_putc(m, ']');
}
