/* SPDX-License-Identifier: GPL-2.0 */
/*
 * perftop: which call stacks did the CPUs' time go to?
 *
 * THE WAY OF ONE SWITCH
 *
 *   task A leaves CPU n                             cat /proc/perftop
 *     pick    find the row of A's stack    (1)        cut every CPU      (4)
 *     finish  now - start -> that row      (2)        drain              (3)
 *             start = now                             copy the top rows
 *                      |                                    |
 *          CPU n's shard, bank 0 | 1  --- drain (3) --> records, rb-tree
 *
 *   (1) perftop_slice_pick()    slice.h: hot path
 *       perftop_stack_row()     stack.c: an unwind that is remembered leads to
 *                               its row (recall.h), one that is not is made,
 *                               and its key looked up (hash.c)
 *   (2) perftop_slice_finish()  slice.h: hot path
 *   (3) perftop_hash_drain()    hash.c, rbtop.c: process context, each second
 *                               and at each read
 *   (4) perftop_slice_cut()     slice.c: on each CPU, for a read; the slices
 *                               that are open become rows of that snapshot
 *
 * A hook is a way to see switches (hooks/): two kprobes and a third for the
 * finish, or one tracepoint, where (1) and (2) are one, perftop_slice_switch().
 * A view is a file that prints snapshots (views/); some have a table of their
 * own, and are shown each slice that ends while they are on (view.h).
 *
 * ON THE DATA STRUCTURES
 *
 * Everything perftop knows is a table: key -> counters. A table has two
 * halves, one that is cheap to add to and one that is good to read.
 *
 * The shards. Each CPU has one shard a table, and is the only one to add to
 * it. A shard holds *keys* and *rows*:
 *
 *   key    stored once, under an index that stays the same while it lives.
 *          Open addressing finds it; the hash chooses where to look, the
 *          whole key decides.
 *   row    the counters of that index: a stamp, then one u64 a counter.
 *          A row is in use exactly if its stamp is not 0.
 *   bank   all rows, and the list of those in use. There are two banks; the
 *          CPU adds to the one that perftop_cpu.bank names, the drain empties
 *          the other.
 *   generation
 *          half of the keys. When the generation that takes new keys is half
 *          full, the drain retires the other one, which holds the keys of
 *          long ago: lookups pass over it, two drains later nothing refers to
 *          it, it is emptied and takes new keys. So processes that come and
 *          go do not fill a shard for ever. A key that was forgotten and
 *          returns is stored again and merges into the record it had.
 *
 * The first indexes are reserved rows without a key (enum perftop_account): time
 * that no key could be had for is charged there, never dropped.
 *
 * The records. One merged table for all CPUs: jhash buckets, each record with
 * its key, its counters, and its place in an rb-tree ordered by one of them.
 *
 * Merging follows each counter's rule: sum, max, or, and last, the value of
 * the row with the later stamp. Stamps of different CPUs are compared for
 * nothing but which task was seen last.
 *
 * Remembered unwinds. Each CPU remembers how the unwinds that it made are to be
 * recognised, and which rows they led to. Rows that the drain retires, and
 * modules that come and go, make it forget (perftop_cpu.forget).
 *
 * All memory is taken at load, or when a view is switched on
 * (perftop_hash_init() states the formula).
 *
 * NOTES ON LOCKING
 *
 * Hot path (all that a hook's handlers reach): runs under the run-queue lock
 * with interrupts off, takes no lock, writes nothing but its own CPU's
 * perftop_cpu, shards and memory of unwinds, and where views are on the slot of
 * the task that leaves (struct perftop_state). The other side of each access:
 *
 *   perftop_cpu.bank   flipped by the CPU itself with interrupts off (a cut),
 *                      or by the periodic drain, which then waits with
 *                      synchronize_rcu() until no hot path that saw the old
 *                      value is still running.
 *   the idle bank      owned by whoever holds perftop_lock.
 *   generation.live    cleared and set by the drain, read by the hot path;
 *                      between the two lie two drains, each with such a wait.
 *   generation.keys, .used, shard.current_gen
 *                      written by the CPU, read by others with READ_ONCE.
 *   the counts of captures and steps in perftop_cpu
 *                      likewise, and one instruction counts: data_race().
 *   perftop_cpu.views  set by the CPU itself with interrupts off (a cut), or
 *                      under perftop_lock while it is offline.
 *   shard.epoch        changed by the drain when it retires a generation: a row
 *                      that was remembered before is looked up anew.
 *   perftop_cpu.forget set by the drain and the module notifier, cleared by the
 *                      CPU before it forgets. A row that it has remembered for
 *                      that long is charged before the second of those drains.
 *
 * perftop_lock (mutex): the merged tables, the idle banks, the sums a CPU,
 *   cuts, resets. Process context only.
 * cpus_read_lock() is taken before perftop_lock, never inside it.
 * The mutex of what is written to the files (files.c) comes before both: static
 *   keys, tracepoints and memory of views change under it alone.
 */
#ifndef PERFTOP_H
#define PERFTOP_H

#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) "perftop: " fmt

struct module;
struct proc_dir_entry;
struct pt_regs;
struct seq_file;

/*
 * The hot path is marked __kprobes: nobody's kprobe may be set on it, nor may
 * it be traced, or a switch could be seen while one is being seen.
 */

/* perftop.c: the parameters, fixed once loaded */

/* What makes a stack's key, by the parameter stack=. */
enum perftop_stack_mode {
	PERFTOP_STACK_BOTH,	/* kernel and user stack and the process */
	PERFTOP_STACK_KERNEL,	/* the kernel stack alone */
	PERFTOP_STACK_USER,	/* user stack and process; else the kernel's */
};

struct perftop_params {
	enum perftop_stack_mode	stack;
	unsigned int		top;	/* rows to print */
	unsigned int		table;	/* distinct stacks that are kept */
	bool			idle;	/* rank idle time as well */
	bool			verify;	/* unwind all that is remembered, too */
};

extern struct perftop_params perftop_params;

/* hooks/symbol.c: functions by name */

/* A function's place in memory. */
struct perftop_range {
	unsigned long	start;
	unsigned long	size;
};

static __always_inline bool perftop_in_range(const struct perftop_range *range,
					     unsigned long addr)
{
	return addr - range->start < range->size;
}

/* The same, and whether its code goes only when a module does. */
struct perftop_function {
	struct perftop_range	range;
	bool			lasting;
};

/* Where __schedule() lies; fixed once loaded. */
extern struct perftop_range perftop_schedule;

struct kprobe;

int perftop_symbol_probe(struct kprobe *probe, const char *const *names,
			 char *symbol);
bool perftop_symbol_extent(unsigned long addr, char *symbol,
			   struct perftop_range *range);
bool perftop_symbol_range(const char *name, struct perftop_range *range);
void perftop_symbol_function(unsigned long addr, char *symbol,
			     struct perftop_function *function);

/* hash.c: the table */

/* What the drain does with two values of one counter. */
enum perftop_merge {
	PERFTOP_SUM,
	PERFTOP_MAX,
	PERFTOP_OR,
	PERFTOP_LAST,
};

/*
 * The accounts: on each CPU, and in ticks, their sum and the open slice make
 * up the time since the CPU's first stamp, exactly.
 */
enum perftop_account {
	PERFTOP_OVERFLOW,	/* the key found no place in shard or table */
	PERFTOP_IDLE,
	PERFTOP_UNATTRIBUTED,	/* the leaving task's stack was not captured */
	PERFTOP_FILTERED,
	PERFTOP_RANKED,		/* all that has a key */
	PERFTOP_ACCOUNTS
};

/* The reserved rows are the accounts that have no keys. */
#define PERFTOP_RESERVED	PERFTOP_RANKED

/* Largest key, in words of 64 bits: two of header, 64 + 64 of frames. */
#define PERFTOP_KERNEL_FRAMES	64
#define PERFTOP_USER_FRAMES	64
#define PERFTOP_KEY_WORDS	(2 + PERFTOP_KERNEL_FRAMES + PERFTOP_USER_FRAMES)

/**
 * struct perftop_key - a key on its way into a table
 * @hash: jhash of the words and a seed, filled in by perftop_hash_lookup()
 * @words: how many of @word are in use
 * @account: where time under this key is counted, RANKED or IDLE
 * @word: the key itself
 */
struct perftop_key {
	u32	hash;
	u16	words;
	u8	account;
	u64	word[PERFTOP_KEY_WORDS];
};

/* A key in a shard; its words lie in the generation's pool. */
struct perftop_keyref {
	u32	hash;
	u32	offset;		/* in the pool, in words */
	u16	words;
	u8	account;
};

struct perftop_generation {
	u32	*slot;		/* open addressing: index, 0 is empty */
	u64	*pool;
	u32	keys;		/* in use; written by the CPU, READ_ONCE by others */
	u32	used;		/* words of the pool in use; likewise */
	bool	live;		/* written by the drain, READ_ONCE by the CPU */
};

struct perftop_bank {
	u64	*row;		/* stride words each, the stamp first */
	u32	*touched;	/* indexes of the rows in use */
	u32	n;
};

/**
 * struct perftop_shard - one CPU's part of one table
 * @bank: rows; the CPU writes one, the drain empties the other
 * @gen: the keys; index = PERFTOP_RESERVED + generation * capacity + number
 * @ref: the key of each index
 * @stride: words a row, the stamp among them
 * @capacity: keys a generation, a power of two
 * @pool_words: words a generation's pool holds
 * @current_gen: the generation that takes new keys; the CPU's own
 * @epoch: a number that no shard had before; another one after a generation
 *	is retired; see "Notes on locking"
 * @retired: drains since a generation was retired, 0 for none; perftop_lock
 * @record: merged record + 1 of each index once known; perftop_lock
 * @memory: the one allocation behind all of it
 */
struct perftop_shard {
	struct perftop_bank		bank[2];
	struct perftop_generation	gen[2];
	struct perftop_keyref		*ref;
	u32				stride;
	u32				capacity;
	u32				pool_words;
	u32				current_gen;
	u32				epoch;

	u32				retired ____cacheline_aligned;
	u32				*record;
	void				*memory;
};

/**
 * struct perftop_record - one key's counters, merged over all CPUs
 * @node: its place in the ranking; unused in the reserved records
 * @next: next record in the bucket + 1, 0 is none
 * @hash: of the key, see struct perftop_key
 * @offset: where the key's words begin in the table's pool
 * @words: how many they are
 * @account: see struct perftop_key
 * @stamp: of the last row merged that was the latest; 0: never charged
 * @counter: as many as the table has
 */
struct perftop_record {
	struct rb_node	node;
	u32		next;
	u32		hash;
	u32		offset;
	u16		words;
	u8		account;
	u64		stamp;
	u64		counter[];
};

struct perftop_sums;

/**
 * struct perftop_table - key -> counters
 * @name: for messages
 * @merge: the rule of each counter
 * @counters: how many counters
 * @rank: the one that orders the records
 * @time: it accounts for time: the first two counters are PERFTOP_TICKS and
 *	PERFTOP_COUNT, and every slice is charged to it once
 * @by_cpu: the first counter is kept by CPU as well
 * @key_words: words a key on average
 * @limit: records at most, the reserved ones not counted
 * @drained: told of each row as it is merged: the CPU, the record it went
 *	to, its counters; perftop_lock is held
 * @node: among the tables that are drained
 * @sums: by CPU number
 * @epoch: when it began to count, in ns
 * @records: records in use, the reserved ones not counted
 * @top: the records, ordered
 * @cpu_value: the first counter by record and CPU
 * @shard: by CPU number
 * @bytes: memory taken
 */
struct perftop_table {
	const char		*name;
	const u8		*merge;
	unsigned int		counters;
	unsigned int		rank;
	bool			time;
	bool			by_cpu;
	unsigned int		key_words;
	unsigned int		limit;

	/* private: the engine's own, guarded by perftop_lock */
	void			(*drained)(struct perftop_table *table,
					   unsigned int cpu,
					   const struct perftop_record *record,
					   const u64 *counter);
	struct list_head	node;
	struct perftop_sums	*sums;
	u64			epoch;
	unsigned int		records;
	struct rb_root		top;
	void			*record;
	u32			*bucket;
	u32			bucket_mask;
	u64			*pool;
	u64			pool_words;
	u64			pool_used;
	u64			*cpu_value;
	struct perftop_shard	**shard;
	size_t			bytes;
};

int perftop_hash_init(struct perftop_table *table);
void perftop_hash_exit(struct perftop_table *table);
u32 perftop_hash_lookup(struct perftop_shard *shard, struct perftop_key *key);
void perftop_hash_drain(struct perftop_table *table, unsigned int cpu,
			unsigned int bank);
bool perftop_hash_recycle(struct perftop_table *table, unsigned int cpu);
void perftop_hash_discard(struct perftop_table *table, unsigned int cpu,
			  unsigned int bank);
void perftop_hash_clear(struct perftop_table *table);
struct perftop_record *perftop_hash_record(const struct perftop_table *table,
					   u32 number);
struct perftop_record *perftop_hash_find(const struct perftop_table *table,
					 const u64 *word, unsigned int words);
const u64 *perftop_hash_by_cpu(const struct perftop_table *table,
			       const struct perftop_record *record);

/**
 * perftop_hash_words() - The key of a record
 * @table: the table
 * @record: one of its records
 *
 * Context: perftop_lock held.
 * Return: @record->words words.
 */
static inline const u64 *perftop_hash_words(const struct perftop_table *table,
					    const struct perftop_record *record)
{
	return table->pool + record->offset;
}

/**
 * perftop_bank_row() - The counters of one row of a bank, to be added to
 * @bank: that the CPU this runs on adds to at the moment
 * @stride: words a row
 * @index: of the row
 * @now: stamp in ticks, not 0
 *
 * Context: hot path, as perftop_hash_row().
 * Return: the row's counters.
 */
static __always_inline u64 *perftop_bank_row(struct perftop_bank *bank,
					     u32 stride, u32 index, u64 now)
{
	u64 *row = bank->row + (size_t)index * stride;

	if (unlikely(!row[0]))
		bank->touched[bank->n++] = index;
	row[0] = now;
	return row + 1;
}

/**
 * perftop_hash_row() - The counters of one row, to be added to
 * @shard: the shard of the CPU this runs on
 * @bank: the bank that CPU adds to at the moment
 * @index: from perftop_hash_lookup(), or a reserved row
 * @now: stamp in ticks, not 0
 *
 * Context: hot path; interrupts off from the reading of @bank until the last
 * store to the counters.
 * Return: the row's counters.
 */
static __always_inline u64 *perftop_hash_row(struct perftop_shard *shard,
					     unsigned int bank, u32 index,
					     u64 now)
{
	return perftop_bank_row(&shard->bank[bank], shard->stride, index, now);
}

/**
 * perftop_hash_key() - The key of a row that has one
 * @shard: the shard of the CPU this runs on
 * @index: from perftop_hash_lookup(), not a reserved row
 *
 * Context: hot path.
 * Return: its words; @shard->ref[index] says how many.
 */
static __always_inline const u64 *
perftop_hash_key(const struct perftop_shard *shard, u32 index)
{
	const bool second = index >= PERFTOP_RESERVED + shard->capacity;

	return shard->gen[second].pool + shard->ref[index].offset;
}

/* rbtop.c: the ranking */

void perftop_rbtop_insert(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
void perftop_rbtop_update(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
struct perftop_record *perftop_rbtop_first(const struct rb_root *top);
struct perftop_record *perftop_rbtop_next(const struct perftop_record *record);

/* recall.c: remembered unwinds */

/* Where an unwind begins. */
struct perftop_start {
	unsigned long	ip;
	unsigned long	sp;
	unsigned long	bp;
	struct pt_regs	*regs;	/* NULL: at the caller of the hook's handler */
};

/**
 * struct perftop_unwind - what is kept with a remembered unwind
 * @id: never given twice
 * @frames: kernel frames of the key
 * @row: the row of the kernel stack alone, 0 while unknown
 * @like: the row of some key that begins with this kernel stack, 0 likewise
 */
struct perftop_unwind {
	u32	id;
	u32	frames;
	u32	row;
	u32	like;
};

/* A row that a remembered unwind and a user stack led to; id 0: none. */
struct perftop_known_row {
	u32		id;
	u32		row;
	const u64	*word;	/* the row's key */
};

struct perftop_recall;
struct unwind_state;

void perftop_recall_init(void);
struct perftop_recall *perftop_recall_alloc(unsigned int cpu);
void perftop_recall_begin(struct perftop_recall *recall,
			  const struct perftop_start *start);
void perftop_recall_step(struct perftop_recall *recall,
			 const struct unwind_state *state);
struct perftop_unwind *
perftop_recall_end(struct perftop_recall *recall,
		   const struct perftop_start *start, unsigned int frames);
void perftop_recall_forget(struct perftop_recall *recall);

/* stack.c: keys made of stacks */

struct perftop_cpu;

int perftop_stack_init(void);
bool perftop_stack_capture(struct perftop_key *key,
			   const struct perftop_start *start);
u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip, unsigned long sp,
		      unsigned long bp, struct pt_regs *regs);
void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key);
bool perftop_stack_truncated(const u64 *word);
bool perftop_stack_lasting_text(unsigned long addr);
u64 perftop_stack_user_faults(void);

/* frames.c: keys printed */

void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task);
void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task);

/* slice.c: what happens at a switch */

/* The counters of a stack, in the order of their places in a row. */
enum perftop_slice_counter {
	PERFTOP_TICKS,
	PERFTOP_COUNT,		/* slices that ended */
	PERFTOP_LONGEST,	/* in ticks */
	PERFTOP_THREADS,	/* bitmap of hashed thread ids */
	PERFTOP_TASK,		/* seen last: thread id, process id above it */
	PERFTOP_COMM,		/* its name, 16 bytes */
	PERFTOP_COMM2,
	PERFTOP_SLICE_COUNTERS
};

/* A row and its stamp fill one cache line. */
static_assert(PERFTOP_SLICE_COUNTERS + 1 == 8);

/**
 * struct perftop_open - what a cut found on a CPU
 * @elapsed: ticks between the CPU's first stamp and the cut, less the time it
 *	was offline
 * @ticks: length of the open slice, part of @elapsed
 * @account: RANKED for the running task's, IDLE for the idle task's,
 *	UNATTRIBUTED where the switch to the task was not seen
 * @cpu: which
 * @task: as PERFTOP_TASK
 * @started: the running task's start_time
 * @priority: its slice_task_priority()
 * @comm: its name
 * @key: its stack, unless @account says that there is none to show
 */
struct perftop_open {
	u64			elapsed;
	u64			ticks;
	u8			account;
	unsigned int		cpu;
	u64			task;
	u64			started;
	u64			priority;
	u64			comm[2];
	struct perftop_key	key;
};

struct perftop_state;

/**
 * struct perftop_slice - a task's slice that has just ended, for the views
 * @task: whose; it is leaving this CPU and may be read
 * @state: what is kept of it, NULL if there is no room
 * @ticks: length
 * @now: its end, the stamp of the rows it is added to
 * @wait: ns from when the task became runnable to when it got the CPU
 * @period: ns from its last arrival on a CPU to this one; 0: not known
 * @cpu: this CPU
 * @bank: the bank of its shards that is added to
 * @from: the CPU that it had left before; this one's, if that is not known
 * @waited: @wait is known
 * @voluntary: the task gave the CPU up; else it was preempted
 * @dead: it will not come again
 */
struct perftop_slice {
	struct task_struct	*task;
	struct perftop_state	*state;
	u64			ticks;
	u64			now;
	u64			wait;
	u64			period;
	unsigned int		cpu;
	unsigned int		bank;
	unsigned int		from;
	bool			waited;
	bool			voluntary;
	bool			dead;
};

/**
 * struct perftop_cpu - one CPU's switches
 * @start: when the open slice began, in ticks; 0: none is open
 * @running: the task it belongs to. To be followed only while it is known to
 *	be leaving: where a switch was not seen, the task may be gone.
 * @arrived: how often that task had been switched out when it arrived
 * @captured: a pick of @running has been seen since the last finish
 * @row: what the newest pick captured
 * @views: which views are shown the slices that end here, a bit each
 * @voluntary: while there are any: nvcsw of @running when it arrived
 * @task: whose stack that is, as PERFTOP_TASK; with @comm
 * @comm: see @task
 * @bank: the bank that is added to; see "Notes on locking"
 * @forget: the remembered unwinds may not hold any more; set from afar
 * @stacks: this CPU's shard
 * @recall: remembered unwinds
 * @key: where a capture is put together
 * @captures: stacks captured since load or reset
 * @unwound: how many of them had to be unwound
 * @differ: remembered stacks that verify=1 found to be wrong
 * @slice: what the views are shown
 * @first: the CPU's first stamp
 * @closed: elapsed ticks of earlier times online
 * @steps: how often the clock went backwards
 * @open: filled in by a cut; perftop_lock
 */
struct perftop_cpu {
	u64			start;
	struct task_struct	*running;
	unsigned long		arrived;
	u32			row;
	bool			captured;
	u8			bank;
	bool			forget;
	u32			views;
	unsigned long		voluntary;
	u64			task;
	u64			comm[2];
	struct perftop_shard	*stacks;
	struct perftop_recall	*recall;
	struct perftop_key	*key;
	u64			captures;
	u64			unwound;
	u64			differ;
	u64			first;
	u64			closed;
	u64			steps;
	struct perftop_open	*open;
	struct perftop_slice	slice;
};

DECLARE_PER_CPU_ALIGNED(struct perftop_cpu, perftop_cpu);

/* Shown where slices end, to filters and views (view.h). */
DECLARE_STATIC_KEY_FALSE(perftop_watching);

/* The views that each cut switches on; perftop_lock. */
extern u32 perftop_views_on;

/* What a task's filter says; see filter.c. */
DECLARE_STATIC_KEY_FALSE(perftop_filtering);
bool perftop_filter_passes(const struct task_struct *task);

u32 perftop_slice_filtered_row(struct perftop_cpu *c, unsigned long ip,
			       unsigned long sp, unsigned long bp,
			       struct pt_regs *regs);
void perftop_view_end_slice(struct perftop_cpu *c, u32 index,
			    struct task_struct *next);

size_t perftop_slice_bytes(void);
extern struct perftop_table perftop_stacks;

int perftop_slice_init(struct perftop_table *stacks);
void perftop_slice_drop_capture(void *unused);
void perftop_slice_exit(void);
void perftop_slice_forget_unwinds(void);
void perftop_slice_stamp(void *unused);
void perftop_slice_cut(void *reset);
void perftop_slice_close(unsigned int cpu);
void perftop_slice_forget(unsigned int cpu);
void perftop_slice_suspend(void);
void perftop_slice_resume(void);
unsigned int perftop_slice_open_row(const struct perftop_open *open,
				    const u64 **word, u64 *counter);
bool perftop_slice_armed(void);

/* drain.c: from the shards to a reader */

extern struct mutex perftop_lock;

/* What the drain has added up for one table and CPU; perftop_lock. */
struct perftop_sums {
	u64	ticks[PERFTOP_ACCOUNTS];
	u64	switches;
	u64	uncaptured;	/* switches charged to no stack */
	u64	truncated;	/* switches charged to a stack with a part missing */
	u64	before;		/* ticks of slices before the table began */
};

int perftop_drain_init(struct perftop_table *table);
int perftop_drain_start(void);
void perftop_drain_stop(void);
void perftop_drain_exit(void);
void perftop_drain_reset(void);
void perftop_drain_attach(struct perftop_table *table, u32 view);
void perftop_drain_detach(struct perftop_table *table, u32 view);
void perftop_drain_lock(void);
void perftop_drain_unlock(void);
bool perftop_drain_check_armed(void);
u64 perftop_drain_missed(void);
u64 perftop_drain_opened(void);
void perftop_drain_count_open(void);

/* snapshot.c: what a reader sees */

/* A CPU's line of the accounts, the open slice counted where it belongs. */
struct perftop_line {
	unsigned int		cpu;
	u64			elapsed;	/* ticks */
	u64			running;	/* ticks */
	struct perftop_sums	sums;
};

/* One row of a snapshot: a record, an open slice, or both together. */
struct perftop_row {
	u32		hash;
	u8		account;
	bool		open;		/* a slice of it has not ended */
	u16		words;
	const u64	*word;		/* the key; none for the overflow */
	const u64	*counter;
	const u64	*by_cpu;	/* the first counter by CPU, where it is kept */

	/* private: while the snapshot is taken */
	u64				value;
	const struct perftop_open	*slice;
	const u64			*more;
};

struct perftop_view;

/* With the NUL. */
#define PERFTOP_FILTER_WORDS	128

/**
 * struct perftop_snapshot - what one open of a file sees
 * @view: whose rows
 * @table: where they are from
 * @on: false: the view is off, and there are none
 * @taken: when, in nanoseconds of the monotonic clock
 * @up: since the table began to count, in nanoseconds
 * @opened: how often /proc/perftop was opened, this time included
 * @missed: events that the hook was not given
 * @steps: how often a CPU's clock went backwards
 * @captures: stacks captured
 * @unwound: how many of them were unwound, not remembered
 * @differ: remembered ones that verify=1 found to be wrong
 * @full: slices of tasks for whose state there was no room
 * @armed: false: switches happen that the hook does not see
 * @records: distinct keys kept
 * @cpus: how many are online
 * @lines: number of @line
 * @line: the accounts of each CPU that has been online
 * @total: their sum
 * @rows: number of @row
 * @row: the ranking, from the top
 * @word: what all rows point to
 * @filter: the words of the filter, "" if there is none
 */
struct perftop_snapshot {
	const struct perftop_view *view;
	struct perftop_table	*table;
	bool			on;
	u64			taken;
	u64			up;
	u64			opened;
	u64			missed;
	u64			steps;
	u64			captures;
	u64			unwound;
	u64			differ;
	u64			full;
	bool			armed;
	unsigned int		records;
	unsigned int		cpus;
	unsigned int		lines;
	struct perftop_line	*line;
	struct perftop_line	total;
	unsigned int		rows;
	struct perftop_row	*row;
	u64			*word;
	char			filter[PERFTOP_FILTER_WORDS];
};

struct perftop_snapshot *perftop_snapshot_take(const struct perftop_view *view,
					       unsigned int rank);
void perftop_snapshot_free(struct perftop_snapshot *snapshot);

/* hooks/: how a switch is seen */

/**
 * struct perftop_hook - one way of seeing switches
 * @name: as in the parameter hook= and the header
 * @start: begin; returns 0 or the errno that insmod shows
 * @stop: end, and wait until no handler runs any more
 * @missed: events that were seen by the kernel but not delivered
 * @describe: the probed symbols, for the load message
 */
struct perftop_hook {
	const char	*name;
	int		(*start)(void);
	void		(*stop)(void);
	u64		(*missed)(void);
	void		(*describe)(char *buf, size_t size);
};

extern const struct perftop_hook perftop_hook_kprobe;
extern const struct perftop_hook perftop_hook_tracepoint;
extern const struct perftop_hook *perftop_hook;

/* files.c: the files in procfs */

int perftop_files_create(void);
void perftop_files_remove(void);

#endif /* PERFTOP_H */
