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

static void show_kernel_frame(struct seq_file *m, u64 frame)
{
	bool struck = !(frame & INTERRUPTED);
	void *addr = (void *)(unsigned long)(frame | INTERRUPTED);
	char symbol[KSYM_SYMBOL_LEN];
	char *slash, *module;

	snprintf(symbol, sizeof(symbol), struck ? "%pS" : "%pB", addr);

	/* "name+0x12/0x34 [module]": the size says nothing to a reader. */
	slash = strchr(symbol, '/');
	module = slash ? strchr(slash, ' ') : NULL;
	if (slash)
		*slash = '\0';
	seq_printf(m, "        %s%s\n", symbol, module ? module : "");
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

/**
 * perftop_frames_show_name() - Print a name that anybody may have chosen
 * @m: the file
 * @name: a command's or a file's
 *
 * What could move a terminal's cursor, or look like another line or column, is
 * shown as ?.
 *
 * Context: process context.
 */
void perftop_frames_show_name(struct seq_file *m, const char *name)
{
	for (; *name; name++)
		seq_putc(m, *name > ' ' && *name <= '~' ? *name : '?');
}

static void show_user_frame(struct seq_file *m, struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma = mm ? find_vma(mm, addr) : NULL;
	const char *name = "[anon]";
	char file[256];
	u64 offset;

	if (!vma || addr < vma->vm_start) {
		seq_printf(m, "        user: 0x%llx\n", addr);
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
	seq_puts(m, "        user: ");
	perftop_frames_show_name(m, name);
	seq_printf(m, "+0x%llx\n", offset);
}

static void show_user(struct seq_file *m, const u64 *word, u64 task)
{
	const u64 *frame = word + KEY_HEADER_WORDS +
			   FIELD_GET(KEY_KERNEL_FRAMES, word[0]);
	unsigned int n = FIELD_GET(KEY_USER_FRAMES, word[0]);
	bool running = word[0] & KEY_USER_RUNNING;
	struct mm_struct *mm = n ? find_mm(word[1], task) : NULL;
	bool locked = mm && mmap_read_trylock(mm);
	unsigned int i;

	if (running)
		seq_puts(m, "        user: (running)\n");
	for (i = 0; i < n; i++)
		show_user_frame(m, locked ? mm : NULL, frame[i]);
	if (locked)
		mmap_read_unlock(mm);
	if (mm)
		mmput(mm);
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

	for (i = 0; i < n; i++)
		show_kernel_frame(m, word[KEY_HEADER_WORDS + i]);
	if (word[0] & KEY_KERNEL_TRUNCATED)
		seq_puts(m, "        (truncated)\n");
	if (word[0] & KEY_USER)
		show_user(m, word, task);
}
