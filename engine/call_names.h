/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls' names.
 */
#ifndef PERFTOP_CALL_NAMES_H
#define PERFTOP_CALL_NAMES_H

#include <linux/types.h>

/* Numbers are of one of three tables. */
enum perftop_call_table {
	PERFTOP_CALLS_64,
	PERFTOP_CALLS_32,
	PERFTOP_CALLS_X32,
	PERFTOP_CALL_TABLES
};

/* A call: its table, and below it its number there. */
static __always_inline u64 perftop_call_id(enum perftop_call_table table, u32 number)
{
	return (u64)table << 32 | number;
}

const char *perftop_call_table_name(u64 id);
const char *perftop_call_name(u64 id);

#endif /* PERFTOP_CALL_NAMES_H */
