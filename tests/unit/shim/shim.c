// SPDX-License-Identifier: GPL-2.0
/*
 * What the fake kernel headers declare. A program gets the parts that it
 * refers to: the linker drops the others.
 */
#include "../test.h"

#include <ctype.h>
#include <stdio.h>
#include <sanitizer/asan_interface.h>

#include <linux/cache.h>
#include <linux/irq_work.h>
#include <linux/jhash.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/tsc.h>
#include <asm/unwind.h>

/* Here the C library's. */
#undef snprintf

u32 shim_jhash_mask = ~0U;
unsigned long shim_ram_pages = 1UL << 20;
u32 shim_random = 0x9e3779b8;
struct task_struct *shim_current[SHIM_CPU_IDS];
u64 shim_clock[SHIM_CPU_IDS];
bool shim_hardirq, shim_nmi;
bool shim_tsc_unstable;
unsigned int shim_lacks;
struct kernel_cpustat shim_cpustat[SHIM_CPU_IDS];

/* Work for interrupts */

unsigned int shim_irq_works;

bool irq_work_queue(struct irq_work *work)
{
	const bool was = work->pending;

	shim_irq_works++;
	work->pending = true;
	return !was;
}

void shim_run_irq_work(struct irq_work *work)
{
	if (!work->pending)
		return;
	work->pending = false;
	work->func(work);
}

/* It is waited for, and meanwhile the interrupt comes. */
void irq_work_sync(struct irq_work *work)
{
	shim_run_irq_work(work);
}

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

/* Room for what is taken at run time: it begins where there is room. */
#define DYNAMIC_PIECES	16
#define DYNAMIC_BYTES	8192
static __attribute__((section("percpu"))) struct {
	char bytes[DYNAMIC_BYTES];
} dynamic[DYNAMIC_PIECES] ____cacheline_aligned;
static size_t dynamic_used[DYNAMIC_PIECES];

void *shim_alloc_percpu(size_t size)
{
	unsigned int i, cpu;

	assert_true(size <= DYNAMIC_BYTES);
	if (!percpu_area[0])
		shim_percpu_reset();
	if (shim_fail_at && !--shim_fail_at)
		return NULL;
	for (i = 0; dynamic_used[i]; i++)
		assert_true(i < DYNAMIC_PIECES - 1);
	dynamic_used[i] = num_possible_cpus() * size;
	shim_allocated_bytes += dynamic_used[i];
	for_each_possible_cpu(cpu)
		memset(shim_percpu(&dynamic[i], cpu), 0, size);
	shim_allocated++;
	return &dynamic[i];
}

void free_percpu(void *variable)
{
	unsigned int i;

	if (!variable)
		return;
	for (i = 0; variable != &dynamic[i]; i++)
		assert_true(i < DYNAMIC_PIECES - 1);
	assert_true(dynamic_used[i]);
	shim_allocated_bytes -= dynamic_used[i];
	dynamic_used[i] = 0;
	shim_allocated--;
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
	void *memory = NULL;

	if (shim_fail_at && !--shim_fail_at)
		return NULL;
	/* Its end is its end, so that what is written behind it is seen. */
	assert_int_equal(posix_memalign(&memory, SMP_CACHE_BYTES,
					sizeof(*a) + size), 0);
	a = memory;
	a->kind = kind;
	a->size = size;
	shim_allocated++;
	shim_allocated_bytes += size;
	/* What fills up the last line is nobody's. */
	ASAN_POISON_MEMORY_REGION((char *)(a + 1) + size,
				  -size % SMP_CACHE_BYTES);
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

void *shim_kvzalloc(size_t size)
{
	return allocate(size, 'V');
}

char *shim_kstrdup(const char *text)
{
	char *copy = allocate(strlen(text) + 1, 'k');

	return copy ? strcpy(copy, text) : NULL;
}

char *shim_kmemdup_nul(const char *text, size_t length)
{
	char *copy = allocate(length + 1, 'k');

	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void kvfree(const void *memory)
{
	release(memory, 'V');
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

/* %*pbl: "0-2,5" */
static void print_list(char *buf, size_t size, unsigned int bits,
		       const unsigned long *words)
{
	unsigned int i, end;
	size_t length = 0;

	buf[0] = '\0';
	for (i = 0; i < bits; i = end + 1) {
		end = i;
		if (!(words[i / 64] >> i % 64 & 1))
			continue;
		while (end + 1 < bits &&
		       words[(end + 1) / 64] >> (end + 1) % 64 & 1)
			end++;
		length += snprintf(buf + length, size - length,
				   end > i ? "%s%u-%u" : "%s%u",
				   length ? "," : "", i, end);
	}
}

/* Up to the conversion's last letter, with the width that an argument says. */
static size_t copy_conversion(char *conversion, const char *fmt, int *width,
			      va_list *args)
{
	const size_t n = strcspn(fmt + 1, "cdusxpX%") + 2;
	size_t i;

	for (i = 0; i < n; i++) {
		if (fmt[i] == '*') {
			*width = va_arg(*args, int);
			conversion += sprintf(conversion, "%d", *width);
		} else {
			*conversion++ = fmt[i];
		}
	}
	*conversion = '\0';
	return n;
}

int shim_vsnprintf(char *buf, size_t size, const char *fmt, va_list given)
{
	char conversion[32], piece[1024];
	size_t length = 0, n;
	int width = 0;
	va_list args;

	va_copy(args, given);
	for (; *fmt; fmt += n) {
		n = 1;
		conversion[0] = *fmt;
		conversion[1] = '\0';
		if (*fmt == '%')
			n = copy_conversion(conversion, fmt, &width, &args);
		if (n > 1 && !strncmp(fmt + n - 1, "pbl", 3)) {
			print_list(piece, sizeof(piece), width,
				   va_arg(args, unsigned long *));
			n += 2;
		} else if (n > 1 && fmt[n - 1] == 'p') {
			/* %pS, or %pB of a return address. */
			print_symbol(piece, sizeof(piece),
				     va_arg(args, unsigned long),
				     fmt[n++] == 'B');
		} else if (n > 1 && fmt[n - 1] != '%') {
			print_plain(piece, sizeof(piece), conversion, &args);
		} else {
			strcpy(piece, n > 1 ? "%" : conversion);
		}
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

int shim_scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = shim_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return min_t(int, length, size - 1);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	m->size = sizeof(m->text);
	va_start(args, fmt);
	m->count += shim_vsnprintf(m->text + m->count,
				   sizeof(m->text) - m->count, fmt, args);
	va_end(args);
	assert_true(m->count < sizeof(m->text));
}

int seq_write(struct seq_file *m, const void *data, size_t length)
{
	assert_true(m->count + length < sizeof(m->text));
	memcpy(m->text + m->count, data, length);
	m->count += length;
	m->text[m->count] = '\0';
	return 0;
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

char shim_last_logged[256];

void shim_log(const char *fmt, ...)
{
	va_list args;

	assert_non_null(strchr(fmt, '\n'));
	va_start(args, fmt);
	shim_vsnprintf(shim_last_logged, sizeof(shim_last_logged), fmt, args);
	va_end(args);
	shim_logged++;
}

/* Words and numbers */

/* A number from @min to @max; as the kernel takes it, "+1\n" is one. */
static int parse_number(const char *text, unsigned int base, long long min,
			long long max, long long *value)
{
	const char first = text[*text == '+' || (*text == '-' && min < 0)];
	char *end;

	if (base == 16 ? !isxdigit(first) : !isdigit(first))
		return -EINVAL;
	errno = 0;
	*value = strtoll(text, &end, base);
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	return errno || *value < min || *value > max ? -ERANGE : 0;
}

int kstrtoint(const char *text, unsigned int base, int *value)
{
	long long number;
	int err = parse_number(text, base, INT32_MIN, INT32_MAX, &number);

	if (!err)
		*value = number;
	return err;
}

int kstrtou32(const char *text, unsigned int base, u32 *value)
{
	long long number;
	int err = parse_number(text, base, 0, UINT32_MAX, &number);

	if (!err)
		*value = number;
	return err;
}

int kstrtos64(const char *text, unsigned int base, s64 *value)
{
	long long number;
	int err = parse_number(text, base, INT64_MIN, INT64_MAX, &number);

	if (!err)
		*value = number;
	return err;
}

/* What the kernel takes for yes and no begins so. */
int kstrtobool(const char *text, bool *value)
{
	if (!*text || !strchr("yYtT1nNfF0", *text))
		return -EINVAL;
	*value = strchr("yYtT1", *text);
	return 0;
}

int match_string(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && names[i]; i++)
		if (!strcmp(names[i], name))
			return i;
	return -EINVAL;
}

char *strim(char *text)
{
	size_t length = strlen(text);

	while (length && isspace(text[length - 1]))
		text[--length] = '\0';
	while (isspace(*text))
		text++;
	return text;
}

int cpulist_parse(const char *list, struct cpumask *mask)
{
	unsigned int first, last;
	int n;

	mask->bits = 0;
	do {
		if (sscanf(list, "%u%n", &first, &n) != 1)
			return -EINVAL;
		list += n;
		last = first;
		if (*list == '-') {
			if (sscanf(list, "-%u%n", &last, &n) != 1)
				return -EINVAL;
			list += n;
		}
		if (last >= nr_cpu_ids || first > last)
			return -ERANGE;
		for (; first <= last; first++)
			mask->bits |= 1UL << first;
	} while (*list++ == ',');
	return list[-1] ? -EINVAL : 0;
}

/* What a comparison says of two is the opposite of what it says of them turned. */
static int compare_both(int (*compare)(const void *a, const void *b,
				       const void *priv),
			const void *a, const void *b, const void *priv)
{
	const int result = compare(a, b, priv), turned = compare(b, a, priv);

	assert_int_equal(result > 0, turned < 0);
	assert_int_equal(result < 0, turned > 0);
	return result;
}

bool shim_sort_mixes;

/* Sorting by insertion, equal ones in reverse, or mixed. */
void sort_r(void *base, size_t n, size_t size,
	    int (*compare)(const void *a, const void *b, const void *priv),
	    void *swap, const void *priv)
{
	char piece[256];
	size_t i, j, k;

	assert_true(size <= sizeof(piece));
	for (i = 1; i < n; i++) {
		memcpy(piece, base + i * size, size);
		for (j = i; j && compare_both(compare, base + (j - 1) * size,
					      piece, priv) >= 0; j--)
			;
		k = j;
		while (shim_sort_mixes && k < i &&
		       !compare(base + k * size, piece, priv))
			k++;
		j += (k - j + 1) / 2;
		memmove(base + (j + 1) * size, base + j * size,
			(i - j) * size);
		memcpy(base + j * size, piece, size);
	}
}

static int compare_two(const void *a, const void *b, const void *compare)
{
	return (*(int (*const *)(const void *, const void *))compare)(a, b);
}

void sort(void *base, size_t n, size_t size,
	  int (*compare)(const void *a, const void *b), void *swap)
{
	sort_r(base, n, size, compare_two, swap, &compare);
}

/* Tasks and their memory */

struct task_struct **shim_tasks;
pid_t shim_lone_pid;

struct task_struct *shim_find_task(pid_t nr)
{
	struct task_struct **task;

	for (task = shim_tasks; task && *task; task++)
		if ((*task)->pid == nr && nr != shim_lone_pid)
			return *task;
	return NULL;
}

struct pid_namespace init_pid_ns;

void *idr_get_next(struct idr *idr, int *id)
{
	struct task_struct **task, *next = NULL;

	for (task = shim_tasks; task && *task; task++)
		if ((*task)->pid >= *id && (!next || (*task)->pid < next->pid))
			next = *task;
	if (!next)
		return NULL;
	*id = next->pid;
	return find_pid_ns(*id, &init_pid_ns);
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
unsigned long shim_unwind_above;
unsigned long shim_trampoline;
unsigned long shim_replaced;
bool shim_unwind_error;
unsigned long shim_stack_end;
unsigned long shim_other_stacks[2];

static bool on_stack(unsigned long at)
{
	const unsigned long low = (unsigned long)task_stack_page(current);

	if (at % sizeof(long))
		return false;
	return at - low <= THREAD_SIZE - sizeof(long) ||
	       (at >= shim_other_stacks[0] && at < shim_other_stacks[1]);
}

/* The task's, or any other. */
static bool are_on_one_stack(unsigned long a, unsigned long b)
{
	const unsigned long low = (unsigned long)task_stack_page(current);

	return (a - low < THREAD_SIZE) == (b - low < THREAD_SIZE);
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
	state->full_regs = true;
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
	/*
	 * A word by which a frame is found lies in it, below the saved bp and a
	 * copy of the return address; only chaos differs.
	 */
	if (rule->step == SHIM_FROM_WORD &&
	    are_on_one_stack(cfa, state->sp) &&
	    (state->bp - 8 < state->sp || state->bp >= cfa - 16)) {
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
	/* The kernel's unwinder refuses to turn back on a stack, too. */
	if (cfa <= state->sp && are_on_one_stack(cfa, state->sp)) {
		state->error = true;
		state->done = true;
		return false;
	}
	state->regs = NULL;
	state->ip = shim_trampoline && ip == shim_trampoline ? shim_replaced :
							      ip;
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
	shim_unwind_above = (unsigned long)first;
	/*
	 * Without registers it begins with the first frame above that place; an
	 * address on the test's own stack tells nothing.
	 */
	while (!regs && !state->done && on_stack((unsigned long)first) &&
	       state->sp <= (unsigned long)first)
		unwind_next_frame(state);
}

struct kprobe *shim_kprobes[SHIM_KPROBES];
unsigned int shim_kprobes_n;
unsigned int shim_kprobes_armed;
const char *shim_kprobe_refused;
int shim_kprobe_error;

int register_kprobe(struct kprobe *probe)
{
	const struct shim_symbol *s;

	/* A name or an address, and no flag that is the kernel's own. */
	assert_null(probe->addr);
	assert_int_equal(probe->flags & ~KPROBE_FLAG_DISABLED, 0);
	for (s = shim_symbols; s->size; s++) {
		if (strcmp(s->name, probe->symbol_name))
			continue;
		if (shim_kprobe_refused &&
		    !strcmp(shim_kprobe_refused, probe->symbol_name))
			return shim_kprobe_error;
		assert_true(shim_kprobes_n < SHIM_KPROBES);
		shim_kprobes[shim_kprobes_n++] = probe;
		probe->addr = (void *)s->start;
		shim_kprobes_armed += !probe->flags;
		return 0;
	}
	/* What is left after a failure is the kernel's. */
	probe->addr = (void *)1;
	probe->flags = ~0U;
	return -ENOENT;
}

/* The last is the first to go. */
void unregister_kprobe(struct kprobe *probe)
{
	assert_non_null(probe->addr);
	assert_true(shim_kprobes_n);
	assert_ptr_equal(shim_kprobes[--shim_kprobes_n], probe);
}

/* --- linux/thread_info.h --------------------------------------------------- */

bool shim_in_ia32_syscall;
