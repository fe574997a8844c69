// SPDX-License-Identifier: GPL-2.0
/*
 * User stacks: what is done with one where it is not what it was.
 */
#include <linux/kprobes.h>
#include <linux/percpu.h>

#include "engine/table.h"
#include "engine/user_maps.h"
#include "switch/stack_key.h"
#include "switch/user_stack.h"

/* User stacks that could not be read, for want of a page. */
DEFINE_PER_CPU(u64, perftop_user_faults);

/**
 * perftop_user_stack_add() - Add current's user stack to a key
 * @key: it has its header and kernel frames
 * @regs: where the stack begins
 *
 * Context: hot path.
 */
__kprobes void perftop_user_stack_add(struct perftop_key *key,
				      const struct pt_regs *regs)
{
	u64 *frame = key->word + key->words;
	u64 flags = KEY_USER;
	unsigned int n = 0;

	perftop_maps_note(key->word[KEY_SPACE]);
	if (stack_in_system_call(regs))
		frame[n++] = regs->ip;
	else
		flags |= KEY_USER_RUNNING;

	n = stack_walk_user(frame, true, 0, n, regs);
	if (unlikely(n > PERFTOP_USER_FRAMES)) {
		flags |= KEY_USER_TRUNCATED;
		n = PERFTOP_USER_FRAMES;
	}
	key->word[0] |= flags | (u64)n << KEY_USER_SHIFT;
	key->words += n;
}

/**
 * perftop_user_stack_faults() - How often a user stack was not to be read
 *
 * Context: any.
 * Return: the sum over all CPUs.
 */
u64 perftop_user_stack_faults(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(perftop_user_faults, cpu));
	return sum;
}
