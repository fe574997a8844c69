// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of kernel text by its address. A module's symbols are searched
 * one by one, 24 instructions each, and some have 30,000: nothing for a switch,
 * with the run-queue lock held. So a switch looks up what is known already, in
 * a few instructions, and asks for the rest; the drain answers, in process
 * context, and the next switch knows.
 *
 * Two things are asked for. Does code last, that is, does it go only when a
 * module does? Trampolines and BPF lie among the modules, and come and go
 * without a word: an unwind through them is not remembered. It is known page by
 * page, since memory for code is taken in whole pages. And where does the
 * function begin that an interrupt struck? That is known by pieces of text, a
 * few functions each.
 *
 * When a module comes or goes all of it is forgotten, and another era begins. A
 * question is answered in the era that it was asked in, or not at all: nobody
 * is in code that goes when the notifier says so, and asks for it later.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "switch/kernel_text.h"
#include "switch/symbol.h"

/* Questions a CPU keeps; of two that fall on one place the later stays. */
#define QUESTIONS_BITS		6

/* Functions known: by pieces of text, four each. */
#define PIECE_SHIFT		8
#define PIECES_BITS		8
#define PIECE_FUNCTIONS		4

/* Guards what is written here but for the questions. */
static DEFINE_MUTEX(text_lock);

/* The pages of the modules' area whose code lasts; READ_ONCE by the hot path. */
static unsigned long *lasting __read_mostly;

/* Lower half of the start, and the size above it; READ_ONCE by the hot path. */
static u64 functions[1 << PIECES_BITS][PIECE_FUNCTIONS];
static unsigned int replace;

/* How often modules have come or gone; READ_ONCE by the hot path. */
static u32 era = 1;

/* What a CPU asks: an era, and the lower half of an address below it; 0: none. */
struct text_questions {
	u64	asked[1 << QUESTIONS_BITS];
};

static DEFINE_PER_CPU(struct text_questions, questions);

static unsigned long area_pages(void)
{
	return (MODULES_END - MODULES_VADDR) >> PAGE_SHIFT;
}

/**
 * perftop_text_bytes() - Memory that perftop_text_init() takes
 *
 * A bit for each page of the area that modules lie in, 32 to 48 KiB.
 *
 * Context: any.
 * Return: bytes.
 */
size_t perftop_text_bytes(void)
{
	return BITS_TO_LONGS(area_pages()) * sizeof(long);
}

/**
 * perftop_text_init() - Take memory for what is known of modules' text
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_text_init(void)
{
	lasting = vzalloc(perftop_text_bytes());
	return lasting ? 0 : -ENOMEM;
}

/**
 * perftop_text_exit() - Give it back
 *
 * Context: process context; no switch is seen any more.
 */
void perftop_text_exit(void)
{
	vfree(lasting);
	lasting = NULL;
}

/* --- Hot path ------------------------------------------------------------- */

/* All of the kernel's text lies in the last 2 GiB: half an address is enough. */
static __kprobes void ask(unsigned long addr)
{
	const u32 half = addr;
	u64 *asked = this_cpu_ptr(&questions)->asked;

	WRITE_ONCE(asked[hash_32(half >> PIECE_SHIFT, QUESTIONS_BITS)],
		   (u64)READ_ONCE(era) << 32 | half);
}

static __always_inline bool in_modules(unsigned long addr)
{
	return addr >= MODULES_VADDR && addr < MODULES_END;
}

/**
 * perftop_text_is_known() - Is an address known to be a module's text?
 * @addr: the address
 *
 * Context: hot path, interrupts off.
 * Return: whether it is, by what has been answered.
 */
__kprobes bool perftop_text_is_known(unsigned long addr)
{
	return in_modules(addr) &&
	       test_bit((addr - MODULES_VADDR) >> PAGE_SHIFT, lasting);
}

/**
 * perftop_text_lasts() - Does code go only when a module does?
 * @addr: an address in it
 *
 * Context: hot path, interrupts off.
 * Return: true for the kernel's image, and for modules once that is known of
 *	the page; false for trampolines and BPF.
 */
__kprobes bool perftop_text_lasts(unsigned long addr)
{
	if (likely(addr >= __START_KERNEL_map && addr < MODULES_VADDR))
		return true;
	if (perftop_text_is_known(addr))
		return true;
	if (in_modules(addr))
		ask(addr);
	return false;
}

static __always_inline u64 *piece(unsigned long addr)
{
	return functions[hash_32((u32)addr >> PIECE_SHIFT, PIECES_BITS)];
}

/* The start of the function that an address lies in; 0: not known. */
static __kprobes unsigned long known_function(unsigned long addr)
{
	const u64 *known = piece(addr);
	unsigned int i;

	for (i = 0; i < PIECE_FUNCTIONS; i++) {
		const u64 function = READ_ONCE(known[i]);
		const u32 offset = (u32)addr - (u32)function;

		if (offset < function >> 32)
			return addr - offset;
	}
	return 0;
}

/**
 * perftop_text_function() - Where a function begins, if that is known
 * @addr: an address in it
 *
 * Context: hot path, interrupts off.
 * Return: its start, or @addr itself where that is still to be found out by
 *	perftop_text_find_function().
 */
__kprobes unsigned long perftop_text_function(unsigned long addr)
{
	const unsigned long start = known_function(addr);

	if (likely(start))
		return start;
	if (addr >= __START_KERNEL_map)
		ask(addr);
	return addr;
}

/* --- Process context ------------------------------------------------------ */

/* Finds a function by its symbol, and keeps it if it lasts. */
static unsigned long learn(unsigned long addr)
{
	/* Guarded by text_lock. */
	static char symbol[KSYM_SYMBOL_LEN];
	u64 *place = piece(addr) + replace++ % PIECE_FUNCTIONS;
	struct perftop_function function;

	lockdep_assert_held(&text_lock);
	perftop_symbol_function(addr, symbol, &function);
	if (!function.lasting)
		return function.range.start;
	if (in_modules(addr))
		set_bit((addr - MODULES_VADDR) >> PAGE_SHIFT, lasting);
	if (!known_function(addr))
		WRITE_ONCE(*place, (u64)function.range.size << 32 |
				   (u32)function.range.start);
	return function.range.start;
}

/**
 * perftop_text_find_function() - Where a function begins
 * @addr: an address in it
 *
 * Context: process context.
 * Return: its start; where there is no such function, the page's.
 */
unsigned long perftop_text_find_function(unsigned long addr)
{
	unsigned long start;

	mutex_lock(&text_lock);
	start = known_function(addr);
	if (!start)
		start = learn(addr);
	mutex_unlock(&text_lock);
	return start;
}

static void answer(u64 *question)
{
	const u64 asked = READ_ONCE(*question);

	if (!asked)
		return;
	/* The CPU may have asked for something else meanwhile: that stays. */
	cmpxchg(question, asked, 0);
	if (asked >> 32 == era)
		learn((long)(s32)asked);
	cond_resched();
}

/**
 * perftop_text_answer() - Find out what the CPUs have asked for
 *
 * Context: process context.
 */
void perftop_text_answer(void)
{
	unsigned int cpu, i;

	mutex_lock(&text_lock);
	for_each_possible_cpu(cpu)
		for (i = 0; i < 1 << QUESTIONS_BITS; i++)
			answer(&per_cpu(questions, cpu).asked[i]);
	mutex_unlock(&text_lock);
}

/**
 * perftop_text_changed() - Code has come or gone: nothing is known of any
 *
 * Context: process context; the code is still there, and nobody is in it.
 * Return: the number of the era that begins.
 */
u32 perftop_text_changed(void)
{
	u32 begun;

	mutex_lock(&text_lock);
	bitmap_zero(lasting, area_pages());
	memset(functions, 0, sizeof(functions));
	begun = era + 1;
	WRITE_ONCE(era, begun);
	mutex_unlock(&text_lock);
	return begun;
}
