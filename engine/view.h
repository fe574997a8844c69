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
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "perftop.h"

/* state.c: what is kept of a live task from one of its slices to the next */

/* A row in the shard that has this epoch; 0: not known. */
struct perftop_known {
	u32	row;
	u32	epoch;
};

/**
 * struct perftop_state - one live task
 * @task: whose slot this is, NULL: nobody's
 * @started: its start_time, since a pointer may be used again
 * @run_delay: sched_info.run_delay when it last left a CPU, in ns
 * @arrival: sched_info.last_arrival then, in ns
 * @idle: how long that CPU had been idle then, in ticks
 * @moves: how often the task had been moved to another CPU then
 * @queued: it could have gone on then
 * @cpu: the CPU that it last left, PERFTOP_STATE_NEW if it has not yet
 * @next: sched_info.pcount when it next leaves one, if nothing goes unseen
 * @row: its row in the view tasks
 * @owner_row: its owner's in the view processes
 * @whose: that owner, see slice_owner()
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
	u64			idle;
	u32			moves;
	bool			queued;
	u32			cpu;
	u32			next;
	struct perftop_known	row;
	struct perftop_known	owner_row;
	u64			whose;
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
int perftop_state_keep_parents(void);
void perftop_state_drop_parents(void);
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

/**
 * perftop_state_held() - For how much of its wait was a CPU idle?
 * @state: of a task that waits, or has waited for the slice that it has now
 * @task: the task
 * @idle: how long the CPU has been idle by then, in ticks
 *
 * All idle time since the task left the CPU began while it was queued there, if it
 * could have gone on and has not been moved: then it is no lack of a CPU that it
 * has to wait.
 *
 * Context: hot path, or a read, where the answer may be of another wait.
 * Return: ticks.
 */
static __always_inline u64
perftop_state_held(const struct perftop_state *state,
		   const struct task_struct *task, u64 idle)
{
	if (!state->queued || state->moves != (u32)task->se.nr_migrations)
		return 0;
	return max_t(s64, idle - state->idle, 0);
}

/* filter.c: whose time is counted */

int perftop_filter_check(const char *words);
int perftop_filter_set(const char *words);
void perftop_filter_exit(void);
bool perftop_filter_passes_slice(u64 ticks);
bool perftop_filter_passes_open(const struct task_struct *task, u64 ticks);
void perftop_filter_copy(char *words);

/* words.c: what is written, taken apart */

char *perftop_words_trim(char *words);
char *perftop_words_command(char *words);
char *perftop_words_next(char **words);
char *perftop_words_list(char *word);
int perftop_words_value(char **list, char **value);

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

/* Orders that a view has at most, besides its table's. */
#define PERFTOP_VIEW_SORTED	2

/**
 * struct perftop_view - a file in procfs, and the table behind it
 * @name: of the file
 * @what: what it shows, in a line for the list of views
 * @lacks: what of it this kernel does not let be seen, and why; NULL: nothing
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
 * @who: the same, for a table with the counters that perftop_print_slices()
 *	takes: what the row of a task adds that has an open slice or waits; the
 *	engine fills in those
 * @set: words that were written behind the view's name, or only look whether
 *	it could be done; 0 or an error
 * @note: what it is set to, to be printed with a snapshot; perftop_lock is held
 * @header: print what stands above the rows
 * @rows: how many rows there are; NULL: as many as the snapshot has
 * @row: print one
 * @sorted: further files, with the same rows in the order of another counter,
 *	one of those that are sums: NAME.SUFFIX
 * @sorted.suffix: of the file's name, NULL: no more of them
 * @sorted.rank: the counter
 * @open_apart: open slices are rows of their own, not added to records'
 * @all_rows: rows are not limited to top=
 * @by_key: rows stand by the first word of their keys, those without one last
 * @ask: asks the kernel, when a snapshot is taken, what it says now of the row
 *	with these key words and counters, and leaves it in the counters; whether
 *	the row is to be shown. A log's entry is its counters
 * @wants_waiters: who waits is to be part of a snapshot
 * @bare: the header that all tables share is not printed
 * @shared: with members of group=, who may read it: it shows no addresses and
 *	no stacks
 */
struct perftop_view {
	const char	*name;
	const char	*what;
	const char	*lacks;
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
	unsigned int	(*who)(const struct perftop_who *who,
			       const u64 **word, u64 *counter);
	int		(*set)(char *words, bool check);
	void		(*note)(u64 *note);
	void		(*header)(struct seq_file *m,
				  const struct perftop_snapshot *snapshot);
	unsigned int	(*rows)(const struct perftop_snapshot *snapshot);
	void		(*row)(struct seq_file *m,
			       const struct perftop_snapshot *snapshot,
			       unsigned int number);
	bool		(*ask)(const u64 *word, u64 *counter);
	struct {
		const char	*suffix;
		unsigned int	rank;
	} sorted[PERFTOP_VIEW_SORTED];
	bool		open_apart;
	bool		all_rows;
	bool		by_key;
	bool		wants_waiters;
	bool		bare;
	bool		shared;
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

bool perftop_view_has_ended(pid_t pid, u64 started);
u32 perftop_view_index(struct perftop_cpu *c,
		       const struct perftop_table *table, const u64 *word,
		       unsigned int words);

/**
 * perftop_view_known() - A row that is remembered while its shard is the same
 * @c: this CPU
 * @table: the view's
 * @known: what is remembered
 * @find: looks up the row of the slice that has ended, with the shard's epoch, and
 *	remembers both; not inline, so that it costs who knows it no registers
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_known(struct perftop_cpu *c, const struct perftop_table *table,
		   struct perftop_known *known,
		   u32 (*find)(struct perftop_cpu *c, struct perftop_known *known))
{
	u32 epoch = READ_ONCE(table->shard[c->slice.cpu]->epoch);

	if (likely(known->row && known->epoch == epoch))
		return known->row;
	return find(c, known);
}

/**
 * perftop_view_find_row() - Look up a row, and remember it
 * @c: this CPU
 * @table: the view's
 * @known: where, NULL: nowhere
 * @word: the key's words
 * @words: how many they are
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_find_row(struct perftop_cpu *c, const struct perftop_table *table,
		      struct perftop_known *known, const u64 *word,
		      unsigned int words)
{
	const u32 index = perftop_view_index(c, table, word, words);

	if (known) {
		known->row = index;
		known->epoch = READ_ONCE(table->shard[c->slice.cpu]->epoch);
	}
	return index;
}

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

/*
 * Counters of a name, one behind the other: the largest and the smallest of the
 * hashes of all that were seen, of the latter the complement, so that both are
 * merged by MAX; and the name seen last, two words.
 */
static __always_inline void perftop_view_add_name(u64 *names, const char *comm)
{
	u64 hash;

	/* Another thread may be renaming it. */
	data_race(memcpy(&names[2], comm, TASK_COMM_LEN));
	hash = names[2] * GOLDEN_RATIO_64 ^ names[3];
	if (names[0] < hash)
		names[0] = hash;
	if (names[1] < ~hash)
		names[1] = ~hash;
}

static inline bool perftop_view_was_renamed(const u64 *names)
{
	return names[0] > ~names[1];
}

/* Where they stand among those that perftop_print_slices() takes. */
#define PERFTOP_SLICES_WAITS	3

/*
 * Counters of waits, one behind the other: how many, their sum and the longest in
 * ns, and for how many ticks of them the CPU was idle.
 */
static __always_inline void perftop_view_add_wait(u64 *waits,
						  const struct perftop_slice *slice)
{
	const u64 wait = slice->wait;

	waits[0] += slice->waited;
	waits[1] += wait;
	if (waits[2] < wait)
		waits[2] = wait;
	waits[3] += slice->held;
}

/* The same of one wait, whose slice has not ended or not begun. */
static inline void perftop_view_set_wait(u64 *waits, u64 wait, u64 held)
{
	waits[0] = 1;
	waits[1] = wait;
	waits[2] = wait;
	waits[3] = held;
}

/* Of a view that shows waits, for @lacks. */
#define PERFTOP_LACKS_WAITS						\
	(IS_ENABLED(CONFIG_SCHED_INFO) ? NULL :				\
	 "waits: the kernel has no CONFIG_SCHED_INFO")

/* hooks/tracepoint.c */

struct tracepoint;

/**
 * struct perftop_tracepoint - a probe on one of the kernel's tracepoints
 * @name: of the tracepoint, which need not be exported
 * @probe: a function with the tracepoint's arguments behind a void pointer
 * @fits: whether these are the arguments that this kernel's tracepoint has, as
 *	was found when the module was built
 * @found: private
 */
struct perftop_tracepoint {
	const char		*name;
	void			*probe;
	bool			fits;
	struct tracepoint	*found;
};

int perftop_tracepoint_attach(struct perftop_tracepoint *tracepoint);
void perftop_tracepoint_detach(struct perftop_tracepoint *tracepoint);

/* names.c: names that anybody may have chosen */

unsigned int perftop_print_name(struct seq_file *m, const char *name);
void perftop_print_folded_name(struct seq_file *m, const char *name);
unsigned int perftop_print_comm(struct seq_file *m, const u64 *word);
void perftop_print_folded_comm(struct seq_file *m, const u64 *word);

/* print.c: what all views print alike */

void perftop_print_header(struct seq_file *m,
			  const struct perftop_snapshot *snapshot);
void perftop_print_field(struct seq_file *m, const char *text, int width);
void perftop_print_list(struct seq_file *m, const unsigned long *bits,
			unsigned int n, int width);
void perftop_print_number(struct seq_file *m, perftop_wide number, int width);
u64 perftop_ticks_to_ns(perftop_wide ticks);
void perftop_print_ticks(struct seq_file *m, perftop_wide ticks, int width);
void perftop_print_average(struct seq_file *m, perftop_wide ticks, u64 count,
			   int width);
void perftop_print_ns(struct seq_file *m, u64 ns, int width);
const char *perftop_print_policy(u32 policy);
void perftop_print_cpu(struct seq_file *m, const struct perftop_line *line);
unsigned int perftop_print_id(struct seq_file *m, u32 id, bool ended,
			      bool renamed);
void perftop_print_nobody(struct seq_file *m, const struct perftop_row *row);
void perftop_print_who(struct seq_file *m, const struct perftop_row *row,
		       const u64 *comm);
void perftop_print_slices_header(struct seq_file *m);
void perftop_print_slices(struct seq_file *m,
			  const struct perftop_snapshot *snapshot,
			  const struct perftop_row *row);
void perftop_print_share(struct seq_file *m, perftop_wide part,
			 perftop_wide whole, int width);
void perftop_print_rate(struct seq_file *m, u64 count, u64 ns, int width);

#endif /* PERFTOP_VIEW_H */
