// SPDX-License-Identifier: GPL-2.0
/*
 * What is written, taken apart: words by blanks, lists by commas, quotes around
 * what has either.
 *
 *   comm="Web Content",cc pid=1,2,cpu=0-1
 *   |    |             |  |       |
 *   |    a list's values  |       also a word: behind a comma, it has a =
 *   a word                the next one
 *
 * Within quotes \" is a quote, \\ a backslash, and \xNN any byte but 0.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "engine/words.h"

/* Not isspace(): it takes a part of some letters for a blank. */
#define BLANKS	" \t\n\v\f\r"

/**
 * perftop_words_trim() - Leave out blanks at both ends
 * @words: changed
 *
 * Context: any, as for all in this file.
 * Return: where the rest begins.
 */
char *perftop_words_trim(char *words)
{
	char *end;

	words += strspn(words, BLANKS);
	end = words + strlen(words);
	while (end > words && strchr(BLANKS, end[-1]))
		end--;
	*end = '\0';
	return words;
}

/**
 * perftop_words_command() - Split off what stands in front of the first blank
 * @words: changed
 *
 * Return: the rest, without blanks at its ends.
 */
char *perftop_words_command(char *words)
{
	char *end = words + strcspn(words, BLANKS);

	if (!*end)
		return end;
	*end = '\0';
	return perftop_words_trim(end + 1);
}

/* From within quotes to behind them, or to the end of all. */
static char *skip_quoted(char *at)
{
	for (; *at; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && at[1])
			at++;
	}
	return at;
}

/* Is it a word, and not another value of the list before it? */
static bool begins_word(const char *at)
{
	return at[strcspn(at, "=\"," BLANKS)] == '=';
}

/**
 * perftop_words_next() - Split off a word, with its list
 * @words: changed, and left behind the word
 *
 * Return: the word, NULL if there is none.
 */
char *perftop_words_next(char **words)
{
	char *word = *words + strspn(*words, "," BLANKS), *at = word;

	while (*at && !strchr(BLANKS, *at)) {
		if (*at == ',' && begins_word(at + 1))
			break;
		at = *at == '"' ? skip_quoted(at + 1) : at + 1;
	}
	*words = at + !!*at;
	*at = '\0';
	return *word ? word : NULL;
}

/**
 * perftop_words_list() - Split NAME=LIST
 * @word: changed: ends with its name
 *
 * Return: the list, NULL if there is none.
 */
char *perftop_words_list(char *word)
{
	char *list = strchr(word, '=');

	if (list)
		*list++ = '\0';
	return list;
}

/* What stands behind a backslash: how long that is, 0 if it is nothing. */
static unsigned int parse_escape(const u8 *from, char *to)
{
	char digits[3] = "";
	u32 byte;

	*to = *from;
	if (*from == '"' || *from == '\\')
		return 1;
	if (*from != 'x' || !isxdigit(from[1]) || !isxdigit(from[2]))
		return 0;
	memcpy(digits, from + 1, 2);
	if (kstrtou32(digits, 16, &byte) || !byte)
		return 0;
	*to = byte;
	return 3;
}

/* What stands within quotes: where they end, NULL if they do not. */
static char *unquote(char *to, char *from)
{
	unsigned int length;

	while (*from && *from != '"') {
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		length = parse_escape((const u8 *)from + 1, to++);
		if (!length)
			return NULL;
		from += 1 + length;
	}
	if (!*from)
		return NULL;
	*to = '\0';
	return from + 1;
}

/**
 * perftop_words_value() - Split off a value of a list
 * @list: changed, and left behind the value
 * @value: is pointed to it; without its quotes, and only with them nothing
 *
 * Return: 1, 0 if there are no more, -EINVAL if quotes do not end or do not
 * stand around the whole.
 */
int perftop_words_value(char **list, char **value)
{
	char *at = *list + strspn(*list, ",");

	if (!*at)
		return 0;
	*value = at;
	if (*at == '"')
		at = unquote(at, at + 1);
	else
		at += strcspn(at, ",\"");
	if (!at || (*at && *at != ','))
		return -EINVAL;
	*list = at + !!*at;
	*at = '\0';
	return 1;
}
