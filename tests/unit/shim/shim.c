// SPDX-License-Identifier: GPL-2.0
/*
 * What the fake kernel headers declare. A program gets the parts that it
 * refers to: the linker drops the others.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cache.h>
#include <linux/fs.h>
#include <linux/jhash.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>
#include <asm/msr.h>
#include <asm/unwind.h>

#include "../test.h"

/* Here the C library's. */
#undef snprintf

u32 shim_jhash_mask = ~0U;
unsigned long shim_ram_pages = 1UL << 20;
u32 shim_random = 0x9e3779b8;
struct task_struct *shim_current[SHIM_CPU_IDS];
u64 shim_clock[SHIM_CPU_IDS];
bool shim_hardirq, shim_nmi;

/* Per-CPU variables */

unsigned int shim_cpu;

/* The linker's names for the bounds of the section. */
extern char __start_percpu[] __attribute__((weak));
extern char __stop_percpu[] __attribute__((weak));

static char *percpu_area[SHIM_CPU_IDS];

static size_t percpu_size(void)
{
	return ALIGN((size_t)(__stop_percpu - __start_percpu), SMP_CACHE_BYTES);
}

void shim_percpu_reset(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		free(percpu_area[cpu]);
		percpu_area[cpu] = aligned_alloc(SMP_CACHE_BYTES,
						 percpu_size());
		memcpy(percpu_area[cpu], __start_percpu,
		       __stop_percpu - __start_percpu);
	}
}

void *shim_percpu(const void *variable, unsigned int cpu)
{
	assert_true(cpu < SHIM_CPU_IDS && shim_possible(cpu));
	return percpu_area[cpu] + ((const char *)variable - __start_percpu);
}

/* Memory */

unsigned int shim_allocated;
size_t shim_allocated_bytes;
unsigned int shim_fail_at;

/* Stands in front of each piece, and keeps its alignment. */
struct allocation {
	char	kind;
	size_t	size;
} ____cacheline_aligned;

static void *allocate(size_t size, char kind)
{
	struct allocation *a;

	if (shim_fail_at && !--shim_fail_at)
		return NULL;
	a = aligned_alloc(SMP_CACHE_BYTES,
			  ALIGN(sizeof(*a) + size, SMP_CACHE_BYTES));
	assert_non_null(a);
	a->kind = kind;
	a->size = size;
	shim_allocated++;
	shim_allocated_bytes += size;
	return memset(a + 1, 0, size);
}

static void release(const void *memory, char kind)
{
	struct allocation *a;

	if (!memory)
		return;
	a = (struct allocation *)memory - 1;
	assert_int_equal(a->kind, kind);
	shim_allocated--;
	shim_allocated_bytes -= a->size;
	free(a);
}

void *shim_kzalloc(size_t size)
{
	return allocate(size, 'k');
}

void *shim_vzalloc(size_t size)
{
	return allocate(size, 'v');
}

void kfree(const void *memory)
{
	release(memory, 'k');
}

void vfree(const void *memory)
{
	release(memory, 'v');
}

/* Symbols */

const struct shim_symbol *shim_symbols;
unsigned int shim_lookups;
struct module shim_module;

/* @back: 1 for a return address, whose call lies in front of it. */
static void print_symbol(char *buf, size_t size, unsigned long addr, int back)
{
	const struct shim_symbol *s;

	shim_lookups++;
	for (s = shim_symbols; s && s->size; s++)
		if (addr - back - s->start < s->size)
			break;
	if (!s || !s->size) {
		snprintf(buf, size, "0x%lx", addr);
		return;
	}
	snprintf(buf, size, "%s+0x%lx/0x%lx%s%s%s", s->name, addr - s->start,
		 s->size, s->module ? " [" : "", s->module ? s->module : "",
		 s->module ? "]" : "");
}

int sprint_symbol(char *buf, unsigned long addr)
{
	print_symbol(buf, KSYM_SYMBOL_LEN, addr, 0);
	return strlen(buf);
}

/* Printing */

/* What one conversion of the kernel's prints: %pS, %pB, or %pD. */
static void print_pointer(char *buf, size_t size, char kind, void *pointer)
{
	if (kind == 'D')
		snprintf(buf, size, "%s", ((struct file *)pointer)->name);
	else
		print_symbol(buf, size, (unsigned long)pointer, kind == 'B');
}

/* One conversion as the C library knows it. */
static void print_plain(char *buf, size_t size, const char *conversion,
			va_list *args)
{
	const char kind = conversion[strlen(conversion) - 1];

	if (kind == 's')
		snprintf(buf, size, conversion, va_arg(*args, char *));
	else if (strchr(conversion, 'l') || strchr(conversion, 'z'))
		snprintf(buf, size, conversion, va_arg(*args, long));
	else
		snprintf(buf, size, conversion, va_arg(*args, int));
}

int shim_vsnprintf(char *buf, size_t size, const char *fmt, va_list given)
{
	char conversion[16], piece[1024];
	size_t length = 0, n;
	va_list args;

	va_copy(args, given);
	for (; *fmt; fmt += n) {
		n = 1;
		if (*fmt == '%') {
			n = strcspn(fmt + 1, "cdusxpX%") + 2;
			assert_true(n < sizeof(conversion));
		}
		memcpy(conversion, fmt, n);
		conversion[n] = '\0';
		if (n > 1 && fmt[n - 1] == 'p')
			print_pointer(piece, sizeof(piece), fmt[n++],
				      va_arg(args, void *));
		else if (n > 1 && fmt[n - 1] != '%')
			print_plain(piece, sizeof(piece), conversion, &args);
		else
			strcpy(piece, n > 1 ? "%" : conversion);
		if (length < size)
			snprintf(buf + length, size - length, "%s", piece);
		length += strlen(piece);
	}
	va_end(args);
	return length;
}

int shim_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = shim_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return length;
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	m->length += shim_vsnprintf(m->text + m->length,
				    sizeof(m->text) - m->length, fmt, args);
	va_end(args);
	assert_true(m->length < sizeof(m->text));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_printf(m, "%c", c);
}

void seq_puts(struct seq_file *m, const char *text)
{
	seq_printf(m, "%s", text);
}

unsigned int shim_logged;

void shim_log(const char *fmt, ...)
{
	assert_non_null(strchr(fmt, '\n'));
	shim_logged++;
}

/* Tasks and their memory */

struct task_struct **shim_tasks;

struct task_struct *shim_find_task(pid_t nr)
{
	struct task_struct **task;

	for (task = shim_tasks; task && *task; task++)
		if ((*task)->pid == nr)
			return *task;
	return NULL;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;

	/* The kernel wants the lock for this. */
	assert_true(mm->readers);
	for (vma = mm->vma; vma && vma->vm_end; vma++)
		if (addr < vma->vm_end)
			return vma;
	return NULL;
}

const struct shim_mapping *shim_mappings;
unsigned int shim_user_reads;
unsigned int shim_user_faults;

int shim_user_sections;

bool shim_read_user(void *to, unsigned long from, size_t size)
{
	const struct shim_mapping *m;

	/* Page faults disabled, access enabled, once each. */
	assert_int_equal(shim_user_sections, 0x101);
	for (m = shim_mappings; m && m->size; m++) {
		if (from < m->start || size > m->size ||
		    from - m->start > m->size - size)
			continue;
		memcpy(to, m->memory + (from - m->start), size);
		shim_user_reads++;
		return true;
	}
	shim_user_faults++;
	return false;
}

/* Kernel stacks */

const struct shim_rule *shim_rules;
struct pt_regs shim_unwind_from;
bool shim_unwind_error;
unsigned long shim_stack_end;
unsigned long shim_loader;

static bool on_stack(unsigned long at)
{
	const unsigned long low = (unsigned long)task_stack_page(current);

	return !(at % sizeof(long)) && at - low <= THREAD_SIZE - sizeof(long);
}

static bool read_stack(struct unwind_state *state, unsigned long at,
		       unsigned long *value)
{
	if (!on_stack(at)) {
		state->error = true;
		state->done = true;
		return false;
	}
	*value = *(unsigned long *)at;
	return true;
}

static const struct shim_rule *find_rule(unsigned long ip)
{
	const struct shim_rule *rule;

	for (rule = shim_rules; rule->size; rule++)
		if (ip - rule->start < rule->size)
			return rule;
	return NULL;
}

static bool step_regs(struct unwind_state *state)
{
	state->regs = (struct pt_regs *)state->sp;
	if (!on_stack(state->sp) || !on_stack((unsigned long)&state->regs[1] -
					      sizeof(long))) {
		state->error = true;
		state->done = true;
		return false;
	}
	state->ip = state->regs->ip;
	state->bp = state->regs->bp;
	state->sp = state->regs->sp;
	return true;
}

static bool step_call(struct unwind_state *state, const struct shim_rule *rule)
{
	unsigned long cfa = state->sp + rule->offset;
	unsigned long ip, bp = state->bp;

	if (rule->step == SHIM_FROM_BP)
		cfa = state->bp + 16;
	else if (rule->step == SHIM_FROM_WORD &&
		 !read_stack(state, state->bp - 8, &cfa))
		return false;
	if (!read_stack(state, cfa - 8, &ip))
		return false;
	/* A word by which a frame is found lies in it; only chaos differs. */
	if (rule->step == SHIM_FROM_WORD &&
	    (state->bp - 8 < state->sp || state->bp >= cfa)) {
		state->error = true;
		state->done = true;
		return false;
	}
	if (rule->step == SHIM_FROM_WORD) {
		if (!read_stack(state, state->bp, &bp))
			return false;
	} else if (rule->bp_offset &&
		   !read_stack(state, cfa - rule->bp_offset, &bp)) {
		return false;
	}
	/* The kernel's unwinder refuses to turn back, too. */
	if (cfa <= state->sp) {
		state->error = true;
		state->done = true;
		return false;
	}
	state->regs = NULL;
	state->ip = ip;
	state->sp = cfa;
	state->bp = bp;
	return true;
}

bool unwind_next_frame(struct unwind_state *state)
{
	const struct shim_rule *rule = find_rule(state->ip);

	if (state->done)
		return false;
	if ((state->regs && user_mode(state->regs)) ||
	    (rule && rule->step == SHIM_END)) {
		state->done = true;
		return false;
	}
	if (!rule) {
		state->error = true;
		state->done = true;
		return false;
	}
	if (rule->step == SHIM_REGS)
		return step_regs(state);
	if (!step_call(state, rule))
		return false;
	if (state->ip == shim_stack_end) {
		state->error = shim_unwind_error;
		state->done = true;
	}
	return !state->done;
}

void __unwind_start(struct unwind_state *state, struct task_struct *task,
		    struct pt_regs *regs, unsigned long *first)
{
	const struct pt_regs *from = regs ? regs : &shim_unwind_from;

	*state = (struct unwind_state){
		.ip = from->ip, .sp = from->sp, .bp = from->bp, .regs = regs,
	};
}

int register_kprobe(struct kprobe *probe)
{
	const struct shim_symbol *s;

	for (s = shim_symbols; s->size; s++) {
		if (strcmp(s->name, probe->symbol_name))
			continue;
		probe->addr = (void *)s->start;
		return 0;
	}
	return -ENOENT;
}

void unregister_kprobe(struct kprobe *probe)
{
	assert_non_null(probe->addr);
}
