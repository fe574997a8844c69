// SPDX-License-Identifier: GPL-2.0
/*
 * JSON (RFC 8259), written. What readers differ in is not used: a number that may
 * pass 2^53 is a string of its digits, bytes that are no UTF-8 are U+FFFD, and
 * nothing is U+0000.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "perftop.h"
#include "proc/json.h"
#include "proc/print.h"
#include "proc/print_names.h"

/**
 * perftop_json_id() - Begin a member of an object
 * @m: the file
 * @id: its name, of letters that need no care
 *
 * A comma stands in front unless the object has just begun.
 *
 * Context: process context, as for all in this file.
 */
void perftop_json_id(struct seq_file *m, const char *id)
{
	if (m->count && m->count < m->size && m->buf[m->count - 1] != '{')
		seq_putc(m, ',');
	seq_putc(m, '"');
	seq_puts(m, id);
	seq_puts(m, "\":");
}

static bool put_letter(struct seq_file *m, u32 letter, const char *from,
		       const char *to)
{
	static const char no_letter[] = "\xef\xbf\xbd";
	bool replaced = false;

	if (letter < ' ') {
		seq_printf(m, "\\u%04x", letter);
	} else if (letter == PERFTOP_NO_LETTER) {
		replaced = to - from != 3 || memcmp(from, no_letter, 3);
		seq_puts(m, no_letter);
	} else {
		if (letter == '"' || letter == '\\')
			seq_putc(m, '\\');
		seq_write(m, from, to - from);
	}
	return replaced;
}

/**
 * perftop_json_string() - Write a string
 * @m: the file
 * @text: any bytes but 0
 *
 * Return: whether there were some that are no UTF-8.
 */
bool perftop_json_string(struct seq_file *m, const char *text)
{
	bool replaced = false;
	const char *from;
	u32 letter;

	seq_putc(m, '"');
	while (*text) {
		from = text;
		letter = perftop_name_letter(&text);
		if (put_letter(m, letter, from, text))
			replaced = true;
	}
	seq_putc(m, '"');
	return replaced;
}

/**
 * perftop_json_name() - Write a name that anybody may have chosen, as a member
 * @m: the file
 * @id: of the member
 * @name: the name
 *
 * Where it is no UTF-8, a member with _hex behind its id has its bytes.
 */
void perftop_json_name(struct seq_file *m, const char *id, const char *name)
{
	perftop_json_id(m, id);
	if (!perftop_json_string(m, name))
		return;
	seq_printf(m, ",\"%s_hex\":\"", id);
	for (; *name; name++)
		seq_printf(m, "%02x", (u8)*name);
	seq_putc(m, '"');
}

/**
 * perftop_json_comm() - The same of a task's, which is kept in two words
 * @m: the file
 * @id: of the member
 * @word: the words
 */
void perftop_json_comm(struct seq_file *m, const char *id, const u64 *word)
{
	char comm[TASK_COMM_LEN];

	perftop_comm_read(comm, word);
	perftop_json_name(m, id, comm);
}

/**
 * perftop_json_decimal() - Write a number that may pass 2^53
 * @m: the file
 * @number: the number
 */
void perftop_json_decimal(struct seq_file *m, perftop_wide number)
{
	char buf[PERFTOP_NUMBER_SIZE];

	seq_putc(m, '"');
	seq_puts(m, perftop_format_number(buf, sizeof(buf), number));
	seq_putc(m, '"');
}

/**
 * perftop_json_text() - Write a text of perftop's own, as a member
 * @m: the file
 * @id: of the member
 * @text: the text, NULL: there is none
 */
void perftop_json_text(struct seq_file *m, const char *id, const char *text)
{
	perftop_json_id(m, id);
	if (text)
		perftop_json_string(m, text);
	else
		seq_puts(m, "null");
}

/**
 * perftop_json_bool() - Write what is so or not
 * @m: the file
 * @value: whether it is
 */
void perftop_json_bool(struct seq_file *m, bool value)
{
	seq_puts(m, value ? "true" : "false");
}

/**
 * perftop_json_flag() - Write what is so or not, as a member
 * @m: the file
 * @id: of the member
 * @value: whether it is
 */
void perftop_json_flag(struct seq_file *m, const char *id, bool value)
{
	perftop_json_id(m, id);
	perftop_json_bool(m, value);
}
