// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frames of a stack's key: kernel functions by name, places in user
 * programs by file and offset while the process is there.
 */
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "perftop.h"
#include "stack.h"
#include "view.h"

/* "name+0x12 [module]"; the size of the function says nothing to a reader. */
static void print_kernel_frame(struct seq_file *m, u64 frame, bool offset)
{
	bool struck = !(frame & INTERRUPTED);
	void *addr = (void *)(unsigned long)(frame | INTERRUPTED);
	char symbol[KSYM_SYMBOL_LEN];
	char *cut, *module;

	snprintf(symbol, sizeof(symbol), struck ? "%pS" : "%pB", addr);
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

/* "file+0x1234", or the address. */
static void print_user_frame(struct seq_file *m, struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma = mm ? find_vma(mm, addr) : NULL;
	const char *name = "[anon]";
	char file[256];
	u64 offset;

	if (!vma || addr < vma->vm_start) {
		seq_printf(m, "0x%llx", addr);
		return;
	}
	offset = addr - vma->vm_start;
	if (vma->vm_file) {
		offset += (u64)vma->vm_pgoff << PAGE_SHIFT;
		snprintf(file, sizeof(file), "%pD", vma->vm_file);
		name = file;
	} else if (vma->vm_start == (unsigned long)mm->context.vdso) {
		name = "[vdso]";
	}
	perftop_print_name(m, name);
	seq_printf(m, "+0x%llx", offset);
}

/* A process's mappings while a stack's user frames are printed. */
struct mappings {
	struct mm_struct	*mm;
	bool			locked;
};

static struct mappings take_mappings(const u64 *word, u64 task)
{
	bool any = FIELD_GET(KEY_USER_FRAMES, word[0]);
	struct mappings maps = { .mm = any ? find_mm(word[1], task) : NULL };

	maps.locked = maps.mm && mmap_read_trylock(maps.mm);
	return maps;
}

static void put_mappings(const struct mappings *maps)
{
	if (maps->locked)
		mmap_read_unlock(maps->mm);
	if (maps->mm)
		mmput(maps->mm);
}

static const u64 *user_frames(const u64 *word)
{
	return word + KEY_HEADER_WORDS + FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
}

static void show_user(struct seq_file *m, const u64 *word, u64 task)
{
	const struct mappings maps = take_mappings(word, task);
	unsigned int n = FIELD_GET(KEY_USER_FRAMES, word[0]);
	bool running = word[0] & KEY_USER_RUNNING;
	unsigned int i;

	if (running)
		seq_puts(m, "        user: (running)\n");
	for (i = 0; i < n; i++) {
		seq_puts(m, "        user: ");
		print_user_frame(m, maps.locked ? maps.mm : NULL,
				 user_frames(word)[i]);
		seq_putc(m, '\n');
	}
	put_mappings(&maps);
	if (word[0] & KEY_USER_TRUNCATED)
		seq_puts(m, "        user: (truncated)\n");
	else if (n == !running)
		seq_puts(m, "        user: (no frame pointer)\n");
}

/**
 * perftop_frames_show() - Print the frames of a key, one a line
 * @m: the file
 * @word: the key's words
 * @task: thread id, process id above it: where to look for the names of the
 *	mapped files. They are printed while the process that was captured is
 *	still there; the bare address is printed afterwards.
 *
 * Context: process context, may sleep.
 */
void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task)
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
		show_user(m, word, task);
}

/**
 * perftop_frames_fold() - Print the frames of a key in one line
 * @m: the file
 * @word: the key's words
 * @task: as for perftop_frames_show()
 *
 * The outermost comes first, and each is led by a semicolon. Kernel functions
 * have no offsets, so that what a function took is one piece of a flame graph.
 *
 * Context: process context, may sleep.
 */
void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task)
{
	const struct mappings maps = take_mappings(word, task);
	unsigned int i;

	for (i = FIELD_GET(KEY_USER_FRAMES, word[0]); i--; ) {
		seq_putc(m, ';');
		print_user_frame(m, maps.locked ? maps.mm : NULL,
				 user_frames(word)[i]);
	}
	put_mappings(&maps);
	for (i = FIELD_GET(KEY_KERNEL_FRAMES, word[0]); i--; ) {
		seq_putc(m, ';');
		print_kernel_frame(m, word[KEY_HEADER_WORDS + i], false);
	}
}
