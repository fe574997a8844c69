/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is written, taken apart.
 */
#ifndef PERFTOP_WORDS_H
#define PERFTOP_WORDS_H

char *perftop_words_trim(char *words);
char *perftop_words_command(char *words);
char *perftop_words_next(char **words);
char *perftop_words_list(char *word);
int perftop_words_value(char **list, char **value);

#endif /* PERFTOP_WORDS_H */
