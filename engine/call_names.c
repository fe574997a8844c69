// SPDX-License-Identifier: GPL-2.0
/*
 * The system calls' names, by the tables of the headers that the module is built
 * with (compat/Kbuild makes a list of them).
 */
#include <linux/kernel.h>

#include "engine/call_names.h"

/* What the list has: a table, and an initialiser of one of its names. */
#define CALL(table, ...)	CALL_##table(__VA_ARGS__)
#define NAMED(...)		__VA_ARGS__,
#define LEFT_OUT(...)

#define CALL_64		NAMED
#define CALL_32		LEFT_OUT
#define CALL_X32	LEFT_OUT
static const char *const calls_64[] = {
#include "calls.inc"
};

#undef CALL_64
#undef CALL_32
#define CALL_64		LEFT_OUT
#define CALL_32		NAMED
static const char *const calls_32[] = {
#include "calls.inc"
};

#undef CALL_32
#undef CALL_X32
#define CALL_32		LEFT_OUT
#define CALL_X32	NAMED
static const char *const calls_x32[] = {
#include "calls.inc"
};

static const struct {
	const char		*name;
	const char *const	*calls;
	unsigned int		n;
} tables[PERFTOP_CALL_TABLES] = {
	[PERFTOP_CALLS_64]	= { "64", calls_64, ARRAY_SIZE(calls_64) },
	[PERFTOP_CALLS_32]	= { "32", calls_32, ARRAY_SIZE(calls_32) },
	[PERFTOP_CALLS_X32]	= { "x32", calls_x32, ARRAY_SIZE(calls_x32) },
};

/**
 * perftop_call_table_name() - Which table a call is of
 * @id: from perftop_call_id()
 *
 * Context: any, as for all in this file.
 * Return: "64", "32" or "x32".
 */
const char *perftop_call_table_name(u64 id)
{
	return tables[upper_32_bits(id)].name;
}

/**
 * perftop_call_name() - The name of a call
 * @id: from perftop_call_id()
 *
 * Return: as in the headers, "?" of a number that they do not have.
 */
const char *perftop_call_name(u64 id)
{
	const u32 number = lower_32_bits(id), table = upper_32_bits(id);
	const char *name = number < tables[table].n ? tables[table].calls[number] : NULL;

	return name ? : "?";
}
