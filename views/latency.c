// SPDX-License-Identifier: GPL-2.0
/*
 * The latencies: how long tasks wait for a CPU, how long they keep it, and how
 * often they get one, as histograms.
 *
 * wait, all tasks      count 4711   average 31.12 us   p50 ...   longest 9.313 ms
 * |     |                                              |
 * |     or those of `echo latency pid=123`             half of them were shorter
 * |     or `echo latency comm=cc`
 * wait:   from being runnable to running; "waiting 2, longest 4.112 s" behind it
 *         of those that have not ended, which are in no bar yet
 * held:   how much of a wait the CPU was idle, though the task was queued there
 * slice:  from getting the CPU to leaving it
 * period: from getting a CPU to getting one the next time
 *
 *      1.024 us ..  2.047 us       2311 |@@@@@@@@@@@@@@@@@@@@               |
 *      |                           |     |
 *      at least, at most           how many: the longest bar is the most
 *
 * A percentile is exact to an eighth of a power of two, below 16 ns to the ns: what
 * is printed is the end of the eighth that it lies in. A wait is counted when the
 * slice that follows it ends. The idle task has none of these.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/tsc.h>

#include "engine/merged_records.h"
#include "engine/open_waits.h"
#include "engine/table.h"
#include "engine/view.h"
#include "engine/words.h"
#include "hash.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"

enum kind {
	WAIT,
	HELD,
	SLICE,
	PERIOD,
	KINDS
};

/* Whose: everybody's, and those that were asked for. */
enum scope {
	ALL,
	SOME,
	SCOPES
};

/*
 * A row is a power of two, its first counters the eighths of it. Times are in ns:
 * row 0 has those below 8, row 1 the 8 from there on, each by itself, row 2 the 16
 * from 16 on, and so forth. Those of 2^(ROWS + 2) and more count as the last.
 */
#define ROWS		42
#define EIGHTHS		8
#define EIGHTHS_BITS	3

enum counter {
	SUM = EIGHTHS,		/* ns */
	MAX,			/* ns */
	COUNTERS
};

static const u8 merge[COUNTERS] = {
	[0 ... EIGHTHS - 1]	= PERFTOP_SUM,
	[SUM]			= PERFTOP_SUM,
	[MAX]			= PERFTOP_MAX,
};

/* The key is scope, kind and power of two in one number. */
static struct perftop_table table = {
	.name		= "latency",
	.merge		= merge,
	.counters	= COUNTERS,
	.rank		= MAX,
	.key_words	= 1,
};

#define KEYS	(SCOPES * KINDS * ROWS)

static_assert(ilog2(EIGHTHS) == EIGHTHS_BITS);

struct own_rows {
	u32	epoch;
	u32	index[KEYS];
};

static struct own_rows __percpu *own_rows;

/* ns = ticks * scale >> 32 */
static u64 scale __read_mostly;

enum by {
	BY_NOTHING,		/* nobody */
	BY_ID,
	BY_NAME,
};

/* Whom the view may be asked for. */
struct target {
	u64	by;
	u64	pid;
	char	comm[TASK_COMM_LEN];
};

static_assert(sizeof(struct target) == PERFTOP_NOTE_WORDS * sizeof(u64));

/* Whom it was asked for. Not changed while the view is on. */
static struct target target;

static noinline __kprobes void find_row(struct perftop_cpu *c, u32 *index,
					u64 key)
{
	*index = perftop_view_index(c, &table, &key, 1);
}

static __always_inline void add(struct perftop_cpu *c, struct perftop_bank *bank,
				u32 *known, unsigned int block, u64 ns)
{
	unsigned int row = 0, eighth = EIGHTHS - 1, shift = 0;
	u64 *counter;
	u32 *index;

	if (likely(ns >= EIGHTHS)) {
		shift = __fls(ns) - EIGHTHS_BITS;
		row = shift + 1;
	}
	if (likely(row < ROWS))
		eighth &= ns >> shift;
	else
		row = ROWS - 1;
	index = &known[block * ROWS + row];
	if (unlikely(!*index))
		find_row(c, index, block * ROWS + row);
	counter = perftop_bank_row(bank, COUNTERS + 1, *index, c->slice.now);
	counter[eighth]++;
	counter[SUM] += ns;
	if (counter[MAX] < ns)
		counter[MAX] = ns;
}

static __always_inline void add_all(struct perftop_cpu *c,
				    struct perftop_bank *bank, u32 *known,
				    enum scope scope)
{
	const struct perftop_slice *slice = &c->slice;
	const unsigned int block = scope * KINDS;

	if (slice->waited)
		add(c, bank, known, block + WAIT, slice->wait);
	add(c, bank, known, block + SLICE,
	    mul_u64_u64_shr(slice->ticks, scale, 32));
	if (slice->period)
		add(c, bank, known, block + PERIOD, slice->period);
}

static __always_inline void add_held(struct perftop_cpu *c,
				     struct perftop_bank *bank, u32 *known,
				     enum scope scope)
{
	if (c->slice.held)
		add(c, bank, known, scope * KINDS + HELD,
		    mul_u64_u64_shr(c->slice.held, scale, 32));
}

static __always_inline bool is_whom(const struct target *asked, pid_t pid, const char *comm)
{
	switch (asked->by) {
	case BY_ID:
		return asked->pid == pid;
	case BY_NAME:
		return !strncmp(asked->comm, comm, TASK_COMM_LEN);
	default:
		return false;
	}
}

/* What few slices have, or nobody asks for, and is not to cost the others. */
static noinline __kprobes void add_more(struct perftop_cpu *c,
					struct perftop_bank *bank, u32 *known)
{
	const struct task_struct *task = c->slice.task;

	add_held(c, bank, known, ALL);
	if (!is_whom(&target, task->pid, task->comm))
		return;
	add_all(c, bank, known, SOME);
	add_held(c, bank, known, SOME);
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	struct perftop_shard *shard = table.shard[c->slice.cpu];
	struct perftop_bank *bank = &shard->bank[c->slice.bank];
	struct own_rows *own = this_cpu_ptr(own_rows);

	perftop_view_renew(c, &table, &own->epoch, own->index, KEYS);
	add_all(c, bank, own->index, ALL);
	if (unlikely(c->slice.held || target.by))
		add_more(c, bank, own->index);
}

static unsigned int limit(void)
{
	return KEYS;
}

static int start(void)
{
	scale = div_u64((u64)USEC_PER_SEC << 32, tsc_khz);
	own_rows = alloc_percpu(struct own_rows);
	return own_rows ? 0 : -ENOMEM;
}

static void stop(void)
{
	free_percpu(own_rows);
}

static int parse_value(struct target *to, const char *name, const char *value)
{
	int pid;

	if (!strcmp(name, "comm")) {
		to->by = BY_NAME;
		return strscpy(to->comm, value, sizeof(to->comm)) < 0 ?
		       -EINVAL : 0;
	}
	if (strcmp(name, "pid") || kstrtoint(value, 10, &pid) || pid <= 0)
		return -EINVAL;
	to->by = BY_ID;
	to->pid = pid;
	return 0;
}

static int parse_target(struct target *to, char *words)
{
	char *word = perftop_words_next(&words), *list, *value;

	/* It is one, and has one value. */
	if (!word || perftop_words_next(&words))
		return -EINVAL;
	if (!strcmp(word, "all"))
		return 0;
	list = perftop_words_list(word);
	if (!list || perftop_words_value(&list, &value) != 1 || *list)
		return -EINVAL;
	return parse_value(to, word, value);
}

/* The view starts over, since what it has of somebody else is in its table. */
static int set(char *words, bool check)
{
	struct target new = { 0 };

	if (parse_target(&new, words)) {
		pr_err("latency takes pid=NUMBER, comm=NAME, in quotes where it has a blank, comma or quote, or all\n");
		return -EINVAL;
	}
	if (check)
		return 0;
	perftop_view_switch(&perftop_view_latency, false);
	target = new;
	return perftop_view_switch(&perftop_view_latency, true);
}

static void note(u64 *note)
{
	memcpy(note, &target, sizeof(target));
}

/* --- Printing ------------------------------------------------------------- */

struct histogram {
	u64	count;
	u64	sum;
	u64	longest;
	u64	eighth[ROWS * EIGHTHS];
};

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	const struct target *asked = (const struct target *)snapshot->note;

	return asked->by ? SCOPES * KINDS : KINDS;
}

/* The first value of a row, or of one behind the last. */
static u64 row_begin(unsigned int row)
{
	return row ? (u64)EIGHTHS << (row - 1) : 0;
}

/* The last value of an eighth. */
static u64 eighth_end(unsigned int number)
{
	const unsigned int row = number / EIGHTHS;

	return row_begin(row) +
	       ((number % EIGHTHS + 1ULL) << (row - !!row)) - 1;
}

static void collect(struct histogram *h, const struct perftop_snapshot *snapshot,
		    unsigned int block)
{
	unsigned int i, j;

	for (i = 0; i < snapshot->rows; i++) {
		const struct perftop_row *row = &snapshot->row[i];
		unsigned int first;

		if (!row->words || row->word[0] / ROWS != block)
			continue;
		first = row->word[0] % ROWS * EIGHTHS;
		for (j = 0; j < EIGHTHS; j++) {
			h->eighth[first + j] = row->counter[j];
			h->count += row->counter[j];
		}
		h->sum += row->counter[SUM];
		h->longest = max(h->longest, row->counter[MAX]);
	}
}

static void show_percentile(struct seq_file *m, const struct histogram *h,
			    unsigned int percent)
{
	/* So many are not longer. */
	u64 n = DIV_ROUND_UP_ULL(h->count * percent, 100);
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < ARRAY_SIZE(h->eighth); i++) {
		sum += h->eighth[i];
		if (sum >= n)
			break;
	}
	seq_printf(m, "   p%u ", percent);
	perftop_print_ns(m, min(eighth_end(i), h->longest), 0);
}

static void show_target(struct seq_file *m, const struct target *asked)
{
	if (asked->by == BY_ID) {
		seq_printf(m, "pid %llu", asked->pid);
	} else {
		seq_puts(m, "comm ");
		perftop_print_name(m, asked->comm);
	}
}

/* The waits that have not ended, where there are any. */
static void show_waiting(struct seq_file *m,
			 const struct perftop_snapshot *snapshot,
			 enum scope scope)
{
	const struct target *asked = (const struct target *)snapshot->note;
	unsigned int i, n = 0;
	u64 longest = 0;

	for (i = 0; i < snapshot->waiting; i++) {
		const struct perftop_waiter *waiter = &snapshot->waiter[i];

		if (scope == SOME &&
		    !is_whom(asked, lower_32_bits(waiter->who.task),
			     (const char *)waiter->who.comm))
			continue;
		longest = max(longest, waiter->wait);
		n++;
	}
	if (!n)
		return;
	seq_printf(m, "   waiting %u, longest ", n);
	perftop_print_ns(m, longest, 0);
}

static void show_figures(struct seq_file *m, const struct histogram *h)
{
	seq_puts(m, "   average ");
	perftop_print_ns(m, div64_u64(h->sum, h->count), 0);
	show_percentile(m, h, 50);
	show_percentile(m, h, 90);
	show_percentile(m, h, 99);
	seq_puts(m, "   longest ");
	perftop_print_ns(m, h->longest, 0);
}

static void show_title(struct seq_file *m, const struct histogram *h,
		       const struct perftop_snapshot *snapshot,
		       unsigned int block)
{
	static const char *const names[] = {
		[WAIT]		= "wait",
		[HELD]		= "held",
		[SLICE]		= "slice",
		[PERIOD]	= "period",
	};

	seq_printf(m, "%s, ", names[block % KINDS]);
	if (block / KINDS == ALL)
		seq_puts(m, "all tasks");
	else
		show_target(m, (const struct target *)snapshot->note);
	seq_printf(m, "   count %llu", h->count);
	if (h->count)
		show_figures(m, h);
	if (block % KINDS == WAIT)
		show_waiting(m, snapshot, block / KINDS);
	seq_putc(m, '\n');
}

static u64 row_count(const struct histogram *h, unsigned int row)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < EIGHTHS; i++)
		sum += h->eighth[row * EIGHTHS + i];
	return sum;
}

#define BAR	40

static void show_bars(struct seq_file *m, const struct histogram *h)
{
	unsigned int row, first = ROWS, last = 0, i, length;
	u64 most = 0, count;

	for (row = 0; row < ROWS; row++) {
		count = row_count(h, row);
		if (!count)
			continue;
		first = min(first, row);
		last = row;
		most = max(most, count);
	}
	for (row = first; most && row <= last; row++) {
		count = row_count(h, row);
		/* What is there at all is seen. */
		length = DIV_ROUND_UP_ULL(count * BAR, most);
		perftop_print_ns(m, row_begin(row), 12);
		seq_puts(m, " ..");
		perftop_print_ns(m, row_begin(row + 1) - 1, 10);
		seq_printf(m, " %10llu |", count);
		for (i = 0; i < BAR; i++)
			seq_putc(m, i < length ? '@' : ' ');
		seq_puts(m, "|\n");
	}
}

/* Only where memory was so short that a CPU keeps less than all rows. */
static void show_overflow(struct seq_file *m,
			  const struct perftop_snapshot *snapshot)
{
	u64 lost = 0;
	unsigned int i, j;

	for (i = 0; i < snapshot->rows; i++)
		for (j = 0; j < EIGHTHS && !snapshot->row[i].words; j++)
			lost += snapshot->row[i].counter[j];
	if (lost)
		seq_printf(m, "[overflow] %llu are in none of these\n\n",
			   lost);
}

static void show_row(struct seq_file *m,
		     const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	struct histogram *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!number)
		show_overflow(m, snapshot);
	if (h) {
		collect(h, snapshot, number);
		show_title(m, h, snapshot, number);
		show_bars(m, h);
	} else {
		seq_puts(m, "(left out: no memory)\n");
	}
	seq_putc(m, '\n');
	kfree(h);
}

const struct perftop_view perftop_view_latency = {
	.name		= "latency",
	.what		= "histograms of waits, slices and the time between switches",
	.lacks		= PERFTOP_LACKS_WAITS,
	.cost		= "246",
	.table		= &table,
	.limit		= limit,
	.start		= start,
	.stop		= stop,
	.slice		= show_slice,
	.set		= set,
	.note		= note,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
	.wants_waiters	= true,
	.shared		= true,
};
