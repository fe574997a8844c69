// SPDX-License-Identifier: GPL-2.0
/*
 * The latencies: how long tasks wait for a CPU, how long they keep it, and how
 * often they get one, as histograms.
 *
 * wait, all tasks      count 4711   average 31.12 us   p50 ...   longest 9.313 ms
 * |     |                                              |
 * |     or those of `echo latency pid=123`             half of them were shorter
 * |     or `echo latency comm=cc`
 * wait:   from being runnable to running
 * slice:  from getting the CPU to leaving it
 * period: from getting a CPU to getting one the next time
 *
 *      1.024 us ..  2.047 us       2311 |@@@@@@@@@@@@@@@@@@@@               |
 *      |                           |     |
 *      at least, at most           how many: the longest bar is the most
 *
 * A percentile is exact to an eighth of a power of two: what is printed is the
 * end of the eighth that it lies in. A wait is counted when the slice that
 * follows it ends. The idle task has none of the three.
 */
#include <linux/bitops.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/tsc.h>

#include "../view.h"

enum kind {
	WAIT,
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
 * A row is a power of two, its first counters the eighths of it. Times are in
 * ns, and those of 2^OCTAVES and more count as the last.
 */
#define OCTAVES		44
#define FIRST_OCTAVE	3
#define EIGHTHS		8

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

#define KEYS	(SCOPES * KINDS * OCTAVES)

static_assert(ilog2(EIGHTHS) == FIRST_OCTAVE);

struct own_rows {
	u32	epoch;
	u32	index[KEYS];
};

static DEFINE_PER_CPU(struct own_rows, own_rows);

/* ns = ticks * scale >> 32 */
static u64 scale __read_mostly;

/* Who was asked for: 0 and "" for nobody. Not changed while the view is on. */
static struct {
	pid_t	pid;
	char	comm[TASK_COMM_LEN];
} target;

static noinline __kprobes void find_row(struct perftop_cpu *c, u32 *index,
					u64 key)
{
	*index = perftop_view_index(c, &table, &key, 1);
}

static __always_inline void add(struct perftop_cpu *c, struct perftop_bank *bank,
				u32 *known, unsigned int block, u64 ns)
{
	/* What is below 8 ns is in the first octave with what is not. */
	unsigned int octave = fls64(ns | EIGHTHS) - 1;
	unsigned int eighth = EIGHTHS - 1;
	u64 *counter;
	u32 *index;

	if (likely(octave < OCTAVES))
		eighth &= ns >> (octave - FIRST_OCTAVE);
	else
		octave = OCTAVES - 1;
	index = &known[block * OCTAVES + octave];
	if (unlikely(!*index))
		find_row(c, index, block * OCTAVES + octave);
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

static __always_inline bool is_target(const struct task_struct *task)
{
	if (target.pid)
		return target.pid == task->pid;
	return target.comm[0] &&
	       !strncmp(target.comm, task->comm, TASK_COMM_LEN);
}

static __kprobes void show_slice(struct perftop_cpu *c)
{
	struct perftop_shard *shard = table.shard[c->slice.cpu];
	struct perftop_bank *bank = &shard->bank[c->slice.bank];
	struct own_rows *own = this_cpu_ptr(&own_rows);
	u32 epoch = READ_ONCE(shard->epoch);

	if (unlikely(own->epoch != epoch)) {
		memset(own->index, 0, sizeof(own->index));
		own->epoch = epoch;
	}
	add_all(c, bank, own->index, ALL);
	if (unlikely(is_target(c->slice.task)))
		add_all(c, bank, own->index, SOME);
}

static unsigned int limit(void)
{
	return KEYS;
}

static int start(void)
{
	scale = div_u64((u64)USEC_PER_SEC << 32, tsc_khz);
	return 0;
}

/* The view starts over, since what it has of somebody else is in its table. */
static int set(char *words)
{
	char comm[TASK_COMM_LEN] = "";
	int err = 0, pid = 0;

	if (!strncmp(words, "pid=", 4))
		err = kstrtoint(words + 4, 10, &pid) || pid <= 0;
	else if (!strncmp(words, "comm=", 5))
		err = !words[5] || strscpy(comm, words + 5, sizeof(comm)) < 0;
	else
		err = strcmp(words, "all");
	if (err) {
		pr_err("latency %s: give pid=NUMBER, comm=NAME, or all\n",
		       words);
		return -EINVAL;
	}
	perftop_view_switch(&perftop_view_latency, false);
	target.pid = pid;
	memcpy(target.comm, comm, sizeof(comm));
	return perftop_view_switch(&perftop_view_latency, true);
}

/* --- Printing ------------------------------------------------------------- */

struct histogram {
	u64	count;
	u64	sum;
	u64	longest;
	u64	eighth[OCTAVES * EIGHTHS];
};

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	return target.pid || target.comm[0] ? SCOPES * KINDS : KINDS;
}

/* The last value of an eighth. */
static u64 eighth_end(unsigned int number)
{
	unsigned int octave = number / EIGHTHS;
	u64 eighth = number % EIGHTHS;

	return ((eighth + EIGHTHS + 1) << (octave - FIRST_OCTAVE)) - 1;
}

static void collect(struct histogram *h, const struct perftop_snapshot *snapshot,
		    unsigned int block)
{
	unsigned int i, j;

	for (i = 0; i < snapshot->rows; i++) {
		const struct perftop_row *row = &snapshot->row[i];
		unsigned int octave;

		if (!row->words || row->word[0] / OCTAVES != block)
			continue;
		octave = row->word[0] % OCTAVES;
		for (j = 0; j < EIGHTHS; j++) {
			h->eighth[octave * EIGHTHS + j] = row->counter[j];
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

static void show_title(struct seq_file *m, const struct histogram *h,
		       unsigned int block)
{
	static const char *const names[] = {
		[WAIT]		= "wait",
		[SLICE]		= "slice",
		[PERIOD]	= "period",
	};

	seq_printf(m, "%s, ", names[block % KINDS]);
	if (block / KINDS == ALL) {
		seq_puts(m, "all tasks");
	} else if (target.pid) {
		seq_printf(m, "pid %d", target.pid);
	} else {
		seq_puts(m, "comm ");
		perftop_print_name(m, target.comm);
	}
	seq_printf(m, "   count %llu", h->count);
	if (!h->count) {
		seq_putc(m, '\n');
		return;
	}
	seq_puts(m, "   average ");
	perftop_print_ns(m, div64_u64(h->sum, h->count), 0);
	show_percentile(m, h, 50);
	show_percentile(m, h, 90);
	show_percentile(m, h, 99);
	seq_puts(m, "   longest ");
	perftop_print_ns(m, h->longest, 0);
	seq_putc(m, '\n');
}

static u64 octave_count(const struct histogram *h, unsigned int octave)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < EIGHTHS; i++)
		sum += h->eighth[octave * EIGHTHS + i];
	return sum;
}

#define BAR	40

static void show_bars(struct seq_file *m, const struct histogram *h)
{
	unsigned int octave, first = OCTAVES, last = 0, i, length;
	u64 most = 0, count;

	for (octave = 0; octave < OCTAVES; octave++) {
		count = octave_count(h, octave);
		if (!count)
			continue;
		first = min(first, octave);
		last = octave;
		most = max(most, count);
	}
	for (octave = first; most && octave <= last; octave++) {
		count = octave_count(h, octave);
		/* What is there at all is seen. */
		length = DIV_ROUND_UP_ULL(count * BAR, most);
		perftop_print_ns(m, octave == FIRST_OCTAVE ? 0 : 1ULL << octave,
				 12);
		seq_puts(m, " ..");
		perftop_print_ns(m, (2ULL << octave) - 1, 10);
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
		show_title(m, h, number);
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
	.cost		= "253",
	.table		= &table,
	.limit		= limit,
	.start		= start,
	.slice		= show_slice,
	.set		= set,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
};
