// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a snapshot: copies of records, with what is open added to them or
 * behind them, in the order that is wanted, each under its owner's name. All that
 * is worked on is the snapshot's own.
 */
#include <linux/bsearch.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/merged_records.h"
#include "engine/open_waits.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/histogram.h"
#include "proc/rows.h"
#include "proc/snapshot.h"
#include "switch/cpu.h"
#include "switch/slice.h"

/* --- What is open --------------------------------------------------------- */

/* What an open slice, or a wait that has not ended, adds to the row of its key. */
struct perftop_extra {
	const u64			*word;
	unsigned int			words;
	u64				*counter;
	u64				*by_cpu;
	const struct perftop_open	*slice;	/* NULL: it is a wait, or */
	bool				call;	/* a system call */
	struct perftop_extra		*next;	/* another of the same key */
	bool				found;	/* its key has a record */
};

/* What an open slice adds to the row that it is part of, and whose that is. */
static unsigned int open_key(const struct perftop_view *view,
			     const struct perftop_open *open, const u64 **word,
			     u64 *counter)
{
	if (view->open_slice)
		return view->open_slice(open, word, counter);
	counter[PERFTOP_TICKS] = open->ticks;
	if (open->waited)
		perftop_view_set_wait(&counter[PERFTOP_SLICES_WAITS], open->wait,
				      open->held);
	return view->who(&open->who, word, counter);
}

static unsigned int wait_key(const struct perftop_view *view,
			     const struct perftop_waiter *waiter,
			     const u64 **word, u64 *counter)
{
	perftop_view_set_wait(&counter[PERFTOP_SLICES_WAITS], waiter->wait,
			      waiter->held);
	return view->who(&waiter->who, word, counter);
}

/* The next extra, with room for its counters. */
static struct perftop_extra *new_extra(struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	const unsigned int i = snapshot->extras++;
	struct perftop_extra *extra = &snapshot->extra[i];

	extra->counter = snapshot->extra_word + i * perftop_table_values(table);
	if (table->by_cpu)
		extra->by_cpu = extra->counter + table->counters;
	return extra;
}

static void add_open(struct perftop_snapshot *snapshot,
		     const struct perftop_open *open)
{
	struct perftop_extra *extra = new_extra(snapshot);

	extra->slice = open;
	extra->words = open_key(snapshot->view, open, &extra->word,
				extra->counter);
	if (!extra->words)
		snapshot->extras--;
	if (extra->by_cpu)
		extra->by_cpu[open->cpu] = open->ticks;
}

static void add_wait(struct perftop_snapshot *snapshot,
		     const struct perftop_waiter *waiter)
{
	struct perftop_extra *extra = new_extra(snapshot);

	extra->words = wait_key(snapshot->view, waiter, &extra->word,
				extra->counter);
}

static void add_call(struct perftop_snapshot *snapshot,
		     const struct perftop_open_call *call)
{
	struct perftop_extra *extra = new_extra(snapshot);

	extra->words = snapshot->view->open_call(call, &extra->word, extra->counter);
	extra->call = true;
}

static int by_key(const void *a, const void *b)
{
	const struct perftop_extra *one = a, *other = b;

	cond_resched();
	if (one->words != other->words)
		return one->words < other->words ? -1 : 1;
	return memcmp(one->word, other->word, one->words * sizeof(*one->word));
}

/* Those of one key together, in the order of keys. */
static void merge_extras(struct perftop_snapshot *snapshot)
{
	struct perftop_extra *extra = snapshot->extra, *last = extra;
	const unsigned int n = snapshot->extras;
	unsigned int i;

	sort(extra, n, sizeof(*extra), by_key, NULL);
	if (!n || snapshot->view->open_apart)
		return;
	for (i = 1; i < n; i++) {
		if (by_key(last, &extra[i])) {
			last = &extra[i];
			continue;
		}
		perftop_record_merge(snapshot->table, last->counter,
				     extra[i].counter, true);
		perftop_add_by_cpu(last->by_cpu, extra[i].by_cpu);
		extra[i].next = last->next;
		last->next = &extra[i];
		/* It has no row of its own. */
		extra[i].found = true;
	}
}

static void mark_row(struct perftop_row *row, const struct perftop_extra *extra)
{
	for (; extra; extra = extra->next) {
		if (extra->slice) {
			row->open = true;
			row->account = extra->slice->account;
		} else if (!extra->call) {
			row->waiting = true;
		}
	}
}

/* The first of the extras of a record's key. */
static struct perftop_extra *find_extra(const struct perftop_snapshot *snapshot,
					const struct perftop_row *row)
{
	const struct perftop_extra key = {
		.word	= row->word,
		.words	= row->words,
	};
	struct perftop_extra *extra;

	extra = bsearch(&key, snapshot->extra, snapshot->extras, sizeof(key),
			by_key);
	while (extra && extra > snapshot->extra && !by_key(&extra[-1], extra))
		extra--;
	return extra;
}

/* To the record's row. */
static void add_extra(const struct perftop_snapshot *snapshot,
		      struct perftop_row *row)
{
	struct perftop_extra *extra = find_extra(snapshot, row);

	if (!extra)
		return;
	extra->found = true;
	row->high += perftop_record_merge(snapshot->table, row->counter,
					  extra->counter, true);
	perftop_add_by_cpu(row->by_cpu, extra->by_cpu);
	mark_row(row, extra);
}

/* A row for itself. */
static void add_row(struct perftop_snapshot *snapshot,
		    const struct perftop_extra *extra)
{
	struct perftop_row *row = &snapshot->extra_row[snapshot->extra_rows++];

	*row = (struct perftop_row){
		.account	= PERFTOP_RANKED,
		.words		= extra->words,
		.word		= extra->word,
		.counter	= extra->counter,
		.by_cpu		= extra->by_cpu,
	};
	mark_row(row, extra);
}

static int gather_extras(struct perftop_snapshot *snapshot)
{
	const bool waits = snapshot->view->who;
	const size_t n = snapshot->opens + snapshot->calls +
			 (waits ? snapshot->waiting : 0);
	unsigned int i;

	if (!n)
		return 0;
	snapshot->extra = kvcalloc(n, sizeof(*snapshot->extra),
				   GFP_KERNEL_ACCOUNT);
	snapshot->extra_row = kvcalloc(n, sizeof(*snapshot->extra_row),
				       GFP_KERNEL_ACCOUNT);
	snapshot->extra_word = kvcalloc(n, perftop_table_values(snapshot->table) *
					   sizeof(u64), GFP_KERNEL_ACCOUNT);
	if (!snapshot->extra || !snapshot->extra_row || !snapshot->extra_word)
		return -ENOMEM;
	for (i = 0; i < snapshot->opens; i++)
		add_open(snapshot, &snapshot->open[i]);
	for (i = 0; waits && i < snapshot->waiting; i++)
		add_wait(snapshot, &snapshot->waiter[i]);
	for (i = 0; i < snapshot->calls; i++)
		add_call(snapshot, &snapshot->call[i]);
	return 0;
}

static int add_extras(struct perftop_snapshot *snapshot)
{
	const bool apart = snapshot->view->open_apart;
	const unsigned int rows = snapshot->copy.rows;
	int err = gather_extras(snapshot);
	unsigned int i;

	if (err)
		return err;
	merge_extras(snapshot);
	for (i = 0; snapshot->extras && !apart && i < rows; i++) {
		if (snapshot->copy.row[i].words)
			add_extra(snapshot, &snapshot->copy.row[i]);
		cond_resched();
	}
	for (i = 0; i < snapshot->extras; i++)
		if (!snapshot->extra[i].found)
			add_row(snapshot, &snapshot->extra[i]);
	return 0;
}

/* --- The rows ------------------------------------------------------------- */

/* A row's place, without the row. */
struct place {
	perftop_wide	value;
	u64		id;
	u32		row;
};

/* Among equals, the record that is the oldest. */
static int more_first(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	cond_resched();
	if (one->value != other->value)
		return one->value < other->value ? 1 : -1;
	/* What has no record is the youngest. */
	return one->id - 1 < other->id - 1 ? -1 : one->id - 1 > other->id - 1;
}

static const struct perftop_row *row_at(const struct perftop_snapshot *snapshot,
					unsigned int i)
{
	return i < snapshot->copy.rows ?
	       &snapshot->copy.row[i] :
	       &snapshot->extra_row[i - snapshot->copy.rows];
}

/* Only a table that is ranked by its ticks has what is more than 64 bits. */
static perftop_wide value_of(const struct perftop_row *row, unsigned int rank)
{
	return rank == PERFTOP_TICKS ? perftop_row_ticks(row) :
				       row->counter[rank];
}

/* Of those of the first records, which have no key, some are of nothing. */
static bool is_of_something(const struct perftop_row *row)
{
	return row->words || row->stamp;
}

static void order(struct perftop_snapshot *snapshot, struct place *place,
		  unsigned int rank)
{
	const unsigned int n = snapshot->copy.rows + snapshot->extra_rows;
	const struct perftop_row *row;
	unsigned int i, kept = 0;

	for (i = 0; i < n; i++) {
		row = row_at(snapshot, i);
		if (is_of_something(row))
			place[kept++] = (struct place){
				value_of(row, rank), row->id, i
			};
	}
	sort(place, kept, sizeof(*place), more_first, NULL);
	snapshot->rows = min(kept, snapshot->limit);
	for (i = 0; i < snapshot->rows; i++)
		snapshot->row[i] = *row_at(snapshot, place[i].row);
}

/* In the order of a counter, and no more of them than are wanted. */
static int order_rows(struct perftop_snapshot *snapshot, unsigned int rank)
{
	const size_t n = snapshot->copy.rows + snapshot->extra_rows;
	struct place *place;

	/* There are two without a key. */
	place = kvcalloc(n, sizeof(*place), GFP_KERNEL_ACCOUNT);
	snapshot->row = kvcalloc(n, sizeof(*snapshot->row), GFP_KERNEL_ACCOUNT);
	if (place && snapshot->row)
		order(snapshot, place, rank);
	kvfree(place);
	return place && snapshot->row ? 0 : -ENOMEM;
}

/* --- The owners' names ---------------------------------------------------- */

/* Who has a row of the snapshot, and what is known of its name. */
struct owner {
	u64	id;
	u64	stamp;		/* of when it was seen; 0: not yet */
	u64	name[2];
};

struct owners {
	struct owner	*owner;		/* by id */
	unsigned int	n;
};

static int by_id(const void *a, const void *b)
{
	const struct owner *one = a, *other = b;

	return one->id < other->id ? -1 : one->id > other->id ? 1 : 0;
}

static struct owner *find_owner(const struct owners *owners, u64 id)
{
	const struct owner key = { .id = id };

	return bsearch(&key, owners->owner, owners->n, sizeof(key), by_id);
}

static void name_owner(const struct owners *owners, u64 id, u64 stamp,
		       const u64 *name)
{
	struct owner *owner = find_owner(owners, id);

	if (!owner || stamp < owner->stamp)
		return;
	owner->stamp = stamp;
	memcpy(owner->name, name, sizeof(owner->name));
}

static void name_owner_of(const struct owners *owners, const u64 *word,
			  const struct perftop_table *table, u64 stamp,
			  const u64 *counter)
{
	name_owner(owners, word[table->owner], stamp, &counter[PERFTOP_COMM]);
}

/* Records that are looked at without letting go of the lock. */
#define PIECE	2048

/* In the table as it is now: what has been seen since the cut is newer. */
static bool seek_names_from(const struct owners *owners,
			    const struct perftop_table *table, u32 *next)
{
	const u32 last = PERFTOP_FIRST_RECORD + table->begun;
	const u32 end = min(*next + PIECE, last);

	for (; *next < end; ++*next) {
		const struct perftop_record *record =
			perftop_record_at(table, *next);

		if (record->id)
			name_owner_of(owners, perftop_record_head(table, record),
				      table, record->stamp, record->counter);
	}
	return *next < last;
}

static void seek_names(const struct owners *owners,
		       const struct perftop_table *table)
{
	u32 next = PERFTOP_FIRST_RECORD;
	bool more;

	do {
		mutex_lock(&perftop_lock);
		more = seek_names_from(owners, table, &next);
		mutex_unlock(&perftop_lock);
		cond_resched();
	} while (more);
}

/* What records and open slices say of the owners' names. */
static void find_names(const struct owners *owners,
		       const struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	unsigned int i;

	for (i = 0; i < snapshot->copy.rows; i++) {
		const struct perftop_row *row = &snapshot->copy.row[i];

		if (row->words)
			name_owner_of(owners, row->word, table, row->stamp,
				      row->counter);
		cond_resched();
	}
	if (!snapshot->whole)
		seek_names(owners, table);
	for (i = 0; i < snapshot->opens; i++)
		if (snapshot->open[i].account == PERFTOP_RANKED)
			name_owner(owners, snapshot->open[i].who.owner, U64_MAX,
				   snapshot->open[i].who.process);
}

static int make_owners(struct owners *owners,
		       const struct perftop_snapshot *snapshot)
{
	const unsigned int word = snapshot->table->owner;
	unsigned int i;

	owners->owner = kvcalloc(snapshot->rows, sizeof(*owners->owner),
				 GFP_KERNEL_ACCOUNT);
	if (!owners->owner && snapshot->rows)
		return -ENOMEM;
	for (i = 0; i < snapshot->rows; i++) {
		const struct perftop_row *row = &snapshot->row[i];

		if (row->words && row->word[word])
			owners->owner[owners->n++].id = row->word[word];
	}
	sort(owners->owner, owners->n, sizeof(*owners->owner), by_id, NULL);
	return 0;
}

/*
 * One name for all rows of one owner: the one that was seen last in any, be it
 * in one that is no row of the snapshot. The rows are the snapshot's own.
 */
static int name_rows(struct perftop_snapshot *snapshot)
{
	const unsigned int word = snapshot->table->owner;
	struct owners owners = {};
	const struct owner *owner;
	unsigned int i;
	int err;

	if (!word)
		return 0;
	err = make_owners(&owners, snapshot);
	if (err)
		return err;
	find_names(&owners, snapshot);
	for (i = 0; i < snapshot->rows; i++) {
		const struct perftop_row *row = &snapshot->row[i];

		owner = row->words ? find_owner(&owners, row->word[word]) : NULL;
		if (owner && owner->stamp)
			memcpy(&row->counter[PERFTOP_COMM], owner->name,
			       sizeof(owner->name));
	}
	kvfree(owners.owner);
	return 0;
}

/* --- By CPU --------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const struct perftop_row *one = a, *other = b;

	return one->word[0] < other->word[0] ? -1 : one->word[0] > other->word[0];
}

/* Those with a key, by the number that it is; how many they are. */
static unsigned int sort_by_number(struct perftop_row *row, unsigned int rows)
{
	unsigned int i, n = 0;

	for (i = 0; i < rows; i++)
		if (row[i].words)
			row[n++] = row[i];
	sort(row, n, sizeof(*row), by_number, NULL);
	return n;
}

static struct perftop_row row_of(const struct perftop_snapshot *snapshot,
				 const struct perftop_line *line,
				 const struct perftop_row *row, unsigned int rows)
{
	const u64 cpu = line->cpu;
	const struct perftop_row key = { .word = &cpu };
	const struct perftop_row *found;
	struct perftop_row of = { .counter = snapshot->none };

	found = rows ? bsearch(&key, row, rows, sizeof(key), by_number) : NULL;
	if (found)
		of = *found;
	of.line = line;
	return of;
}

/**
 * perftop_rows_by_cpu() - Make a row of each CPU that has been online
 * @snapshot: its view's rows are; those that it has are the CPUs' by their keys
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_rows_by_cpu(struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	const unsigned int lines = snapshot->lines;
	struct perftop_row *old = snapshot->row;
	unsigned int i, n;

	n = sort_by_number(old, snapshot->rows);
	snapshot->rows = 0;
	snapshot->apart = old;
	snapshot->row = kvcalloc(lines + 1, sizeof(*old), GFP_KERNEL_ACCOUNT);
	snapshot->none = kvcalloc(table ? table->counters : 1, sizeof(u64),
				  GFP_KERNEL_ACCOUNT);
	if (!snapshot->row || !snapshot->none)
		return -ENOMEM;
	for (i = 0; i < lines; i++)
		snapshot->row[i] = row_of(snapshot, &snapshot->line[i], old, n);
	if (snapshot->view->and_all)
		snapshot->row[i++] = (struct perftop_row){
			.counter = snapshot->none, .line = &snapshot->total,
		};
	snapshot->rows = i;
	return 0;
}

/* -------------------------------------------------------------------------- */

/**
 * perftop_rows_finish() - Make the rows of a snapshot
 * @snapshot: its copy is complete
 * @rank: the counter that orders them
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_rows_finish(struct perftop_snapshot *snapshot, unsigned int rank)
{
	int err = add_extras(snapshot);

	if (!err)
		err = order_rows(snapshot, rank);
	if (!err && snapshot->table->histogram)
		err = perftop_histogram_join(snapshot);
	if (!err && snapshot->table->histogram)
		err = perftop_histogram_complete(snapshot);
	if (!err && snapshot->table->histogram)
		perftop_histogram_order(snapshot, rank);
	return err ? : name_rows(snapshot);
}
