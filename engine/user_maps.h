/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user address is called, while its process lives and afterwards.
 */
#ifndef PERFTOP_USER_MAPS_H
#define PERFTOP_USER_MAPS_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

struct mm_struct;
struct vm_area_struct;

/* A path from its end, as far as it fits; the last name always does. */
#define PERFTOP_PATH	(NAME_MAX + 33)

/**
 * struct perftop_place - what a user address is called
 * @name: the file's name or path, or what else it is; "": nothing is known
 * @number: where in that; the address if nothing is known, or @absolute
 * @file: @name is a file's
 * @absolute: others know of nothing but the address, as in memory without a file
 * @deleted: the file has been deleted, or another has taken its place
 */
struct perftop_place {
	char	name[PERFTOP_PATH + 48];
	u64	number;
	bool	file;
	bool	absolute;
	bool	deleted;
};

/* Which address spaces there are rows of: by ctx_id, one each, 0 or MANY. */
#define PERFTOP_MAPS_NOTED	4096
#define PERFTOP_MAPS_MANY	(~0ULL)

extern u64 perftop_maps_noted[PERFTOP_MAPS_NOTED];

/**
 * perftop_maps_note() - There are rows of an address space
 * @space: its mm->context.ctx_id
 *
 * Context: hot path, where a key is looked up for the first time. The word is
 *	all CPUs', and is written to once in an address space's life.
 */
static __always_inline void perftop_maps_note(u64 space)
{
	u64 *noted = &perftop_maps_noted[space % PERFTOP_MAPS_NOTED];
	u64 old = READ_ONCE(*noted);

	if (likely(old == space || old == PERFTOP_MAPS_MANY))
		return;
	old = cmpxchg(noted, 0, space);
	if (unlikely(old && old != space))
		WRITE_ONCE(*noted, PERFTOP_MAPS_MANY);
}

int perftop_maps_init(void);
void perftop_maps_exit(void);
size_t perftop_maps_bytes(void);
void perftop_maps_clear(void);
u64 perftop_maps_lost(void);
void perftop_maps_keep(struct mm_struct *mm);
void perftop_maps_find(u64 space, u64 addr, struct perftop_place *place);
void perftop_maps_find_living(struct mm_struct *mm, u64 addr,
			      struct perftop_place *place);

#endif /* PERFTOP_USER_MAPS_H */
