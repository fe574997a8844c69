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
 *          it, it is emptied and takes new keys. A CPU whose shard is half
 *          full asks for that at once (irq_work). So processes that come and
 *          go do not fill a shard for ever. A key that was forgotten and
 *          returns is stored again and merges into the record it had.
 *
 * Whose time. A key is a stack and an owner: a process, or a kernel thread
 * (slice_owner()), and the address space that user frames are of. The owner is
 * noted when a task arrives, since a thread that has been reaped knows its process
 * no more when it leaves for the last time. All rows of an owner are printed under
 * one name, the one that was seen last in any of them (snapshot.c).
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
 * recognised, and which rows they led to. Modules that come and go end what is
 * remembered of code, rows that the drain retires what is remembered of rows:
 * each has a number, the CPU's (perftop_cpu.era) and that of what it remembers,
 * and they are compared.
 *
 * No symbol is searched for at a switch. What needs one is asked for, and
 * answered by the drain (hooks/text.c): which code lasts, and where a function
 * begins. Until that is known an address stands in a key for the function that
 * an interrupt struck there, and the drain makes one of such keys.
 *
 * What user addresses are called is asked of the kernel at a read, while their
 * address space is there. When one ends that has rows, its executable mappings are
 * kept (hooks/exit_mmap.c, maps.c).
 *
 * All memory is taken at load, or when a view is switched on, a CPU's when it
 * comes online (perftop_hash_init() states the formula). What a table that is full
 * holds is given up, the lowest first, for what is new (records.c).
 *
 * NOTES ON LOCKING
 *
 * Hot path (all that a hook's handlers reach): runs under the run-queue lock
 * with interrupts off, takes no lock, writes nothing but its own CPU's
 * perftop_cpu, shards and memory of unwinds, and where views are on the slot of
 * the task that leaves (struct perftop_state). The other side of each access:
 *
 *   perftop_cpu.bank   flipped by the CPU itself with interrupts off (a cut, or
 *                      a drain that it has asked for), or by the periodic
 *                      drain, which then waits for a grace period until no
 *                      hot path that saw the old value is still running; who
 *                      comes before that is over interrupts each CPU instead.
 *   the idle bank      owned by whoever holds perftop_lock.
 *   generation.live    cleared and set by the drain, read by the hot path;
 *                      between the two lie two drains, each with such a wait.
 *   generation.keys, .used, shard.current_gen
 *                      written by the CPU, read by others with READ_ONCE.
 *   the counts of captures and steps in perftop_cpu
 *                      likewise, and one instruction counts: data_race().
 *   tasks that wait, and their slots
 *                      read by who collects waits, while they may get a CPU and
 *                      leave it: data_race(). A wait may be another one then.
 *   perftop_cpu.views  set by the CPU itself with interrupts off (a cut), or
 *                      under perftop_lock while it is offline.
 *   shard.epoch        changed by the drain when it retires a generation: a row
 *                      that was remembered before is looked up anew.
 *   perftop_cpu.era    one half written by the drain, the other by the module
 *                      notifier. A row that was remembered before is charged
 *                      before the second drain after it was retired.
 *   perftop_maps_noted
 *                      one word that all CPUs may write to, once in the life of
 *                      an address space, when its first key is looked up.
 *   what is known of text
 *                      written under text_lock (hooks/text.c), a word at a time.
 *
 * perftop_lock (mutex): the merged tables, the idle banks, the sums a CPU,
 *   cuts, resets. Process context only. It is held for what is short: what takes
 *   long, a drain of many rows or the copy of a table, goes on in pieces, and who
 *   comes in between ends what was begun (drain.c), or finds it as it was, since
 *   what is about to change is copied first (records.c).
 * The raw spinlock of maps.c is the innermost; it is taken where an address space
 *   ends, and never in an interrupt.
 * cpus_read_lock() is taken before perftop_lock, never inside it, and held for the
 *   cut alone; text_lock is taken inside of it, or alone.
 * The mutex of what is written to the files (files.c) comes before both: static
 *   keys, tracepoints and memory of views change under it alone.
 */
#ifndef PERFTOP_H
#define PERFTOP_H

#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>

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
	PERFTOP_STACK_BOTH,	/* kernel and user stack, and whose */
	PERFTOP_STACK_KERNEL,	/* the kernel stack alone */
	PERFTOP_STACK_USER,	/* user stack and process; else the kernel's */
};

/*
 * The class of the thread that merges, by the parameter drainer=. The default is
 * fair with most weight: beneath real-time tasks that never sleep, fair ones still
 * get a part of the CPU (throttling, since 6.12 the fair server), a low real-time
 * one nothing; and whoever needs the CPU in time is not kept from it.
 */
enum perftop_drainer {
	PERFTOP_DRAINER_FAIR,
	PERFTOP_DRAINER_FIFO_LOW,
	PERFTOP_DRAINER_FIFO,
};

struct perftop_params {
	enum perftop_stack_mode	stack;
	unsigned int		top;	/* rows to print */
	unsigned int		table;	/* distinct stacks that are kept */
	bool			idle;	/* rank idle time as well */
	bool			verify;	/* unwind all that is remembered, too */
	kgid_t			group;	/* may read tables; invalid: none */
	enum perftop_drainer	drainer;
	int			drainer_nice;	/* of the fair one */
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

/*
 * Ticks of all CPUs together: in 64 bits they wrap after 195 CPU-years (139 days
 * of 512 CPUs).
 */
#define perftop_wide	unsigned __int128

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

/* The stamp of a row in which no counter of the rule LAST has been written. */
#define PERFTOP_UNSEEN		1

/* The reserved rows are the accounts that have no keys. */
#define PERFTOP_RESERVED	PERFTOP_RANKED

/* Behind their records comes the one of what was given up, then those with keys. */
#define PERFTOP_OTHERS		PERFTOP_RESERVED
#define PERFTOP_FIRST_RECORD	(PERFTOP_OTHERS + 1)

/* Records of a table at the most. */
#define PERFTOP_TABLE_MAX	1048576

/* Largest key, in words of 64 bits: three of header, 64 + 64 of frames. */
#define PERFTOP_KERNEL_FRAMES	64
#define PERFTOP_USER_FRAMES	64
#define PERFTOP_KEY_WORDS	(3 + PERFTOP_KERNEL_FRAMES + PERFTOP_USER_FRAMES)

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
	u32	merged;		/* the first so many of them; perftop_lock */
};

/**
 * struct perftop_shard - one CPU's part of one table
 * @bank: rows; the CPU writes one, the drain empties the other
 * @gen: the keys; index = PERFTOP_RESERVED + generation * capacity + number
 * @ref: the key of each index
 * @stride: words a row, the stamp among them
 * @capacity: keys a generation, a power of two; 0: there is no memory for any
 * @pool_words: words a generation's pool holds
 * @current_gen: the generation that takes new keys; the CPU's own
 * @epoch: a number that no shard had before; another one after a generation
 *	is retired; see "Notes on locking"
 * @asked: to be drained before its time, since there is little room
 * @retired: a generation is; perftop_lock
 * @retired_at: how often the banks had been flipped then; perftop_lock
 * @record: the id of each index's record, once known; perftop_lock
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
	bool				asked;

	bool				retired ____cacheline_aligned;
	u32				retired_at;
	u64				*record;
	void				*memory;
};

/**
 * struct perftop_record - one key's counters, merged over all CPUs
 * @node: its place in the ranking; unused in the first records
 * @id: never given twice; 0: the record is not in use, or one of the first
 * @next: next record in the bucket, 0 is none; or the next that is not in use
 * @hash: of the key, see struct perftop_key
 * @block: the first of the key's blocks
 * @words: how many words the key has
 * @account: see struct perftop_key
 * @high: how often its ticks have wrapped, where the table accounts for time
 * @stamp: of the last row merged that was the latest; 0: never charged
 * @counter: as many as the table has
 */
struct perftop_record {
	struct rb_node	node;
	u64		id;
	u32		next;
	u32		hash;
	u32		block;
	u16		words;
	u8		account;
	u8		high;
	u64		stamp;
	u64		counter[];
};

/**
 * struct perftop_row - one row of a snapshot: a record, an open slice, or both
 * @id: the record's, 0: it has none
 * @stamp: likewise
 * @account: whose time it is
 * @open: a slice of it has not ended
 * @waiting: nor has a wait
 * @high: of its ticks, see struct perftop_record
 * @words: of the key; 0: it is the row of the overflow, or of the others
 * @word: the key
 * @counter: the counters
 * @by_cpu: the first of them by CPU, where that is kept
 * @printed: its user frames, once they have been
 */
struct perftop_row {
	u64		id;
	u64		stamp;
	u8		account;
	bool		open;
	bool		waiting;
	u8		high;
	u16		words;
	const u64	*word;
	u64		*counter;
	u64		*by_cpu;
	char		*printed;
};

/* The ticks of a row of a table that accounts for time. */
static inline perftop_wide perftop_row_ticks(const struct perftop_row *row)
{
	return (perftop_wide)row->high << 64 | row->counter[0];
}

/* Is it what was moved, not what found no room? */
static inline bool perftop_row_is_others(const struct perftop_row *row)
{
	return !row->words && row->account == PERFTOP_OTHERS;
}

/**
 * struct perftop_copy - records as they were at one moment
 * @node: among the table's copies that are not complete
 * @table: which
 * @row: the copies
 * @rows: how many
 * @word: what they point to
 * @words: how many words of it are in use
 * @done: a bit for each number that is copied out of turn
 * @serial: of the newest record at that moment
 * @next: the number of the record whose turn it is
 * @end: behind the last
 */
struct perftop_copy {
	struct list_head	node;
	struct perftop_table	*table;
	struct perftop_row	*row;
	unsigned int		rows;
	u64			*word;
	size_t			words;
	unsigned long		*done;
	u64			serial;
	u32			next;
	u32			end;
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
 * @owner: the word of a key that says whose it is, 0 if there is none: all rows
 *	of one owner are printed with the name that was seen last in any, which is
 *	at PERFTOP_COMM
 * @limit: records at most, the first ones not counted
 * @ended: NULL, or whether somebody whose key begins like that is dead: what is
 *	theirs is the first to be given up; process context, perftop_lock is held
 * @settle: NULL, or finishes a key that a CPU has stored, in place, before its
 *	record is looked up; process context, perftop_lock is held
 * @drained: told of each row as it is merged: the CPU, the record it went
 *	to, its counters; perftop_lock is held
 * @node: among the tables that are drained
 * @sums: by CPU number
 * @epoch: when it began to count, in ns
 * @records: records in use, the first ones not counted
 * @moved: records that were given up
 * @copies: of all of it that are not complete
 * @top: the records, ordered
 * @serial: of the record that was made last
 * @begun: records that have been in use
 * @free: one of those that are not in use any more, 0: none
 * @pool: the keys, in blocks
 * @block_words: words a block
 * @blocks: how many there are
 * @blocks_used: how many are in use
 * @blocks_begun: how many have been
 * @free_block: one of those that are not in use any more, 0: none
 * @next_block: which follows each, 0: none
 * @cpu_value: the first counter by record and CPU
 * @shard: by CPU number
 * @capacity: of the shards of CPUs that have been online
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
	unsigned int		owner;
	unsigned int		limit;
	void			(*settle)(u64 *word);
	bool			(*ended)(const u64 *head);

	/* private: the engine's own, guarded by perftop_lock */
	void			(*drained)(struct perftop_table *table,
					   unsigned int cpu,
					   const struct perftop_record *record,
					   const u64 *counter);
	struct list_head	node;
	struct perftop_sums	*sums;
	u64			epoch;
	unsigned int		records;
	u64			moved;
	struct list_head	copies;
	struct rb_root		top;
	u64			serial;
	void			*record;
	u32			begun;
	u32			free;
	u32			*bucket;
	u32			bucket_mask;
	u64			*pool;
	u32			block_words;
	u32			blocks;
	u32			blocks_used;
	u32			blocks_begun;
	u32			free_block;
	u32			*next_block;
	u64			*cpu_value;
	struct perftop_shard	**shard;
	u32			capacity;
	size_t			bytes;
};

DECLARE_PER_CPU(struct irq_work, perftop_half_full);

/* After which nothing refers to a generation that was retired. */
#define PERFTOP_FLIPS_TO_RECYCLE	2

int perftop_hash_init(struct perftop_table *table);
int perftop_hash_add_cpu(struct perftop_table *table, unsigned int cpu);
void perftop_hash_exit(struct perftop_table *table);
u32 perftop_hash_lookup(struct perftop_shard *shard, struct perftop_key *key);
unsigned int perftop_hash_drain(struct perftop_table *table, unsigned int cpu,
				unsigned int bank, unsigned int rows);
bool perftop_hash_recycle(struct perftop_table *table, unsigned int cpu,
			  u32 flips);
void perftop_hash_discard(struct perftop_table *table, unsigned int cpu,
			  unsigned int bank);
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
 * perftop_hash_row_unseen() - The same where nothing is known of who was seen
 * @shard: as for perftop_hash_row()
 * @bank: likewise
 * @index: likewise
 *
 * No counter of the rule LAST may be written: what stands there stays the last.
 *
 * Context: as perftop_hash_row().
 * Return: the row's counters.
 */
static __always_inline u64 *
perftop_hash_row_unseen(struct perftop_shard *shard, unsigned int bank,
			u32 index)
{
	u64 seen = shard->bank[bank].row[(size_t)index * shard->stride];

	return perftop_hash_row(shard, bank, index,
				seen ? seen : PERFTOP_UNSEEN);
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

/* records.c: the merged table */

/* Counters of a record's copy, and with them the first one by CPU. */
static inline size_t perftop_table_values(const struct perftop_table *table)
{
	return table->counters + (table->by_cpu ? nr_cpu_ids : 0);
}

/* Adds a first counter by CPU to another; NULL: the table does not keep them. */
static inline void perftop_add_by_cpu(u64 *to, const u64 *from)
{
	unsigned int cpu;

	for (cpu = 0; to && cpu < nr_cpu_ids; cpu++)
		to[cpu] += from[cpu];
}

struct perftop_record *perftop_record_at(const struct perftop_table *table,
					 u32 number);
struct perftop_record *perftop_record_of(const struct perftop_table *table,
					 u64 id);
u64 *perftop_record_by_cpu(const struct perftop_table *table,
			   const struct perftop_record *record);
void perftop_record_copy_key(const struct perftop_table *table,
			     const struct perftop_record *record, u64 *to);
const u64 *perftop_record_head(const struct perftop_table *table,
			       const struct perftop_record *record);
void perftop_record_change(const struct perftop_table *table,
			   const struct perftop_record *record);
bool perftop_record_merge(const struct perftop_table *table, u64 *to,
			  const u64 *from, bool later);
u64 perftop_record_lookup(struct perftop_table *table,
			  const struct perftop_keyref *ref, const u64 *word);
void perftop_copy_measure(const struct perftop_table *table, size_t *rows,
			  size_t *words);
void perftop_copy_record(struct perftop_copy *copy,
			 const struct perftop_record *record);
void perftop_copy_begin(struct perftop_copy *copy);
bool perftop_copy_some(struct perftop_copy *copy);
bool perftop_copies_some(struct perftop_table *table);
void perftop_records_clear(struct perftop_table *table);
size_t perftop_records_measure(struct perftop_table *table);
int perftop_records_init(struct perftop_table *table);
void perftop_records_exit(struct perftop_table *table);

/* rbtop.c: the ranking */

void perftop_rbtop_insert(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
void perftop_rbtop_update(struct rb_root *top, struct perftop_record *record,
			  unsigned int rank);
void perftop_rbtop_remove(struct rb_root *top, struct perftop_record *record);
struct perftop_record *perftop_rbtop_first(const struct rb_root *top);
struct perftop_record *perftop_rbtop_next(const struct perftop_record *record);
struct perftop_record *perftop_rbtop_last(const struct rb_root *top);
struct perftop_record *perftop_rbtop_before(const struct perftop_record *record);

/* recall.c: remembered unwinds */

/* Where an unwind begins. */
struct perftop_start {
	unsigned long	ip;
	unsigned long	sp;
	unsigned long	bp;
	struct pt_regs	*regs;	/* NULL: at the caller of the hook's handler */
};

/**
 * union perftop_era - what a remembered unwind holds by: two numbers
 * @code: another one whenever a module comes or goes
 * @rows: the shard's epoch: another one whenever rows have been retired
 * @both: to be compared with one instruction
 */
union perftop_era {
	struct {
		u32	code;
		u32	rows;
	};
	u64	both;
};

/**
 * struct perftop_unwind - what is kept with a remembered unwind
 * @era: when it was made, and its rows were looked up
 * @id: never given twice, and another one after rows have been retired
 * @frames: kernel frames of the key
 * @row: the row of the kernel stack alone, 0 while unknown
 */
struct perftop_unwind {
	union perftop_era	era;
	u32			id;
	u32			frames;
	u32			row;
};

/* A row that a remembered unwind and a user stack led to; id 0: none. */
struct perftop_known_row {
	u32		id;
	u32		row;
	const u64	*word;	/* the row's key */
};

struct perftop_recall;
struct unwind_state;

struct perftop_recall *perftop_recall_alloc(unsigned int cpu);
void perftop_recall_begin(struct perftop_recall *recall,
			  const struct perftop_start *start,
			  union perftop_era era);
void perftop_recall_step(struct perftop_recall *recall,
			 const struct unwind_state *state);
void perftop_recall_mark(struct perftop_recall *recall,
			 const struct unwind_state *state);
void perftop_recall_fail(struct perftop_recall *recall);
struct perftop_unwind *
perftop_recall_end(struct perftop_recall *recall,
		   const struct perftop_start *start, unsigned int frames);
bool perftop_recall_is_newest(const struct perftop_recall *recall,
			      union perftop_era era);
bool perftop_recall_stands(const struct perftop_recall *recall,
			   const struct unwind_state *state);
void perftop_recall_frames(const struct perftop_unwind *unwind, u64 *frame);
void perftop_recall_renew(struct perftop_recall *recall,
			  struct perftop_unwind *unwind, union perftop_era era);

/* stack.c: keys made of stacks */

struct perftop_cpu;

int perftop_stack_init(void);
bool perftop_stack_capture(struct perftop_cpu *c, struct perftop_key *key,
			   const struct perftop_start *start);
u32 perftop_stack_row(struct perftop_cpu *c, unsigned long ip, unsigned long sp,
		      unsigned long bp, struct pt_regs *regs);
void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key);
bool perftop_stack_truncated(const u64 *word);
void perftop_stack_settle(u64 *word);
u64 perftop_stack_user_faults(void);

/* frames.c: keys printed */

void perftop_frames_show(struct seq_file *m, const u64 *word, u64 task,
			 char **printed);
void perftop_frames_fold(struct seq_file *m, const u64 *word, u64 task,
			 char **printed);

/* slice.c: what happens at a switch */

/* The counters of a stack, in the order of their places in a row. */
enum perftop_slice_counter {
	PERFTOP_TICKS,
	PERFTOP_COUNT,		/* slices that ended */
	PERFTOP_LONGEST,	/* in ticks */
	PERFTOP_THREADS,	/* bitmap of hashed thread ids */
	PERFTOP_TASK,		/* seen last: thread id, process id above it */
	PERFTOP_COMM,		/* its process's name, 16 bytes */
	PERFTOP_COMM2,
	PERFTOP_SLICE_COUNTERS
};

/* A row and its stamp fill one cache line. */
static_assert(PERFTOP_SLICE_COUNTERS + 1 == 8);

/**
 * struct perftop_who - a task, as a row of it is to say
 * @task: as PERFTOP_TASK
 * @started: its start_time
 * @priority: its slice_task_priority()
 * @comm: its name
 * @owner: whose it is, see slice_owner()
 * @process: the name of that
 */
struct perftop_who {
	u64	task;
	u64	started;
	u64	priority;
	u64	comm[2];
	u64	owner;
	u64	process[2];
};

/**
 * struct perftop_open - what a cut found on a CPU
 * @elapsed: ticks between the CPU's first stamp and the cut, less the time it
 *	was offline
 * @ticks: length of the open slice, part of @elapsed
 * @clock: when the cut was, in ns of the CPU's own clock, as sched_info is
 * @idle: how long the CPU had been idle then, in ticks, see struct perftop_cpu
 * @wait: how long the running task had waited for this slice, in ns
 * @held: ticks of this that the CPU was idle
 * @waited: both are known, which they are while views are on
 * @account: RANKED for the running task's, IDLE for the idle task's,
 *	UNATTRIBUTED where the switch to the task was not seen
 * @cpu: which
 * @who: the running task
 * @key: its stack, unless @account says that there is none to show
 */
struct perftop_open {
	u64			elapsed;
	u64			ticks;
	u64			clock;
	u64			idle;
	u64			wait;
	u64			held;
	bool			waited;
	u8			account;
	unsigned int		cpu;
	struct perftop_who	who;
	struct perftop_key	key;
};

/* A task that could run at a cut, and did not: a wait that has not ended. */
struct perftop_waiter {
	struct perftop_who	who;
	u64			wait;	/* until the cut, in ns */
	u64			held;	/* ticks of this that the CPU was idle */
};

struct perftop_state;

/**
 * struct perftop_slice - a task's slice that has just ended, for the views
 * @task: whose; it is leaving this CPU and may be read
 * @state: what is kept of it, NULL if there is no room
 * @ticks: length
 * @now: its end, the stamp of the rows it is added to
 * @wait: ns from when the task became runnable to when it got the CPU
 * @held: ticks of this that the CPU was idle, though the task was queued there
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
	u64			held;
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
 * @owner: whose it is, see slice_owner(); 0 where stacks are nobody's
 * @captured: a pick of @running has been seen since the last finish
 * @row: what the newest pick captured
 * @views: which views are shown the slices that end here, a bit each
 * @voluntary: while there are any: nvcsw of @running when it arrived
 * @idle: likewise: ticks that the CPU has been idle
 * @missed: picks that had gone unseen on all CPUs at the last finish
 * @bank: the bank that is added to; see "Notes on locking"
 * @era: what remembered unwinds are compared with; written from afar
 * @stacks: this CPU's shard
 * @recall: remembered unwinds; NULL: there is no memory for this CPU
 * @key: where a capture is put together
 * @captures: stacks captured since load or reset
 * @unwound: how many of them had to be unwound
 * @differ: remembered stacks that verify=1 found to be wrong
 * @slice: what the views are shown
 * @first: the CPU's first stamp
 * @closed: elapsed ticks of earlier times online
 * @steps: how often the clock went backwards
 * @flips: how often @bank has been another one; perftop_lock
 * @open: filled in by a cut; perftop_lock
 */
struct perftop_cpu {
	u64			start;
	struct task_struct	*running;
	unsigned long		arrived;
	u64			owner;
	u32			row;
	bool			captured;
	u8			bank;
	u32			views;
	union perftop_era	era;
	unsigned long		voluntary;
	u64			idle;
	unsigned long		missed;
	struct perftop_shard	*stacks;
	struct perftop_recall	*recall;
	struct perftop_key	*key;
	u64			captures;
	u64			unwound;
	u64			differ;
	u64			first;
	u64			closed;
	u64			steps;
	u32			flips;
	struct perftop_open	*open;
	struct perftop_slice	slice;
};

DECLARE_PER_CPU_ALIGNED(struct perftop_cpu, perftop_cpu);

/* On the CPU itself with interrupts off, or from afar; see "Notes on locking". */
static inline void perftop_cpu_flip(struct perftop_cpu *c)
{
	WRITE_ONCE(c->bank, !c->bank);
	c->flips++;
}

/* Shown where slices end, to filters and views (view.h). */
DECLARE_STATIC_KEY_FALSE(perftop_watching);

/* Stacks have an owner: stack=both. */
DECLARE_STATIC_KEY_TRUE(perftop_owners);

/* Where there is a user stack, the kernel's is no part of the key: stack=user. */
DECLARE_STATIC_KEY_FALSE(perftop_user_only);

/* The views that each cut switches on; perftop_lock. */
extern u32 perftop_views_on;

/* What a task's filter says; see filter.c. */
DECLARE_STATIC_KEY_FALSE(perftop_filtering);
bool perftop_filter_passes(const struct task_struct *task);
bool perftop_filter_passes_waiting(const struct task_struct *task);

void perftop_slice_charge_unseen(struct perftop_cpu *c, u32 index, u64 ticks);
u32 perftop_slice_filtered_row(struct perftop_cpu *c, unsigned long ip,
			       unsigned long sp, unsigned long bp,
			       struct pt_regs *regs);
void perftop_view_end_slice(struct perftop_cpu *c, u32 index,
			    struct task_struct *next);
void perftop_view_fill_open(struct perftop_open *open,
			    const struct task_struct *task);

extern struct perftop_table perftop_stacks;

int perftop_slice_init(struct perftop_table *stacks);
int perftop_slice_add_cpu(struct perftop_table *stacks, unsigned int cpu);
bool perftop_slice_has_memory(unsigned int cpu);
void perftop_slice_drop_capture(void *unused);
void perftop_slice_exit(void);
void perftop_slice_code_changed(u32 era);
void perftop_slice_rows_changed(unsigned int cpu);
void perftop_slice_settle_open(unsigned int cpu);
void perftop_slice_stamp(void *unused);
void perftop_slice_flip(void *unused);
void perftop_slice_cut(void *reset);
bool perftop_owner_has_ended(u64 owner);
void perftop_slice_close(unsigned int cpu);
void perftop_slice_forget(unsigned int cpu);
void perftop_slice_suspend(void);
void perftop_slice_resume(void);
void perftop_slice_who(struct perftop_who *who, const struct task_struct *task);
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
int perftop_drain_add_cpus(struct perftop_table *table);
void perftop_drain_attach(struct perftop_table *table, u32 view);
void perftop_drain_detach(struct perftop_table *table, u32 view);
int perftop_drain_lock(void);
void perftop_drain_unlock(void);
bool perftop_drain_was_cut(unsigned int cpu);
bool perftop_drain_was_offline(unsigned int cpu, u64 epoch);
bool perftop_drain_check_armed(void);
u64 perftop_drain_missed(void);
u64 perftop_drain_opened(void);
u64 perftop_drain_stolen(void);
void perftop_drain_count_open(void);

/* snapshot.c: what a reader sees */

/* A CPU's line of the accounts, the open slice counted where it belongs; or all's. */
struct perftop_line {
	unsigned int	cpu;
	bool		was_offline;	/* since the table's epoch, or is */
	perftop_wide	elapsed;	/* ticks */
	perftop_wide	running;	/* ticks */
	struct {
		perftop_wide	ticks[PERFTOP_ACCOUNTS];
		u64		switches;
		u64		uncaptured;
		u64		truncated;
	} sums;
};

/* When a CPU was cut, see struct perftop_open; 0: it was not. */
struct perftop_cut {
	u64	clock;
	u64	idle;
};

struct perftop_extra;
struct perftop_view;

/* With the NUL. */
#define PERFTOP_FILTER_WORDS	4096

/* What a view may note in a snapshot, in words. */
#define PERFTOP_NOTE_WORDS	4

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
 * @unnamed: address spaces that ended of which not all files are known
 * @ends_seen: false: that cannot be seen
 * @armed: false: switches happen that the hook does not see
 * @stolen: ns that a hypervisor has kept CPUs from this machine, since load or reset
 * @records: distinct keys kept
 * @moved: keys that were given up for others
 * @cpus: how many are online
 * @bare: how many of them there is no memory for
 * @were_offline: how many CPUs were offline for a while since the epoch, or are
 * @lines: number of @line
 * @line: the accounts of each CPU that has been online
 * @total: their sum
 * @rows: number of @row
 * @row: the ranking, from the top
 * @waiting: number of @waiter
 * @waiter: who waits, where the view wants to know
 * @note: what the view was set to
 * @filter: the words of the filter, "" if there is none
 * @limit: rows at most
 * @whole: all records are copied, not the top of the ranking
 * @copy: the records
 * @room_rows: that @copy has room for
 * @room_words: likewise
 * @room_numbers: likewise, of records
 * @cut: of each CPU
 * @opens: number of @open
 * @open: the slices that are rows, or part of them
 * @extras: number of @extra
 * @extra: what open slices and waits add
 * @extra_word: their counters
 * @extra_rows: number of @extra_row
 * @extra_row: those whose keys have no record
 * @entry: the entries of a log
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
	u64			unnamed;
	bool			ends_seen;
	bool			armed;
	u64			stolen;
	unsigned int		records;
	u64			moved;
	unsigned int		cpus;
	unsigned int		bare;
	unsigned int		were_offline;
	unsigned int		lines;
	struct perftop_line	*line;
	struct perftop_line	total;
	unsigned int		rows;
	struct perftop_row	*row;
	unsigned int		waiting;
	struct perftop_waiter	*waiter;
	u64			note[PERFTOP_NOTE_WORDS];
	char			filter[PERFTOP_FILTER_WORDS];

	/* private: while the snapshot is taken, and what its rows point to */
	unsigned int		limit;
	bool			whole;
	struct perftop_copy	copy;
	size_t			room_rows;
	size_t			room_words;
	size_t			room_numbers;
	struct perftop_cut	*cut;
	unsigned int		opens;
	struct perftop_open	*open;
	unsigned int		extras;
	struct perftop_extra	*extra;
	u64			*extra_word;
	unsigned int		extra_rows;
	struct perftop_row	*extra_row;
	u64			*entry;
};

struct perftop_snapshot *perftop_snapshot_take(const struct perftop_view *view,
					       unsigned int rank);
void perftop_snapshot_free(struct perftop_snapshot *snapshot);

/* rows.c: copies of records, in the order that is wanted */

int perftop_rows_finish(struct perftop_snapshot *snapshot, unsigned int rank);

/* waits.c: waits that have not ended */

int perftop_waits_collect(struct perftop_snapshot *snapshot);
void perftop_waits_begin(void);

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
