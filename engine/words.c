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
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "engine/words.h"
#include "perftop.h"

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

/* Split off a word, with its list: the word, NULL if there is none. */
static char *next_word(char **words)
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

/* Split NAME=LIST: the list, NULL if there is none. */
static char *split_list(char *word)
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

/*
 * Split off a value of a list, without its quotes, and only with them nothing: 1, 0
 * if there are no more, -EINVAL if quotes do not end or do not stand around all.
 */
static int next_value(char **list, char **value)
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

/* --- Values --------------------------------------------------------------- */

/* "10", "10us", "5ms", "1s": ns. */
static int parse_time(const char *text, s64 *ns)
{
	static const struct {
		const char	*unit;
		u32		ns;
	} units[] = {
		{ "ns", 1 }, { "us", NSEC_PER_USEC }, { "", NSEC_PER_USEC },
		{ "ms", NSEC_PER_MSEC }, { "s", NSEC_PER_SEC },
	};
	size_t digits = strspn(text, "0123456789");
	char number[16] = "";
	unsigned int i;
	u32 n;

	if (!digits || digits >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, digits);
	if (kstrtou32(number, 10, &n))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(units[i].unit, text + digits)) {
			*ns = (s64)n * units[i].ns;
			return 0;
		}
	return -EINVAL;
}

static int parse_choice(const struct perftop_word *word, const char *text,
			s64 *number)
{
	unsigned int i;

	for (i = 0; word->choice && word->choice[i]; i++)
		if (!strcmp(word->choice[i], text)) {
			*number = word->first_choice + i;
			return 0;
		}
	return -EINVAL;
}

static int parse_number(const struct perftop_word *word, const char *text,
			s64 *number)
{
	const unsigned int base = strncmp(text, "0x", 2) ? 10 : 16;

	if (!parse_choice(word, text, number))
		return 0;
	if (kstrtos64(text, base, number) || *number < word->min ||
	    *number > word->max)
		return -EINVAL;
	return 0;
}

static int parse_bool(const char *text, s64 *number)
{
	bool value;

	if (kstrtobool(text, &value))
		return -EINVAL;
	*number = value;
	return 0;
}

/**
 * perftop_word_parse() - Take a value as what it has to be
 * @word: what it has to be
 * @text: the value as it was said; kept in what is left at @value
 * @value: is filled in
 *
 * Return: 0 or -EINVAL.
 */
int perftop_word_parse(const struct perftop_word *word, const char *text,
		       struct perftop_word_value *value)
{
	*value = (struct perftop_word_value){ .text = text };
	switch (word->type) {
	case PERFTOP_WORD_CHOICE:
		return parse_choice(word, text, &value->number);
	case PERFTOP_WORD_NUMBER:
		return parse_number(word, text, &value->number);
	case PERFTOP_WORD_TIME:
		if (parse_time(text, &value->number))
			return -EINVAL;
		return value->number > word->max ? -EINVAL : 0;
	case PERFTOP_WORD_BOOL:
		return parse_bool(text, &value->number);
	case PERFTOP_WORD_NAME:
		return strlen(text) < TASK_COMM_LEN ? 0 : -EINVAL;
	default:
		return 0;
	}
}

/* --- Words ---------------------------------------------------------------- */

static int take_list(const struct perftop_word *word, unsigned int number,
		     char *list, perftop_word_take take, void *to)
{
	struct perftop_word_value value;
	unsigned int n = 0;
	char *text;
	int found, err = 0;

	for (; !err; n++) {
		found = next_value(&list, &text);
		if (!found)
			return n ? 0 : -EINVAL;
		if (found < 0 || n == word->most)
			return -EINVAL;
		err = perftop_word_parse(word, text, &value);
		if (!err)
			err = take(to, number, &value);
	}
	return err;
}

static int take_alone(unsigned int number, perftop_word_take take, void *to)
{
	const struct perftop_word_value value = { .number = true };

	return take(to, number, &value);
}

static int take_word(const struct perftop_word *word, char *said,
		     unsigned long *given, perftop_word_take take, void *to)
{
	char *list = split_list(said);
	unsigned int i;

	for (i = 0; word[i].name; i++)
		if (!strcmp(said, word[i].name))
			break;
	/* Of a word that is said twice, neither would be what was meant. */
	if (!word[i].name || *given & BIT(i))
		return -EINVAL;
	*given |= BIT(i);
	if (word[i].type == PERFTOP_WORD_ALONE)
		return list ? -EINVAL : take_alone(i, take, to);
	return list ? take_list(&word[i], i, list, take, to) : -EINVAL;
}

/**
 * perftop_words_parse() - Take words as what they may be
 * @word: which there are, fewer than 64
 * @words: as they were said; changed
 * @take: is given each value
 * @to: and this
 *
 * Return: 0, -EINVAL for what is not one of them, is said twice, is no such value,
 * or was required and not said; or what @take returns.
 */
int perftop_words_parse(const struct perftop_word *word, char *words,
			perftop_word_take take, void *to)
{
	unsigned long given = 0;
	unsigned int i;
	int err = 0;
	char *said;

	while (!err && (said = next_word(&words)) != NULL)
		err = take_word(word, said, &given, take, to);
	for (i = 0; !err && word[i].name; i++)
		if (word[i].required && !(given & BIT(i)))
			err = -EINVAL;
	return err;
}

/* "any, fair, rt or deadline" */
static size_t describe_choices(const struct perftop_word *word, char *buf,
			       size_t size, bool more)
{
	size_t n = 0;
	unsigned int i;

	for (i = 0; word->choice && word->choice[i]; i++) {
		const bool last = !more && !word->choice[i + 1];

		n += scnprintf(buf + n, size - n, "%s%s", !i ? "" :
			       last ? " or " : ", ", word->choice[i]);
	}
	if (i && more)
		n += scnprintf(buf + n, size - n, " or ");
	return n;
}

/**
 * perftop_word_describe() - Say what values a word takes
 * @word: the word
 * @buf: where that is left
 * @size: of @buf
 *
 * Return: how long it is.
 */
size_t perftop_word_describe(const struct perftop_word *word, char *buf,
			     size_t size)
{
	size_t n;

	*buf = '\0';
	switch (word->type) {
	case PERFTOP_WORD_CHOICE:
		return describe_choices(word, buf, size, false);
	case PERFTOP_WORD_NUMBER:
		n = describe_choices(word, buf, size, true);
		return n + scnprintf(buf + n, size - n, "%lld to %lld", word->min,
				     word->max);
	case PERFTOP_WORD_TIME:
		return scnprintf(buf, size, "TIME");
	case PERFTOP_WORD_BOOL:
		return scnprintf(buf, size, "0 or 1");
	case PERFTOP_WORD_NAME:
		return scnprintf(buf, size, "NAME");
	case PERFTOP_WORD_CPUS:
		return scnprintf(buf, size, "LIST");
	case PERFTOP_WORD_TEXT:
		return scnprintf(buf, size, "TEXT");
	default:
		return 0;
	}
}

/**
 * perftop_words_describe() - Say which words there are, and what they take
 * @word: the words
 * @buf: where that is left: "pid=1 to 4194304, comm=NAME, all"
 * @size: of @buf
 */
void perftop_words_describe(const struct perftop_word *word, char *buf, size_t size)
{
	size_t n = 0;

	*buf = '\0';
	for (; word->name; word++) {
		n += scnprintf(buf + n, size - n, "%s%s%s", n ? ", " : "", word->name,
			       word->type == PERFTOP_WORD_ALONE ? "" : "=");
		n += perftop_word_describe(word, buf + n, size - n);
	}
}

/**
 * perftop_words_refuse() - Log what is accepted where it was not
 * @command: what stands in front of the words
 * @word: the words
 */
void perftop_words_refuse(const char *command, const struct perftop_word *word)
{
	char takes[256];

	perftop_words_describe(word, takes, sizeof(takes));
	pr_err("%s takes %s; a name in quotes where it has a blank, comma, = or quote\n",
	       command, takes);
}
