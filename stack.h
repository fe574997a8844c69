/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stack's key is made of:
 *
 *	[0]	number of kernel frames, number of user frames, flags
 *	[1]	whose it is, see slice_owner(); 0: nobody's in particular
 *	[2]	the address space's mm->context.ctx_id, which is never used
 *		again; 0 where there is none, or none any more
 *	[3]...	kernel frames, then user frames, the innermost first
 *
 * A frame is a return address. The address at which an interrupt struck is
 * none: it would make a new key wherever the clock strikes. In the kernel the
 * start of the interrupted function takes its place, marked by a cleared top
 * bit; in user space it is left out and KEY_USER_RUNNING says so. So is what a
 * signal struck: the return address into what ends its handler is marked by a set
 * top bit, and next comes the caller of what was struck.
 */
#ifndef PERFTOP_STACK_H
#define PERFTOP_STACK_H

#include <linux/bitfield.h>
#include <linux/bits.h>

#define KEY_KERNEL_FRAMES	GENMASK_ULL(7, 0)
#define KEY_USER_FRAMES		GENMASK_ULL(15, 8)
#define KEY_USER_SHIFT		8
#define KEY_KERNEL_TRUNCATED	BIT_ULL(16)	/* too deep, or not to unwind */
#define KEY_USER_TRUNCATED	BIT_ULL(17)	/* too deep */
#define KEY_USER		BIT_ULL(18)	/* has a user stack */
#define KEY_USER_RUNNING	BIT_ULL(19)	/* interrupted: no leaf */
/* The words behind the first. */
#define KEY_OWNER		1
#define KEY_SPACE		2
#define KEY_HEADER_WORDS	3

#define INTERRUPTED		BIT_ULL(63)
#define SIGNALLED		BIT_ULL(63)

#endif /* PERFTOP_STACK_H */
