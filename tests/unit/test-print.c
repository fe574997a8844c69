// SPDX-License-Identifier: GPL-2.0
/*
 * What all views print alike, to the last digit, and the header's words.
 */
#define _GNU_SOURCE	/* wcwidth() */
#include "test.h"

#include <locale.h>
#include <wchar.h>

#include <linux/math64.h>
#include <linux/seq_file.h>

#include <asm/cpufeature.h>
#include <asm/tsc.h>

#include "engine/accounts.h"
#include "engine/params.h"
#include "engine/merged_records.h"
#include "engine/table.h"
#include "engine/view.h"
#include "perftop.h"
#include "proc/print_names.h"
#include "proc/print.h"
#include "proc/snapshot.h"
#include "proc/values.h"
#include "switch/hook_ops.h"
#include "switch/hook_select.h"
#include "switch/slice.h"

struct perftop_params perftop_params;
unsigned int tsc_khz;

static const struct perftop_hook hook = { .name = "kprobe" };
const struct perftop_hook *perftop_hook = &hook;

/* The stacks' table is known by its address. */
struct perftop_table perftop_stacks;

static struct seq_file m;

/* What the last call has printed. */
static const char *printed(void)
{
	m.text[m.count] = '\0';
	m.count = 0;
	return m.text;
}

static int setup(void **state)
{
	m.count = 0;
	m.text[0] = '\0';
	tsc_khz = 2500000;
	return 0;
}

#define assert_printed(text, call)					\
do {									\
	call;								\
	assert_string_equal(printed(), text);				\
} while (0)

#define assert_ns(text, ns)						\
	assert_printed(text, perftop_print_ns(&m, ns, 0))

static void print_times_in_four_digits(void **state)
{
	assert_ns("0 ns", 0);
	assert_ns("7 ns", 7);
	assert_ns("999 ns", 999);
	assert_ns("1.000 us", 1000);
	assert_ns("1.001 us", 1001);
	assert_ns("9.999 us", 9999);
	assert_ns("10.00 us", 10000);
	assert_ns("10.00 us", 10009);
	assert_ns("10.01 us", 10010);
	assert_ns("99.99 us", 99999);
	assert_ns("100.0 us", 100000);
	assert_ns("100.0 us", 100099);
	assert_ns("100.1 us", 100100);
	assert_ns("999.9 us", 999999);
	assert_ns("1.000 ms", 1000000);
	assert_ns("1.000 ms", 1000999);
	assert_ns("1.001 ms", 1001000);
	assert_ns("9.999 ms", 9999999);
	assert_ns("10.00 ms", 10000000);
	assert_ns("999.9 ms", 999999999);
	assert_ns("1.000 s", 1000000000);
	assert_ns("60.01 s", 60010000000);
	assert_ns("123.4 s", 123456000000);
	assert_ns("999.9 s", 999999999999);
	assert_ns("1000 s", 1000000000000);
	assert_ns("86400 s", 86400999999999);
	assert_ns("18446744073 s", ~0ULL);
}

static void print_in_a_column(void **state)
{
	assert_printed("    1.234 us", perftop_print_ns(&m, 1234, 12));
	assert_printed(" 1.234 us", perftop_print_ns(&m, 1234, 9));
	/* What has no room keeps away from what stands before it. */
	assert_printed(" 1.234 us", perftop_print_ns(&m, 1234, 8));
	assert_printed(" 1.234 us", perftop_print_ns(&m, 1234, 3));
	assert_printed(" 10000000 s",
		       perftop_print_ns(&m, 10000000000000000, 9));
	assert_printed(" 18446744073 s", perftop_print_ns(&m, ~0ULL, 9));
	assert_printed("  4194303", perftop_print_number(&m, 4194303, 9));
	assert_printed(" 4194303", perftop_print_number(&m, 4194303, 7));
	assert_printed(" 18446744073709551615",
		       perftop_print_number(&m, ~0ULL, 8));
	assert_printed("7", perftop_print_number(&m, 7, 0));
	assert_printed("     word", perftop_print_field(&m, "word", 9));
	assert_printed(" word", perftop_print_field(&m, "word", 1));
	assert_printed("", perftop_print_field(&m, "", 0));
}

static void ticks_by_the_clock(void **state)
{
	assert_int_equal(perftop_ticks_to_ns(1000), 400);
	assert_int_equal(perftop_ticks_to_ns(9), 3);
	assert_int_equal(perftop_ticks_to_ns(2500000000), 1000000000);
	tsc_khz = 1000;
	assert_int_equal(perftop_ticks_to_ns(1000), 1000000);
	/* A year, whose ticks times a million have no room. */
	tsc_khz = 3000000;
	assert_int_equal(perftop_ticks_to_ns(31536000ULL * 3000000000),
			 31536000ULL * 1000000000);
}

static void parts_of_a_whole(void **state)
{
	assert_int_equal(perftop_hundredths(0, 5), 0);
	assert_int_equal(perftop_hundredths(5, 0), 0);
	assert_int_equal(perftop_hundredths(5, 5), 10000);
	assert_int_equal(perftop_hundredths(1, 3), 3333);
	assert_int_equal(perftop_hundredths(2, 3), 6666);
	assert_int_equal(perftop_hundredths(1, 10000), 1);
	assert_int_equal(perftop_hundredths(1, 10001), 0);
	assert_int_equal(perftop_hundredths(99999, 100000), 9999);
	/* More than 64 bits on the way. */
	assert_int_equal(perftop_hundredths(1ULL << 62, 1ULL << 63), 5000);
}

static void rates_per_second(void **state)
{
	assert_int_equal(perftop_tenths(0, 1000000000), 0);
	assert_int_equal(perftop_tenths(7, 0), 0);
	assert_int_equal(perftop_tenths(7, 1000000000), 70);
	assert_int_equal(perftop_tenths(7, 100000000), 700);
	assert_int_equal(perftop_tenths(7, 10000000000), 7);
	assert_int_equal(perftop_tenths(10, 3000000000), 33);
	assert_int_equal(perftop_tenths(1, 10000000001), 0);
	assert_int_equal(perftop_tenths(123456, 10000000000), 123456);
}

/* A name, what is printed of it, and how many columns that takes. */
static void assert_name(const char *name, const char *text, unsigned int columns)
{
	unsigned int seen = perftop_print_name(&m, name);

	assert_string_equal(printed(), text);
	assert_int_equal(seen, columns);
}

static void print_names_as_they_are(void **state)
{
	assert_name("cc1-plus", "cc1-plus", 8);
	assert_name("Web Content", "Web Content", 11);
	assert_name(" !~;[]?", " !~;[]?", 7);
	/* Two, three and four bytes a letter. */
	assert_name("Żółw", "Żółw", 4);
	assert_name("€…", "€…", 2);
	assert_name("\u07ff\u0800\uffff\U00010000\U0010ffff",
		    "\u07ff\u0800\uffff\U00010000\U0010ffff", 5);
	/* Letters that are twice as wide, and marks on others. */
	assert_name("日本", "日本", 4);
	assert_name("가ｶＡ", "가ｶＡ", 5);
	assert_name("\U0001f600", "\U0001f600", 2);
	assert_name("a\u0301b\ufe0f", "a\u0301b\ufe0f", 2);
}

/* As UTF-8. */
static const char *name_of(u32 letter)
{
	static char name[5];
	unsigned int n = 0;

	if (letter < 0x80) {
		name[n++] = letter;
	} else if (letter < 0x800) {
		name[n++] = 0xc0 | letter >> 6;
	} else if (letter < 0x10000) {
		name[n++] = 0xe0 | letter >> 12;
		name[n++] = 0x80 | (letter >> 6 & 0x3f);
	} else {
		name[n++] = 0xf0 | letter >> 18;
		name[n++] = 0x80 | (letter >> 12 & 0x3f);
		name[n++] = 0x80 | (letter >> 6 & 0x3f);
	}
	if (letter >= 0x80)
		name[n++] = 0x80 | (letter & 0x3f);
	name[n] = '\0';
	return name;
}

/* Each is one ?, and what stands before and behind them is not. */
static void hides(u32 first, u32 last)
{
	u32 letter = first ? first - 1 : 1;

	for (; letter <= last + 1; letter++) {
		bool hidden = letter >= first && letter <= last;

		assert_name(name_of(letter), hidden ? "?" : name_of(letter), 1);
	}
}

static void print_names_that_move_no_cursor(void **state)
{
	hides(0x00, 0x1f);
	hides(0x7f, 0x9f);
	hides(0xad, 0xad);
	hides(0x61c, 0x61c);
	hides(0x200b, 0x200f);
	hides(0x2028, 0x202e);
	hides(0x2060, 0x206f);
	hides(0xfeff, 0xfeff);
	hides(0xfff9, 0xfffb);
	hides(0xe0000, 0xe007f);
	perftop_print_name(&m, name_of(0x180e));
	assert_string_equal(printed(), "?");
	perftop_print_name(&m, name_of(0x180f));
	assert_string_equal(printed(), name_of(0x180f));
	assert_name("b\nc\033d\x7f", "b?c?d?", 6);
	assert_name("a\u202eb\xc2\x9b", "a?b?", 4);
}

/* The C library knows how wide a letter is; of some it knows nothing. */
static void print_names_as_wide_as_they_are(void **state)
{
	static const u32 letters[] = {
		0x20, 0x300, 0x36f, 0x483, 0x489, 0x591, 0x5bd, 0x610, 0x61a,
		0x64b, 0x65f, 0x941, 0x948, 0xe34, 0xe3a, 0xe47, 0xe4e, 0x1100,
		0x115f, 0x11ff, 0x1ab0, 0x1ace, 0x1dc0, 0x1dff, 0x20d0, 0x20f0,
		0x2e80, 0x302a, 0x302d, 0x303e, 0x3041, 0x3099, 0x309a, 0xa4c6,
		0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfad9, 0xfe00, 0xfe10,
		0xfe19, 0xfe20, 0xfe2f, 0xfe30, 0xfe6b, 0xff01, 0xff60, 0xffe0,
		0xffe6, 0x1f300, 0x1f64f, 0x1f680, 0x1f6fc, 0x1f90c,
		0x1f9ff, 0x20000, 0x3134a,
	};
	unsigned int i, known = 0;
	int next, width;

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		for (next = -1; next <= 1; next++) {
			width = wcwidth(letters[i] + next);
			if (width < 0)
				continue;
			known++;
			if (perftop_print_name(&m, name_of(letters[i] + next)) !=
			    width)
				fail_msg("%x is %d", letters[i] + next, width);
			printed();
		}
	assert_true(known > 2 * i);
}

/* What is no letter is in no block, however near to one it is. */
static void print_names_beside_the_blocks(void **state)
{
	static const u32 none[] = {
		0xe3b, 0x1acf, 0x20f1, 0xa4c7, 0xa97d, 0xd7a4, 0xfada, 0xfe1a,
		0xfe6c, 0xffe7, 0x1f6fd, 0x3134b,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(none); i++)
		assert_name(name_of(none[i]), name_of(none[i]), 1);
}

#define NONE	"\ufffd"

/*
 * What is no UTF-8. The first lines are the Unicode Standard's own, tables 3-8
 * to 3-11.
 */
static void print_names_that_are_no_text(void **state)
{
	assert_name("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
		    NONE NONE NONE NONE NONE NONE NONE NONE "A", 9);
	assert_name("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
		    NONE NONE NONE NONE NONE NONE NONE NONE "A", 9);
	assert_name("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
		    NONE NONE NONE NONE NONE "A" NONE NONE "B", 9);
	assert_name("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
		    NONE NONE NONE NONE "A", 5);
	/* A letter that was cut. */
	assert_name("0123456789abcd\xc5", "0123456789abcd" NONE, 15);
	assert_name("0123456789a\xf0\x9f\x98", "0123456789a" NONE, 12);
	assert_name("\xc1\xbf\xf5\x80", NONE NONE NONE NONE, 4);
	/* Just behind the last letter, and behind the last second or third byte. */
	assert_name("\xf4\x8f\xbf\xbf\xf4\x90\x80\x80",
		    "\U0010ffff" NONE NONE NONE NONE, 5);
	assert_name("\xc3\xbf\xc3\xc0", "\u00ff" NONE NONE, 3);
	assert_name("\xe1\x80\xbf\xe1\x80\xc0", "\u103f" NONE NONE, 3);
}

/* What perftop names itself begins with a bracket, and a name is something. */
static void print_names_that_are_not_ours(void **state)
{
	assert_name("[overflow]", "?overflow]", 10);
	assert_name("[unattributed]", "?unattributed]", 14);
	assert_name("[", "?", 1);
	assert_name("[[", "?[", 2);
	assert_name("", "?", 1);
}

static void print_names_in_folded_lines(void **state)
{
	assert_printed("Web_Content",
		       perftop_print_folded_name(&m, "Web Content"));
	assert_printed("_a_b_?", perftop_print_folded_name(&m, ";a b;\n"));
	assert_printed("?overflow]",
		       perftop_print_folded_name(&m, "[overflow]"));
	assert_printed("Żółw", perftop_print_folded_name(&m, "Żółw"));
	assert_printed("?", perftop_print_folded_name(&m, ""));
}

/* The 16 bytes are all that is read, with an end or without. */
static void print_names_of_two_words(void **state)
{
	u64 word[3];

	memcpy(word, "kworker/0:1\0junkMORE", 20);
	assert_printed("kworker/0:1", perftop_print_comm(&m, word));
	memcpy(word, "0123456789abcdefMORE", 20);
	assert_printed("0123456789abcde", perftop_print_comm(&m, word));
	assert_printed("0123456789abcde", perftop_print_folded_comm(&m, word));
	memcpy(word, "日本語 [x]\0more", 18);
	assert_int_equal(perftop_print_comm(&m, word), 10);
	assert_string_equal(printed(), "日本語 [x]");
	assert_printed("日本語_[x]", perftop_print_folded_comm(&m, word));
}

/* Each end is a number's or range's, and what is left out is not passed over. */
static void format_lists(void **state)
{
	static const struct {
		unsigned long	bits[2];
		unsigned int	n;
		const char	*list;
	} lists[] = {
		{ { 0x29 }, 64, "0,3,5" },
		{ { 0x29 }, 6, "0,3,5" },
		{ { 0 }, 64, "-" },
		/* Just room for a mark. */
		{ { 0x2aaaaab }, 64, "0-1,3,5,7,9,11,13,15,17,19,21,+" },
		/* 31 letters, and more. */
		{ { 0x5b6db6d }, 19, "0,2-3,5-6,8-9,11-12,14-15,17-18" },
		{ { 0x5b6db6d }, 64, "0,2-3,5-6,8-9,11-12,14-15,+" },
		/* 32. */
		{ { 0x1b6db, 1UL << 54 }, 128, "0-1,3-4,6-7,9-10,12-13,15-16,+" },
		{ { 0x5555555555555555 }, 64, "0,2,4,6,8,10,12,14,16,18,20,+" },
		{ { 0, ~0UL }, 128, "64-127" },
	};
	unsigned int i;
	char list[32];

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		perftop_format_list(list, sizeof(list), lists[i].bits, lists[i].n);
		assert_string_equal(list, lists[i].list);
	}
}

static void policies_by_name(void **state)
{
	assert_string_equal(perftop_policy_name(0), "normal");
	assert_string_equal(perftop_policy_name(1), "fifo");
	assert_string_equal(perftop_policy_name(2), "rr");
	assert_string_equal(perftop_policy_name(3), "batch");
	assert_string_equal(perftop_policy_name(4), "other");
	assert_string_equal(perftop_policy_name(5), "idle");
	assert_string_equal(perftop_policy_name(6), "deadline");
	assert_string_equal(perftop_policy_name(7), "ext");
	assert_string_equal(perftop_policy_name(8), "other");
	assert_string_equal(perftop_policy_name(~0U), "other");
}

static const struct perftop_view own = { .name = "own", .cost = "1" };

static const struct perftop_view lacking = {
	.name = "own", .cost = "1", .lacks = "waits: 100% of them",
};

static const struct perftop_view stacks = { .name = "stacks" };

/* Each number is another one. */
static struct perftop_snapshot make_snapshot(void)
{
	return (struct perftop_snapshot){
		.view = &stacks,
		.table = &perftop_stacks,
		.on = true,
		.up = 1234500000,
		.opened = 3,
		.armed = true,
		.ends_seen = true,
		.missed = 6,
		.records = 143,
		.cpus = 2,
		.captures = 10000,
		.unwound = 25,
		.differ = 4,
		.total = {
			.elapsed = 20000,
			.running = 1000,
			.sums = {
				.ticks = {
					[PERFTOP_RANKED] = 8000,
					[PERFTOP_IDLE] = 10400,
					[PERFTOP_OVERFLOW] = 500,
					[PERFTOP_UNATTRIBUTED] = 100,
				},
				.switches = 104829,
				.uncaptured = 12,
				.truncated = 34,
			},
		},
	};
}

static const char plain_header[] =
	"perftop 1   up 1.234 s   2 CPUs   2399.998 MHz tsc   hook kprobe   opened 3\n"
	"cpu time   tasks 40.00%   running 5.00%   idle 52.00%   overflow 2.50%   unattributed 0.50%\n"
	"ticks      8000 + 1000 + 10400 + 500 + 100 = 20000\n"
	"clock      2 CPUs x 2962797531 = 5925595062\n"
	"switches   104829   uncaptured 12   missed 6   stacks 143   truncated 34\n"
	"captures   10000   remembered 99.75%\n"
	"\n";

static void print_header(void **state)
{
	struct perftop_snapshot snapshot = make_snapshot();

	tsc_khz = 2399998;
	assert_printed(plain_header, perftop_print_header(&m, &snapshot));
}

static const char full_header[] =
	"perftop 1   up 1.234 s   2 CPUs   1000.020 MHz tsc   hook kprobe (not armed)   opened 3\n"
	"cpu time   tasks 36.36%   running 4.54%   idle 47.27%   overflow 2.27%   unattributed 0.45%   filtered 9.09%\n"
	"ticks      8000 + 1000 + 10400 + 500 + 100 + 2000 = 22000\n"
	"clock      2 CPUs x 1234524690 = 2469049380\n"
	"switches   104829   uncaptured 12   missed 6   own 143   truncated 34   unnamed 7   no state 9   clock steps 8\n"
	"captures   10000   remembered 99.75%   differ 4\n"
	"filter     comm=\"a?b;\",Ż\n"
	"without    waits: 100% of them\n"
	"without    files of processes that have ended: exit_mmap cannot be probed\n"
	"\n";

static void print_header_with_all_there_may_be(void **state)
{
	struct perftop_snapshot snapshot = make_snapshot();

	snapshot.view = &lacking;
	snapshot.armed = false;
	snapshot.full = 9;
	snapshot.unnamed = 7;
	snapshot.ends_seen = false;
	snapshot.steps = 8;
	snapshot.total.sums.ticks[PERFTOP_FILTERED] = 2000;
	snapshot.total.elapsed = 22000;
	strcpy(snapshot.filter, "comm=\"a\033b;\",Ż");
	perftop_params.verify = true;
	tsc_khz = 1000020;
	assert_printed(full_header, perftop_print_header(&m, &snapshot));
	/* However short the filter is. */
	strcpy(snapshot.filter, "x");
	perftop_print_header(&m, &snapshot);
	assert_non_null(strstr(printed(), "\nfilter     x\n"));
	perftop_params.verify = false;
}

static const char other_header[] =
	"perftop 1   up 1.234 s   2 CPUs   2500.000 MHz tsc   hook kprobe   opened 3\n"
	"cpu time   tasks 40.00%   running 5.00%   idle 52.00%   overflow 2.50%   unattributed 0.50%\n"
	"ticks      8000 + 1000 + 10400 + 500 + 100 = 20000\n"
	"clock      2 CPUs x 3086250000 = 6172500000\n"
	"switches   104829   uncaptured 12   missed 6\n"
	"\n";

/* A view that is off or has another table tells of no stacks. */
static void print_header_of_others(void **state)
{
	struct perftop_snapshot snapshot = make_snapshot();

	snapshot.on = false;
	snapshot.table = NULL;
	snapshot.view = &own;
	snapshot.unnamed = 7;
	snapshot.ends_seen = false;
	snapshot.full = 0;
	snapshot.captures = 0;
	assert_printed(other_header, perftop_print_header(&m, &snapshot));
	/* A view that costs nothing keeps no state. */
	snapshot.view = &stacks;
	snapshot.full = 9;
	perftop_print_header(&m, &snapshot);
	assert_null(strstr(printed(), "no state"));
}

/* What 64 bits do not hold: numbers, times and shares of it. */
static void print_what_is_wide(void **state)
{
	const perftop_wide all = (perftop_wide)1 << 66;

	tsc_khz = 2000000;
	perftop_print_number(&m, all, 22);
	assert_string_equal(printed(), "  73786976294838206464");
	perftop_print_number(&m, (perftop_wide)10000000000000000000ULL * 10, 0);
	assert_string_equal(printed(), "100000000000000000000");
	perftop_print_number(&m, 1000000000, 0);
	assert_string_equal(printed(), "1000000000");
	perftop_print_number(&m, ~(perftop_wide)0, 0);
	assert_string_equal(printed(), "340282366920938463463374607431768211455");
	assert_int_equal(perftop_hundredths(all / 4, all), 2500);
	assert_int_equal(perftop_hundredths(3, all), 0);
	/* 2^64 ticks are 9223372036.854775808 s. */
	perftop_print_ns(&m, perftop_ticks_to_ns(all / 4), 0);
	assert_string_equal(printed(), "9223372036 s");
	perftop_print_ns(&m, perftop_ticks_to_ns(all * 4), 0);
	assert_string_equal(printed(), "18446744073 s");
}

/* Of a clock that is not to be trusted, and of a machine that is not alone. */
static void print_clock_that_is_not_one(void **state)
{
	struct perftop_snapshot snapshot = make_snapshot();
	static const char *const words[] = {
		"   tsc unstable", "   tsc not constant", "   tsc not nonstop",
		"   stolen 1.500 ms\n",
	};
	static const char sum[] = "\nclock      2 CPUs x 1234500000 = 2469000000";
	static const char without[] = "\nwithout    memory for 3 CPUs: ";
	unsigned int i;
	const char *text;

	tsc_khz = 1000000;
	shim_tsc_unstable = true;
	shim_lacks = 3;
	snapshot.stolen = 1500000;
	perftop_print_header(&m, &snapshot);
	text = strstr(printed(), sum);
	assert_non_null(text);
	text += strlen(sum);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_memory_equal(text, words[i], strlen(words[i]));
		text += strlen(words[i]);
	}
	shim_tsc_unstable = false;
	shim_lacks = 0;
	snapshot.stolen = 0;
	snapshot.bare = 3;
	perftop_print_header(&m, &snapshot);
	text = printed();
	assert_non_null(strstr(text, "\nclock      2 CPUs x 1234500000 = 2469000000\n"));
	assert_non_null(strstr(text, without));
}

/* They go on counting while they are read. */
static void print_captures_that_go_on(void **state)
{
	struct perftop_snapshot snapshot = make_snapshot();

	snapshot.captures = 10;
	snapshot.unwound = 11;
	perftop_print_header(&m, &snapshot);
	assert_non_null(strstr(printed(), "\ncaptures   10   remembered 0.00%\n"));
	snapshot.captures = 0;
	snapshot.unwound = 0;
	perftop_print_header(&m, &snapshot);
	assert_non_null(strstr(printed(), "\ncaptures   0   remembered 0.00%\n"));
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(print_times_in_four_digits),
		TEST(print_in_a_column),
		TEST(ticks_by_the_clock),
		TEST(parts_of_a_whole),
		TEST(rates_per_second),
		TEST(print_names_as_they_are),
		TEST(print_names_that_move_no_cursor),
		TEST(print_names_as_wide_as_they_are),
		TEST(print_names_beside_the_blocks),
		TEST(print_names_that_are_no_text),
		TEST(print_names_that_are_not_ours),
		TEST(print_names_in_folded_lines),
		TEST(print_names_of_two_words),
		TEST(format_lists),
		TEST(policies_by_name),
		TEST(print_header),
		TEST(print_header_with_all_there_may_be),
		TEST(print_header_of_others),
		TEST(print_what_is_wide),
		TEST(print_clock_that_is_not_one),
		TEST(print_captures_that_go_on),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
