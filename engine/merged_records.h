/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The merged records of a table, and copies of them.
 */
#ifndef PERFTOP_MERGED_RECORDS_H
#define PERFTOP_MERGED_RECORDS_H

#include <linux/list.h>
#include <linux/types.h>

#include "engine/table.h"
#include "perftop.h"

struct perftop_line;

/**
 * struct perftop_row - one row of a snapshot: a record, an open slice, or both; an
 *	entry of a log; a CPU's
 * @id: the record's, 0: it has none
 * @stamp: likewise
 * @since: when it began to count, in ns; 0: with the table
 * @account: whose time it is
 * @open: a slice of it has not ended
 * @waiting: nor has a wait
 * @high: of its ticks, see struct perftop_record
 * @entry: it is an entry of a log, and has no key
 * @words: of the key; 0: it is the row of the overflow, or of the others, unless
 *	it is no record's
 * @word: the key
 * @counter: the counters
 * @by_cpu: the first of them by CPU, where that is kept
 * @octave: the octaves of a histogram, where the row is all of them
 * @octaves: how many
 * @line: the accounts of the CPU that the row is of, NULL: of none
 * @printed: its user frames, once they have been
 */
struct perftop_row {
	u64		id;
	u64		stamp;
	u64		since;
	u8		account;
	bool		open;
	bool		waiting;
	bool		entry;
	u8		high;
	u16		words;
	const u64	*word;
	u64		*counter;
	u64		*by_cpu;
	const struct perftop_row	*octave;
	unsigned int	octaves;
	const struct perftop_line	*line;
	char		*printed;
};

/* The ticks of a row of a table that accounts for time. */
static inline perftop_wide perftop_row_ticks(const struct perftop_row *row)
{
	return (perftop_wide)row->high << 64 | row->counter[0];
}

/* Is it of nobody: what found no room, or was moved? */
static inline bool perftop_row_is_nobody(const struct perftop_row *row)
{
	return !row->words && !row->entry && !row->line;
}

/* Is it what was moved? */
static inline bool perftop_row_is_others(const struct perftop_row *row)
{
	return perftop_row_is_nobody(row) && row->account == PERFTOP_OTHERS;
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

#endif /* PERFTOP_MERGED_RECORDS_H */
