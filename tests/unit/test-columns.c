// SPDX-License-Identifier: GPL-2.0
/*
 * Columns: what is taken from where, and how it stands in a line. The view is the
 * test's own, and has a column of each source that a row can have.
 */
#include "test.h"

#include <linux/cpumask.h>
#include <linux/jhash.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <asm/tsc.h>

#include "engine/accounts.h"
#include "engine/column.h"
#include "engine/merged_records.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print_columns.h"
#include "proc/snapshot.h"
#include "proc/values.h"

struct perftop_params perftop_params;
unsigned int tsc_khz = 2000000;

/* The stacks' table is known by its address. */
struct perftop_table perftop_stacks;

#define LIST(COUNTER)							\
	COUNTER(TICKS, SUM)						\
	COUNTER(COUNT, SUM)						\
	COUNTER(SOME, SUM)						\
	COUNTER(WAIT, SUM)						\
	COUNTER(TASK, LAST)						\
	COUNTER(ENDED, OR)						\
	COUNTER(PRIORITY, MAX)						\
	COUNTER(NAMES, MAX)						\
	COUNTER(NAMES2, MAX)						\
	COUNTER(COMM, LAST)						\
	COUNTER(COMM2, LAST)						\
	COUNTER(COUNTERS, MAX)

PERFTOP_COUNTERS(LIST);

static struct perftop_table table = {
	.merge = merge, .counters = ARRAY_SIZE(merge), .time = true, .by_cpu = true,
};

#define COLUMNS(COLUMN)							\
	COLUMN(id, "ID", 4, ID, "x", KEY_LOW, 0)			\
	COLUMN(ended, "+", 0, FLAG, "x", COUNTER, ENDED)		\
	COLUMN(renamed, "*", 0, FLAG, "x", RENAMED, NAMES)		\
	COLUMN(high, "HIGH", 4, ID, "x", KEY_HIGH, 0)			\
	COLUMN(key, "KEY", 3, NUMBER, "x", KEY, 1)			\
	COLUMN(rank, "RANK", 4, NUMBER, "x", RANK)			\
	COLUMN(hash, "HASH", 8, HASH, "x", KEY_HASH)			\
	COLUMN(ticks, "TICKS", 6, TICKS, "x", COUNTER, TICKS)		\
	COLUMN(low, "LOW", 3, ID, "x", COUNTER_LOW, TASK)		\
	COLUMN(top, "TOP", 3, ID, "x", COUNTER_HIGH, TASK)		\
	COLUMN(bits, "BITS", 4, NUMBER, "x", BITS, SOME, 2)		\
	COLUMN(ago, "AGO", 6, NS, "x", AGO, WAIT)			\
	COLUMN(less, "LESS", 4, COUNT, "x", LESS, COUNT, SOME)		\
	COLUMN(time, "TIME", 8, NS, "x", TIME, TICKS)			\
	COLUMN(share, "%", 6, PERCENT, "x", SHARE, TICKS)		\
	COLUMN(rate, "/S", 6, RATE, "x", EVERY, COUNT)			\
	COLUMN(ratio, "RATIO", 6, NS, "x", RATIO, WAIT, COUNT)		\
	COLUMN(average, "AVG", 8, NS, "x", AVERAGE, TICKS, COUNT)	\
	COLUMN(part, "PART", 6, PERCENT, "x", PART, TICKS, WAIT)	\
	COLUMN(policy, "POLICY", 6, WORD, "x", POLICY, PRIORITY)	\
	COLUMN(prio, "PRIO", 4, PRIORITY, "x", PRIORITY, PRIORITY)	\
	COLUMN(cpus, "CPUS", 5, CPUS, "x", BY_CPU)			\
	COLUMN(favourite, "FAV%", 6, PERCENT, "x", FAVOURITE)		\
	COLUMN(own, "OWN", 3, NUMBER, "x", OWN, 7)			\
	COLUMN(comm, "COMM", 4, NAME, "x", COMM, COMM)			\
	COLUMN(thread, "THREAD", 6, THREAD, "x", THREAD, 0, PRIORITY, COMM)

PERFTOP_COLUMNS(COLUMNS);

/* Its number, and one where that is nobody's. */
static void value(struct perftop_value *value, unsigned int number,
		  const struct perftop_snapshot *snapshot,
		  const struct perftop_row *row)
{
	value->none = !row->words;
	value->number = number;
}

static const struct perftop_view view = {
	.name = "test", .columns = columns, .value = value,
};

static struct seq_file m;
static struct perftop_snapshot snapshot;
static struct perftop_row row[3];
static u64 counter[ARRAY_SIZE(merge)], by_cpu[SHIM_CPU_IDS];
static u64 word[2] = { 9ULL << 32 | 42, 3 };

static int setup(void **state)
{
	m.count = 0;
	memset(counter, 0, sizeof(counter));
	memset(by_cpu, 0, sizeof(by_cpu));
	counter[TICKS] = 4000;
	counter[COUNT] = 4;
	counter[SOME] = 3;
	counter[WAIT] = 6000;
	counter[TASK] = 5ULL << 32 | 6;
	counter[PRIORITY] = 1ULL << 16 | 50;
	memcpy(&counter[COMM], "name", 5);
	by_cpu[0] = 1000;
	by_cpu[3] = 3000;
	row[1] = (struct perftop_row){
		.id = 1, .account = PERFTOP_RANKED, .words = 2, .word = word,
		.counter = counter, .by_cpu = by_cpu,
	};
	snapshot = (struct perftop_snapshot){
		.view = &view, .table = &table, .row = row, .rows = 3,
		.taken = 7000, .since = 7000 - 2000000000ULL, .total.elapsed = 16000,
	};
	return 0;
}

/* The line of a row, in its words. */
static const char *words(const struct perftop_row *of)
{
	static char line[1024];
	char *to = line;
	const char *from;

	m.count = 0;
	perftop_print_row(&m, &snapshot, of);
	m.text[m.count] = '\0';
	for (from = m.text; *from; from++)
		if (*from != ' ' || (to > line && to[-1] != ' '))
			*to++ = *from;
	*to = '\0';
	return line;
}

static void columns_have_their_sources(void **state)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "42 9 3 2 %08x 4000 6 5 2 1.000 us 1 2.000 us 25.00 2.0 1.500 us 500 ns 25.00 fifo 50 0,3 75.00 7 name name[42] (fifo 50)\n",
		 jhash2((const u32 *)word, 4, 0));
	assert_string_equal(words(&row[1]), line);
}

/* Of what there is none of, nothing is said; it has its marks behind its id. */
static void columns_of_nothing(void **state)
{
	counter[TICKS] = 0;
	counter[COUNT] = 0;
	counter[SOME] = 7;
	counter[WAIT] = 0;
	counter[ENDED] = 1;
	counter[NAMES] = 3;
	counter[NAMES2] = ~1ULL;
	memset(by_cpu, 0, sizeof(by_cpu));
	snapshot.taken = 0;
	row[1].open = true;
	row[1].waiting = true;
	assert_non_null(strstr(words(&row[1]), "42+* 9 3 2 "));
	assert_non_null(strstr(words(&row[1]),
			       " 0 6 5 - 0 ns 0 0 ns 0.00 0.0 - - - fifo 50 - 0.00 7 "));
	assert_non_null(strstr(words(&row[1]), "(fifo 50) (running, waiting)\n"));
	row[1].open = false;
	assert_non_null(strstr(words(&row[1]), "(fifo 50) (waiting)\n"));
}

/* It has not been before it was. */
static void columns_of_what_is_yet_to_come(void **state)
{
	struct perftop_value v;

	counter[WAIT] = 8000;
	perftop_value_get(&columns[PERFTOP_COLUMN_ago], &snapshot, &row[1], &v);
	assert_true(!v.none && v.number == 0);
}

/* What is of nobody has sums, no rate where it was moved, and one name. */
static void columns_of_nobody(void **state)
{
	counter[ENDED] = 1;
	row[1].words = 0;
	row[1].account = PERFTOP_OVERFLOW;
	assert_string_equal(words(&row[1]),
			    "- - - 2 00000000 4000 - - - 1.000 us 1 2.000 us 25.00 2.0 1.500 us 500 ns 25.00 - - 0,3 75.00 - [overflow] -\n");
	row[1].account = PERFTOP_OTHERS;
	assert_non_null(strstr(words(&row[1]), " 25.00 - 1.500 us "));
	assert_non_null(strstr(words(&row[1]), " - [others] -\n"));
	/* An entry of a log has no key, and is somebody's. */
	row[1].entry = true;
	assert_non_null(strstr(words(&row[1]), " fifo 50 "));
	assert_non_null(strstr(words(&row[1]), " name "));
}

static void columns_of_many_ticks(void **state)
{
	row[1].high = 1;
	snapshot.total.elapsed = (perftop_wide)1 << 66;
	counter[TICKS] = 0;
	assert_non_null(strstr(words(&row[1]), " 18446744073709551616 "));
	assert_non_null(strstr(words(&row[1]), " 9223372036 s 25.00 "));
}

/* --- Lines ---------------------------------------------------------------- */

#define LINES(COLUMN)							\
	COLUMN(first, "A", 3, ID, "x", KEY, 0)				\
	COLUMN(first_ended, "+", 0, FLAG, "x", COUNTER, ENDED)		\
	COLUMN(second, "B", 4, COUNT, "x", COUNTER, SOME)		\
	COLUMN(third, "LONG", 8, WORD, "x", POLICY, PRIORITY)		\
	COLUMN(fourth, "C", 3, COUNT, "x", COUNTER, COUNT)		\
	COLUMN(fifth, "CPUS", 6, CPUS, "x", BY_CPU)			\
	COLUMN(sixth, "D", 2, COUNT, "x", COUNTER, WAIT)

PERFTOP_COLUMNS_AS(lines, LINES);

static const struct perftop_view line_view = { .name = "lines", .columns = lines };

static void expect_line(const char *line)
{
	m.count = 0;
	perftop_print_row(&m, &snapshot, &row[1]);
	m.text[m.count] = '\0';
	assert_string_equal(m.text, line);
}

static void lines_are_aligned(void **state)
{
	snapshot.view = &line_view;
	word[0] = 1;
	perftop_print_titles(&m, &line_view);
	m.text[m.count] = '\0';
	assert_string_equal(m.text, "  A    B LONG       C CPUS    D");
	counter[WAIT] = 5;
	expect_line("  1    3 fifo       4 0,3     5\n");
	/* A mark takes of the next column's room. */
	counter[ENDED] = 1;
	expect_line("  1+   3 fifo       4 0,3     5\n");
	/* What is too wide goes on into it, as far as that has some. */
	counter[SOME] = 123456;
	expect_line("  1+ 123456 fifo    4 0,3     5\n");
	/* A word may not begin before its column. */
	counter[SOME] = 3;
	word[0] = 1234;
	expect_line("1234+  3 fifo       4 0,3     5\n");
	word[0] = 12345678;
	expect_line("12345678+ 3 fifo    4 0,3     5\n");
	counter[SOME] = ~0ULL;
	counter[WAIT] = ~0ULL;
	/* All of them, a blank between two. */
	counter[COUNT] = 7;
	expect_line("12345678+ 18446744073709551615 fifo 7 0,3 18446744073709551615\n");
	word[0] = 9ULL << 32 | 42;
}

/* --- Lists of CPUs -------------------------------------------------------- */

/* Each end is a number's or range's, and what is left out is not passed over. */
static void lists_of_cpus(void **state)
{
	static const struct {
		u64		bits;
		const char	*list;
	} lists[] = {
		{ 0x29, "0,3,5" }, { 0, "-" }, { 0x3f, "0-5" },
	};
	unsigned int i, cpu;
	char word_and[64];

	snapshot.view = &line_view;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		for (cpu = 0; cpu < nr_cpu_ids; cpu++)
			by_cpu[cpu] = lists[i].bits >> cpu & 1;
		snprintf(word_and, sizeof(word_and), " %s ", lists[i].list);
		assert_non_null(strstr(words(&row[1]), word_and));
	}
	/* Without memory there is a list that is not said. */
	shim_fail_at = 1;
	assert_non_null(strstr(words(&row[1]), " ? "));
	shim_fail_at = 0;
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_have_their_sources),
		TEST(columns_of_nothing),
		TEST(columns_of_what_is_yet_to_come),
		TEST(columns_of_nobody),
		TEST(columns_of_many_ticks),
		TEST(lines_are_aligned),
		TEST(lists_of_cpus),
	};

	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
