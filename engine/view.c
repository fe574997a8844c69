// SPDX-License-Identifier: GPL-2.0
/*
 * The views: which there are, which are on, and what they are shown when a
 * slice ends.
 *
 * A view that is switched on gets its memory first, and is then shown slices
 * from a cut on; when it is switched off, a cut comes first, after which no
 * CPU shows it any, and then its memory goes.
 */
#include <linux/kprobes.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "engine/view.h"
#include "switch/slice.h"

const struct perftop_view *const perftop_views[] = { PERFTOP_VIEW_ADDRESSES };

/* One bit a view. */
static_assert(ARRAY_SIZE(perftop_views) <= 33);

static u32 view_bit(const struct perftop_view *view)
{
	unsigned int i;

	for (i = 0; perftop_views[i] != view; i++)
		;
	return BIT(i);
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

	for (view = perftop_views; *view; view++)
		if (!strcmp((*view)->name, name))
			return *view;
	return NULL;
}

/* --- On and off ----------------------------------------------------------- */

static int view_start(const struct perftop_view *view)
{
	int err = 0;

	if (view->table) {
		view->table->limit = view->limit ? view->limit() :
						   perftop_params.table;
		err = perftop_hash_init(view->table);
		if (!err)
			err = perftop_drain_add_cpus(view->table);
	}
	if (!err && view->start)
		err = view->start();
	if (err && view->table)
		perftop_hash_exit(view->table);
	return err;
}

static void states_exit(void)
{
	mutex_lock(&perftop_lock);
	perftop_state_exit();
	mutex_unlock(&perftop_lock);
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
	static_branch_inc(&perftop_watching);
	perftop_drain_attach(view->table, view_bit(view));
	return 0;
}

static void view_off(const struct perftop_view *view)
{
	perftop_drain_detach(view->table, view_bit(view));
	static_branch_dec(&perftop_watching);
	if (view->stop)
		view->stop();
	if (view->table)
		perftop_hash_exit(view->table);
	if (!perftop_views_on)
		states_exit();
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

	for (view = perftop_views; *view; view++)
		if ((*view)->cost && perftop_view_is_on(*view))
			view_off(*view);
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
	for (view = perftop_views; *view; view++)
		if ((*view)->reset && perftop_view_is_on(*view))
			(*view)->reset();
}

/**
 * perftop_view_has_ended() - Has a thread's id ended, or been given to another?
 * @pid: the id
 * @started: the thread's start_time; one that executes a program in the place of
 *	its process's first thread takes over both
 *
 * Context: process context.
 * Return: whether it has, as the kernel says now.
 */
bool perftop_view_has_ended(pid_t pid, u64 started)
{
	const struct task_struct *task;
	bool lives;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	lives = task && task->start_time == started && !task->exit_state;
	rcu_read_unlock();
	return !lives;
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
	return perftop_hash_lookup(shard, key);
}

static __always_inline void fill_no_wait(struct perftop_slice *slice)
{
	slice->wait = 0;
	slice->period = 0;
	slice->waited = false;
}

#ifdef CONFIG_SCHED_INFO
/*
 * How long the task had waited for this slice, by the kernel's own account,
 * which is complete when the task arrives. If the slice before was not seen,
 * there is nothing to compare with: several waits would be taken for one.
 */
static __always_inline void fill_wait(struct perftop_slice *slice,
				      struct perftop_state *state,
				      const struct sched_info *info)
{
	const u64 arrival = info->last_arrival;
	const u64 run_delay = info->run_delay;
	const u32 pcount = info->pcount;

	if (likely(pcount == state->next)) {
		slice->wait = run_delay - state->run_delay;
		/* By another CPU's clock, if the task has moved. */
		slice->period = max_t(s64, arrival - state->arrival, 0);
		slice->waited = true;
	} else {
		fill_no_wait(slice);
	}
	state->next = pcount + 1;
	state->run_delay = run_delay;
	state->arrival = arrival;
}

/**
 * perftop_view_fill_open() - Say how the running task waited for its slice
 * @open: the slice; @wait, @held and @waited are filled in
 * @task: current
 *
 * Context: interrupts off, views are on.
 */
void perftop_view_fill_open(struct perftop_open *open,
			    const struct task_struct *task)
{
	const struct perftop_state *state = perftop_state_seek(task);
	const struct sched_info *info = &task->sched_info;

	/* As in fill_wait(); what has not left a CPU yet has waited once. */
	if ((u32)info->pcount != (state ? state->next : 1))
		return;
	open->waited = true;
	open->wait = info->run_delay - (state ? state->run_delay : 0);
	open->held = state ? perftop_state_held(state, task, open->idle) : 0;
}
#else
static __always_inline void fill_wait(struct perftop_slice *slice,
				      struct perftop_state *state,
				      const struct sched_info *info)
{
	fill_no_wait(slice);
}

void perftop_view_fill_open(struct perftop_open *open,
			    const struct task_struct *task)
{
}
#endif

/* The task leaves a CPU though it could go on, and is queued there. */
static __kprobes void begin_queued(const struct perftop_cpu *c,
				   const struct perftop_slice *slice,
				   struct perftop_state *state)
{
	state->queued = true;
	state->idle = c->idle;
	state->moves = slice->task->se.nr_migrations;
}

/* It has come back to one, and leaves it now. */
static __kprobes void end_queued(const struct perftop_cpu *c,
				 struct perftop_slice *slice,
				 struct perftop_state *state)
{
	if (slice->waited)
		slice->held = perftop_state_held(state, slice->task, c->idle);
	state->queued = false;
}

static __always_inline void fill_task(const struct perftop_cpu *c,
				      struct perftop_slice *slice)
{
	struct task_struct *task = slice->task;
	struct perftop_state *state;

	slice->voluntary = task->nvcsw != c->voluntary;
	slice->dead = perftop_task_is_dead(task);
	slice->held = 0;
	state = perftop_state_get(task);
	slice->state = state;
	if (unlikely(!state)) {
		slice->from = slice->cpu;
		fill_no_wait(slice);
		return;
	}
	fill_wait(slice, state, &task->sched_info);
	if (unlikely(state->queued))
		end_queued(c, slice, state);
	if (unlikely(!slice->voluntary))
		begin_queued(c, slice, state);
	slice->from = likely(state->cpu != PERFTOP_STATE_NEW) ? state->cpu :
								slice->cpu;
	state->cpu = slice->cpu;
}

/* Every slice is charged once to each table that accounts for time. */
static void charge_reserved(struct perftop_cpu *c, u32 account)
{
	const struct perftop_view *view;
	u32 mask;

	for (mask = c->views; mask; mask &= mask - 1) {
		view = perftop_views[__ffs(mask)];
		if (view->table && view->table->time)
			perftop_view_charge(view->table, &c->slice, account);
	}
}

/* To each view that is on; there is one. */
static __always_inline void show_slice(struct perftop_cpu *c)
{
	unsigned long mask = c->views;

	do {
		perftop_views[__ffs(mask)]->slice(c);
		mask &= mask - 1;
	} while (mask);
}

/* Which account a slice is for, in tables other than the stacks. */
static __always_inline u32 slice_account(const struct perftop_cpu *c, u32 index)
{
	if (unlikely(index == PERFTOP_UNATTRIBUTED))
		return index;
	if (is_idle_task(c->running))
		return PERFTOP_IDLE;
	return index == PERFTOP_FILTERED ? index : PERFTOP_RANKED;
}

/*
 * A slice has ended: filter it, show it to the views, return the row to charge.
 *
 * Where a stack was captured, and where the task was filtered or idle, the
 * slice has been found to be @c->running's, which is leaving now and may be
 * read; otherwise @index is PERFTOP_UNATTRIBUTED.
 */
static __always_inline u32 watch_slice(struct perftop_cpu *c, u32 index,
				       u64 ticks, u64 now,
				       struct task_struct *next)
{
	struct perftop_slice *slice = &c->slice;
	u32 account = slice_account(c, index);

	if (account == PERFTOP_RANKED &&
	    static_branch_unlikely(&perftop_filtering) &&
	    !perftop_filter_passes_slice(ticks))
		account = PERFTOP_FILTERED;
	if (account == PERFTOP_FILTERED)
		index = PERFTOP_FILTERED;
	if (!c->views)
		return index;

	slice->task = c->running;
	slice->ticks = ticks;
	slice->now = now;
	slice->cpu = smp_processor_id();
	slice->bank = READ_ONCE(c->bank);
	if (likely(account == PERFTOP_RANKED)) {
		fill_task(c, slice);
		show_slice(c);
	} else {
		slice->dead = false;
		if (account == PERFTOP_IDLE)
			c->idle += ticks;
		if (account == PERFTOP_FILTERED ||
		    (account == PERFTOP_UNATTRIBUTED && slice_has_left(c)))
			fill_task(c, slice);
		charge_reserved(c, account);
	}
	if (unlikely(slice->dead) && slice->state)
		perftop_state_put(slice->state);
	c->voluntary = next->nvcsw;
	return index;
}

/**
 * perftop_view_end_slice() - End a slice where filter or views want to know
 * @c: this CPU
 * @index: the row of the stack by which its task leaves
 * @next: the arriving task
 *
 * Context: hot path.
 */
__kprobes void perftop_view_end_slice(struct perftop_cpu *c, u32 index,
				      struct task_struct *next)
{
	slice_end_here(c, index, next, watch_slice);
}
