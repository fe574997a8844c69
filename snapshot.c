// SPDX-License-Identifier: GPL-2.0
/*
 * What a reader sees: the accounts, and the top rows of one table, copied at
 * one moment. The open slices are part of it: they are rows of their own, or
 * are added to the rows of their records, and change nothing in the table.
 */
#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "perftop.h"
#include "view.h"

/* --- The accounts --------------------------------------------------------- */

static void add_line(struct perftop_line *to, const struct perftop_line *line)
{
	int i;

	to->elapsed += line->elapsed;
	to->running += line->running;
	to->sums.switches += line->sums.switches;
	to->sums.uncaptured += line->sums.uncaptured;
	to->sums.truncated += line->sums.truncated;
	for (i = 0; i < PERFTOP_ACCOUNTS; i++)
		to->sums.ticks[i] += line->sums.ticks[i];
}

/* One CPU's accounts, its open slice counted where it belongs. */
static void fill_line(struct perftop_line *line,
		      const struct perftop_table *table, unsigned int cpu)
{
	const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);
	u64 before = table->sums[cpu].before;

	line->cpu = cpu;
	line->sums = table->sums[cpu];
	if (!cpu_online(cpu)) {
		line->elapsed = c->closed - before;
		return;
	}
	line->elapsed = c->open->elapsed - before;
	if (c->open->account == PERFTOP_RANKED)
		line->running = c->open->ticks;
	else
		line->sums.ticks[c->open->account] += c->open->ticks;
}

static void fill_lines(struct perftop_snapshot *snapshot,
		       const struct perftop_table *table)
{
	struct perftop_line *line = snapshot->line;
	unsigned int cpu;
	u64 unwound;

	for_each_possible_cpu(cpu) {
		const struct perftop_cpu *c = per_cpu_ptr(&perftop_cpu, cpu);

		snapshot->steps += READ_ONCE(c->steps);
		unwound = READ_ONCE(c->unwound);
		snapshot->captures += READ_ONCE(c->captures);
		snapshot->unwound += unwound;
		snapshot->differ += READ_ONCE(c->differ);
		if (!cpu_online(cpu) && !c->closed)
			continue;
		fill_line(line, table, cpu);
		add_line(&snapshot->total, line);
		line++;
	}
	snapshot->lines = line - snapshot->line;
}

/* --- The rows ------------------------------------------------------------- */

/* What rows are collected from and into, until their data are copied. */
struct collection {
	const struct perftop_view	*view;
	const struct perftop_table	*table;
	unsigned int			rank;	/* the counter that orders them */
	struct perftop_row		*row;
	unsigned int			rows;
	unsigned int			limit;
	u64				*more;	/* counters of open slices */
};

/* Moves a row to its place among those before it, if they are in order. */
static void move_up(struct collection *all, unsigned int i)
{
	struct perftop_row *row = all->row;

	if (all->view->all_rows)
		return;
	for (; i && row[i - 1].value < row[i].value; i--)
		swap(row[i - 1], row[i]);
}

static void record_to_row(const struct collection *all,
			  struct perftop_row *row,
			  const struct perftop_record *record)
{
	*row = (struct perftop_row){
		.account	= record->account,
		.words		= record->words,
		.word		= perftop_hash_words(all->table, record),
		.counter	= record->counter,
		.by_cpu		= perftop_hash_by_cpu(all->table, record),
		.value		= record->counter[all->rank],
	};
}

/* The top records, as the table ranks them. */
static void collect_ranked(struct collection *all)
{
	struct perftop_record *record = perftop_rbtop_first(&all->table->top);

	for (; record && all->rows < all->limit;
	     record = perftop_rbtop_next(record)) {
		record_to_row(all, &all->row[all->rows++], record);
		cond_resched();
	}
}

static int more_first(const void *a, const void *b, const void *collection)
{
	const struct collection *all = collection;
	u64 one = perftop_hash_record(all->table, *(u32 *)a)->counter[all->rank];
	u64 other = perftop_hash_record(all->table,
					*(u32 *)b)->counter[all->rank];

	cond_resched();
	return one < other ? 1 : one > other ? -1 : 0;
}

/* The same by another counter. */
static int collect_sorted(struct collection *all)
{
	unsigned int n = all->table->records, i;
	u32 *number;

	number = kvcalloc(n, sizeof(*number), GFP_KERNEL);
	if (!number && n)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		number[i] = PERFTOP_RESERVED + i;
	sort_r(number, n, sizeof(*number), more_first, NULL, all);
	for (i = 0; i < n && all->rows < all->limit; i++)
		record_to_row(all, &all->row[all->rows++],
			      perftop_hash_record(all->table, number[i]));
	kvfree(number);
	return 0;
}

static void collect_overflow(struct collection *all)
{
	const struct perftop_record *overflow;

	overflow = perftop_hash_record(all->table, PERFTOP_OVERFLOW);
	if (!overflow->stamp)
		return;
	record_to_row(all, &all->row[all->rows], overflow);
	move_up(all, all->rows++);
}

/* The row that a record already has, or a new one behind the others. */
static unsigned int row_of(struct collection *all,
			   const struct perftop_record *record)
{
	unsigned int i;

	for (i = 0; i < all->rows; i++)
		if (all->row[i].counter == record->counter)
			return i;
	record_to_row(all, &all->row[all->rows], record);
	return all->rows++;
}

/* An open slice, as a row or added to its record's. */
static void collect_open(struct collection *all, const struct perftop_open *open)
{
	const struct perftop_record *record = NULL;
	u64 *more = all->more;
	struct perftop_row *row;
	unsigned int words, i;
	const u64 *word;

	cond_resched();
	all->more += all->table->counters;
	words = all->view->open(open, &word, more);
	if (!all->view->open_apart)
		record = perftop_hash_find(all->table, word, words);
	i = record ? row_of(all, record) : all->rows;
	row = &all->row[i];
	/* A task that is seen on two CPUs has a row for each. */
	if (!record || row->open) {
		i = all->rows++;
		row = &all->row[i];
		*row = (struct perftop_row){ .words = words, .word = word };
	}
	row->account = open->account;
	row->open = true;
	row->slice = open;
	row->more = more;
	row->value += more[all->rank];
	move_up(all, i);
}

/* Is a CPU's open slice a row of the snapshot? Only stacks rank idle time. */
static bool open_is_row(const struct perftop_table *table,
			const struct perftop_open *open)
{
	return open->account == PERFTOP_RANKED ||
	       (open->account == PERFTOP_IDLE && perftop_params.idle &&
		table == &perftop_stacks);
}

static int collect(struct collection *all)
{
	unsigned int cpu;
	int err = 0;

	if (all->rank == all->table->rank)
		collect_ranked(all);
	else
		err = collect_sorted(all);
	if (err)
		return err;
	collect_overflow(all);
	if (all->view->open) {
		for_each_online_cpu(cpu) {
			const struct perftop_open *open =
				per_cpu_ptr(&perftop_cpu, cpu)->open;

			if (open_is_row(all->table, open))
				collect_open(all, open);
		}
	}
	all->rows = min(all->rows, all->limit);
	return 0;
}

static void add_open(const struct perftop_table *table, u64 *counter,
		     const u64 *more)
{
	unsigned int i;

	for (i = 0; i < table->counters; i++) {
		switch (table->merge[i]) {
		case PERFTOP_SUM:
			counter[i] += more[i];
			break;
		case PERFTOP_MAX:
			counter[i] = max(counter[i], more[i]);
			break;
		case PERFTOP_OR:
			counter[i] |= more[i];
			break;
		case PERFTOP_LAST:
			counter[i] = more[i];
			break;
		}
	}
}

static size_t row_words(const struct perftop_table *table,
			const struct perftop_row *row)
{
	return row->words + table->counters + (table->by_cpu ? nr_cpu_ids : 0);
}

/* Lets a row point to a copy of what the engine may change from now on. */
static void copy_row(const struct perftop_table *table,
		     struct perftop_row *row, u64 *to)
{
	u64 *counter = to + row->words;
	u64 *by_cpu = counter + table->counters;

	memcpy(to, row->word, row->words * sizeof(*to));
	row->word = to;
	if (row->counter)
		memcpy(counter, row->counter, table->counters * sizeof(*to));
	if (row->more)
		add_open(table, counter, row->more);
	row->counter = counter;
	if (!table->by_cpu)
		return;
	if (row->by_cpu)
		memcpy(by_cpu, row->by_cpu, nr_cpu_ids * sizeof(*to));
	if (row->more)
		by_cpu[row->slice->cpu] += row->more[0];
	row->by_cpu = by_cpu;
}

static int copy_rows(struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	size_t words = 0;
	unsigned int i;
	u64 *word;

	for (i = 0; i < snapshot->rows; i++)
		words += row_words(table, &snapshot->row[i]);
	/* More than the kernel gives without a warning. */
	if (words > INT_MAX / sizeof(*word))
		return -ENOMEM;
	word = kvcalloc(words, sizeof(*word), GFP_KERNEL);
	if (!word && words)
		return -ENOMEM;
	snapshot->word = word;
	for (i = 0; i < snapshot->rows; i++) {
		words = row_words(table, &snapshot->row[i]);
		copy_row(table, &snapshot->row[i], word);
		word += words;
		cond_resched();
	}
	return 0;
}

static int fill_rows(struct perftop_snapshot *snapshot, unsigned int rank)
{
	/* One for each CPU's open slice and one for the overflow. */
	const unsigned int others = num_possible_cpus() + 1;
	const struct perftop_table *table = snapshot->table;
	struct collection all = {
		.view	= snapshot->view,
		.table	= table,
		.rank	= rank,
		.limit	= snapshot->view->all_rows ? UINT_MAX :
						     perftop_params.top,
	};
	u64 *more;
	int err;

	all.limit = min(all.limit, table->records + others);
	snapshot->row = kvcalloc(all.limit + others, sizeof(*snapshot->row),
				 GFP_KERNEL);
	more = kvcalloc(others * table->counters, sizeof(*more), GFP_KERNEL);
	err = -ENOMEM;
	if (snapshot->row && more) {
		all.row = snapshot->row;
		all.more = more;
		err = collect(&all);
	}
	if (!err) {
		snapshot->rows = all.rows;
		err = copy_rows(snapshot);
	}
	kvfree(more);
	return err;
}

/* --- The entries of a log ------------------------------------------------- */

static int newer_first(const void *a, const void *b)
{
	const struct perftop_row *one = a, *other = b;

	return one->value < other->value ? 1 : one->value > other->value ? -1 : 0;
}

static int fill_entries(struct perftop_snapshot *snapshot,
			struct perftop_log *log)
{
	unsigned int i, n;

	n = perftop_log_limit();
	snapshot->word = kvcalloc(n, log->words * sizeof(u64), GFP_KERNEL);
	snapshot->row = kvcalloc(n, sizeof(*snapshot->row), GFP_KERNEL);
	if (!snapshot->word || !snapshot->row)
		return -ENOMEM;
	n = perftop_log_copy(log, snapshot->word);
	for (i = 0; i < n; i++) {
		snapshot->row[i].counter = snapshot->word + i * log->words;
		snapshot->row[i].value = snapshot->row[i].counter[0];
	}
	sort(snapshot->row, n, sizeof(*snapshot->row), newer_first, NULL);
	snapshot->records = n;
	snapshot->rows = min(n, perftop_params.top);
	return 0;
}

static int fill(struct perftop_snapshot *snapshot, unsigned int rank)
{
	const struct perftop_view *view = snapshot->view;
	const struct perftop_table *accounts = &perftop_stacks;

	lockdep_assert_held(&perftop_lock);

	snapshot->on = perftop_view_is_on(view);
	snapshot->line = kvcalloc(num_possible_cpus(), sizeof(*snapshot->line),
				  GFP_KERNEL);
	if (!snapshot->line)
		return -ENOMEM;

	if (snapshot->on && view->table)
		snapshot->table = view->table;
	if (snapshot->table && snapshot->table->time)
		accounts = snapshot->table;
	fill_lines(snapshot, accounts);
	snapshot->taken = ktime_get_ns();
	snapshot->up = snapshot->taken - accounts->epoch;
	snapshot->opened = perftop_drain_opened();
	snapshot->missed = perftop_drain_missed();
	snapshot->full = perftop_state_full();
	snapshot->cpus = num_online_cpus();
	perftop_filter_copy(snapshot->filter);
	if (snapshot->on && view->log)
		return fill_entries(snapshot, view->log);
	if (!snapshot->table)
		return 0;
	snapshot->records = snapshot->table->records;
	return fill_rows(snapshot, rank);
}

/**
 * perftop_snapshot_take() - Cut every CPU, drain, and copy the top rows
 * @view: whose
 * @rank: the counter that orders them
 *
 * Context: process context.
 * Return: what perftop_snapshot_free() is to be given, or NULL without memory.
 */
struct perftop_snapshot *perftop_snapshot_take(const struct perftop_view *view,
					       unsigned int rank)
{
	struct perftop_snapshot *snapshot;
	int err;

	snapshot = kzalloc(sizeof(*snapshot), GFP_KERNEL);
	if (!snapshot)
		return NULL;
	snapshot->view = view;
	snapshot->armed = perftop_drain_check_armed();

	perftop_drain_lock();
	err = fill(snapshot, rank);
	perftop_drain_unlock();

	if (err) {
		perftop_snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}

/**
 * perftop_snapshot_free() - Give a snapshot back
 * @snapshot: from perftop_snapshot_take()
 *
 * Context: process context.
 */
void perftop_snapshot_free(struct perftop_snapshot *snapshot)
{
	kvfree(snapshot->line);
	kvfree(snapshot->row);
	kvfree(snapshot->word);
	kfree(snapshot);
}
