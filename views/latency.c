// SPDX-License-Identifier: GPL-2.0
/*
 * The latencies: how long tasks wait for a CPU, how long they keep it, and how
 * often they get one, as histograms.
 *
 * wait, all tasks   count 4711   average 31.12 us   p50 ...   longest 9.313 ms
 *       |
 *       or those of `echo latency pid=123` or `echo latency comm=cc`; "waiting 2,
 *       longest 4.112 s" behind it: of waits that have not ended, in no bar yet
 *
 * A percentile is exact to an eighth of a power of two, below 16 ns to the ns: what
 * is printed is the end of the eighth that it lies in. A wait is counted when the
 * slice that follows it ends. The idle task has none of these.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <asm/tsc.h>

#include "engine/open_waits.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_histogram.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "proc/values.h"

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

PERFTOP_COUNTERS(PERFTOP_COUNTERS_OF_OCTAVES);

/* The key is scope and kind in one number, and the octave. */
static struct perftop_table table = {
	.name		= "latency",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= LONGEST,
	.key_words	= 2,
	.histogram	= true,
};

static struct perftop_octave_rows __percpu *own_rows;

/* ns = ticks * scale >> 32 */
static u64 scale __read_mostly;

/* As the words that ask for it. */
enum by {
	BY_NOTHING,		/* nobody */
	BY_ID,
	BY_NAME,
	BY_ALL,			/* nobody either */
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

static __always_inline void add(struct perftop_cpu *c, struct perftop_bank *bank,
				u32 *known, unsigned int block, u64 ns)
{
	perftop_octave_add(c, &table, bank, known, block, ns);
}

static __always_inline void add_all(struct perftop_cpu *c, struct perftop_bank *bank,
				    u32 *known, enum scope scope)
{
	const struct perftop_slice *slice = &c->slice;
	const unsigned int block = scope * KINDS;

	if (slice->waited)
		add(c, bank, known, block + WAIT, slice->wait);
	add(c, bank, known, block + SLICE, mul_u64_u64_shr(slice->length, scale, 32));
	if (slice->period)
		add(c, bank, known, block + PERIOD, slice->period);
}

static __always_inline void add_held(struct perftop_cpu *c, struct perftop_bank *bank,
				     u32 *known, enum scope scope)
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
	struct perftop_bank *bank = perftop_view_bank(&table, &c->slice);
	u32 *known = perftop_octave_rows_known(c, &table, own_rows, SCOPES * KINDS);

	add_all(c, bank, known, ALL);
	if (unlikely(c->slice.held || target.by))
		add_more(c, bank, known);
}

static unsigned int limit(void)
{
	return SCOPES * KINDS * PERFTOP_OCTAVES;
}

static int start(void)
{
	scale = perftop_view_scale();
	own_rows = perftop_octave_rows_alloc(SCOPES * KINDS);
	return own_rows ? 0 : -ENOMEM;
}

static void stop(void)
{
	free_percpu(own_rows);
}

enum word {
	PID,
	COMM,
	EVERYBODY,
};

static const struct perftop_word words[] = {
	[PID]	= { "pid", "of one thread as well", PERFTOP_WORD_NUMBER,
		    .min = 1, .max = INT_MAX, .most = 1 },
	[COMM]	= { "comm", "of threads of this name as well", PERFTOP_WORD_NAME,
		    .most = 1 },
	[EVERYBODY] = { "all", "of all of them alone", PERFTOP_WORD_ALONE },
	{ }
};

/* One of them alone. */
static int take(void *to, unsigned int word, const struct perftop_word_value *value)
{
	struct target *asked = to;

	if (asked->by)
		return -EINVAL;
	asked->by = word + BY_ID;
	asked->pid = value->number;
	if (word == COMM)
		strscpy(asked->comm, value->text, TASK_COMM_LEN);
	return 0;
}

/* The view starts over, since what it has of somebody else is in its table. */
static int set(char *said, bool check)
{
	struct target new = { 0 };

	if (perftop_words_parse(words, said, take, &new) || !new.by) {
		perftop_words_refuse(perftop_view_latency.name, words);
		return -EINVAL;
	}
	if (check)
		return 0;
	if (new.by == BY_ALL)
		new.by = BY_NOTHING;
	perftop_view_switch(&perftop_view_latency, false);
	target = new;
	return perftop_view_switch(&perftop_view_latency, true);
}

static void note(u64 *note)
{
	memcpy(note, &target, sizeof(target));
}

/* --- What it shows -------------------------------------------------------- */

static const char *const kinds[] = {
	[WAIT]		= "wait",
	[HELD]		= "held",
	[SLICE]		= "slice",
	[PERIOD]	= "period",
};

enum {
	KIND,
	WHOSE,
	ASKED_PID,
	ASKED_COMM,
	WAITING,
	WAITING_LONGEST,
};

#define COLUMNS(COLUMN)							\
	COLUMN(kind, "KIND", 6, WORD,					\
	       "wait; held: of it, while the CPU was idle; slice; period: to the next", \
	       OWN, KIND)						\
	COLUMN(whose, "WHOSE", 5, WORD,					\
	       "all: of all tasks; asked: of who was asked for", OWN, WHOSE) \
	COLUMN(asked_pid, "PID", 0, ID, "who that was", OWN, ASKED_PID)	\
	COLUMN(asked_comm, "COMM", 0, NAME, "likewise, by name", OWN, ASKED_COMM) \
	COLUMN(count, "COUNT", 10, COUNT, "how many", EIGHTHS)		\
	COLUMN(sum, "SUM", 10, NS, "all together", COUNTER, SUM)	\
	COLUMN(p50, "P50", 10, NS,					\
	       "half of them were no longer", PERCENTILE, 50, LONGEST)	\
	COLUMN(p90, "P90", 10, NS, "90 in 100", PERCENTILE, 90, LONGEST) \
	COLUMN(p99, "P99", 10, NS, "99 in 100", PERCENTILE, 99, LONGEST) \
	COLUMN(longest, "LONGEST", 10, NS, "the longest", COUNTER, LONGEST) \
	COLUMN(waiting, "WAITING", 0, NUMBER,				\
	       "waits that have not ended, in no bar yet", OWN, WAITING) \
	COLUMN(waiting_longest, "WAITING LONGEST", 0, NS,		\
	       "the longest of these", OWN, WAITING_LONGEST)		\
	COLUMN(octaves, "OCTAVES", 0, OCTAVES,				\
	       "the histogram, by powers of two and their eighths", OCTAVES)

PERFTOP_COLUMNS(COLUMNS);

/* The waits that have not ended: how many, and the longest in ns. */
static unsigned int count_waiting(const struct perftop_snapshot *snapshot,
				  enum scope scope, u64 *longest)
{
	const struct target *asked = (const struct target *)snapshot->note;
	unsigned int i, n = 0;

	*longest = 0;
	for (i = 0; i < snapshot->waiting; i++) {
		const struct perftop_waiter *waiter = &snapshot->waiter[i];

		if (scope == SOME &&
		    !is_whom(asked, lower_32_bits(waiter->who.task),
			     (const char *)waiter->who.comm))
			continue;
		*longest = max(*longest, waiter->wait);
		n++;
	}
	return n;
}

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	const struct target *asked = (const struct target *)snapshot->note;
	const unsigned int block = row->words ? row->word[0] : 0;
	const unsigned int kind = block % KINDS, scope = block / KINDS;
	unsigned int waiting;
	u64 longest;

	value->none = !row->words || (number >= WAITING && kind != WAIT) ||
		      (number == ASKED_PID && (scope == ALL || asked->by != BY_ID)) ||
		      (number == ASKED_COMM && (scope == ALL || asked->by != BY_NAME));
	if (value->none)
		return;
	waiting = count_waiting(snapshot, scope, &longest);
	if (number == KIND)
		value->text = kinds[kind];
	else if (number == WHOSE)
		value->text = scope == ALL ? "all" : "asked";
	else if (number == ASKED_COMM)
		value->comm = (const u64 *)asked->comm;
	else
		value->number = number == ASKED_PID ? asked->pid :
				number == WAITING ? waiting : longest;
}

static unsigned int count_rows(const struct perftop_snapshot *snapshot)
{
	const struct target *asked = (const struct target *)snapshot->note;

	return asked->by ? SCOPES * KINDS : KINDS;
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

static void show_title(struct seq_file *m, const struct perftop_snapshot *snapshot,
		       unsigned int block, const struct perftop_row *row)
{
	unsigned int waiting;
	u64 longest;

	seq_printf(m, "%s, ", kinds[block % KINDS]);
	if (block / KINDS == ALL)
		seq_puts(m, "all tasks");
	else
		show_target(m, (const struct target *)snapshot->note);
	perftop_print_figures(m, row, SUM, LONGEST);
	waiting = count_waiting(snapshot, block / KINDS, &longest);
	if (block % KINDS == WAIT && waiting) {
		seq_printf(m, "   waiting %u, longest ", waiting);
		perftop_print_ns(m, longest, 0);
	}
	seq_putc(m, '\n');
}

/* Each kind has its title, be it that there are none. */
static void show_row(struct seq_file *m, const struct perftop_snapshot *snapshot,
		     unsigned int number)
{
	const struct perftop_row *row = &snapshot->row[number];

	if (!number)
		perftop_print_lost(m, snapshot);
	show_title(m, snapshot, number, row);
	perftop_print_bars(m, row);
	seq_putc(m, '\n');
}

const struct perftop_view perftop_view_latency = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "histograms of waits, slices and the time between switches",
	.lacks		= PERFTOP_LACKS_WAITS,
	.cost		= "246",
	.table		= &table,
	.limit		= limit,
	.start		= start,
	.stop		= stop,
	.slice		= show_slice,
	.words		= words,
	.set		= set,
	.note		= note,
	.columns	= columns,
	.value		= value,
	.rows		= count_rows,
	.row		= show_row,
	.all_rows	= true,
	.wants_waiters	= true,
	.shared		= true,
};
