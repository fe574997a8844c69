/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a column is. A view lists its own once, in a macro:
 *
 *	#define COLUMNS(COLUMN)						\
 *		COLUMN(parent, "PARENT", 7, ID,				\
 *		       "parent process", KEY, 0)			\
 *		COLUMN(ticks, "TICKS", 14, TICKS,			\
 *		       "CPU time of its children", COUNTER, TICKS)
 *
 *	PERFTOP_COLUMNS(COLUMNS);
 *
 *	       |        |         |   |      |          |        |
 *	       id in    title in  |   unit   help, a    source   its arguments:
 *	       JSON     the text  |          line                words of the key,
 *	                          width in the text; 0: it       counters
 *	                          stands in JSON alone
 *
 * From that come the text, the JSON, and what views.json says of it. An id that
 * is given twice, a help that is missing, or a unit that cannot be had from the
 * source does not build.
 */
#ifndef PERFTOP_COLUMN_H
#define PERFTOP_COLUMN_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/* What a value is of, which says how it is written (proc/values.c). */
enum perftop_unit {
	PERFTOP_UNIT_COUNT,	/* how many; may pass 2^53 */
	PERFTOP_UNIT_NUMBER,	/* how many; few */
	PERFTOP_UNIT_TICKS,
	PERFTOP_UNIT_NS,
	PERFTOP_UNIT_PERCENT,	/* kept in hundredths */
	PERFTOP_UNIT_RATE,	/* a second, in tenths */
	PERFTOP_UNIT_ID,	/* of a thread or process */
	PERFTOP_UNIT_CPU,
	PERFTOP_UNIT_PRIORITY,	/* a real-time priority, or a nice level */
	PERFTOP_UNIT_FLAG,	/* its title is a mark behind the first column */
	PERFTOP_UNIT_WORD,	/* one of perftop's own */
	PERFTOP_UNIT_NAME,	/* one that anybody may have chosen */
	PERFTOP_UNIT_THREAD,	/* id, name, policy and priority */
	PERFTOP_UNIT_HASH,
	PERFTOP_UNIT_CPUS,	/* a list */
	PERFTOP_UNIT_TICKS_BY_CPU,
	PERFTOP_UNIT_STACK,
	PERFTOP_UNIT_OCTAVES,
	PERFTOP_UNITS
};

/* Where it comes from. */
enum perftop_source {
	PERFTOP_FROM_RANK,	/* the row's number, from 1 */
	PERFTOP_FROM_KEY,	/* a word of the key */
	PERFTOP_FROM_KEY_LOW,	/* half of it */
	PERFTOP_FROM_KEY_HIGH,
	PERFTOP_FROM_KEY_HASH,	/* of all of it */
	PERFTOP_FROM_KEY_STACK,	/* its frames, and a counter that says whose */
	PERFTOP_FROM_COUNTER,	/* a counter */
	PERFTOP_FROM_COUNTER_LOW,	/* half of it */
	PERFTOP_FROM_COUNTER_HIGH,
	PERFTOP_FROM_BITS,	/* how many of its bits are set, if no more than some */
	PERFTOP_FROM_AGO,	/* a time, how long ago that was */
	PERFTOP_FROM_LESS,	/* one less another */
	PERFTOP_FROM_TIME,	/* one of ticks, in ns */
	PERFTOP_FROM_SHARE,	/* one of ticks, of all time */
	PERFTOP_FROM_EVERY,	/* one, a second */
	PERFTOP_FROM_RATIO,	/* one of ns, by another */
	PERFTOP_FROM_AVERAGE,	/* one of ticks, by another, in ns */
	PERFTOP_FROM_PART,	/* one of ticks, of itself and one of ns */
	PERFTOP_FROM_COMM,	/* two that have a task's name */
	PERFTOP_FROM_POLICY,	/* one that has a task's priority */
	PERFTOP_FROM_PRIORITY,	/* likewise */
	PERFTOP_FROM_RENAMED,	/* names, see perftop_view_add_name() */
	PERFTOP_FROM_THREAD,	/* a key's word, a priority, and a name */
	PERFTOP_FROM_BY_CPU,	/* the first counter by CPU */
	PERFTOP_FROM_FAVOURITE,	/* the most of these, of all */
	PERFTOP_FROM_EIGHTHS,	/* the sum of a histogram's */
	PERFTOP_FROM_OCTAVES,	/* the histogram */
	PERFTOP_FROM_PERCENTILE,	/* of it: which */
	PERFTOP_FROM_ACCOUNT,	/* a CPU's account */
	PERFTOP_FROM_ACCOUNT_SHARE,	/* of the CPU's time */
	PERFTOP_FROM_BUSY_SHARE,	/* of tasks, likewise */
	PERFTOP_FROM_SWITCH_RATE,	/* switches, a second of that */
	PERFTOP_FROM_LINE,	/* a field of a CPU's accounts */
	PERFTOP_FROM_SNAPSHOT,	/* a field of the snapshot */
	PERFTOP_FROM_OWN,	/* what the view says: its own number */
	PERFTOP_SOURCES
};

/* The units that each of them can have. */
#define PERFTOP_OF(unit)	BIT(PERFTOP_UNIT_##unit)
#define PERFTOP_OF_ANY		(BIT(PERFTOP_UNITS) - 1)
#define PERFTOP_OF_KEY							\
	(PERFTOP_OF(ID) | PERFTOP_OF(NUMBER) | PERFTOP_OF(COUNT) |	\
	 PERFTOP_OF(CPU) | PERFTOP_OF(NS))
#define PERFTOP_OF_SUM		(PERFTOP_OF(COUNT) | PERFTOP_OF(TICKS) | \
				 PERFTOP_OF(NS))

#define PERFTOP_FITS_RANK	PERFTOP_OF(NUMBER)
#define PERFTOP_FITS_KEY	PERFTOP_OF_KEY
#define PERFTOP_FITS_KEY_LOW	PERFTOP_OF_KEY
#define PERFTOP_FITS_KEY_HIGH	PERFTOP_OF_KEY
#define PERFTOP_FITS_KEY_HASH	PERFTOP_OF(HASH)
#define PERFTOP_FITS_KEY_STACK	PERFTOP_OF(STACK)
#define PERFTOP_FITS_COUNTER	(PERFTOP_OF_SUM | PERFTOP_OF(NUMBER) |	\
				 PERFTOP_OF(ID) | PERFTOP_OF(CPU) |	\
				 PERFTOP_OF(PRIORITY) | PERFTOP_OF(FLAG))
#define PERFTOP_FITS_COUNTER_LOW	PERFTOP_OF_KEY
#define PERFTOP_FITS_COUNTER_HIGH	PERFTOP_OF_KEY
#define PERFTOP_FITS_BITS	PERFTOP_OF(NUMBER)
#define PERFTOP_FITS_AGO	PERFTOP_OF(NS)
#define PERFTOP_FITS_LESS	PERFTOP_OF_SUM
#define PERFTOP_FITS_TIME	PERFTOP_OF(NS)
#define PERFTOP_FITS_SHARE	PERFTOP_OF(PERCENT)
#define PERFTOP_FITS_EVERY	PERFTOP_OF(RATE)
#define PERFTOP_FITS_RATIO	PERFTOP_OF(NS)
#define PERFTOP_FITS_AVERAGE	PERFTOP_OF(NS)
#define PERFTOP_FITS_PART	PERFTOP_OF(PERCENT)
#define PERFTOP_FITS_COMM	PERFTOP_OF(NAME)
#define PERFTOP_FITS_POLICY	PERFTOP_OF(WORD)
#define PERFTOP_FITS_PRIORITY	PERFTOP_OF(PRIORITY)
#define PERFTOP_FITS_RENAMED	PERFTOP_OF(FLAG)
#define PERFTOP_FITS_THREAD	PERFTOP_OF(THREAD)
#define PERFTOP_FITS_BY_CPU	(PERFTOP_OF(CPUS) | PERFTOP_OF(TICKS_BY_CPU))
#define PERFTOP_FITS_FAVOURITE	PERFTOP_OF(PERCENT)
#define PERFTOP_FITS_EIGHTHS	PERFTOP_OF(COUNT)
#define PERFTOP_FITS_OCTAVES	PERFTOP_OF(OCTAVES)
#define PERFTOP_FITS_PERCENTILE	PERFTOP_OF(NS)
#define PERFTOP_FITS_ACCOUNT	PERFTOP_OF(TICKS)
#define PERFTOP_FITS_ACCOUNT_SHARE	PERFTOP_OF(PERCENT)
#define PERFTOP_FITS_BUSY_SHARE	PERFTOP_OF(PERCENT)
#define PERFTOP_FITS_SWITCH_RATE	PERFTOP_OF(RATE)
#define PERFTOP_FITS_LINE	(PERFTOP_OF(TICKS) | PERFTOP_OF(COUNT) | \
				 PERFTOP_OF(CPU) | PERFTOP_OF(FLAG))
#define PERFTOP_FITS_SNAPSHOT	(PERFTOP_OF_SUM | PERFTOP_OF(NUMBER) |	\
				 PERFTOP_OF(FLAG))
#define PERFTOP_FITS_OWN	PERFTOP_OF_ANY

#define PERFTOP_COLUMN_ARGS	3

/**
 * struct perftop_column - what a view shows of each row
 * @id: its name in JSON
 * @title: in the text
 * @help: a line
 * @width: in the text; 0: it does not stand there
 * @unit: what it is of
 * @source: where it comes from
 * @arg: which word of the key, which counters, ..., see enum perftop_source
 */
struct perftop_column {
	const char		*id;
	const char		*title;
	const char		*help;
	u8			width;
	enum perftop_unit	unit;
	enum perftop_source	source;
	u32			arg[PERFTOP_COLUMN_ARGS];
};

/* What a column is checked for where it stands; all of them are 0. */
#define PERFTOP_COLUMN_CHECK(title, unit, help, source)			\
	(BUILD_BUG_ON_ZERO(sizeof(title "") == 1) +			\
	 BUILD_BUG_ON_ZERO(sizeof(help "") == 1) +			\
	 BUILD_BUG_ON_ZERO(!(PERFTOP_FITS_##source & PERFTOP_OF(unit))))

#define PERFTOP_COLUMN(name, head, wide, of, line, from, ...)		\
	{								\
		.id	= #name,					\
		.title	= head,						\
		.help	= line,						\
		.width	= (wide) + PERFTOP_COLUMN_CHECK(head, of, line, from), \
		.unit	= PERFTOP_UNIT_##of,				\
		.source	= PERFTOP_FROM_##from,				\
		.arg	= { __VA_ARGS__ },				\
	},

/* No two enumerators have one name. */
#define PERFTOP_COLUMN_NAME(name, ...)	PERFTOP_COLUMN_##name,

/* Columns from their list; the last has no id. A view's are its file's own. */
#define PERFTOP_COLUMNS_AS(array, list)					\
	enum { list(PERFTOP_COLUMN_NAME) };				\
	const struct perftop_column array[] = { list(PERFTOP_COLUMN) {} }

#define PERFTOP_COLUMNS(list)						\
	enum { list(PERFTOP_COLUMN_NAME) };				\
	static const struct perftop_column columns[] = { list(PERFTOP_COLUMN) {} }

/*
 * What views of slices keep and show of them alike: ticks, how many, how many of
 * them the task gave up, and waits. What can be told from others has no room in
 * the text.
 */
#define PERFTOP_COUNTERS_OF_SLICES(COUNTER)				\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(VOLUNTARY, SUM)						\
	COUNTER(WAITS, SUM)						\
	COUNTER(WAIT, SUM)	/* ns */				\
	COUNTER(WAIT_MAX, MAX)	/* ns */				\
	COUNTER(HELD, SUM)	/* ticks of WAIT */

#define PERFTOP_COLUMNS_OF_SLICES(COLUMN)				\
	COLUMN(cpu_share, "CPU%", 6, PERCENT,				\
	       "share of all CPUs' time", SHARE, TICKS)			\
	COLUMN(ticks, "TICKS", 14, TICKS,				\
	       "time on CPUs, its open slice included", COUNTER, TICKS)	\
	COLUMN(time, "TIME", 8, NS,					\
	       "the same as a time", TIME, TICKS)			\
	COLUMN(switches, "SWITCHES", 8, COUNT,				\
	       "slices that have ended", COUNTER, COUNT)		\
	COLUMN(voluntary, "VOL", 8, COUNT,				\
	       "in how many of them it gave the CPU up", COUNTER, VOLUNTARY) \
	COLUMN(involuntary, "INVOL", 0, COUNT,				\
	       "in how many it was preempted", LESS, COUNT, VOLUNTARY)	\
	COLUMN(switch_rate, "/S", 0, RATE,				\
	       "switches a second", EVERY, COUNT)			\
	COLUMN(waits, "WAITS", 0, COUNT,				\
	       "slices before which it had to wait", COUNTER, WAITS)	\
	COLUMN(wait, "WAIT", 8, NS,					\
	       "from being runnable to running, together; its open wait included", \
	       COUNTER, WAIT)						\
	COLUMN(held, "HELD", 8, NS,					\
	       "for how much of that the CPU was idle, though it was queued there", \
	       TIME, HELD)						\
	COLUMN(wait_average, "AVG WAIT", 0, NS,				\
	       "the average of these waits", RATIO, WAIT, WAITS)	\
	COLUMN(wait_longest, "MAX WAIT", 8, NS,				\
	       "the longest of them", COUNTER, WAIT_MAX)		\
	COLUMN(got, "GOT%", 6, PERCENT,					\
	       "of the time that it wanted a CPU, how much it got",	\
	       PART, TICKS, WAIT)

/*
 * What views of spans show alike where a row is a histogram of their times; its
 * first counters are those of octaves and PERFTOP_SPANS.
 */
#define PERFTOP_COLUMNS_OF_SPANS(COLUMN)				\
	COLUMN(count, "COUNT", 9, COUNT, "how many have ended", COUNTER, PERFTOP_SPANS)	\
	COLUMN(rate, "/S", 8, RATE, "how many a second", EVERY, PERFTOP_SPANS)	\
	COLUMN(time, "TIME", 8, NS, "how long all of them took", COUNTER, PERFTOP_OCTAVE_SUM) \
	COLUMN(average, "AVG", 8, NS, "the average of these times",	\
	       RATIO, PERFTOP_OCTAVE_SUM, PERFTOP_SPANS)					\
	COLUMN(p50, "P50", 8, NS,					\
	       "half of them were no longer", PERCENTILE, 50, PERFTOP_OCTAVE_LONGEST)	\
	COLUMN(p99, "P99", 8, NS,					\
	       "99 in 100 were no longer", PERCENTILE, 99, PERFTOP_OCTAVE_LONGEST)	\
	COLUMN(longest, "LONGEST", 8, NS, "the longest", COUNTER, PERFTOP_OCTAVE_LONGEST) \
	COLUMN(octaves, "OCTAVES", 0, OCTAVES,				\
	       "the histogram, by powers of two and their eighths", OCTAVES)

#endif /* PERFTOP_COLUMN_H */
