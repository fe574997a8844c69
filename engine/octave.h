/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A histogram is rows: of a key, one for each power of two that occurs, which is
 * the key's last word, and its first counters are the eighths of that.
 *
 * Row 0 has the numbers below 8, row 1 the 8 from there on, each by itself, row 2
 * the 16 from 16 on, and so forth. What is larger counts as the last.
 */
#ifndef PERFTOP_OCTAVE_H
#define PERFTOP_OCTAVE_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/types.h>

#define PERFTOP_OCTAVES		42
#define PERFTOP_EIGHTHS		8
#define PERFTOP_EIGHTHS_BITS	3

static_assert(ilog2(PERFTOP_EIGHTHS) == PERFTOP_EIGHTHS_BITS);

/* The counters of a histogram, for PERFTOP_COUNTERS(). */
#define PERFTOP_COUNTERS_OF_OCTAVES(COUNTER)				\
	COUNTER(EIGHTH0, SUM) COUNTER(EIGHTH1, SUM)			\
	COUNTER(EIGHTH2, SUM) COUNTER(EIGHTH3, SUM)			\
	COUNTER(EIGHTH4, SUM) COUNTER(EIGHTH5, SUM)			\
	COUNTER(EIGHTH6, SUM) COUNTER(EIGHTH7, SUM)			\
	COUNTER(SUM, SUM)	/* ns */				\
	COUNTER(LONGEST, MAX)	/* ns */

enum {
	PERFTOP_OCTAVE_SUM = PERFTOP_EIGHTHS,
	PERFTOP_OCTAVE_LONGEST,
	PERFTOP_OCTAVE_COUNTERS,
	PERFTOP_SPANS = PERFTOP_OCTAVE_COUNTERS,	/* of spans, how many */
};

/**
 * perftop_octave_of() - Where a number is counted
 * @number: which
 * @eighth: the counter is left here
 *
 * Context: hot path.
 * Return: the octave.
 */
static __always_inline unsigned int perftop_octave_of(u64 number,
						      unsigned int *eighth)
{
	unsigned int octave = 0, shift = 0;

	*eighth = PERFTOP_EIGHTHS - 1;
	if (likely(number >= PERFTOP_EIGHTHS)) {
		shift = __fls(number) - PERFTOP_EIGHTHS_BITS;
		octave = shift + 1;
	}
	if (unlikely(octave >= PERFTOP_OCTAVES))
		return PERFTOP_OCTAVES - 1;
	*eighth &= number >> shift;
	return octave;
}

/* The same of a number that is 8 at least, and in none of the last octaves. */
static __always_inline unsigned int perftop_octave_of_usual(u32 number,
							    unsigned int *eighth)
{
	const unsigned int shift = __fls(number) - PERFTOP_EIGHTHS_BITS;

	*eighth = (number >> shift) & (PERFTOP_EIGHTHS - 1);
	return shift + 1;
}

/* Counts a time in the row of its octave. */
static __always_inline void perftop_octave_count(u64 *counter, unsigned int eighth,
						 u64 ns)
{
	counter[eighth]++;
	counter[PERFTOP_OCTAVE_SUM] += ns;
	if (counter[PERFTOP_OCTAVE_LONGEST] < ns)
		counter[PERFTOP_OCTAVE_LONGEST] = ns;
}

/* The first number of an octave, or of one behind the last. */
static inline u64 perftop_octave_begin(unsigned int octave)
{
	return octave ? (u64)PERFTOP_EIGHTHS << (octave - 1) : 0;
}

/* The last number of an octave. */
static inline u64 perftop_octave_end(unsigned int octave)
{
	return octave < PERFTOP_OCTAVES - 1 ? perftop_octave_begin(octave + 1) - 1 :
					      U64_MAX;
}

/* The last number of one of its eighths. */
static inline u64 perftop_eighth_end(unsigned int octave, unsigned int eighth)
{
	return perftop_octave_begin(octave) +
	       ((eighth + 1ULL) << (octave - !!octave)) - 1;
}

#endif /* PERFTOP_OCTAVE_H */
