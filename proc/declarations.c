// SPDX-License-Identifier: GPL-2.0
/*
 * Which views, columns and words there are: as the list in the file "views",
 *
 *   VIEW         ON   COST     SHOWS
 *   tasks        yes  191      threads by CPU time, their switches, waits and CPUs
 *   |            |    |
 *   |            |    guest instructions a switch, + each of what it counts; -: none
 *   |            echo +tasks > /proc/perftop
 *   the file in /proc/perftop.d
 *
 * and as views.json, from which programs make what they know of views: what a column
 * is of and where it comes from, what may be written, and the parameters.
 *
 * Each view is a piece, and so is what stands in front of them and behind them.
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "engine/column.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/table.h"
#include "engine/view.h"
#include "engine/words.h"
#include "perftop.h"
#include "proc/declarations.h"
#include "proc/header_columns.h"
#include "proc/json.h"

/* --- Words for what they are ---------------------------------------------- */

/* A unit, and what JSON has for it. */
static const struct {
	const char	*name;
	const char	*type;
} units[PERFTOP_UNITS] = {
	[PERFTOP_UNIT_COUNT]		= { "count", "decimal" },
	[PERFTOP_UNIT_NUMBER]		= { "number", "integer" },
	[PERFTOP_UNIT_TICKS]		= { "ticks", "decimal" },
	[PERFTOP_UNIT_NS]		= { "ns", "decimal" },
	[PERFTOP_UNIT_PERCENT]		= { "percent", "number" },
	[PERFTOP_UNIT_RATE]		= { "per second", "number" },
	[PERFTOP_UNIT_ID]		= { "id", "integer" },
	[PERFTOP_UNIT_CPU]		= { "cpu", "integer" },
	[PERFTOP_UNIT_PRIORITY]		= { "priority", "integer" },
	[PERFTOP_UNIT_FLAG]		= { "flag", "boolean" },
	[PERFTOP_UNIT_WORD]		= { "word", "string" },
	[PERFTOP_UNIT_NAME]		= { "name", "name" },
	[PERFTOP_UNIT_THREAD]		= { "thread", "thread" },
	[PERFTOP_UNIT_HASH]		= { "hash", "hex" },
	[PERFTOP_UNIT_CPUS]		= { "cpus", "string" },
	[PERFTOP_UNIT_TICKS_BY_CPU]	= { "ticks", "decimal by cpu" },
	[PERFTOP_UNIT_STACK]		= { "stack", "frames" },
	[PERFTOP_UNIT_OCTAVES]		= { "ns", "octaves" },
};

/* Of those that are of counters, how many. */
static const struct {
	const char	*name;
	unsigned int	counters;
} sources[PERFTOP_SOURCES] = {
	[PERFTOP_FROM_RANK]		= { "rank" },
	[PERFTOP_FROM_KEY]		= { "key" },
	[PERFTOP_FROM_KEY_LOW]		= { "key" },
	[PERFTOP_FROM_KEY_HIGH]		= { "key" },
	[PERFTOP_FROM_KEY_HASH]		= { "key" },
	[PERFTOP_FROM_KEY_STACK]	= { "key" },
	[PERFTOP_FROM_COUNTER]		= { "counter" },
	[PERFTOP_FROM_COUNTER_LOW]	= { "counter" },
	[PERFTOP_FROM_COUNTER_HIGH]	= { "counter" },
	[PERFTOP_FROM_BITS]		= { "counter" },
	[PERFTOP_FROM_AGO]		= { "ago", 1 },
	[PERFTOP_FROM_LESS]		= { "difference", 2 },
	[PERFTOP_FROM_TIME]		= { "time", 1 },
	[PERFTOP_FROM_SHARE]		= { "share", 1 },
	[PERFTOP_FROM_EVERY]		= { "rate", 1 },
	[PERFTOP_FROM_RATIO]		= { "ratio", 2 },
	[PERFTOP_FROM_AVERAGE]		= { "average", 2 },
	[PERFTOP_FROM_PART]		= { "part", 2 },
	[PERFTOP_FROM_COMM]		= { "counter" },
	[PERFTOP_FROM_POLICY]		= { "counter" },
	[PERFTOP_FROM_PRIORITY]		= { "counter" },
	[PERFTOP_FROM_RENAMED]		= { "counter" },
	[PERFTOP_FROM_THREAD]		= { "key" },
	[PERFTOP_FROM_BY_CPU]		= { "by cpu" },
	[PERFTOP_FROM_FAVOURITE]	= { "by cpu" },
	[PERFTOP_FROM_EIGHTHS]		= { "histogram" },
	[PERFTOP_FROM_OCTAVES]		= { "histogram" },
	[PERFTOP_FROM_PERCENTILE]	= { "percentile" },
	[PERFTOP_FROM_ACCOUNT]		= { "account" },
	[PERFTOP_FROM_ACCOUNT_SHARE]	= { "account share" },
	[PERFTOP_FROM_BUSY_SHARE]	= { "account share" },
	[PERFTOP_FROM_SWITCH_RATE]	= { "rate" },
	[PERFTOP_FROM_LINE]		= { "account" },
	[PERFTOP_FROM_SNAPSHOT]		= { "header" },
	[PERFTOP_FROM_OWN]		= { "own" },
};

static const char *const rules[] = {
	[PERFTOP_SUM]	= "sum",
	[PERFTOP_MAX]	= "max",
	[PERFTOP_OR]	= "or",
	[PERFTOP_LAST]	= "last",
};

static const char *const types[] = {
	[PERFTOP_WORD_CHOICE]	= "choice",
	[PERFTOP_WORD_NUMBER]	= "number",
	[PERFTOP_WORD_TIME]	= "time",
	[PERFTOP_WORD_BOOL]	= "bool",
	[PERFTOP_WORD_NAME]	= "name",
	[PERFTOP_WORD_CPUS]	= "cpus",
	[PERFTOP_WORD_TEXT]	= "text",
	[PERFTOP_WORD_ALONE]	= "alone",
};

static void put_number(struct seq_file *m, const char *id, s64 number)
{
	perftop_json_id(m, id);
	seq_printf(m, "%lld", number);
}

/* --- Columns -------------------------------------------------------------- */

/* The column that shows a counter as it is, NULL: none does. */
static const char *column_of(const struct perftop_column *column, u32 counter)
{
	for (; column->id; column++)
		if (column->source == PERFTOP_FROM_COUNTER &&
		    column->arg[0] == counter)
			return column->id;
	return NULL;
}

/* The columns, if all are there, that it can be made of again for a time between. */
static void put_of(struct seq_file *m, const struct perftop_column *all,
		   const struct perftop_column *column)
{
	const unsigned int counters = sources[column->source].counters;
	unsigned int i;

	for (i = 0; i < counters; i++)
		if (!column_of(all, column->arg[i]))
			return;
	for (i = 0; i < counters; i++) {
		if (!i)
			perftop_json_id(m, "of");
		seq_putc(m, i ? ',' : '[');
		perftop_json_string(m, column_of(all, column->arg[i]));
	}
	if (counters)
		seq_putc(m, ']');
}

/* Whether what is read at two times may be subtracted, is said by the rule. */
static bool is_a_counter(const struct perftop_table *table,
			 const struct perftop_column *column)
{
	return table && (column->source == PERFTOP_FROM_COUNTER ||
			 column->source == PERFTOP_FROM_TIME);
}

static void put_column(struct seq_file *m, const struct perftop_column *all,
		       const struct perftop_column *column,
		       const struct perftop_table *table)
{
	seq_puts(m, column == all ? "\n{" : ",\n{");
	perftop_json_text(m, "id", column->id);
	perftop_json_text(m, "title", column->title);
	perftop_json_text(m, "help", column->help);
	perftop_json_text(m, "unit", units[column->unit].name);
	perftop_json_text(m, "type", units[column->unit].type);
	put_number(m, "width", column->width);
	perftop_json_text(m, "from", sources[column->source].name);
	put_of(m, all, column);
	if (column->source == PERFTOP_FROM_PERCENTILE)
		put_number(m, "percent", column->arg[0]);
	if (is_a_counter(table, column))
		perftop_json_text(m, "merge", rules[table->merge[column->arg[0]]]);
	seq_putc(m, '}');
}

static void put_columns(struct seq_file *m, const char *id,
			const struct perftop_column *all,
			const struct perftop_table *table)
{
	const struct perftop_column *column;

	perftop_json_id(m, id);
	seq_putc(m, '[');
	for (column = all; column && column->id; column++)
		put_column(m, all, column, table);
	seq_putc(m, ']');
}

/* --- Words ---------------------------------------------------------------- */

static bool has_range(const struct perftop_word *word)
{
	return word->type == PERFTOP_WORD_NUMBER || word->type == PERFTOP_WORD_TIME;
}

static void put_word(struct seq_file *m, const struct perftop_word *word)
{
	unsigned int i;

	perftop_json_text(m, "name", word->name);
	perftop_json_text(m, "help", word->help);
	perftop_json_text(m, "type", types[word->type]);
	perftop_json_text(m, "unit", word->unit);
	if (has_range(word)) {
		put_number(m, "min", word->min);
		put_number(m, "max", word->max);
	}
	perftop_json_id(m, "choices");
	seq_putc(m, '[');
	for (i = 0; word->choice && word->choice[i]; i++) {
		if (i)
			seq_putc(m, ',');
		perftop_json_string(m, word->choice[i]);
	}
	seq_putc(m, ']');
	perftop_json_text(m, "default", word->preset);
	perftop_json_flag(m, "required", word->required);
	put_number(m, "most", word->most);
}

static void put_words(struct seq_file *m, const char *id,
		      const struct perftop_word *word)
{
	const struct perftop_word *first = word;

	perftop_json_id(m, id);
	seq_putc(m, '[');
	for (; word && word->name; word++) {
		seq_puts(m, word == first ? "\n{" : ",\n{");
		put_word(m, word);
		seq_putc(m, '}');
	}
	seq_putc(m, ']');
}

/* --- Views ---------------------------------------------------------------- */

static void put_sorted(struct seq_file *m, const struct perftop_view *view)
{
	unsigned int i;

	perftop_json_id(m, "sorted");
	seq_putc(m, '[');
	for (i = 0; i < PERFTOP_VIEW_SORTED && view->sorted[i].suffix; i++) {
		if (i)
			seq_putc(m, ',');
		perftop_json_string(m, view->sorted[i].suffix);
	}
	seq_putc(m, ']');
}

/* The column that orders the rows, NULL: none does. */
static const char *rank_of(const struct perftop_view *view)
{
	if (!view->table || !view->columns || view->by_cpu || view->table->histogram)
		return NULL;
	return column_of(view->columns, view->table->rank);
}

static void put_view(struct seq_file *m, const struct perftop_view *view, bool first)
{
	seq_printf(m, "%s\"%s\":{", first ? "\n" : ",\n", view->name);
	perftop_json_text(m, "what", view->what);
	perftop_json_text(m, "lacks", view->lacks);
	perftop_json_flag(m, "on", perftop_view_is_on(view));
	perftop_json_flag(m, "always", !view->cost && !view->of);
	perftop_json_text(m, "with", view->of ? view->of->name : NULL);
	perftop_json_text(m, "cost", view->cost);
	perftop_json_flag(m, "time", view->table && view->table->time);
	perftop_json_flag(m, "json", view->columns);
	perftop_json_flag(m, "own_text", view->row);
	perftop_json_flag(m, "all_rows", view->all_rows);
	perftop_json_text(m, "rank", rank_of(view));
	perftop_json_flag(m, "shared", view->shared);
	put_sorted(m, view);
	put_columns(m, "columns", view->columns, view->table);
	put_words(m, "words", view->words);
	seq_putc(m, '}');
}

static void put_begin(struct seq_file *m)
{
	seq_putc(m, '{');
	perftop_json_text(m, "perftop", PERFTOP_VERSION);
	put_columns(m, "machine", perftop_machine_columns, NULL);
	put_columns(m, "table", perftop_table_columns, NULL);
	put_words(m, "filter", perftop_filter_words);
	put_words(m, "parameters", perftop_param_words);
	perftop_json_id(m, "views");
	seq_putc(m, '{');
}

static unsigned int count_views(void)
{
	unsigned int n = 0;

	while (perftop_view_at(n))
		n++;
	return n;
}

/**
 * perftop_declarations_has() - Is there such a piece?
 * @piece: from 0
 *
 * Context: any.
 * Return: whether there is.
 */
bool perftop_declarations_has(unsigned long piece)
{
	return piece < count_views() + 2;
}

/**
 * perftop_declarations_json() - Write a piece of views.json
 * @m: the file
 * @piece: there is one
 *
 * Context: process context.
 */
void perftop_declarations_json(struct seq_file *m, unsigned long piece)
{
	const struct perftop_view *view = piece ? perftop_view_at(piece - 1) : NULL;

	if (!piece)
		put_begin(m);
	else if (view)
		put_view(m, view, piece == 1);
	else
		seq_puts(m, "}}\n");
}

/**
 * perftop_declarations_show() - Print a line of the list
 * @m: the file
 * @piece: there is one
 *
 * Context: process context.
 */
void perftop_declarations_show(struct seq_file *m, unsigned long piece)
{
	const struct perftop_view *view = piece ? perftop_view_at(piece - 1) : NULL;

	if (!piece)
		seq_printf(m, "%-12s %-4s %-8s %s\n", "VIEW", "ON", "COST", "SHOWS");
	if (!view)
		return;
	seq_printf(m, "%-12s %-4s %-8s %s", view->name,
		   perftop_view_is_on(view) ? "yes" : "no",
		   view->cost ? view->cost : "-", view->what);
	if (view->lacks)
		seq_printf(m, " (without %s)", view->lacks);
	seq_putc(m, '\n');
}
