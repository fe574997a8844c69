// SPDX-License-Identifier: GPL-2.0
/*
 * The octaves of a key, together: they are rows of the table, and one row of what
 * a reader sees, which leads to them.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "engine/merged_records.h"
#include "engine/octave.h"
#include "engine/table.h"
#include "engine/view.h"
#include "proc/histogram.h"
#include "proc/snapshot.h"

static unsigned int octave_of(const struct perftop_row *row)
{
	return row->word[row->words - 1];
}

/*
 * By key, its octaves the lowest first; what has no key is behind all. Words that are
 * not compared are behind those of the key: the octave, and one in front of it.
 */
static int compare(const struct perftop_row *one, const struct perftop_row *other,
		   unsigned int behind)
{
	unsigned int i;

	cond_resched();
	if (one->words != other->words)
		return one->words > other->words ? -1 : 1;
	for (i = 0; i + behind < one->words; i++)
		if (one->word[i] != other->word[i])
			return one->word[i] < other->word[i] ? -1 : 1;
	if (!one->words || octave_of(one) == octave_of(other))
		return 0;
	return octave_of(one) < octave_of(other) ? -1 : 1;
}

static int by_key(const void *a, const void *b)
{
	return compare(a, b, 1);
}

static int by_key_summed(const void *a, const void *b)
{
	return compare(a, b, 2);
}

static bool is_same(const struct perftop_row *one, const struct perftop_row *other,
		    unsigned int behind)
{
	return one->words && one->words == other->words &&
	       !memcmp(one->word, other->word,
		       (one->words - behind) * sizeof(*one->word));
}

/* Rows from here on together, whose counters are added to those of the first. */
static void add(const struct perftop_table *table, struct perftop_row *row,
		const struct perftop_row *from, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		perftop_record_merge(table, row->counter, from[i].counter, true);
		row->since = min(row->since, from[i].since);
	}
}

/* One row of the octaves from here on, its counters theirs together. */
static struct perftop_row join(const struct perftop_table *table,
			       const struct perftop_row *octave, unsigned int n,
			       u64 *counter)
{
	struct perftop_row row = *octave;

	row.octave = octave;
	row.octaves = row.words ? n : 0;
	row.id = 0;
	row.counter = counter;
	add(table, &row, octave, n);
	return row;
}

/* Octaves of keys that sums do not tell apart become one; how many there are. */
static unsigned int sum(const struct perftop_table *table, struct perftop_row *octave,
			unsigned int rows)
{
	unsigned int i, n = 0;

	sort(octave, rows, sizeof(*octave), by_key_summed, NULL);
	for (i = 0; i < rows; i++)
		if (n && octave[i].words && !by_key_summed(&octave[n - 1], &octave[i]))
			add(table, &octave[n - 1], &octave[i], 1);
		else
			octave[n++] = octave[i];
	return n;
}

/**
 * perftop_histogram_join() - Make one row of each key's octaves
 * @snapshot: its rows are octaves; on return, keys, in their order
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_histogram_join(struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	const bool summed = snapshot->view->of && snapshot->view->of->table == table;
	unsigned int i, n, keys = 0, rows = snapshot->rows;
	struct perftop_row *octave = snapshot->row;

	snapshot->row = kvcalloc(rows, sizeof(*octave), GFP_KERNEL_ACCOUNT);
	snapshot->apart = octave;
	snapshot->joined = kvcalloc(rows, table->counters * sizeof(u64),
				    GFP_KERNEL_ACCOUNT);
	snapshot->rows = 0;
	if (!snapshot->row || !snapshot->joined)
		return rows ? -ENOMEM : 0;
	if (summed)
		rows = sum(table, octave, rows);
	else
		sort(octave, rows, sizeof(*octave), by_key, NULL);
	for (i = 0; i < rows; i += n, keys++) {
		n = 1;
		while (i + n < rows && is_same(&octave[i], &octave[i + n], 1 + summed))
			n++;
		snapshot->row[keys] = join(table, &octave[i], n,
					   snapshot->joined + keys * table->counters);
	}
	snapshot->rows = keys;
	return 0;
}

/* The row of a key whose first word is a number, NULL: there is none. */
static const struct perftop_row *find_key(const struct perftop_snapshot *snapshot,
					  u64 number)
{
	unsigned int i;

	for (i = 0; i < snapshot->rows; i++)
		if (snapshot->row[i].words && snapshot->row[i].word[0] == number)
			return &snapshot->row[i];
	return NULL;
}

/**
 * perftop_histogram_complete() - Give a row to keys of which there are no octaves
 * @snapshot: its rows are keys, whose first word is a number: as many as the view
 *	says from 0 on are to have one
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_histogram_complete(struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;
	const unsigned int keys = view->rows ? view->rows(snapshot) : 0;
	const unsigned int rows = snapshot->rows + keys;
	const unsigned int counters = snapshot->table->counters;
	const struct perftop_row *found;
	struct perftop_row *row;
	unsigned int i, n = 0;
	u64 *word;

	if (!keys)
		return 0;
	row = kvcalloc(rows, sizeof(*row), GFP_KERNEL_ACCOUNT);
	word = kvcalloc(keys, (1 + counters) * sizeof(*word), GFP_KERNEL_ACCOUNT);
	snapshot->none = word;
	if (!row || !word) {
		kvfree(row);
		return -ENOMEM;
	}
	for (i = 0; i < keys; i++, word += 1 + counters) {
		found = find_key(snapshot, i);
		*word = i;
		row[n++] = found ? *found : (struct perftop_row){
			.words = 1, .word = word, .counter = word + 1,
		};
	}
	/* What is nobody's. */
	for (i = 0; i < snapshot->rows; i++)
		if (!snapshot->row[i].words)
			row[n++] = snapshot->row[i];
	kvfree(snapshot->row);
	snapshot->row = row;
	snapshot->rows = n;
	return 0;
}

/* The most first; what is nobody's behind all. */
static int by_counter(const void *a, const void *b, const void *number)
{
	const unsigned int rank = *(const unsigned int *)number;
	const struct perftop_row *one = a, *other = b;

	if (!one->words != !other->words)
		return one->words ? -1 : 1;
	if (one->counter[rank] == other->counter[rank])
		return 0;
	return one->counter[rank] > other->counter[rank] ? -1 : 1;
}

/**
 * perftop_histogram_order() - Put keys in the order of a counter, and count them
 * @snapshot: its rows are keys; a view that says how many has them in its own order
 * @rank: the counter
 *
 * Context: process context.
 */
void perftop_histogram_order(struct perftop_snapshot *snapshot, unsigned int rank)
{
	unsigned int i;

	if (snapshot->view->rows)
		return;
	snapshot->records = 0;
	for (i = 0; i < snapshot->rows; i++)
		snapshot->records += !!snapshot->row[i].words;
	sort_r(snapshot->row, snapshot->rows, sizeof(*snapshot->row),
	       by_counter, NULL, &rank);
}

/**
 * perftop_histogram_count() - How many a histogram has
 * @row: one of a key, or an octave
 *
 * Context: any.
 * Return: how many.
 */
u64 perftop_histogram_count(const struct perftop_row *row)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < PERFTOP_EIGHTHS; i++)
		sum += row->counter[i];
	return sum;
}

/**
 * perftop_histogram_percentile() - What so many are no more than
 * @row: one of a key
 * @percent: how many, of all
 * @longest: the counter of the most that there is
 *
 * Exact to an eighth of a power of two: it is the end of the eighth.
 *
 * Context: any.
 * Return: the number.
 */
u64 perftop_histogram_percentile(const struct perftop_row *row,
				 unsigned int percent, unsigned int longest)
{
	const u64 count = perftop_histogram_count(row);
	const u64 n = DIV_ROUND_UP_ULL(count * percent, 100);
	unsigned int i, j;
	u64 sum = 0;

	for (i = 0; i < row->octaves; i++) {
		const struct perftop_row *octave = &row->octave[i];

		for (j = 0; j < PERFTOP_EIGHTHS; j++) {
			sum += octave->counter[j];
			if (sum < n)
				continue;
			return min(row->counter[longest],
				   perftop_eighth_end(octave_of(octave), j));
		}
	}
	return row->counter[longest];
}
