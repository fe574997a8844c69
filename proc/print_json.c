// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots as JSON: those of one moment in one object, by their views' names. Each
 * distinct frame stands once, behind all rows, which have its number:
 *
 *	{"perftop":"1","boot":"...","load":"...","taken":"...",...,"views":{
 *	"stacks":{"on":true,"since":"...",...,"rows":[
 *	{"record":"...","since":"...","rank":1,...,"stack":[0,1]},
 *	...
 *	]},
 *	"tasks":{...}
 *	},"frames":[
 *	{"of":"kernel","name":"schedule","offset":"0x5a"},
 *	...
 *	],"frames_lost":"0"}
 *
 * It is written in pieces, none of which is long: the beginning, of each view its
 * beginning, its rows and its end, then the frames, and the end.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/tsc.h>

#include "engine/column.h"
#include "engine/merged_records.h"
#include "engine/octave.h"
#include "engine/table.h"
#include "engine/task.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/frame_numbers.h"
#include "proc/header_columns.h"
#include "proc/json.h"
#include "proc/origin.h"
#include "proc/print.h"
#include "proc/print_frames.h"
#include "proc/print_json.h"
#include "proc/snapshot.h"
#include "proc/values.h"
#include "switch/hook_select.h"

/* --- Values --------------------------------------------------------------- */

/* The list may be of any length. */
static void put_cpus(struct seq_file *m, const struct perftop_row *row)
{
	unsigned long *cpus = bitmap_zalloc(nr_cpu_ids, GFP_KERNEL);
	unsigned int cpu;

	for (cpu = 0; cpus && cpu < nr_cpu_ids; cpu++)
		if (row->by_cpu[cpu])
			__set_bit(cpu, cpus);
	if (cpus)
		seq_printf(m, "\"%*pbl\"", nr_cpu_ids, cpus);
	else
		seq_puts(m, "null");
	bitmap_free(cpus);
}

static void put_ticks_by_cpu(struct seq_file *m, const struct perftop_row *row)
{
	unsigned int cpu;
	char id[12];

	seq_putc(m, '{');
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (!row->by_cpu[cpu])
			continue;
		snprintf(id, sizeof(id), "%u", cpu);
		perftop_json_id(m, id);
		perftop_json_decimal(m, row->by_cpu[cpu]);
	}
	seq_putc(m, '}');
}

static void put_octave(struct seq_file *m, const struct perftop_row *octave)
{
	const unsigned int number = octave->word[octave->words - 1];
	unsigned int i;

	seq_putc(m, '{');
	perftop_json_id(m, "from");
	perftop_json_decimal(m, perftop_octave_begin(number));
	perftop_json_id(m, "to");
	perftop_json_decimal(m, perftop_octave_end(number));
	perftop_json_id(m, "eighths");
	for (i = 0; i < PERFTOP_EIGHTHS; i++) {
		seq_putc(m, i ? ',' : '[');
		perftop_json_decimal(m, octave->counter[i]);
	}
	seq_puts(m, "]}");
}

static void put_octaves(struct seq_file *m, const struct perftop_row *row)
{
	unsigned int i;

	seq_putc(m, '[');
	for (i = 0; i < row->octaves; i++) {
		if (i)
			seq_putc(m, ',');
		put_octave(m, &row->octave[i]);
	}
	seq_putc(m, ']');
}

static void put_thread(struct seq_file *m, const struct perftop_thread *thread)
{
	seq_putc(m, '{');
	perftop_json_id(m, "pid");
	seq_printf(m, "%u", lower_32_bits(thread->ids));
	perftop_json_id(m, "tgid");
	seq_printf(m, "%u", upper_32_bits(thread->ids));
	perftop_json_comm(m, "comm", thread->comm);
	perftop_json_id(m, "policy");
	perftop_json_string(m, perftop_policy_name(perftop_priority_policy(thread->priority)));
	perftop_json_id(m, "priority");
	seq_printf(m, "%d}", perftop_priority_level(thread->priority));
}

/* All but names, which may be two members. */
static void put_value(struct seq_file *m, enum perftop_unit unit,
		      const struct perftop_value *value,
		      const struct perftop_row *row,
		      struct perftop_frame_numbers *numbers)
{
	const u64 number = value->number;

	switch (unit) {
	case PERFTOP_UNIT_COUNT:
	case PERFTOP_UNIT_TICKS:
	case PERFTOP_UNIT_NS:
		perftop_json_decimal(m, value->number);
		break;
	case PERFTOP_UNIT_PERCENT:
		seq_printf(m, "%llu.%02u", number / 100, (u32)(number % 100));
		break;
	case PERFTOP_UNIT_RATE:
		seq_printf(m, "%llu.%u", number / 10, (u32)(number % 10));
		break;
	case PERFTOP_UNIT_PRIORITY:
		seq_printf(m, "%d", (s32)number);
		break;
	case PERFTOP_UNIT_FLAG:
		perftop_json_bool(m, number);
		break;
	case PERFTOP_UNIT_WORD:
		perftop_json_string(m, value->text);
		break;
	case PERFTOP_UNIT_THREAD:
		put_thread(m, &value->thread);
		break;
	case PERFTOP_UNIT_HASH:
		seq_printf(m, "\"%08x\"", (u32)number);
		break;
	case PERFTOP_UNIT_CPUS:
		put_cpus(m, row);
		break;
	case PERFTOP_UNIT_TICKS_BY_CPU:
		put_ticks_by_cpu(m, row);
		break;
	case PERFTOP_UNIT_STACK:
		perftop_frames_number(m, row->word, number, numbers);
		break;
	case PERFTOP_UNIT_OCTAVES:
		put_octaves(m, row);
		break;
	default:
		perftop_print_number(m, number, 0);
	}
}

static void put_columns(struct seq_file *m, const struct perftop_column *column,
			const struct perftop_snapshot *snapshot,
			const struct perftop_row *row,
			struct perftop_frame_numbers *numbers)
{
	struct perftop_value value;

	for (; column->id; column++) {
		perftop_value_get(column, snapshot, row, &value);
		/* All CPUs together have no number, and what has no key no hash. */
		if ((column->unit == PERFTOP_UNIT_CPU && row->line == &snapshot->total) ||
		    (column->source == PERFTOP_FROM_KEY_HASH && !row->words))
			value.none = true;
		if (column->unit == PERFTOP_UNIT_NAME && !value.none) {
			perftop_json_comm(m, column->id, value.comm);
			continue;
		}
		perftop_json_id(m, column->id);
		if (value.none)
			seq_puts(m, "null");
		else
			put_value(m, column->unit, &value, row, numbers);
	}
}

/* --- Pieces --------------------------------------------------------------- */

/* What is not to be trusted of the clock, see perftop_print_header(). */
static void put_clock(struct seq_file *m)
{
	perftop_json_id(m, "tsc_khz");
	seq_printf(m, "%u", tsc_khz);
	perftop_json_flag(m, "tsc_unstable", check_tsc_unstable());
	perftop_json_flag(m, "tsc_constant", boot_cpu_has(X86_FEATURE_CONSTANT_TSC));
	perftop_json_flag(m, "tsc_nonstop", boot_cpu_has(X86_FEATURE_NONSTOP_TSC));
}

static void show_begin(struct seq_file *m, const struct perftop_snapshot *first)
{
	const struct perftop_row row = { .line = &first->total };

	seq_putc(m, '{');
	perftop_json_text(m, "perftop", PERFTOP_VERSION);
	perftop_json_text(m, "boot",
			  perftop_origin.boot[0] ? perftop_origin.boot : NULL);
	perftop_json_id(m, "load");
	seq_printf(m, "\"%016llx\"", perftop_origin.load);
	perftop_json_text(m, "hook", perftop_hook->name);
	put_clock(m);
	perftop_json_name(m, "filter", first->filter);
	put_columns(m, perftop_machine_columns, first, &row, NULL);
	perftop_json_id(m, "views");
	seq_puts(m, "{\n");
}

static void show_view(struct seq_file *m, const struct perftop_snapshot *snapshot,
		      bool is_first)
{
	const struct perftop_row row = { .line = &snapshot->total };

	seq_printf(m, "%s\"%s\":{\"on\":", is_first ? "" : ",\n", snapshot->view->name);
	perftop_json_bool(m, snapshot->on);
	perftop_json_text(m, "lacks", snapshot->view->lacks);
	put_columns(m, perftop_table_columns, snapshot, &row, NULL);
	perftop_json_id(m, "rows");
	seq_puts(m, "[");
}

/* What a row is that is nobody's, or all's; NULL: it is a row like others. */
static const char *what_is(const struct perftop_snapshot *snapshot,
			   const struct perftop_row *row)
{
	if (row->line == &snapshot->total)
		return "all";
	if (perftop_row_is_nobody(row))
		return perftop_row_is_others(row) ? "others" : "overflow";
	return NULL;
}

static void show_row(struct seq_file *m, const struct perftop_snapshot *snapshot,
		     unsigned int number, struct perftop_frame_numbers *numbers)
{
	const struct perftop_row *row = &snapshot->row[number];
	const char *is = what_is(snapshot, row);

	seq_puts(m, number ? ",\n{" : "\n{");
	perftop_json_id(m, "record");
	if (row->id)
		perftop_json_decimal(m, row->id);
	else
		seq_puts(m, "null");
	perftop_json_id(m, "since");
	perftop_json_decimal(m, row->since ? : snapshot->since);
	if (is)
		perftop_json_text(m, "is", is);
	if (row->open)
		seq_puts(m, ",\"is_running\":true");
	if (row->waiting)
		seq_puts(m, ",\"is_waiting\":true");
	put_columns(m, snapshot->view->columns, snapshot, row, numbers);
	seq_putc(m, '}');
}

static void show_frame(struct seq_file *m,
		       const struct perftop_frame_numbers *numbers, u32 number)
{
	seq_puts(m, number == 1 ? "\n" : ",\n");
	seq_puts(m, perftop_frame_text(numbers, number));
}

static void show_end(struct seq_file *m, const struct perftop_frame_numbers *numbers)
{
	seq_puts(m, "\n],\"frames_lost\":");
	perftop_json_decimal(m, perftop_frame_numbers_lost(numbers));
	seq_puts(m, "}\n");
}

/* A view's beginning, its rows and its end. */
static unsigned long pieces_of(const struct perftop_snapshot *snapshot)
{
	return snapshot->rows + 2;
}

/* The view that a piece is of, and which of its pieces it is. */
static const struct perftop_snapshot *
find_view(const struct perftop_snapshot *snapshot, unsigned long *piece)
{
	for (; snapshot; snapshot = snapshot->next) {
		if (*piece < pieces_of(snapshot))
			return snapshot;
		*piece -= pieces_of(snapshot);
	}
	return NULL;
}

/**
 * perftop_json_has() - Is there such a piece?
 * @first: the first of the snapshots
 * @numbers: of their frames; those behind the rows are known when rows were shown
 * @piece: from 0
 *
 * Context: process context.
 * Return: whether there is.
 */
bool perftop_json_has(const struct perftop_snapshot *first,
		      const struct perftop_frame_numbers *numbers,
		      unsigned long piece)
{
	/* The beginning, and that and the end of the frames. */
	return !piece-- || find_view(first, &piece) ||
	       piece < perftop_frame_numbers_count(numbers) + 2UL;
}

/**
 * perftop_json_show() - Write a piece
 * @m: the file
 * @first: the first of the snapshots
 * @numbers: of their frames; those of a row are given theirs
 * @piece: there is one
 *
 * Context: process context, may sleep.
 */
void perftop_json_show(struct seq_file *m, const struct perftop_snapshot *first,
		       struct perftop_frame_numbers *numbers, unsigned long piece)
{
	const struct perftop_snapshot *snapshot;

	if (!piece--) {
		show_begin(m, first);
		return;
	}
	snapshot = find_view(first, &piece);
	if (snapshot && !piece)
		show_view(m, snapshot, snapshot == first);
	else if (snapshot && piece <= snapshot->rows)
		show_row(m, snapshot, piece - 1, numbers);
	else if (snapshot)
		seq_puts(m, "\n]}");
	else if (!piece)
		seq_puts(m, "\n},\"frames\":[");
	else if (piece <= perftop_frame_numbers_count(numbers))
		show_frame(m, numbers, piece);
	else
		show_end(m, numbers);
}
