// SPDX-License-Identifier: GPL-2.0
/*
 * The system calls of each process: how many, how long they took, sleeping included,
 * and how many have failed.
 *
 *    PID ABI CALL               COUNT       /S   ERRORS     TIME      AVG  ... COMM
 *    101 64  read                4711    471.1        8 9.313 ms 1.976 us  ... cc
 *
 * and syscalls.sum, by call. Who has been in one for 4 s has that time here before it
 * ends, and stands under OPEN.
 */
#include "compat/compat.h"
#include "engine/call_names.h"
#include "engine/open_waits.h"
#include "engine/view.h"
#include "proc/values.h"
#include "switch/calls.h"
#include "switch/cpu_spans.h"

#define LIST(COUNTER)							\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(LONGEST, MAX)	/* in ticks */				\
	COUNTER(ERRORS, SUM)						\
	COUNTER(OPEN, SUM)	/* threads, as asked */			\
	COUNTER(COMM, LAST)						\
	COUNTER(COMM2, LAST)						\
	COUNTER(OPEN_LONGEST, MAX)	/* likewise, in ticks */

PERFTOP_COUNTERS(LIST);

static_assert((int)COMM == PERFTOP_COMM);

enum { ID, OWNER, KEY_WORDS };

static bool has_ended(const u64 *head)
{
	return perftop_owner_has_ended(head[OWNER]);
}

static struct perftop_table table = {
	.name		= "syscalls",
	.merge		= merge,
	.counters	= ARRAY_SIZE(merge),
	.rank		= TICKS,
	.key_words	= KEY_WORDS,
	.owner		= OWNER,
	.ended		= has_ended,
};

/* Of syscalls.sum, whose keys are the call and the octave; the others are sums. */
enum { SUM_ERRORS = PERFTOP_SPANS + 1, SUM_COUNTERS };

static const u8 sums_merge[SUM_COUNTERS] = { [PERFTOP_OCTAVE_LONGEST] = PERFTOP_MAX };

static struct perftop_table sums = {
	.name		= "syscalls.sum",
	.merge		= sums_merge,
	.counters	= SUM_COUNTERS,
	.rank		= PERFTOP_OCTAVE_SUM,
	.key_words	= 2,
	.histogram	= true,
};

static struct perftop_known_rows __percpu *known;
static DEFINE_PER_CPU(struct perftop_event_sources *, sources);
static u64 scale __read_mostly;		/* see perftop_view_scale() */

static __kprobes u32 find_sum(struct perftop_cpu *c, u64 octave, const void *id)
{
	const u64 key[] = { *(const u64 *)id, octave };

	return perftop_view_index(c, &sums, key, ARRAY_SIZE(key));
}

static __kprobes void ended(struct perftop_cpu *c, u64 id, u64 now, u64 ticks,
			    bool failed)
{
	const char *name = perftop_task_process_name(current);
	const u64 key[KEY_WORDS] = { id, perftop_task_owner(current) };
	const u32 row = perftop_known_row(c, &table, known, key);
	struct perftop_event_source *source;
	u64 *counter = perftop_shard_row(table.shard[smp_processor_id()],
					 READ_ONCE(c->bank), row, now);

	perftop_view_add_ticks(counter, ticks);
	counter[ERRORS] += failed;
	if (likely(row >= PERFTOP_RESERVED))
		/* Another thread may be renaming it. */
		data_race(memcpy(&counter[COMM], name, TASK_COMM_LEN));
	source = perftop_span_source(&sums, this_cpu_read(sources), hash_64(id, 8), ~id);
	counter = perftop_span_add(c, &sums, source, now,
				   mul_u64_u64_shr(ticks, scale, 32), find_sum, &id);
	counter[SUM_ERRORS] += failed;
}

static void stop(void)
{
	perftop_event_sources_free(&sources);
	free_percpu(known);
}

static int start(void)
{
	scale = perftop_view_scale();
	known = alloc_percpu(struct perftop_known_rows);
	perftop_calls_watch(ended);
	if (known && !perftop_event_sources_alloc(&sources, 8))
		return 0;
	stop();
	return -ENOMEM;
}

static unsigned int open_call(const struct perftop_open_call *call, const u64 **word,
			      u64 *counter)
{
	counter[TICKS] = call->ticks;
	counter[OPEN] = 1;
	counter[OPEN_LONGEST] = call->ticks;
	memcpy(&counter[COMM], call->who.process, TASK_COMM_LEN);
	*word = &call->id;
	return KEY_WORDS;
}

enum { ABI, NAME };

#define COLUMNS_OF_CALL(COLUMN)						\
	COLUMN(abi, "ABI", 3, WORD,					\
	       "which table its number is of: 64, 32, x32", OWN, ABI)	\
	COLUMN(call, "CALL", 18, WORD, "its name", OWN, NAME)		\
	COLUMN(number, "NR", 0, NUMBER, "its number", KEY_LOW, ID)

#define COLUMNS(COLUMN)							\
	COLUMN(pid, "PID", 7, ID, "process", KEY_HIGH, OWNER)		\
	COLUMNS_OF_CALL(COLUMN)						\
	COLUMN(count, "COUNT", 9, COUNT, "how many have ended", COUNTER, COUNT) \
	COLUMN(rate, "/S", 9, RATE, "how many a second", EVERY, COUNT)	\
	COLUMN(errors, "ERRORS", 8, COUNT, "how many have failed", COUNTER, ERRORS) \
	COLUMN(ticks, "TICKS", 0, TICKS, "how long all of them took", COUNTER, TICKS) \
	COLUMN(time, "TIME", 8, NS, "the same as a time", TIME, TICKS)	\
	COLUMN(average, "AVG", 8, NS,					\
	       "the average, the time of open ones included", AVERAGE, TICKS, COUNT) \
	COLUMN(longest, "LONGEST", 8, NS, "the longest that has ended", TIME, LONGEST) \
	COLUMN(open, "OPEN", 5, COUNT,					\
	       "threads that have been in one for 4 s", COUNTER, OPEN)	\
	COLUMN(open_longest, "FOR", 8, NS, "the longest of these", TIME, OPEN_LONGEST) \
	COLUMN(comm, "COMM", 16, NAME, "the process's name", COMM, COMM)

PERFTOP_COLUMNS(COLUMNS);

#define SUMS_COLUMNS(COLUMN)						\
	COLUMNS_OF_CALL(COLUMN)						\
	PERFTOP_COLUMNS_OF_SPANS(COLUMN)				\
	COLUMN(errors, "ERRORS", 8, COUNT, "how many have failed", COUNTER, SUM_ERRORS)

static const struct perftop_column sums_columns[] = { SUMS_COLUMNS(PERFTOP_COLUMN) {} };

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = !row->words;
	if (!value->none)
		value->text = number == ABI ? perftop_call_table_name(row->word[ID]) :
					      perftop_call_name(row->word[ID]);
}

const struct perftop_view perftop_view_syscalls = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "system calls by process: times, errors, open ones",
	.lacks		= PERFTOP_FITS_SCHED_PROCESS_EXIT ? NULL :
			  "calls of threads that exit: sched_process_exit is not known",
	.cost		= "108 each",
	.table		= &table,
	.start		= start,
	.stop		= stop,
	.reset		= perftop_calls_reset,
	.probes		= perftop_call_probes,
	.open_call	= open_call,
	.lost		= &perftop_calls_lost,
	.columns	= columns,
	.value		= value,
	.sorted		= { { "count", COUNT } },
	.shared		= true,
};

PERFTOP_SUM_OF(syscalls, sums, sums_columns);
