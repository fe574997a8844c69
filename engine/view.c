// SPDX-License-Identifier: GPL-2.0
/*
 * The views: which there are, and which are on.
 *
 * A view that is switched on gets its memory first, and is then shown slices
 * from a cut on; when it is switched off, a cut comes first, after which no
 * CPU shows it any, and then its memory goes.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/event_log.h"
#include "engine/open_waits.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/task_state.h"
#include "engine/view.h"
#include "hash.h"
#include "perftop.h"
#include "switch/cpu.h"
#include "switch/slice_views.h"

/* All of them; ends with NULL. */
static const struct perftop_view *const *views;

/**
 * perftop_view_init() - Say which views there are
 * @all: ends with NULL
 *
 * Context: process context, before all else in this file.
 */
void perftop_view_init(const struct perftop_view *const *all)
{
	unsigned int i;

	views = all;
	for (i = 0; views[i]; i++) {
		perftop_views_of_interrupts |= views[i]->interrupts ? BIT(i) : 0;
		perftop_views_of_faults |= views[i]->faults ? BIT(i) : 0;
	}
}

/**
 * perftop_view_at() - One of the views
 * @number: from 0, in the order of the list
 *
 * Context: any.
 * Return: the view, NULL behind the last.
 */
const struct perftop_view *perftop_view_at(unsigned int number)
{
	return views[number];
}

static unsigned int view_number(const struct perftop_view *view)
{
	unsigned int i;

	for (i = 0; views[i] != view; i++)
		;
	return i;
}

static u32 view_bit(const struct perftop_view *view)
{
	return BIT(view_number(view));
}

/**
 * perftop_view_is_on() - Does a view have something to print?
 * @view: which
 *
 * Context: perftop_lock held, or the answer may be old.
 * Return: whether it is on; a view that costs nothing always is.
 */
bool perftop_view_is_on(const struct perftop_view *view)
{
	if (view->of)
		view = view->of;
	return !view->cost || READ_ONCE(perftop_views_on) & view_bit(view);
}

/**
 * perftop_view_find() - A view by its name
 * @name: of the view
 *
 * Context: any.
 * Return: the view, NULL if there is none of that name.
 */
const struct perftop_view *perftop_view_find(const char *name)
{
	const struct perftop_view *const *view;

	for (view = views; *view; view++)
		if (!strcmp((*view)->name, name))
			return *view;
	return NULL;
}

/* --- On and off ----------------------------------------------------------- */

static void table_exit(struct perftop_table *table)
{
	if (!table)
		return;
	perftop_accounts_exit(table);
	perftop_table_exit(table);
}

/* The view of its sums, if that has a table of its own. */
static const struct perftop_view *sums_of(const struct perftop_view *view)
{
	const struct perftop_view *const *sums;

	for (sums = views; *sums; sums++)
		if ((*sums)->of == view && (*sums)->table != view->table)
			return *sums;
	return NULL;
}

static int table_init(const struct perftop_view *view)
{
	struct perftop_table *table = view ? view->table : NULL;
	int err;

	if (!table)
		return 0;
	table->limit = view->limit ? view->limit() : perftop_params.table;
	err = perftop_table_init(table);
	if (!err)
		err = perftop_accounts_init(table);
	return err ? : perftop_drain_add_cpus(table);
}

static void tables_exit(const struct perftop_view *view)
{
	const struct perftop_view *sums = sums_of(view);

	table_exit(view->table);
	if (sums)
		table_exit(sums->table);
}

static void memory_exit(const struct perftop_view *view)
{
	if (view->log)
		perftop_log_exit(view->log);
	tables_exit(view);
}

/* Of what it keeps, a table or a log. */
static int memory_init(const struct perftop_view *view)
{
	int err = table_init(view);

	if (!err)
		err = table_init(sums_of(view));
	if (!err && view->log)
		err = perftop_log_init(view->log);
	if (err)
		tables_exit(view);
	return err;
}

static void forget_lost(const struct perftop_view *view)
{
	unsigned int cpu;

	if (!view->lost)
		return;
	for_each_possible_cpu(cpu)
		/* It may be counting. */
		data_race(memset(per_cpu_ptr(view->lost, cpu), 0, sizeof(*view->lost)));
}

static int view_start(const struct perftop_view *view)
{
	int err;

	err = memory_init(view);
	if (err)
		return err;
	if (view->keeps_parents)
		err = perftop_state_keep_parents();
	if (err)
		goto err_memory;
	if (view->start)
		err = view->start();
	if (err)
		goto err_parents;
	forget_lost(view);
	if (view->faults)
		static_branch_inc(&perftop_noting_faults);
	return 0;

err_parents:
	if (view->keeps_parents)
		perftop_state_drop_parents();
err_memory:
	memory_exit(view);
	return err;
}

static void view_stop(const struct perftop_view *view)
{
	if (view->probes)
		perftop_tracepoints_detach(view->probes);
	if (view->faults)
		static_branch_dec(&perftop_noting_faults);
	if (view->stop)
		view->stop();
	if (view->keeps_parents)
		perftop_state_drop_parents();
	memory_exit(view);
}

/* Its own probes see what it shows. */
static __kprobes void show_nothing(struct perftop_cpu *c)
{
}

/* It is shown slices, and its table gets what is no task's own time. */
static void watch(const struct perftop_view *view)
{
	const bool time = view->table && view->table->time;
	const struct perftop_watcher watcher = {
		.slice	= view->slice ? : show_nothing,
		.table	= time ? view->table : NULL,
	};

	perftop_watch_set(view_number(view), &watcher);
}

static void states_exit(void)
{
	mutex_lock(&perftop_lock);
	perftop_state_exit();
	mutex_unlock(&perftop_lock);
}

static void view_off(const struct perftop_view *view)
{
	perftop_drain_detach(view->table, view_bit(view));
	if (sums_of(view))
		perftop_drain_detach(sums_of(view)->table, 0);
	static_branch_dec(&perftop_watching);
	view_stop(view);
	if (!perftop_views_on)
		states_exit();
}

static int view_on(const struct perftop_view *view)
{
	bool first = !perftop_views_on;
	int err;

	err = first ? perftop_state_init() : 0;
	if (err)
		return err;
	if (first)
		perftop_waits_begin();
	err = view_start(view);
	if (err) {
		if (first)
			states_exit();
		return err;
	}
	watch(view);
	static_branch_inc(&perftop_watching);
	if (sums_of(view))
		perftop_drain_attach(sums_of(view)->table, 0);
	perftop_drain_attach(view->table, view_bit(view));
	/* Not before all CPUs have their memory. */
	if (view->probes)
		err = perftop_tracepoints_attach(view->probes);
	if (err)
		view_off(view);
	return err;
}

/**
 * perftop_view_switch() - Switch a view on or off
 * @view: which
 * @on: true for on; one that is on already starts over
 *
 * Context: process context, one at a time.
 * Return: 0, -EINVAL if it is always on, or an error from what it needs.
 */
int perftop_view_switch(const struct perftop_view *view, bool on)
{
	if (!view->cost)
		return -EINVAL;
	if (perftop_view_is_on(view))
		view_off(view);
	return on ? view_on(view) : 0;
}

/**
 * perftop_view_switch_names() - Switch views on
 * @names: words between commas
 *
 * Context: as perftop_view_switch(). Some may be on after an error.
 * Return: 0 or an error, where a wrong name has its line in the log.
 */
int perftop_view_switch_names(const char *names)
{
	char *copy = kstrdup(names, GFP_KERNEL), *rest = copy, *name;
	int err = copy ? 0 : -ENOMEM;
	const struct perftop_view *view;

	while (!err && (name = strsep(&rest, ",")) != NULL) {
		if (!*name)
			continue;
		view = perftop_view_find(name);
		if (view && view->cost) {
			err = perftop_view_switch(view, true);
		} else {
			pr_err("views=%s: /proc/perftop.d/views lists those that can be switched on\n",
			       name);
			err = -EINVAL;
		}
	}
	kfree(copy);
	return err;
}

/**
 * perftop_view_exit() - Switch all views off
 *
 * Context: as perftop_view_switch().
 */
void perftop_view_exit(void)
{
	const struct perftop_view *const *view;

	for (view = views; *view; view++)
		if ((*view)->cost && perftop_view_is_on(*view))
			view_off(*view);
}

/**
 * perftop_view_begin_reset() - Let the views forget what has begun
 *
 * What ends before all is forgotten is forgotten with it.
 *
 * Context: as perftop_view_switch().
 */
void perftop_view_begin_reset(void)
{
	const struct perftop_view *const *view;

	for (view = views; *view; view++)
		if ((*view)->reset && perftop_view_is_on(*view))
			(*view)->reset();
}

/**
 * perftop_view_reset() - Let the views forget what is in no table
 *
 * Context: as perftop_view_switch().
 */
void perftop_view_reset(void)
{
	const struct perftop_view *const *view;

	perftop_state_reset();
	for (view = views; *view; view++) {
		if (!perftop_view_is_on(*view))
			continue;
		if ((*view)->log)
			perftop_log_clear((*view)->log);
		forget_lost(*view);
	}
}

/* --- Hot path ------------------------------------------------------------- */

/**
 * perftop_view_index() - Find the row of a key
 * @c: this CPU
 * @table: the view's
 * @word: the key's words
 * @words: how many they are
 *
 * Context: hot path.
 * Return: its index in this CPU's shard, a reserved one if there is no room.
 */
__kprobes u32 perftop_view_index(struct perftop_cpu *c,
				 const struct perftop_table *table,
				 const u64 *word, unsigned int words)
{
	struct perftop_shard *shard = table->shard[smp_processor_id()];
	struct perftop_key *key = c->key;

	/* No memory was to be had for this CPU. */
	if (unlikely(!key))
		return PERFTOP_UNATTRIBUTED;
	key->words = words;
	key->account = PERFTOP_RANKED;
	memcpy(key->word, word, words * sizeof(*word));
	return perftop_shard_lookup(shard, key);
}

/* Looks up a row, and remembers it, unless there is nowhere to. */
static __always_inline u32 find_row(struct perftop_cpu *c,
				    const struct perftop_table *table,
				    struct perftop_known *known, const u64 *word,
				    unsigned int words)
{
	const u32 index = perftop_view_index(c, table, word, words);

	if (known)
		known->row = index;
	return index;
}

/**
 * perftop_view_find_cpu() - Look up the row of this CPU
 * @c: this CPU
 * @table: the view's
 * @known: where it is remembered, of the shard's time; NULL: nowhere
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
__kprobes u32 perftop_view_find_cpu(struct perftop_cpu *c,
				    const struct perftop_table *table,
				    struct perftop_known *known)
{
	const u64 cpu = c->slice.cpu;

	return find_row(c, table, known, &cpu, 1);
}

/**
 * perftop_view_find_thread() - Look up the row of the slice's thread
 * @c: this CPU
 * @table: the view's
 * @known: as for perftop_view_find_cpu()
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
__kprobes u32 perftop_view_find_thread(struct perftop_cpu *c,
				       const struct perftop_table *table,
				       struct perftop_known *known)
{
	const struct task_struct *task = c->slice.task;
	const struct perftop_thread_key key = {
		.ids		= perftop_task_ids(task),
		.started	= task->start_time,
	};

	return find_row(c, table, known, (const u64 *)&key, PERFTOP_THREAD_WORDS);
}

/**
 * perftop_view_find_owner() - Look up the row of whose the slice is
 * @c: this CPU
 * @table: the view's
 * @known: as for perftop_view_find_cpu()
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
__kprobes u32 perftop_view_find_owner(struct perftop_cpu *c,
				      const struct perftop_table *table,
				      struct perftop_known *known)
{
	const u64 owner = slice_opened_owner(c);

	return find_row(c, table, known, &owner, 1);
}

/**
 * perftop_octave_row_find() - Look up the row of a histogram's octave
 * @c: this CPU
 * @table: the view's
 * @index: where it is remembered
 * @histogram: which of the view's
 * @octave: which of that
 *
 * Context: hot path.
 */
__kprobes void perftop_octave_row_find(struct perftop_cpu *c,
				       const struct perftop_table *table,
				       u32 *index, u64 histogram, u64 octave)
{
	const u64 key[] = { histogram, octave };

	*index = perftop_view_index(c, table, key, ARRAY_SIZE(key));
}

/**
 * perftop_octave_rows_alloc() - Memory for what CPUs remember of histograms
 * @histograms: how many the view has
 *
 * Context: process context.
 * Return: what free_percpu() is to be given, NULL: no memory.
 */
struct perftop_octave_rows __percpu *perftop_octave_rows_alloc(unsigned int histograms)
{
	const size_t size = struct_size((struct perftop_octave_rows *)NULL, index,
					histograms * PERFTOP_OCTAVES);

	return __alloc_percpu(size, __alignof__(struct perftop_octave_rows));
}

/* --- The dead ------------------------------------------------------------- */

/**
 * perftop_view_thread_ended() - Has the thread of a key ended?
 * @head: a struct perftop_thread_key
 *
 * Context: process context.
 * Return: whether it has.
 */
bool perftop_view_thread_ended(const u64 *head)
{
	const struct perftop_thread_key *key = (const void *)head;

	return perftop_task_has_ended(lower_32_bits(key->ids), key->started);
}

/**
 * perftop_view_owner_ended() - Has the process of a key ended?
 * @head: see perftop_task_owner()
 *
 * Context: process context.
 * Return: whether it has.
 */
bool perftop_view_owner_ended(const u64 *head)
{
	return perftop_owner_has_ended(head[0]);
}
