/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests share: the harness, and random numbers that are the
 * same in every run.
 */
#ifndef TEST_H
#define TEST_H

/* cmocka.h wants these first. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/types.h>

/* xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled", 2016).
 */
static inline u64 test_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

/* Less than @bound. */
static inline unsigned int test_below(u64 *state, unsigned int bound)
{
	return (test_random(state) >> 32) * bound >> 32;
}

/*
 * The seed of a test's random numbers, printed as a comment of the harness's
 * output: $SEED, or the one given.
 */
static inline u64 test_seed(u64 seed)
{
	const char *own = getenv("SEED");

	if (own)
		seed = strtoull(own, NULL, 0);
	print_message("# SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

#endif /* TEST_H */
