// SPDX-License-Identifier: GPL-2.0
/*
 * Names that anybody may have chosen, of tasks and of files. They are printed
 * as they are, but for what a terminal obeys or hides, and for what could be
 * taken for something of perftop's own.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "proc/print_names.h"

/* Code points, from the first to the last. */
struct letters {
	u32	first;
	u32	last;
};

/*
 * Not seen, or seen as something else: controls, among them the ends of lines
 * and paragraphs, marks of direction, what has no width, tags.
 */
static const struct letters hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x061c, 0x061c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

/*
 * Over or under the letter before, and two columns wide: the blocks that have
 * most of both, after M. Kuhn's wcwidth().
 */
static const struct letters combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0941, 0x0948 },
	{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1160, 0x11ff },
	{ 0x1ab0, 0x1ace }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20f0 },
	{ 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f },
};

static const struct letters wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4c6 },
	{ 0xa960, 0xa97c }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfad9 },
	{ 0xfe10, 0xfe19 }, { 0xfe30, 0xfe6b }, { 0xff01, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6fc },
	{ 0x1f90c, 0x1f9ff }, { 0x20000, 0x3134a },
};

static bool is_among(const struct letters *among, unsigned int n, u32 letter)
{
	while (n--)
		if (letter >= among[n].first && letter <= among[n].last)
			return true;
	return false;
}

/**
 * perftop_name_letter() - Take the letter that a text begins with
 * @text: is then what is behind it
 *
 * Bytes that are none are one as far as they could have become one ("Maximal
 * Subparts", The Unicode Standard, 3.9): a name may have been cut within one.
 *
 * Context: any.
 * Return: the letter, PERFTOP_NO_LETTER for bytes that are none.
 */
u32 perftop_name_letter(const char **text)
{
	const u8 *at = (const u8 *)*text;
	const u8 lead = *at++;
	u8 least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	u8 most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	unsigned int more = 0;
	u32 letter = lead;

	if (lead >= 0xc2 && lead <= 0xf4) {
		more = 1 + (lead >= 0xe0) + (lead >= 0xf0);
		letter &= 0x3f >> more;
	} else if (lead >= 0x80) {
		letter = PERFTOP_NO_LETTER;
	}
	for (; more; more--) {
		if (*at < least || *at > most) {
			letter = PERFTOP_NO_LETTER;
			break;
		}
		letter = letter << 6 | (*at++ & 0x3f);
		least = 0x80;
		most = 0xbf;
	}
	*text = (const char *)at;
	return letter;
}

static unsigned int print_letter(struct seq_file *m, u32 letter,
				 const char *from, const char *to)
{
	if (is_among(hidden, ARRAY_SIZE(hidden), letter)) {
		seq_putc(m, '?');
		return 1;
	}
	if (letter == PERFTOP_NO_LETTER) {
		seq_puts(m, "\xef\xbf\xbd");
		return 1;
	}
	while (from < to)
		seq_putc(m, *from++);
	if (is_among(combining, ARRAY_SIZE(combining), letter))
		return 0;
	return is_among(wide, ARRAY_SIZE(wide), letter) ? 2 : 1;
}

/* In a line of folded stacks a blank and a semicolon are no letters. */
static unsigned int print(struct seq_file *m, const char *name, bool folded)
{
	unsigned int columns = 0;
	const char *from = name;
	u32 letter;

	/* What is perftop's own begins so, and a column is never empty. */
	if (!*name || *name == '[') {
		seq_putc(m, '?');
		columns++;
		name += *name == '[';
	}
	while (*name) {
		from = name;
		letter = perftop_name_letter(&name);
		if (folded && (letter == ' ' || letter == ';')) {
			seq_putc(m, '_');
			columns++;
		} else {
			columns += print_letter(m, letter, from, name);
		}
	}
	return columns;
}

/**
 * perftop_print_name() - Print a name that anybody may have chosen
 * @m: the file
 * @name: a command's or a file's
 *
 * A ? stands for each letter that moves a terminal's cursor or is not seen, for
 * a [ at the beginning, by which what perftop names itself is known
 * ([overflow]), and for no name at all; U+FFFD for what is no UTF-8.
 *
 * Context: process context, as for all in this file.
 * Return: how many columns of a terminal it takes.
 */
unsigned int perftop_print_name(struct seq_file *m, const char *name)
{
	return print(m, name, false);
}

/**
 * perftop_print_folded_name() - The same in a line of folded stacks
 * @m: the file
 * @name: a command's or a file's
 *
 * A _ stands for each blank and semicolon as well.
 */
void perftop_print_folded_name(struct seq_file *m, const char *name)
{
	print(m, name, true);
}

/**
 * perftop_comm_read() - A task's name that is kept in two words
 * @comm: where it is left, TASK_COMM_LEN bytes
 * @word: the words, copied while another CPU may have been writing the name
 *
 * Return: @comm.
 */
const char *perftop_comm_read(char *comm, const u64 *word)
{
	strscpy(comm, (const char *)word, TASK_COMM_LEN);
	return comm;
}

/**
 * perftop_print_comm() - Print a task's name that is kept in two words
 * @m: the file
 * @word: the words
 *
 * Return: how many columns of a terminal it takes.
 */
unsigned int perftop_print_comm(struct seq_file *m, const u64 *word)
{
	char comm[TASK_COMM_LEN];

	return perftop_print_name(m, perftop_comm_read(comm, word));
}

/**
 * perftop_print_folded_comm() - The same in a line of folded stacks
 * @m: the file
 * @word: the words
 */
void perftop_print_folded_comm(struct seq_file *m, const u64 *word)
{
	char comm[TASK_COMM_LEN];

	perftop_print_folded_name(m, perftop_comm_read(comm, word));
}
