/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks, made keys.
 */
#ifndef PERFTOP_STACK_H
#define PERFTOP_STACK_H

#include <linux/types.h>

struct perftop_cpu;
struct perftop_key;
struct perftop_recall;
struct perftop_start;
struct stack_parts;

int perftop_stack_init(void);
bool perftop_stack_capture(struct perftop_key *key,
			   const struct stack_parts *parts,
			   const struct perftop_start *start,
			   struct perftop_recall *recall);
void perftop_stack_capture_open(struct perftop_cpu *c, struct perftop_key *key);
bool perftop_stack_truncated(const u64 *word);
void perftop_stack_settle(u64 *word);

#endif /* PERFTOP_STACK_H */
