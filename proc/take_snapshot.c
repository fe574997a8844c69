// SPDX-License-Identifier: GPL-2.0
/*
 * What a reader sees: the accounts, and the rows of one table, or of all, as they
 * were at one moment. The open slices are part of it, and where a view wants it the
 * waits that have not ended: they are rows of their own, or are added to the rows
 * of their records, and change nothing in the table.
 *
 * When what the cut has left is merged, and perftop_lock is held, nothing is done
 * but what is short: the top of the ranking is copied, or a copy of all records is
 * begun, which goes on in pieces (engine/merged_records.c). Whatever else there is
 * to do is done behind that.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/event_log.h"
#include "engine/filter.h"
#include "engine/merged_records.h"
#include "engine/open_waits.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/task_state.h"
#include "engine/user_maps.h"
#include "engine/view.h"
#include "proc/cpu_lines.h"
#include "proc/log_rows.h"
#include "proc/rows.h"
#include "proc/snapshot.h"
#include "proc/take_snapshot.h"
#include "rbtop.h"
#include "switch/cpu.h"
#include "switch/exit_mmap.h"
#include "switch/slice.h"

/* --- What the kernel says ------------------------------------------------- */

/* Who has ended. */
static void ask_for_the_dead(struct perftop_snapshot *snapshot)
{
	const unsigned int ended = snapshot->view->ended;
	unsigned int i;

	for (i = 0; ended && i < snapshot->rows; i++) {
		const struct perftop_row *row = &snapshot->row[i];

		if (row->words)
			row->counter[ended] = snapshot->table->ended(row->word);
		cond_resched();
	}
}

/* The kernel is asked by whom there are rows, what it says is kept. */
static void ask_rows(struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;
	unsigned int i, kept = 0;

	ask_for_the_dead(snapshot);
	if (!view->ask)
		return;
	for (i = 0; i < snapshot->rows; i++) {
		struct perftop_row *row = &snapshot->row[i];

		/* The overflow is nobody the kernel would know. */
		if ((snapshot->table && !row->words) ||
		    view->ask(row->word, row->counter))
			snapshot->row[kept++] = *row;
		cond_resched();
	}
	snapshot->rows = kept;
}

/* --- What is open --------------------------------------------------------- */

/* Is a CPU's open slice a row of the snapshot? Only stacks rank idle time. */
static bool open_is_row(const struct perftop_table *table,
			const struct perftop_open *open)
{
	return open->account == PERFTOP_RANKED ||
	       (open->account == PERFTOP_IDLE && perftop_params.idle &&
		table == &perftop_stacks);
}

static bool shows_open(const struct perftop_view *view)
{
	return view->open_slice || view->who;
}

/* What the cut has found, before the next one comes. */
static void keep_open(struct perftop_snapshot *snapshot)
{
	const struct perftop_open *open;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		open = per_cpu_ptr(&perftop_cpu, cpu)->open;
		if (perftop_drain_was_cut(cpu) &&
		    open_is_row(snapshot->table, open))
			snapshot->open[snapshot->opens++] = *open;
	}
}

/* --- Taking it ------------------------------------------------------------ */

/* The top of a ranking is copied in one go if it is no longer. */
#define TOP_AT_ONCE	1024

/* What is read again and again is limited, so that it cannot take all memory. */
#define SNAPSHOTS_MAX	4

static atomic_t held = ATOMIC_INIT(0);

/* Whatever the order, and whatever open slices and waits do to it. */
static bool wants_whole(const struct perftop_view *view, unsigned int rank)
{
	return view->all_rows || view->wants_waiters || view->who || view->open_call ||
	       (view->open_slice && !view->open_apart) || rank != view->table->rank ||
	       perftop_params.top > TOP_AT_ONCE;
}

/* How many rows and words it takes; to be asked again under perftop_lock. */
static void measure(const struct perftop_snapshot *snapshot, size_t *rows,
		    size_t *words)
{
	const struct perftop_table *table = snapshot->view->table;

	if (snapshot->whole) {
		perftop_copy_measure(table, rows, words);
		return;
	}
	*rows = PERFTOP_FIRST_RECORD + snapshot->limit;
	*words = *rows * (PERFTOP_KEY_WORDS + perftop_table_values(table));
}

/*
 * Memory for the copy: for what there is, and what may come until the lock is
 * taken. Others change that meanwhile.
 */
static int make_room(struct perftop_snapshot *snapshot)
{
	struct perftop_copy *copy = &snapshot->copy;
	size_t rows, words, numbers;

	if (!snapshot->view->table)
		return 0;
	measure(snapshot, &rows, &words);
	rows += rows / 4 + PERFTOP_FIRST_RECORD;
	words += words / 4 + PERFTOP_KEY_WORDS;
	numbers = READ_ONCE(snapshot->view->table->limit) + PERFTOP_FIRST_RECORD;
	/* More than the kernel gives without a warning. */
	if (rows > INT_MAX / sizeof(*copy->row) ||
	    words > INT_MAX / sizeof(*copy->word))
		return -ENOMEM;
	kvfree(copy->row);
	kvfree(copy->word);
	kvfree(copy->done);
	copy->row = kvcalloc(rows, sizeof(*copy->row), GFP_KERNEL_ACCOUNT);
	copy->word = kvcalloc(words, sizeof(*copy->word), GFP_KERNEL_ACCOUNT);
	copy->done = kvcalloc(BITS_TO_LONGS(numbers), sizeof(long),
			      GFP_KERNEL_ACCOUNT);
	snapshot->room_rows = rows;
	snapshot->room_words = words;
	snapshot->room_numbers = numbers;
	return copy->row && copy->word && copy->done ? 0 : -ENOMEM;
}

static int make_room_once(struct perftop_snapshot *snapshot)
{
	const unsigned int cpus = num_possible_cpus();

	snapshot->line = kvcalloc(cpus, sizeof(*snapshot->line),
				  GFP_KERNEL_ACCOUNT);
	if (!snapshot->line)
		return -ENOMEM;
	if (!snapshot->view->table)
		return 0;
	snapshot->open = kvcalloc(cpus, sizeof(*snapshot->open),
				  GFP_KERNEL_ACCOUNT);
	return snapshot->open ? 0 : -ENOMEM;
}

static void copy_top(struct perftop_snapshot *snapshot)
{
	const struct perftop_record *record =
		perftop_rbtop_first(&snapshot->table->top);
	unsigned int n;

	for (n = 0; record && n < snapshot->limit; n++) {
		perftop_copy_record(&snapshot->copy, record);
		record = perftop_rbtop_next(record);
	}
}

/* Is there room enough for the records? */
static bool has_room(const struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->view->table;
	size_t rows, words;

	if (!table || !perftop_view_is_on(snapshot->view))
		return true;
	measure(snapshot, &rows, &words);
	return rows <= snapshot->room_rows && words <= snapshot->room_words &&
	       table->limit + PERFTOP_FIRST_RECORD <= snapshot->room_numbers;
}

/* The records, and what is open. */
static void begin_rows(struct perftop_snapshot *snapshot)
{
	struct perftop_copy *copy = &snapshot->copy;
	struct perftop_table *table = snapshot->table;

	snapshot->records = table->records;
	snapshot->moved = table->moved;
	if (shows_open(snapshot->view))
		keep_open(snapshot);
	copy->table = table;
	perftop_copy_record(copy, perftop_record_at(table, PERFTOP_OVERFLOW));
	perftop_copy_record(copy, perftop_record_at(table, PERFTOP_OTHERS));
	if (snapshot->whole)
		perftop_copy_begin(copy);
	else
		copy_top(snapshot);
}

/* When the CPUs were cut, and how long they had been idle. */
static void keep_cuts(struct perftop_snapshot *snapshot)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct perftop_open *open =
			per_cpu_ptr(&perftop_cpu, cpu)->open;

		if (perftop_drain_was_cut(cpu))
			snapshot->cut[cpu] = (struct perftop_cut){
				.clock	= open->clock,
				.idle	= open->idle,
			};
	}
}

static void fill_header(struct perftop_snapshot *snapshot)
{
	const struct perftop_table *table = snapshot->table;
	const struct perftop_table *accounts =
		table && table->time ? table : &perftop_stacks;

	perftop_lines_fill(snapshot, accounts);
	snapshot->taken = perftop_drain_cut_at();
	snapshot->taken_ticks = rdtsc();
	snapshot->wall = ktime_get_real_ns() - (ktime_get_ns() - snapshot->taken);
	snapshot->resets = perftop_drain_resets();
	snapshot->since = snapshot->on && snapshot->view->log ?
			  snapshot->view->log->epoch :
			  table ? table->epoch : accounts->epoch;
	snapshot->up = snapshot->taken - accounts->epoch;
	snapshot->opened = perftop_drain_opened();
	snapshot->missed = perftop_drain_missed();
	snapshot->stolen = perftop_drain_stolen();
	snapshot->full = perftop_state_full();
	snapshot->unnamed = perftop_maps_lost() + perftop_exit_mmap_missed();
	snapshot->ends_seen = perftop_exit_mmap_seen();
	snapshot->cpus = num_online_cpus();
	perftop_filter_copy(snapshot->filter);
}

static void sum_lost(struct perftop_span_losses *sum,
		     const struct perftop_span_losses __percpu *lost)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct perftop_span_losses *of = per_cpu_ptr(lost, cpu);

		sum->unbegun += READ_ONCE(of->unbegun);
		sum->unended += READ_ONCE(of->unended);
		sum->full += READ_ONCE(of->full);
	}
}

static void begin(struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;

	snapshot->on = perftop_view_is_on(view);
	snapshot->table = snapshot->on ? view->table : NULL;
	if (snapshot->table)
		begin_rows(snapshot);
	fill_header(snapshot);
	if (snapshot->on && view->lost)
		sum_lost(&snapshot->lost, view->lost);
	if (snapshot->on && view->note)
		view->note(snapshot->note);
}

/* All that is of the moment of the cut; -EAGAIN: there is not room enough. */
static int begin_all(void *data)
{
	struct perftop_snapshot *first = data, *snapshot;

	for (snapshot = first; snapshot; snapshot = snapshot->next)
		if (!has_room(snapshot))
			return -EAGAIN;
	keep_cuts(first);
	for (snapshot = first; snapshot; snapshot = snapshot->next)
		begin(snapshot);
	return 0;
}

/* What has been begun goes on in pieces, and others may come in between. */
static int end_copy(struct perftop_snapshot *snapshot)
{
	bool more;

	do {
		mutex_lock(&perftop_lock);
		more = perftop_copy_some(&snapshot->copy);
		mutex_unlock(&perftop_lock);
		cond_resched();
	} while (more && !fatal_signal_pending(current));
	return more ? -EINTR : 0;
}

/* Nobody writes to it any more. */
static void drop_copy(struct perftop_snapshot *snapshot)
{
	mutex_lock(&perftop_lock);
	list_del_init(&snapshot->copy.node);
	mutex_unlock(&perftop_lock);
}

static int finish_rows(struct perftop_snapshot *snapshot)
{
	int err = 0;

	if (snapshot->view->open_call)
		err = perftop_open_calls_collect(&snapshot->call, &snapshot->calls);
	if (!err && snapshot->whole)
		err = end_copy(snapshot);
	if (!err)
		err = perftop_rows_finish(snapshot, snapshot->rank);
	if (!err)
		ask_rows(snapshot);
	return err;
}

static int finish_entries(struct perftop_snapshot *snapshot)
{
	int err = perftop_entries_fill(snapshot);

	if (err)
		return err;
	ask_rows(snapshot);
	snapshot->records = snapshot->rows;
	snapshot->rows = min(snapshot->rows, snapshot->limit);
	return 0;
}

static int finish(struct perftop_snapshot *snapshot)
{
	const struct perftop_view *view = snapshot->view;
	int err = 0;

	if (!snapshot->on)
		return 0;
	if (view->log)
		return finish_entries(snapshot);
	if (snapshot->table)
		err = finish_rows(snapshot);
	if (!err && view->by_cpu)
		err = perftop_rows_by_cpu(snapshot);
	return err;
}

/* Who waits, once for all that want to know. */
static int collect_waiters(struct perftop_snapshot *first)
{
	struct perftop_snapshot *snapshot;
	bool collected = false;
	int err = 0;

	for (snapshot = first; snapshot && !err; snapshot = snapshot->next) {
		if (!snapshot->on || !snapshot->view->wants_waiters)
			continue;
		if (!collected)
			err = perftop_waits_collect(first->cut, &first->waiter,
						    &first->waiting);
		collected = true;
		snapshot->waiter = first->waiter;
		snapshot->waiting = first->waiting;
	}
	return err;
}

static int finish_all(struct perftop_snapshot *first)
{
	struct perftop_snapshot *snapshot;
	int err = collect_waiters(first);

	for (snapshot = first; snapshot && !err; snapshot = snapshot->next)
		err = finish(snapshot);
	return err;
}

/* Memory that does not depend on how many records there are. */
static int prepare_all(struct perftop_snapshot *first)
{
	struct perftop_snapshot *snapshot;
	int err = 0;

	first->cut = kvcalloc(nr_cpu_ids, sizeof(*first->cut), GFP_KERNEL_ACCOUNT);
	if (!first->cut)
		return -ENOMEM;
	for (snapshot = first; snapshot && !err; snapshot = snapshot->next)
		err = make_room_once(snapshot);
	return err;
}

static int make_room_for_all(struct perftop_snapshot *first)
{
	struct perftop_snapshot *snapshot;
	int err = 0;

	for (snapshot = first; snapshot && !err; snapshot = snapshot->next)
		err = make_room(snapshot);
	return err;
}

static int cut_all(struct perftop_snapshot *first)
{
	int err;

	do {
		err = make_room_for_all(first);
		if (!err)
			err = perftop_drain_cut(begin_all, first);
	} while (err == -EAGAIN);
	return err;
}

static int take(struct perftop_snapshot *first)
{
	struct perftop_snapshot *snapshot;
	int err = prepare_all(first);

	if (!err)
		err = cut_all(first);
	if (!err)
		err = finish_all(first);
	for (snapshot = first; snapshot; snapshot = snapshot->next)
		drop_copy(snapshot);
	return err;
}

static void free_rows(struct perftop_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < snapshot->rows; i++)
		kfree(snapshot->row[i].printed);
	kvfree(snapshot->line);
	kvfree(snapshot->cut);
	kvfree(snapshot->open);
	kvfree(snapshot->call);
	kvfree(snapshot->copy.row);
	kvfree(snapshot->copy.word);
	kvfree(snapshot->copy.done);
	kvfree(snapshot->extra);
	kvfree(snapshot->extra_row);
	kvfree(snapshot->extra_word);
	kvfree(snapshot->row);
	kvfree(snapshot->entry);
	kvfree(snapshot->apart);
	kvfree(snapshot->joined);
	kvfree(snapshot->none);
	kfree(snapshot);
}

/* All but who waits, which is of all of them. */
static void free_all(struct perftop_snapshot *snapshot)
{
	struct perftop_snapshot *next;

	for (; snapshot; snapshot = next) {
		next = snapshot->next;
		free_rows(snapshot);
	}
}

static struct perftop_snapshot *make(const struct perftop_view *view,
				     unsigned int rank, bool all)
{
	struct perftop_snapshot *snapshot;

	snapshot = kzalloc(sizeof(*snapshot), GFP_KERNEL_ACCOUNT);
	if (!snapshot)
		return NULL;
	snapshot->view = view;
	snapshot->rank = rank;
	snapshot->whole = view->table && (all || wants_whole(view, rank));
	snapshot->limit = all || view->all_rows ? UINT_MAX : perftop_params.top;
	INIT_LIST_HEAD(&snapshot->copy.node);
	return snapshot;
}

/* Of each view that is on and has columns, in their order. */
static struct perftop_snapshot *make_all(void)
{
	struct perftop_snapshot *first = NULL, **link = &first;
	const struct perftop_view *view;
	unsigned int i;

	for (i = 0; (view = perftop_view_at(i)) != NULL; i++) {
		if (!view->columns || !perftop_view_is_on(view))
			continue;
		*link = make(view, view->table ? view->table->rank : 0, true);
		if (!*link) {
			free_all(first);
			return NULL;
		}
		link = &(*link)->next;
	}
	return first;
}

static struct perftop_snapshot *take_and_count(struct perftop_snapshot *first)
{
	int err = -ENOMEM;

	if (first) {
		first->armed = perftop_drain_check_armed();
		err = take(first);
	}
	if (!err)
		return first;
	perftop_snapshot_free(first);
	return ERR_PTR(err);
}

/**
 * perftop_snapshot_take() - Cut every CPU, drain, and copy the top rows
 * @view: whose
 * @rank: the counter that orders them
 * @all: copy all rows
 *
 * Context: process context.
 * Return: what perftop_snapshot_free() is to be given; -EBUSY if there are four,
 *	-ENOMEM, or -EINTR where a signal has killed who waits.
 */
struct perftop_snapshot *perftop_snapshot_take(const struct perftop_view *view,
					       unsigned int rank, bool all)
{
	if (!atomic_add_unless(&held, 1, SNAPSHOTS_MAX))
		return ERR_PTR(-EBUSY);
	return take_and_count(make(view, rank, all));
}

/**
 * perftop_snapshot_take_all() - The same of all rows of all views that are on
 *
 * There is one cut, and one moment. It counts as one of the four.
 *
 * Context: process context.
 * Return: as perftop_snapshot_take(); the others hang on it.
 */
struct perftop_snapshot *perftop_snapshot_take_all(void)
{
	if (!atomic_add_unless(&held, 1, SNAPSHOTS_MAX))
		return ERR_PTR(-EBUSY);
	return take_and_count(make_all());
}

/**
 * perftop_snapshot_free() - Give a snapshot back, and what hangs on it
 * @snapshot: from perftop_snapshot_take() or perftop_snapshot_take_all()
 *
 * Context: process context.
 */
void perftop_snapshot_free(struct perftop_snapshot *snapshot)
{
	atomic_dec(&held);
	if (snapshot)
		kvfree(snapshot->waiter);
	free_all(snapshot);
}
