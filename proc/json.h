/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON, written.
 */
#ifndef PERFTOP_JSON_H
#define PERFTOP_JSON_H

#include <linux/types.h>

#include "perftop.h"

struct seq_file;

void perftop_json_id(struct seq_file *m, const char *id);
bool perftop_json_string(struct seq_file *m, const char *text);
void perftop_json_name(struct seq_file *m, const char *id, const char *name);
void perftop_json_comm(struct seq_file *m, const char *id, const u64 *word);
void perftop_json_decimal(struct seq_file *m, perftop_wide number);
void perftop_json_text(struct seq_file *m, const char *id, const char *text);
void perftop_json_flag(struct seq_file *m, const char *id, bool value);
void perftop_json_bool(struct seq_file *m, bool value);

#endif /* PERFTOP_JSON_H */
