/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a view is made of. A view is one file in views/ and one word in Kbuild:
 * a table or a log of its own if it needs one, what it adds to it when a slice
 * ends, and how it prints. It knows the engine, never another view.
 *
 * A slice that ends is charged to its stack first (slice.h), and then shown to
 * the views that are on, on the CPU where it ended (perftop_view_end_slice()). What
 * is no task's own time (idle, filtered, unattributed) the engine charges to
 * the reserved rows of a view's table, so that each table that counts time
 * adds up as the stacks do. A view that is off costs nothing.
 */
#ifndef PERFTOP_VIEW_H
#define PERFTOP_VIEW_H

#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/sched.h>

#include "perftop.h"

/* state.c: what is kept of a live task from one of its slices to the next */

/**
 * struct perftop_state - one live task
 * @task: whose slot this is, NULL: nobody's
 * @started: its start_time, since a pointer may be used again
 * @run_delay: sched_info.run_delay when it last left a CPU, in ns
 * @arrival: sched_info.last_arrival then, in ns
 * @cpu: the CPU that it last left, PERFTOP_STATE_NEW if it has not yet
 * @next: sched_info.pcount when it next leaves one, if nothing goes unseen
 * @row: its row in the shard of the view tasks that has @epoch; 0: not known
 * @epoch: see @row
 * @parent: process id of its parent, set when it exits
 * @since: when it began to wait for a mutex, in ns; 0: it does not
 * @lock: the mutex, to be compared and not followed
 * @owner: whom it waits for, thread id and process id above it
 *
 * Claimed by the CPU that the task is on, and written by nobody else until the
 * task has left; the run-queue locks order what two CPUs write one after the
 * other. Given back when a dead task leaves for the last time.
 */
struct perftop_state {
	struct task_struct	*task;
	u64			started;
	u64			run_delay;
	u64			arrival;
	u32			cpu;
	u32			next;
	u32			row;
	u32			epoch;
	u32			parent;
	u64			since;
	const void		*lock;
	u64			owner;
};

#define PERFTOP_STATE_NEW	U32_MAX

int perftop_state_init(void);
void perftop_state_exit(void);
struct perftop_state *perftop_state_find(struct task_struct *task);
struct perftop_state *perftop_state_seek(const struct task_struct *task);
void perftop_state_reset(void);
void perftop_state_put(struct perftop_state *state);
u64 perftop_state_full(void);

/* A slot and seven more behind it. */
#define PERFTOP_STATE_WINDOW	8

extern struct perftop_state *perftop_states;
extern unsigned int perftop_state_bits;

static __always_inline struct perftop_state *
perftop_state_place(const struct task_struct *task)
{
	return &perftop_states[hash_ptr(task, perftop_state_bits)];
}

/**
 * perftop_state_get() - Find a task's slot, claim one if it has none
 * @task: current, or a task that is just leaving this CPU
 *
 * Context: hot path.
 * Return: the slot, NULL if there is none.
 */
static __always_inline struct perftop_state *
perftop_state_get(struct task_struct *task)
{
	struct perftop_state *state = perftop_state_place(task);

	if (likely(READ_ONCE(state->task) == task &&
		   state->started == task->start_time))
		return state;
	return perftop_state_find(task);
}

/* filter.c: whose time is counted */

int perftop_filter_set(const char *words);
void perftop_filter_exit(void);
bool perftop_filter_passes_slice(u64 ticks);
bool perftop_filter_passes_open(const struct task_struct *task, u64 ticks);
void perftop_filter_copy(char *words);

/* log.c: sequences, not sums */

struct perftop_log_cpu;

/**
 * struct perftop_log - the last entries of something, on each CPU
 * @words: words of 64 bits an entry, the first is its time in ns
 * @cpu: private, one ring a CPU
 */
struct perftop_log {
	unsigned int			words;
	struct perftop_log_cpu __percpu	*cpu;
};

int perftop_log_init(struct perftop_log *log);
void perftop_log_exit(struct perftop_log *log);
u64 *perftop_log_next(struct perftop_log *log);
void perftop_log_clear(struct perftop_log *log);
unsigned int perftop_log_limit(void);
unsigned int perftop_log_copy(struct perftop_log *log, u64 *to);

/* view.c: which views there are, and which are on */

/**
 * struct perftop_view - a file in procfs, and the table behind it
 * @name: of the file
 * @what: what it shows, in a line for the list of views
 * @cost: guest instructions that it takes a switch, or in words; NULL: it
 *	takes none and is always on
 * @table: what its rows are from; its own if @cost is set
 * @limit: how many records its own table is to hold; NULL: as many as table=
 * @log: or its entries, the newest first, each a row's counters
 * @start: when it is switched on, besides the table; 0 or an error
 * @stop: when it is switched off; on return none of its probes runs
 * @slice: a task's slice has ended, which is @c->slice. Hot path
 * @reset: forget what is in no table
 * @open: what an open slice adds to the table when it is read: fills in the
 *	counters, points to the key and returns how many words that has
 * @set: words that were written behind the view's name; 0 or an error
 * @header: print what stands above the rows
 * @rows: how many rows there are; NULL: as many as the snapshot has
 * @row: print one
 * @sorted: further files, with the same rows in the order of another counter:
 *	NAME.SUFFIX
 * @sorted.suffix: of the file's name
 * @sorted.rank: the counter
 * @open_apart: open slices are rows of their own, not added to records'
 * @all_rows: rows are not limited to top=
 * @bare: the header that all tables share is not printed
 */
struct perftop_view {
	const char	*name;
	const char	*what;
	const char	*cost;
	struct perftop_table *table;
	unsigned int	(*limit)(void);
	struct perftop_log *log;
	int		(*start)(void);
	void		(*stop)(void);
	void		(*slice)(struct perftop_cpu *c);
	void		(*reset)(void);
	unsigned int	(*open)(const struct perftop_open *open,
				const u64 **word, u64 *counter);
	int		(*set)(char *words);
	void		(*header)(struct seq_file *m,
				  const struct perftop_snapshot *snapshot);
	unsigned int	(*rows)(const struct perftop_snapshot *snapshot);
	void		(*row)(struct seq_file *m,
			       const struct perftop_snapshot *snapshot,
			       unsigned int number);
	struct {
		const char	*suffix;
		unsigned int	rank;
	} sorted;
	bool		open_apart;
	bool		all_rows;
	bool		bare;
};

/* The views that Kbuild names, in that order; the array ends with NULL. */
extern const struct perftop_view PERFTOP_VIEWS;
extern const struct perftop_view *const perftop_views[];

bool perftop_view_is_on(const struct perftop_view *view);
const struct perftop_view *perftop_view_find(const char *name);
int perftop_view_switch(const struct perftop_view *view, bool on);
int perftop_view_switch_names(const char *names);
void perftop_view_exit(void);
void perftop_view_reset(void);

u32 perftop_view_index(struct perftop_cpu *c,
		       const struct perftop_table *table, const u64 *word,
		       unsigned int words);
/**
 * perftop_view_row() - The counters of a row, for the slice that has ended
 * @table: the view's
 * @slice: which
 * @index: of the row
 *
 * Context: hot path.
 * Return: the counters, to be added to.
 */
static __always_inline u64 *
perftop_view_row(const struct perftop_table *table,
		 const struct perftop_slice *slice, u32 index)
{
	return perftop_hash_row(table->shard[slice->cpu], slice->bank, index,
				slice->now);
}

/**
 * perftop_view_charge() - The same, in a table that accounts for time
 * @table: the view's
 * @slice: which; it is charged to the row
 * @index: of the row
 *
 * Context: hot path.
 * Return: the counters, to be added to.
 */
static __always_inline u64 *
perftop_view_charge(const struct perftop_table *table,
		    const struct perftop_slice *slice, u32 index)
{
	u64 *counter = perftop_view_row(table, slice, index);

	counter[PERFTOP_TICKS] += slice->ticks;
	counter[PERFTOP_COUNT]++;
	return counter;
}

/* Counters of waits, one behind the other: how many, their sum, the longest. */
static __always_inline void perftop_view_add_wait(u64 *waits,
						  const struct perftop_slice *slice)
{
	waits[0] += slice->waited;
	waits[1] += slice->wait;
	if (waits[2] < slice->wait)
		waits[2] = slice->wait;
}

/* hooks/tracepoint.c */

struct tracepoint;

/**
 * struct perftop_tracepoint - a probe on one of the kernel's tracepoints
 * @name: of the tracepoint, which need not be exported
 * @probe: a function with the tracepoint's arguments behind a void pointer
 * @found: private
 */
struct perftop_tracepoint {
	const char		*name;
	void			*probe;
	struct tracepoint	*found;
};

int perftop_tracepoint_attach(struct perftop_tracepoint *tracepoint);
void perftop_tracepoint_detach(struct perftop_tracepoint *tracepoint);

/* print.c: what all views print alike */

void perftop_print_header(struct seq_file *m,
			  const struct perftop_snapshot *snapshot);
void perftop_print_name(struct seq_file *m, const char *name);
void perftop_print_comm(struct seq_file *m, const u64 *word);
void perftop_print_ticks(struct seq_file *m, u64 ticks, int width);
void perftop_print_average(struct seq_file *m, u64 ticks, u64 count, int width);
void perftop_print_ns(struct seq_file *m, u64 ns, int width);
const char *perftop_print_policy(u32 policy);
void perftop_print_share(struct seq_file *m, u64 part, u64 whole, int width);
void perftop_print_rate(struct seq_file *m, u64 count, u64 ns, int width);

#endif /* PERFTOP_VIEW_H */
