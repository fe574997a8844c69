// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in a column of a row: taken from where the column says, as it is
 * printed in any form.
 */
#include <linux/bitops.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <asm/tsc.h>

#include "compat/compat.h"
#include "engine/accounts.h"
#include "engine/column.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/task.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/histogram.h"
#include "proc/snapshot.h"
#include "proc/values.h"

/* --- Numbers -------------------------------------------------------------- */

/* So far does a number have to be shifted to be no longer than that. */
static unsigned int excess(perftop_wide number, unsigned int bits)
{
	unsigned int shift = 0;

	while (number >> shift >> bits)
		shift++;
	return shift;
}

/**
 * perftop_ticks_to_ns() - How long that is
 * @ticks: of the time stamp counter, of 250 MHz at the least
 *
 * Context: any, as for all in this file but perftop_value_get().
 * Return: nanoseconds, no more than fit.
 */
u64 perftop_ticks_to_ns(perftop_wide ticks)
{
	const unsigned int shift = excess(ticks, 62);
	const u64 ns = mul_u64_u64_div_u64(ticks >> shift, USEC_PER_SEC, tsc_khz);

	return ns > U64_MAX >> shift ? U64_MAX : ns << shift;
}

/**
 * perftop_hundredths() - A part of a whole
 * @part: the part, no more than the whole
 * @whole: the whole, which may be nothing
 *
 * Return: hundredths of a percent.
 */
u32 perftop_hundredths(perftop_wide part, perftop_wide whole)
{
	const unsigned int shift = excess(whole, 64);

	return whole ? mul_u64_u64_div_u64(part >> shift, 10000, whole >> shift) :
		       0;
}

/**
 * perftop_tenths() - How often something happens
 * @count: so many times
 * @ns: in so many nanoseconds, which may be none
 *
 * Return: tenths a second.
 */
u64 perftop_tenths(u64 count, u64 ns)
{
	return ns ? mul_u64_u64_div_u64(count, 10ULL * NSEC_PER_SEC, ns) : 0;
}

/**
 * perftop_ticks_ago() - How long ago that was
 * @snapshot: when it was taken is now
 * @then: when, in ticks of this boot; by any CPU's clock
 *
 * Return: nanoseconds; 0: later.
 */
u64 perftop_ticks_ago(const struct perftop_snapshot *snapshot, u64 then)
{
	return perftop_ticks_to_ns(max_t(s64, snapshot->taken_ticks - then, 0));
}

/**
 * perftop_policy_name() - The name of a scheduling policy
 * @policy: as in struct task_struct
 *
 * Return: a word.
 */
const char *perftop_policy_name(u32 policy)
{
	static const char *const names[] = {
		[SCHED_NORMAL]		= "normal",
		[SCHED_FIFO]		= "fifo",
		[SCHED_RR]		= "rr",
		[SCHED_BATCH]		= "batch",
		[SCHED_IDLE]		= "idle",
		[SCHED_DEADLINE]	= "deadline",
		[SCHED_EXT]		= "ext",
	};

	return policy < ARRAY_SIZE(names) && names[policy] ? names[policy] :
							     "other";
}

/* --- Columns -------------------------------------------------------------- */

/* A counter; that of a table's time may be wide. */
static perftop_wide counter(const struct perftop_snapshot *snapshot,
			    const struct perftop_row *row, u32 number)
{
	if (number == PERFTOP_TICKS && snapshot->table && snapshot->table->time)
		return perftop_row_ticks(row);
	return row->counter[number];
}

/* What a structure has somewhere, by its size. */
static perftop_wide field(const void *of, const u32 *arg)
{
	const void *at = of + arg[0];

	switch (arg[1]) {
	case sizeof(u8):
		return *(const u8 *)at;
	case sizeof(u32):
		return *(const u32 *)at;
	case sizeof(u64):
		return *(const u64 *)at;
	default:
		return *(const perftop_wide *)at;
	}
}

static void set_ratio(struct perftop_value *value, perftop_wide sum, u64 by)
{
	const unsigned int shift = excess(sum, 64);

	value->none = !by;
	if (by)
		value->number = (perftop_wide)div64_u64(sum >> shift, by) << shift;
}

/* The same at every load, unlike what the table makes its buckets of. */
static u32 hash_key(const struct perftop_row *row)
{
	return row->words ? jhash2((const u32 *)row->word, row->words * 2, 0) :
			    0;
}

static void set_key(struct perftop_value *value, const struct perftop_column *column,
		    const struct perftop_row *row)
{
	u64 word;

	value->none = !row->words;
	if (value->none)
		return;
	word = row->word[column->arg[0]];
	if (column->source == PERFTOP_FROM_KEY_LOW)
		word = lower_32_bits(word);
	else if (column->source == PERFTOP_FROM_KEY_HIGH)
		word = upper_32_bits(word);
	value->number = word;
}

/* Of the time that was wanted, how much there was. */
static void set_part(struct perftop_value *value, perftop_wide ticks, u64 wait)
{
	const u64 run = perftop_ticks_to_ns(ticks);

	value->none = !run && !wait;
	value->number = perftop_hundredths(run, (perftop_wide)run + wait);
}

/* A share of the CPU that there was most of. */
static u32 favourite(const struct perftop_row *row)
{
	perftop_wide sum = 0;
	u64 most = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		sum += row->by_cpu[cpu];
		most = max(most, row->by_cpu[cpu]);
	}
	return perftop_hundredths(most, sum);
}

/* What has been moved has no time of its own that a rate could be of. */
static void set_rate(struct perftop_value *value,
		     const struct perftop_snapshot *snapshot,
		     const struct perftop_row *row, u64 count)
{
	value->none = perftop_row_is_others(row);
	value->number = perftop_tenths(count, snapshot->taken - snapshot->since);
}

/* One that was merged to be the most, or the last, says nothing of many. */
static bool is_of_one(const struct perftop_column *column)
{
	return column->unit == PERFTOP_UNIT_NUMBER || column->unit == PERFTOP_UNIT_ID ||
	       column->unit == PERFTOP_UNIT_CPU || column->unit == PERFTOP_UNIT_FLAG ||
	       column->unit == PERFTOP_UNIT_PRIORITY;
}

static void set_counter(struct perftop_value *value,
			const struct perftop_column *column,
			const struct perftop_snapshot *snapshot,
			const struct perftop_row *row)
{
	const perftop_wide number = counter(snapshot, row, column->arg[0]);

	value->none = is_of_one(column) && perftop_row_is_nobody(row);
	switch (column->source) {
	case PERFTOP_FROM_COUNTER_LOW:
		value->number = lower_32_bits(number);
		break;
	case PERFTOP_FROM_COUNTER_HIGH:
		value->number = upper_32_bits(number);
		break;
	case PERFTOP_FROM_BITS:
		value->number = hweight64(number);
		value->none |= value->number > column->arg[1];
		break;
	case PERFTOP_FROM_AGO:
		/* It may have been while the snapshot was taken. */
		value->number = max_t(s64, snapshot->taken - number, 0);
		break;
	default:
		value->number = number;
	}
}

/* What only somebody has. */
static void set_who(struct perftop_value *value,
		    const struct perftop_column *column,
		    const struct perftop_row *row)
{
	const u32 *arg = column->arg;
	const u64 *c = row->counter;

	value->none = perftop_row_is_nobody(row) ||
		      (column->source == PERFTOP_FROM_THREAD && !row->words);
	if (value->none)
		return;
	switch (column->source) {
	case PERFTOP_FROM_COMM:
		value->comm = &c[arg[0]];
		break;
	case PERFTOP_FROM_POLICY:
		value->text = perftop_policy_name(perftop_priority_policy(c[arg[0]]));
		break;
	case PERFTOP_FROM_PRIORITY:
		value->number = (s64)perftop_priority_level(c[arg[0]]);
		break;
	case PERFTOP_FROM_RENAMED:
		value->number = perftop_view_was_renamed(&c[arg[0]]);
		break;
	default:
		value->thread = (struct perftop_thread){
			row->word[arg[0]], c[arg[1]], &c[arg[2]]
		};
	}
}

/* What is of several counters, or of all time. */
static void set_derived(struct perftop_value *value,
			const struct perftop_column *column,
			const struct perftop_snapshot *snapshot,
			const struct perftop_row *row)
{
	const u32 *arg = column->arg;
	const perftop_wide first = counter(snapshot, row, arg[0]);
	const u64 *c = row->counter;

	switch (column->source) {
	case PERFTOP_FROM_LESS:
		value->number = first - min_t(perftop_wide, first, c[arg[1]]);
		break;
	case PERFTOP_FROM_TIME:
		value->number = perftop_ticks_to_ns(first);
		break;
	case PERFTOP_FROM_SHARE:
		value->number = perftop_hundredths(first, snapshot->total.elapsed);
		break;
	case PERFTOP_FROM_EVERY:
		set_rate(value, snapshot, row, first);
		break;
	case PERFTOP_FROM_RATIO:
		set_ratio(value, first, c[arg[1]]);
		break;
	case PERFTOP_FROM_AVERAGE:
		set_ratio(value, first, c[arg[1]]);
		value->number = perftop_ticks_to_ns(value->number);
		break;
	default:
		set_part(value, first, c[arg[1]]);
	}
}

/* Slices that were open when the view began are part of a CPU's time. */
static u64 time_of(const struct perftop_snapshot *snapshot,
		   const struct perftop_line *line)
{
	return min(perftop_ticks_to_ns(line->elapsed), snapshot->up);
}

/* What is of a CPU's accounts. */
static void set_account(struct perftop_value *value,
			const struct perftop_column *column,
			const struct perftop_snapshot *snapshot,
			const struct perftop_line *line)
{
	const perftop_wide *ticks = line->sums.ticks;
	const u32 *arg = column->arg;

	switch (column->source) {
	case PERFTOP_FROM_ACCOUNT:
		value->number = ticks[arg[0]];
		break;
	case PERFTOP_FROM_ACCOUNT_SHARE:
		value->number = perftop_hundredths(ticks[arg[0]], line->elapsed);
		break;
	case PERFTOP_FROM_BUSY_SHARE:
		value->number = perftop_hundredths(ticks[PERFTOP_RANKED] + line->running,
						   line->elapsed);
		break;
	case PERFTOP_FROM_SWITCH_RATE:
		value->number = perftop_tenths(line->sums.switches,
					       time_of(snapshot, line));
		break;
	default:
		value->number = field(line, arg);
	}
}

/* What is of the row as a whole. */
static void set_other(struct perftop_value *value,
		      const struct perftop_column *column,
		      const struct perftop_snapshot *snapshot,
		      const struct perftop_row *row)
{
	const u32 *arg = column->arg;

	switch (column->source) {
	case PERFTOP_FROM_RANK:
		value->number = row - snapshot->row + 1;
		break;
	case PERFTOP_FROM_KEY_HASH:
		value->number = hash_key(row);
		break;
	case PERFTOP_FROM_KEY_STACK:
		value->none = perftop_row_is_nobody(row);
		value->number = row->counter[arg[0]];
		break;
	case PERFTOP_FROM_FAVOURITE:
		value->number = favourite(row);
		break;
	case PERFTOP_FROM_EIGHTHS:
		value->number = perftop_histogram_count(row);
		break;
	case PERFTOP_FROM_PERCENTILE:
		value->none = !row->octaves;
		value->number = perftop_histogram_percentile(row, arg[0], arg[1]);
		break;
	case PERFTOP_FROM_SNAPSHOT:
		value->number = field(snapshot, arg);
		break;
	default:
		/* It is written from the row itself. */
		break;
	}
}

/**
 * perftop_value_get() - Say what stands in a column of a row
 * @column: one of the view's
 * @snapshot: the row's
 * @row: the row
 * @value: is filled in
 *
 * Context: process context.
 */
void perftop_value_get(const struct perftop_column *column,
		       const struct perftop_snapshot *snapshot,
		       const struct perftop_row *row, struct perftop_value *value)
{
	*value = (struct perftop_value){ };
	switch (column->source) {
	case PERFTOP_FROM_KEY:
	case PERFTOP_FROM_KEY_LOW:
	case PERFTOP_FROM_KEY_HIGH:
		set_key(value, column, row);
		break;
	case PERFTOP_FROM_COUNTER ... PERFTOP_FROM_AGO:
		set_counter(value, column, snapshot, row);
		break;
	case PERFTOP_FROM_LESS ... PERFTOP_FROM_PART:
		set_derived(value, column, snapshot, row);
		break;
	case PERFTOP_FROM_COMM ... PERFTOP_FROM_THREAD:
		set_who(value, column, row);
		break;
	case PERFTOP_FROM_ACCOUNT ... PERFTOP_FROM_LINE:
		set_account(value, column, snapshot, row->line);
		break;
	case PERFTOP_FROM_OWN:
		snapshot->view->value(value, column->arg[0], snapshot, row);
		break;
	default:
		set_other(value, column, snapshot, row);
	}
}
