// SPDX-License-Identifier: GPL-2.0
/*
 * Rows as text, by their view's columns.
 *
 *    PID    TGID POLICY   PRIO   CPU%          TICKS ... COMM
 *    101     100 normal      0  16.25       26000000 ... alpha
 *    404+    404 normal      0   2.50        4000000 ... delta (running)
 *       |        |
 *       |        words stand at the left of their columns, numbers at the right
 *       a flag's mark, behind the first
 *
 * What is wider than its column takes room of the next ones as far as these have
 * some; a blank is always left.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "engine/column.h"
#include "engine/merged_records.h"
#include "engine/task.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print.h"
#include "proc/print_columns.h"
#include "proc/print_names.h"
#include "proc/snapshot.h"
#include "proc/values.h"

/* What has been printed of a line, and where the column begins that is next. */
struct text_line {
	struct seq_file	*m;
	unsigned int	at;
	unsigned int	begin;
	bool		named;		/* who the row is of */
};

/* Longer than any field that is no name: a list of CPUs, a number of 128 bits. */
#define FIELD_SIZE	48

/* Of a list of CPUs, with the NUL. */
#define LIST_SIZE	32

static void blanks(struct text_line *line, unsigned int n)
{
	line->at += n;
	while (n--)
		seq_putc(line->m, ' ');
}

/* To where the next field of a length is to begin, a blank at least behind the last. */
static void go(struct text_line *line, const struct perftop_column *column,
	       bool left, unsigned int length)
{
	const unsigned int end = line->begin + column->width;
	unsigned int to = left || line->begin + length > end ? line->begin :
							       end - length;

	if (line->at)
		to = max(to, line->at + 1);
	if (to > line->at)
		blanks(line, to - line->at);
	line->begin = end + 1;
}

static bool is_left(enum perftop_unit unit)
{
	return unit == PERFTOP_UNIT_WORD ||
	       unit == PERFTOP_UNIT_NAME || unit == PERFTOP_UNIT_THREAD ||
	       unit == PERFTOP_UNIT_CPUS || unit == PERFTOP_UNIT_HASH ||
	       unit == PERFTOP_UNIT_FLAG;
}

static void put(struct text_line *line, const struct perftop_column *column,
		const char *text)
{
	const unsigned int length = strlen(text);
	/* A CPU's number leads its row. */
	const bool leads = column->unit == PERFTOP_UNIT_CPU && !line->begin;

	go(line, column, leads || is_left(column->unit), length);
	seq_puts(line->m, text);
	line->at += length;
}

/* The CPUs that a task has had time of. */
static void format_cpus(char *list, size_t size, const struct perftop_row *row)
{
	unsigned long *cpus = bitmap_zalloc(nr_cpu_ids, GFP_KERNEL);
	unsigned int cpu;

	if (!cpus) {
		strscpy(list, "?", size);
		return;
	}
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (row->by_cpu[cpu])
			__set_bit(cpu, cpus);
	perftop_format_list(list, min_t(size_t, size, LIST_SIZE), cpus, nr_cpu_ids);
	bitmap_free(cpus);
}

/* All but names, and what stands in JSON alone. */
static void format(char *text, size_t size, enum perftop_unit unit,
		   const struct perftop_value *value, const struct perftop_row *row)
{
	const u64 number = value->number;
	char buf[FIELD_SIZE];

	switch (unit) {
	case PERFTOP_UNIT_NS:
		perftop_format_ns(text, size, number);
		break;
	case PERFTOP_UNIT_PERCENT:
		snprintf(text, size, "%llu.%02u", number / 100, (u32)(number % 100));
		break;
	case PERFTOP_UNIT_RATE:
		snprintf(text, size, "%llu.%u", number / 10, (u32)(number % 10));
		break;
	case PERFTOP_UNIT_PRIORITY:
		snprintf(text, size, "%d", (s32)number);
		break;
	case PERFTOP_UNIT_FLAG:
		strscpy(text, number ? "yes" : "no", size);
		break;
	case PERFTOP_UNIT_WORD:
		strscpy(text, value->text, size);
		break;
	case PERFTOP_UNIT_HASH:
		snprintf(text, size, "%08x", (u32)number);
		break;
	case PERFTOP_UNIT_CPUS:
		format_cpus(text, size, row);
		break;
	default:
		strscpy(text, perftop_format_number(buf, sizeof(buf), value->number),
			size);
	}
}

static bool is_who(enum perftop_unit unit)
{
	return unit == PERFTOP_UNIT_NAME || unit == PERFTOP_UNIT_THREAD;
}

static bool is_all(const struct perftop_snapshot *snapshot,
		   const struct perftop_row *row)
{
	return row->line == &snapshot->total;
}

/* "cc[4711] (fifo 50)" */
static void put_thread(struct text_line *line, const struct perftop_thread *thread)
{
	char who[FIELD_SIZE];

	line->at += perftop_print_comm(line->m, thread->comm);
	line->at += scnprintf(who, sizeof(who), "[%u] (%s %d)",
			      lower_32_bits(thread->ids),
			      perftop_policy_name(perftop_priority_policy(thread->priority)),
			      perftop_priority_level(thread->priority));
	seq_puts(line->m, who);
}

/* What the row has in this column, which may be nothing. */
static void put_value(struct text_line *line, const struct perftop_column *column,
		      const struct perftop_snapshot *snapshot,
		      const struct perftop_row *row)
{
	struct perftop_value value;
	char text[FIELD_SIZE] = "-";

	perftop_value_get(column, snapshot, row, &value);
	if (value.none && is_who(column->unit) && !line->named) {
		put(line, column, perftop_row_is_others(row) ? "[others]" :
							       "[overflow]");
		line->named = true;
	} else if (column->unit == PERFTOP_UNIT_NAME && !value.none) {
		go(line, column, true, 0);
		line->at += perftop_print_comm(line->m, value.comm);
	} else if (column->unit == PERFTOP_UNIT_THREAD && !value.none) {
		go(line, column, true, 0);
		put_thread(line, &value.thread);
	} else {
		if (column->unit == PERFTOP_UNIT_CPU && is_all(snapshot, row))
			strscpy(text, "all", sizeof(text));
		else if (!value.none)
			format(text, sizeof(text), column->unit, &value, row);
		put(line, column, text);
	}
}

/* Behind the first column. */
static void put_marks(struct text_line *line, const struct perftop_snapshot *snapshot,
		      const struct perftop_row *row)
{
	const struct perftop_column *column;
	struct perftop_value value;

	for (column = snapshot->view->columns; column->id; column++) {
		if (column->unit != PERFTOP_UNIT_FLAG || column->width)
			continue;
		perftop_value_get(column, snapshot, row, &value);
		if (value.none || !value.number)
			continue;
		seq_puts(line->m, column->title);
		line->at += strlen(column->title);
	}
}

/**
 * perftop_print_titles() - Print what stands above the columns
 * @m: the file
 * @view: whose, it has columns
 *
 * Context: process context, as for all in this file.
 */
void perftop_print_titles(struct seq_file *m, const struct perftop_view *view)
{
	const struct perftop_column *column;
	struct text_line line = { m };

	for (column = view->columns; column->id; column++)
		if (column->width)
			put(&line, column, column->title);
}

/**
 * perftop_print_columns() - Print a row, but for the end of its line
 * @m: the file
 * @snapshot: of a view that has columns
 * @row: one of its rows
 */
void perftop_print_columns(struct seq_file *m,
			   const struct perftop_snapshot *snapshot,
			   const struct perftop_row *row)
{
	const struct perftop_column *column;
	struct text_line line = { m };
	bool first = true;

	for (column = snapshot->view->columns; column->id; column++) {
		if (!column->width)
			continue;
		put_value(&line, column, snapshot, row);
		if (first)
			put_marks(&line, snapshot, row);
		first = false;
	}
}

static bool has_names(const struct perftop_view *view)
{
	const struct perftop_column *column;

	for (column = view->columns; column->id; column++)
		if (column->width && is_who(column->unit))
			return true;
	return false;
}

/**
 * perftop_print_row() - Print a row as a line
 * @m: the file
 * @snapshot: as for perftop_print_columns()
 * @row: likewise
 */
void perftop_print_row(struct seq_file *m,
		       const struct perftop_snapshot *snapshot,
		       const struct perftop_row *row)
{
	perftop_print_columns(m, snapshot, row);
	/* No column says it where none has names. */
	if (perftop_row_is_nobody(row) && !has_names(snapshot->view)) {
		seq_putc(m, ' ');
		perftop_print_nobody(m, row);
	}
	if (row->open || row->waiting)
		seq_printf(m, " (%s%s%s)", row->open ? "running" : "",
			   row->open && row->waiting ? ", " : "",
			   row->waiting ? "waiting" : "");
	seq_putc(m, '\n');
}
