/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words that are written or given as parameters: what each may be, and taken apart.
 */
#ifndef PERFTOP_WORDS_H
#define PERFTOP_WORDS_H

#include <linux/types.h>

enum perftop_word_type {
	PERFTOP_WORD_CHOICE,	/* one of some */
	PERFTOP_WORD_NUMBER,	/* from one to another, or one of some choices */
	PERFTOP_WORD_TIME,	/* 10us, 5ms: kept in ns; us where it has no unit */
	PERFTOP_WORD_BOOL,
	PERFTOP_WORD_NAME,	/* a task's */
	PERFTOP_WORD_CPUS,	/* 0,2-3 */
	PERFTOP_WORD_TEXT,	/* somebody else says what it may be */
	PERFTOP_WORD_ALONE,	/* has no value */
};

/**
 * struct perftop_word - what may be said, as NAME=VALUE
 * @name: the name; NULL ends a list of words
 * @help: a line
 * @type: of the value
 * @unit: of @min and @max, NULL: they have none
 * @min: the least number
 * @max: the largest
 * @choice: the choices, ended by NULL
 * @first_choice: the number that stands for the first of them, the others follow
 * @preset: what it is where it is not said
 * @most: so many values at the most, in a list
 * @required: it has to be said
 */
struct perftop_word {
	const char		*name;
	const char		*help;
	enum perftop_word_type	type;
	const char		*unit;
	s64			min;
	s64			max;
	const char *const	*choice;
	s64			first_choice;
	const char		*preset;
	unsigned int		most;
	bool			required;
};

/* The list of CPUs, the name or text as it was said; else a number. */
struct perftop_word_value {
	s64		number;
	const char	*text;
};

/* Called with each value, and the number of its word; 0 or an error. */
typedef int (*perftop_word_take)(void *to, unsigned int word,
				 const struct perftop_word_value *value);

char *perftop_words_trim(char *words);
char *perftop_words_command(char *words);
int perftop_word_parse(const struct perftop_word *word, const char *text,
		       struct perftop_word_value *value);
int perftop_words_parse(const struct perftop_word *word, char *words,
			perftop_word_take take, void *to);
size_t perftop_word_describe(const struct perftop_word *word, char *buf,
			     size_t size);
void perftop_words_describe(const struct perftop_word *word, char *buf,
			    size_t size);
void perftop_words_refuse(const char *command, const struct perftop_word *word);

#endif /* PERFTOP_WORDS_H */
