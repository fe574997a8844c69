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
#include "engine/calls.h"
#include "engine/open_waits.h"
#include "engine/view.h"
#include "proc/values.h"

static unsigned int open_call(const struct perftop_open_call *call, const u64 **word,
			      u64 *counter)
{
	counter[PERFTOP_CALL_TICKS] = call->ticks;
	counter[PERFTOP_CALL_OPEN] = 1;
	counter[PERFTOP_CALL_OPEN_LONGEST] = call->ticks;
	memcpy(&counter[PERFTOP_CALL_COMM], call->who.process, TASK_COMM_LEN);
	*word = &call->id;
	return PERFTOP_CALL_WORDS;
}

enum { ABI, NAME };

#define COLUMNS_OF_CALL(COLUMN)						\
	COLUMN(abi, "ABI", 3, WORD,					\
	       "which table its number is of: 64, 32, x32", OWN, ABI)	\
	COLUMN(call, "CALL", 18, WORD, "its name", OWN, NAME)		\
	COLUMN(number, "NR", 0, NUMBER, "its number", KEY_LOW, PERFTOP_CALL_ID)

#define COLUMNS(COLUMN)							\
	COLUMN(pid, "PID", 7, ID, "process", KEY_HIGH, PERFTOP_CALL_OWNER)		\
	COLUMNS_OF_CALL(COLUMN)						\
	COLUMN(count, "COUNT", 9, COUNT, "how many have ended", COUNTER, PERFTOP_CALL_COUNT) \
	COLUMN(rate, "/S", 9, RATE, "how many a second", EVERY, PERFTOP_CALL_COUNT)	\
	COLUMN(errors, "ERRORS", 8, COUNT, "how many have failed", \
	       COUNTER, PERFTOP_CALL_ERRORS) \
	COLUMN(ticks, "TICKS", 0, TICKS, "how long all of them took", \
	       COUNTER, PERFTOP_CALL_TICKS) \
	COLUMN(time, "TIME", 8, NS, "the same as a time", TIME, PERFTOP_CALL_TICKS)	\
	COLUMN(average, "AVG", 8, NS,					\
	       "the average, the time of open ones included", \
	       AVERAGE, PERFTOP_CALL_TICKS, PERFTOP_CALL_COUNT) \
	COLUMN(longest, "LONGEST", 8, NS, "the longest that has ended", \
	       TIME, PERFTOP_CALL_LONGEST) \
	COLUMN(open, "OPEN", 5, COUNT,					\
	       "threads that have been in one for 4 s", \
	       COUNTER, PERFTOP_CALL_OPEN)	\
	COLUMN(open_longest, "FOR", 8, NS, "the longest of these", \
	       TIME, PERFTOP_CALL_OPEN_LONGEST) \
	COLUMN(comm, "COMM", 16, NAME, "the process's name", COMM, PERFTOP_CALL_COMM)

PERFTOP_COLUMNS(COLUMNS);

#define SUMS_COLUMNS(COLUMN)						\
	COLUMNS_OF_CALL(COLUMN)						\
	PERFTOP_COLUMNS_OF_SPANS(COLUMN)				\
	COLUMN(errors, "ERRORS", 8, COUNT, "how many have failed", \
	       COUNTER, PERFTOP_CALL_SUM_ERRORS)

static const struct perftop_column sums_columns[] = { SUMS_COLUMNS(PERFTOP_COLUMN) {} };

static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = !row->words;
	if (!value->none)
		value->text = number == ABI ? perftop_call_table_name(row->word[PERFTOP_CALL_ID]) :
					      perftop_call_name(row->word[PERFTOP_CALL_ID]);
}

const struct perftop_view perftop_view_syscalls = {
	.name		= PERFTOP_VIEW_NAME,
	.what		= "system calls by process: times, errors, open ones",
	.lacks		= PERFTOP_FITS_SCHED_PROCESS_EXIT ? NULL :
			  "calls of threads that exit: sched_process_exit is not known",
	.cost		= "127+176",
	.table		= &perftop_calls,
	.start		= perftop_calls_start,
	.stop		= perftop_calls_stop,
	.reset		= perftop_state_reset_calls,
	.probes		= perftop_call_probes,
	.open_call	= open_call,
	.lost		= &perftop_calls_lost,
	.columns	= columns,
	.value		= value,
	.sorted		= { { "count", PERFTOP_CALL_COUNT } },
	.shared		= true,
};

PERFTOP_SUM_OF(syscalls, perftop_call_sums, sums_columns);
