/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a view is made of. A view is one file in views/ and one word in Kbuild:
 * a table or a log of its own if it needs one, what it adds to it when a slice
 * ends, and its columns (engine/column.h), from which come the text, the JSON and
 * what views.json says of it. It knows the engine, never another view.
 *
 * A slice that ends is charged to its stack first (slice.h), and then shown to
 * the views that are on, on the CPU where it ended (switch/slice_views.c). What
 * is no task's own time (idle, filtered, unattributed) the engine charges to
 * the reserved rows of a view's table, so that each table that counts time
 * adds up as the stacks do. A view that is off costs nothing.
 */
#ifndef PERFTOP_VIEW_H
#define PERFTOP_VIEW_H

#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <asm/tsc.h>

/* What a view is made of, so that it need not name it. */
#include "engine/accounts.h"
#include "engine/column.h"
#include "engine/merged_records.h"
#include "engine/octave.h"
#include "engine/event_sources.h"
#include "engine/table.h"
#include "engine/task.h"
#include "engine/task_state.h"
#include "engine/words.h"
#include "hash.h"
#include "switch/cpu.h"
#include "switch/slice.h"
#include "switch/slice_views.h"
#include "switch/tracepoint_probe.h"

struct perftop_log;
struct perftop_open;
struct perftop_open_call;
struct perftop_snapshot;
struct perftop_value;
struct seq_file;

/* What a view may note in a snapshot, in words. */
#define PERFTOP_NOTE_WORDS	4

/* Orders that a view has at most, besides its table's. */
#define PERFTOP_VIEW_SORTED	2

/**
 * struct perftop_view - a file in procfs, and the table behind it
 * @name: of the file, which is the source's: PERFTOP_VIEW_NAME
 * @what: what it shows, in a line for the list of views
 * @lacks: what of it this kernel does not let be seen, and why; NULL: nothing
 * @cost: guest instructions that it takes a switch, or in words; NULL: it
 *	takes none and is always on
 * @table: what its rows are from; its own if @cost is set
 * @limit: how many records its own table is to hold; NULL: as many as table=
 * @of: it has rows of this view's table, summed; NULL: it has its own. It is on
 *	while that one is
 * @log: or its entries, the newest first, each a row's counters
 * @keeps_parents: it asks for what tasks' states know of their parents
 * @start: when it is switched on, besides these; 0 or an error
 * @stop: when it is switched off
 * @probes: its own on tracepoints, ended by NULL: they run while it is on
 * @interrupts: they see interrupts, whose time is taken out of slices meanwhile
 * @faults: what tasks have of page faults when they arrive is noted meanwhile
 * @slice: a task's slice has ended, which is @c->slice. Hot path; NULL: its probes
 *	see what it shows
 * @reset: forget what has begun
 * @open_slice: what an open slice adds to the table when it is read: fills in the
 *	counters, points to the key and returns how many words that has, 0: nothing
 * @who: the same, for a table with the counters of PERFTOP_COLUMNS_OF_SLICES():
 *	what the row of a task adds that has an open slice or waits; the engine
 *	fills in those
 * @open_call: likewise, what a thread adds that has long been in a system call
 * @lost: each CPU's spans that are not counted as others are; NULL: it has no spans
 * @words: that may be written behind the view's name, NULL: none
 * @set: such words were written, or only look whether it could be done; 0 or an
 *	error
 * @note: what it is set to, to be printed with a snapshot; perftop_lock is held
 * @columns: what it shows of each row, the last has no id; NULL: it is a text
 *	alone, and there is no JSON
 * @value: what stands in a column that is the view's own (OWN), by its number
 * @header: a text of its own: print what stands above the rows, NULL: the titles,
 *	or nothing where there is @row
 * @rows: likewise, how many rows there are; NULL: as many as the snapshot has.
 *	Where the table is of histograms, keys that are to have a row: 0 and up
 * @row: likewise, print one; NULL: by its columns
 * @sorted: further files, with the same rows in the order of another counter,
 *	one of those that are sums: NAME.SUFFIX
 * @sorted.suffix: of the file's name, NULL: no more of them
 * @sorted.rank: the counter
 * @open_apart: open slices are rows of their own, not added to records'
 * @all_rows: rows are not limited to top=
 * @by_cpu: the rows are those of the CPUs that have been online, by number, each
 *	with the counters of the key that is this number
 * @and_all: and one of all of them together
 * @ended: the counter that is 1 in rows of the dead when a snapshot is taken, as
 *	the table's function of that name says; 0: none
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
	const struct perftop_view *of;
	struct perftop_log *log;
	bool		keeps_parents;
	int		(*start)(void);
	void		(*stop)(void);
	struct perftop_tracepoint *const *probes;
	bool		interrupts;
	bool		faults;
	void		(*slice)(struct perftop_cpu *c);
	void		(*reset)(void);
	unsigned int	(*open_slice)(const struct perftop_open *open,
				      const u64 **word, u64 *counter);
	unsigned int	(*who)(const struct perftop_who *who,
			       const u64 **word, u64 *counter);
	unsigned int	(*open_call)(const struct perftop_open_call *call,
				     const u64 **word, u64 *counter);
	struct perftop_span_losses __percpu *lost;
	const struct perftop_word *words;
	int		(*set)(char *words, bool check);
	void		(*note)(u64 *note);
	const struct perftop_column *columns;
	void		(*value)(struct perftop_value *value, unsigned int number,
				 const struct perftop_snapshot *snapshot,
				 const struct perftop_row *row);
	void		(*header)(struct seq_file *m,
				  const struct perftop_snapshot *snapshot);
	unsigned int	(*rows)(const struct perftop_snapshot *snapshot);
	void		(*row)(struct seq_file *m,
			       const struct perftop_snapshot *snapshot,
			       unsigned int number);
	unsigned int	ended;
	bool		(*ask)(const u64 *word, u64 *counter);
	struct {
		const char	*suffix;
		unsigned int	rank;
	} sorted[PERFTOP_VIEW_SORTED];
	bool		open_apart;
	bool		all_rows;
	bool		by_cpu;
	bool		and_all;
	bool		wants_waiters;
	bool		bare;
	bool		shared;
};

/* No two files have one. */
#define PERFTOP_VIEW_NAME	KBUILD_BASENAME

/*
 * A view beside another one, and on while that is. In a table of its own it has what it
 * is given; in the other's, if that has histograms, each of its rows is the sum of those
 * that differ in one word alone, in front of the octave, which its columns do not show.
 */
#define PERFTOP_SUM_OF(name_, table_, columns_)				\
	const struct perftop_view perftop_view_##name_##_sum = {	\
		.name		= PERFTOP_VIEW_NAME ".sum",		\
		.what		= "sums of " PERFTOP_VIEW_NAME,		\
		.of		= &perftop_view_##name_,		\
		.table		= &(table_),				\
		.columns	= columns_,				\
		.value		= value,				\
		.all_rows	= true,					\
		.shared		= true,					\
	}

/* The views that Kbuild names. */
extern const struct perftop_view PERFTOP_VIEWS;

void perftop_view_init(const struct perftop_view *const *all);
const struct perftop_view *perftop_view_at(unsigned int number);

bool perftop_view_is_on(const struct perftop_view *view);
const struct perftop_view *perftop_view_find(const char *name);
int perftop_view_switch(const struct perftop_view *view, bool on);
int perftop_view_switch_names(const char *names);
void perftop_view_exit(void);
void perftop_view_begin_reset(void);
void perftop_view_reset(void);

u32 perftop_view_index(struct perftop_cpu *c,
		       const struct perftop_table *table, const u64 *word,
		       unsigned int words);

/**
 * perftop_view_renew() - Forget rows that are remembered of another time
 * @c: this CPU
 * @table: the view's
 * @epoch: which its shard had when they were found
 * @row: their indexes, which are 0 where nothing is known
 * @rows: how many
 *
 * The epoch is read before any row is looked up: one that is retired meanwhile is
 * of a time that has passed.
 *
 * Context: hot path.
 */
static __always_inline void
perftop_view_renew(const struct perftop_cpu *c, const struct perftop_table *table,
		   u32 *epoch, u32 *row, unsigned int rows)
{
	const u32 now = READ_ONCE(table->shard[c->slice.cpu]->epoch);

	if (likely(*epoch == now))
		return;
	memset(row, 0, rows * sizeof(*row));
	*epoch = now;
}

/* Not inline, so that they cost who knows the row no registers. */
typedef u32 (*perftop_view_find_row)(struct perftop_cpu *c,
				     const struct perftop_table *table,
				     struct perftop_known *known);

u32 perftop_view_find_cpu(struct perftop_cpu *c, const struct perftop_table *table,
			  struct perftop_known *known);
u32 perftop_view_find_thread(struct perftop_cpu *c,
			     const struct perftop_table *table,
			     struct perftop_known *known);
u32 perftop_view_find_owner(struct perftop_cpu *c,
			    const struct perftop_table *table,
			    struct perftop_known *known);

/**
 * perftop_view_known() - A row that is remembered while its shard is the same
 * @c: this CPU
 * @table: the view's
 * @known: what is remembered
 * @find: looks up the row, and remembers it
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_known(struct perftop_cpu *c, const struct perftop_table *table,
		   struct perftop_known *known, perftop_view_find_row find)
{
	perftop_view_renew(c, table, &known->epoch, &known->row, 1);
	return likely(known->row) ? known->row : find(c, table, known);
}

/**
 * perftop_view_cpu_row() - The row of this CPU, whose key is its number
 * @c: this CPU
 * @table: the view's
 * @known: what this CPU remembers of it
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_cpu_row(struct perftop_cpu *c, const struct perftop_table *table,
		     struct perftop_known *known)
{
	return perftop_view_known(c, table, known, perftop_view_find_cpu);
}

/**
 * struct perftop_thread_key - a thread: an id that is used again is another's
 * @ids: thread id, process id above it
 * @started: its start_time
 */
struct perftop_thread_key {
	u64	ids;
	u64	started;
};

#define PERFTOP_THREAD_WORDS	(sizeof(struct perftop_thread_key) / sizeof(u64))

bool perftop_view_thread_ended(const u64 *head);

/**
 * perftop_view_thread_row() - The row of the slice's thread
 * @c: this CPU
 * @table: the view's, of struct perftop_thread_key; tasks alone
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_thread_row(struct perftop_cpu *c, const struct perftop_table *table)
{
	struct perftop_state *state = c->slice.state;

	if (unlikely(!state))
		return perftop_view_find_thread(c, table, NULL);
	return perftop_view_known(c, table, &state->row, perftop_view_find_thread);
}

bool perftop_view_owner_ended(const u64 *head);

/**
 * perftop_view_owner_row() - The row of the slice's process, or kernel thread
 * @c: this CPU
 * @table: the view's, whose key is perftop_task_owner(); processes alone
 *
 * It is remembered while the task has the same owner, too.
 *
 * Context: hot path.
 * Return: its index, as perftop_view_index().
 */
static __always_inline u32
perftop_view_owner_row(struct perftop_cpu *c, const struct perftop_table *table)
{
	struct perftop_state *state = c->slice.state;
	const u64 owner = slice_opened_owner(c);

	if (unlikely(!state))
		return perftop_view_find_owner(c, table, NULL);
	if (unlikely(state->whose != owner)) {
		state->whose = owner;
		state->owner_row.row = 0;
	}
	return perftop_view_known(c, table, &state->owner_row,
				  perftop_view_find_owner);
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

/**
 * struct perftop_octave_rows - what a CPU remembers of a view's histograms
 * @epoch: of its shard
 * @index: of the row of each octave of each histogram, 0 where it is not known
 */
struct perftop_octave_rows {
	u32	epoch;
	u32	index[];
};

struct perftop_octave_rows __percpu *perftop_octave_rows_alloc(unsigned int histograms);
void perftop_octave_row_find(struct perftop_cpu *c, const struct perftop_table *table,
			     u32 *index, u64 histogram, u64 octave);

/* Where the slice that has ended is charged. */
static __always_inline struct perftop_bank *
perftop_view_bank(const struct perftop_table *table, const struct perftop_slice *slice)
{
	return &table->shard[slice->cpu]->bank[slice->bank];
}

/* What this CPU knows of rows that there still are, by octave. */
static __always_inline u32 *
perftop_octave_rows_known(const struct perftop_cpu *c, const struct perftop_table *table,
			  struct perftop_octave_rows __percpu *rows,
			  unsigned int histograms)
{
	struct perftop_octave_rows *own = this_cpu_ptr(rows);

	perftop_view_renew(c, table, &own->epoch, own->index,
			   histograms * PERFTOP_OCTAVES);
	return own->index;
}

/**
 * perftop_octave_add() - Count a time in a histogram
 * @c: this CPU
 * @table: the view's, whose counters are PERFTOP_COUNTERS_OF_OCTAVES()
 * @bank: of this CPU's shard, see perftop_view_bank()
 * @known: from perftop_octave_rows_known()
 * @histogram: which of the view's, and the first word of its key
 * @ns: the time
 *
 * Context: hot path.
 */
static __always_inline void
perftop_octave_add(struct perftop_cpu *c, const struct perftop_table *table,
		   struct perftop_bank *bank, u32 *known, unsigned int histogram,
		   u64 ns)
{
	unsigned int eighth;
	const unsigned int octave = perftop_octave_of(ns, &eighth);
	u32 *index = &known[histogram * PERFTOP_OCTAVES + octave];
	u64 *counter;

	if (unlikely(!*index))
		perftop_octave_row_find(c, table, index, histogram, octave);
	counter = perftop_bank_row(bank, PERFTOP_OCTAVE_COUNTERS + 1, *index,
				   c->slice.now);
	perftop_octave_count(counter, eighth, ns);
}

/* ns = ticks * scale >> 32, as the clock is known now. */
static inline u64 perftop_view_scale(void)
{
	return div_u64((u64)USEC_PER_SEC << 32, tsc_khz);
}

/* Counters of times in ticks, one behind the other: their sum, how many, the longest. */
static __always_inline void perftop_view_add_ticks(u64 *times, u64 ticks)
{
	times[0] += ticks;
	times[1]++;
	if (times[2] < ticks)
		times[2] = ticks;
}

/* Looks up the row of a span's octave; its argument is the caller's. */
typedef u32 (*perftop_span_find_row)(struct perftop_cpu *c, u64 octave,
				     const void *arg);

/**
 * perftop_span_add() - Count a span that has ended in its histogram
 * @c: this CPU
 * @table: the view's, whose counters begin with those of octaves and PERFTOP_SPANS
 * @source: what this CPU remembers of what it was, see perftop_span_source()
 * @now: stamp in ticks
 * @ns: how long it was
 * @find: looks up its row, the first time
 * @arg: for @find
 *
 * Context: hot path.
 * Return: the row's counters.
 */
static __always_inline u64 *
perftop_span_add(struct perftop_cpu *c, const struct perftop_table *table,
		 struct perftop_event_source *source, u64 now, u64 ns,
		 perftop_span_find_row find, const void *arg)
{
	struct perftop_shard *shard = table->shard[smp_processor_id()];
	unsigned int eighth;
	u32 *row = &source->row[perftop_octave_of(ns, &eighth)];
	u64 *counter = (u64 *)shard->memory + *row;
	u32 index;

	if (unlikely(!*row)) {
		index = find(c, row - source->row, arg);
		counter = perftop_shard_row(shard, READ_ONCE(c->bank), index, now);
		/* Who has no room may have it later. */
		if (index >= PERFTOP_RESERVED)
			*row = counter - (u64 *)shard->memory;
	}
	counter[-1] = now;
	perftop_octave_count(counter, eighth, ns);
	counter[PERFTOP_SPANS]++;
	return counter;
}

/**
 * perftop_span_row_known() - The row of a span's octave, as nearly always it is known
 * @source: of which perftop_event_source_is() holds
 * @ns: how long the span was, 8 at least
 * @eighth: for perftop_span_add_known()
 *
 * Context: hot path.
 * Return: the row; 0: it is not known, and perftop_span_add() is to be told.
 */
static __always_inline u32
perftop_span_row_known(const struct perftop_event_source *source, u32 ns,
		       unsigned int *eighth)
{
	return source->row[perftop_octave_of_usual(ns, eighth)];
}

/**
 * perftop_span_add_known() - Count a span where its row is known
 * @sources: what this CPU remembers
 * @row: from perftop_span_row_known(), not 0
 * @eighth: likewise
 * @now: stamp in ticks
 * @ns: how long it was
 *
 * Context: hot path.
 * Return: the row's counters.
 */
static __always_inline u64 *
perftop_span_add_known(const struct perftop_event_sources *sources, u32 row,
		       unsigned int eighth, u64 now, u32 ns)
{
	u64 *counter = sources->counters + row;

	counter[-1] = now;
	perftop_octave_count(counter, eighth, ns);
	counter[PERFTOP_SPANS]++;
	return counter;
}

/**
 * perftop_span_source() - What this CPU remembers of a source of spans
 * @table: the view's
 * @own: what this CPU remembers
 * @place: where it is looked for first
 * @of: what it is, not 0
 *
 * Context: hot path.
 * Return: it.
 */
static __always_inline struct perftop_event_source *
perftop_span_source(const struct perftop_table *table,
		    struct perftop_event_sources *own, u32 place, u64 of)
{
	const u32 flips = this_cpu_read(perftop_cpu.flips);
	struct perftop_event_source *source = perftop_event_source_at(own, place);

	if (perftop_event_source_is(source, of, flips))
		return source;
	return perftop_event_source_find(own, place, of, flips,
					 table->shard[smp_processor_id()]->memory);
}

/* A name of 16 bytes; of a longer one the end is a mark. */
static inline void perftop_view_set_name(u64 *name, const char *from)
{
	char *to = (char *)name;

	if (strscpy(to, from ? : "?", TASK_COMM_LEN) < 0)
		to[TASK_COMM_LEN - 2] = '+';
}

/* Where they stand among those of PERFTOP_COLUMNS_OF_SLICES(). */
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

#endif /* PERFTOP_VIEW_H */
