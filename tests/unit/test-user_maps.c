// SPDX-License-Identifier: GPL-2.0
/*
 * Maps: what addresses are called, and what of it is kept of the dead. Files and
 * address spaces are the test's; what must come out is told from what was laid
 * out, for many of them at random.
 */
#include "test.h"

#include <stdio.h>

#include <linux/fs.h>
#include <linux/jhash.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "engine/user_maps.h"
#include "engine/params.h"

#define RING		1024	/* entries of the smallest table */
#define FILES		64
#define MAPPINGS	256
#define AREAS		4096

struct perftop_params perftop_params;

static struct super_block disk = { MKDEV(8, 1) }, other_disk = { MKDEV(0, 40) };
static struct dentry root = { .d_name = { "/" }, .d_parent = &root };
static struct dentry usr = { .d_name = { "usr" }, .d_parent = &root };
static struct dentry bin = { .d_name = { "bin" }, .d_parent = &usr };
static struct dentry tmp = { .d_name = { "tmp" }, .d_parent = &root };

static struct vm_area_struct area[AREAS + 3];
static struct mm_struct mm;
static struct perftop_place place;
static u64 spaces;

/* A file as it is mapped. */
struct mapped {
	struct file	file;
	struct inode	inode;
	struct dentry	dentry;
};

static struct mapped *make_file(struct mapped *mapped, const char *name,
				struct dentry *parent, unsigned long ino,
				struct super_block *block)
{
	mapped->dentry = (struct dentry){ .d_name = { name },
					  .d_parent = parent };
	mapped->inode = (struct inode){ ino, 1, block };
	mapped->file = (struct file){ { .dentry = &mapped->dentry },
				      &mapped->inode };
	return mapped;
}

static int setup(void **state)
{
	memset(area, 0, sizeof(area));
	mm = (struct mm_struct){ .vma = area };
	shim_percpu_reset();
	return perftop_maps_init();
}

static int teardown(void **state)
{
	perftop_maps_clear();
	perftop_maps_exit();
	assert_int_equal(shim_allocated, 0);
	return 0;
}

/* The n-th area, of a page each with one between. */
static u64 start_of(unsigned int n)
{
	return 0x400000 + n * 0x2000UL;
}

static void map(unsigned int n, struct mapped *mapped)
{
	area[n] = (struct vm_area_struct){
		start_of(n), start_of(n) + 0x1000, n,
		mapped ? &mapped->file : NULL, VM_EXEC,
	};
	area[n + 1].vm_end = 0;
}

/* An address space ends; its ctx_id. */
static u64 end_space(void)
{
	mm.context.ctx_id = ++spaces;
	perftop_maps_note(spaces);
	perftop_maps_keep(&mm);
	return spaces;
}

static const char *print_place(void)
{
	static char text[PERFTOP_PATH + 100];

	snprintf(text, sizeof(text), "%s%s%s0x%llx%s", place.file ? "file " : "",
		 place.name, place.absolute ? "@" : place.name[0] ? "+" : "",
		 place.number, place.deleted ? " deleted" : "");
	return text;
}

static void is_called(u64 space, u64 addr, const char *text)
{
	perftop_maps_find(space, addr, &place);
	assert_string_equal(print_place(), text);
}

static void lives_as(u64 addr, const char *text)
{
	mm.readers = 1;
	perftop_maps_find_living(&mm, addr, &place);
	mm.readers = 0;
	assert_string_equal(print_place(), text);
}

/* Of areas that are executed, from their first byte to their last. */
static void maps_have_ends(void **state)
{
	struct mapped file;
	u64 space;

	make_file(&file, "prog", &bin, 5, &disk);
	map(0, &file);
	map(1, &file);
	map(2, &file);
	area[1].vm_flags = 0;
	space = end_space();
	is_called(space, 0x3fffff, "0x3fffff");
	is_called(space, 0x400000, "file prog+0x0");
	is_called(space, 0x400fff, "file prog+0xfff");
	is_called(space, 0x401000, "0x401000");
	is_called(space, 0x402000, "0x402000");
	is_called(space, 0x404010, "file prog+0x2010");
	is_called(space + 1, 0x400000, "0x400000");
	lives_as(0x3fffff, "0x3fffff");
	lives_as(0x400fff, "file prog+0xfff");
	lives_as(0x402000, "file prog+0x1000");
	lives_as(0x405000, "0x405000");
	assert_int_equal(perftop_maps_lost(), 0);
}

static void maps_of_no_file(void **state)
{
	struct mapped memfd, named;
	u64 space;

	make_file(&memfd, "memfd:jit", &memfd.dentry, 7, &other_disk);
	/* It is hashed nowhere, and not deleted. */
	memfd.dentry.unhashed = true;
	map(0, NULL);
	map(1, NULL);
	map(2, &memfd);
	mm.context.vdso = (void *)start_of(1);
	space = end_space();
	is_called(space, 0x400010, "[anon]@0x400010");
	is_called(space, 0x402010, "[vdso]+0x10");
	is_called(space, 0x404010, "file memfd:jit@0x404010");
	lives_as(0x400010, "[anon]@0x400010");
	lives_as(0x402010, "[vdso]+0x10");
	lives_as(0x404010, "file memfd:jit@0x404010");
	/* All that are nowhere may have one name. */
	memfd.inode.i_ino++;
	lives_as(0x404010, "file memfd:jit@0x404010");
	is_called(space, 0x404010, "file memfd:jit@0x404010");
	/* Which has nothing to do with a file of that name. */
	map(3, make_file(&named, "memfd:jit", &tmp, 8, &disk));
	lives_as(start_of(3), "file memfd:jit+0x3000");
	memfd.inode.i_ino++;
	lives_as(0x404010, "file memfd:jit@0x404010");
	lives_as(start_of(3), "file memfd:jit+0x3000");
}

/* Only where there are rows, and each once. */
static void maps_of_spaces_with_rows(void **state)
{
	map(0, NULL);
	mm.context.ctx_id = ++spaces;
	perftop_maps_keep(&mm);
	is_called(spaces, 0x400000, "0x400000");
	perftop_maps_note(spaces);
	perftop_maps_note(spaces);
	perftop_maps_keep(&mm);
	is_called(spaces, 0x400000, "[anon]@0x400000");
	perftop_maps_clear();
	perftop_maps_keep(&mm);
	is_called(spaces, 0x400000, "0x400000");
}

/* Two that share a word are both remembered, and then all that do. */
static void maps_of_spaces_that_share_a_word(void **state)
{
	const u64 one = 10, other = one + PERFTOP_MAPS_NOTED;
	const u64 third = other + PERFTOP_MAPS_NOTED;
	const u64 ids[] = { one, other, third };
	unsigned int i;

	map(0, NULL);
	perftop_maps_note(one);
	perftop_maps_note(other);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		mm.context.ctx_id = ids[i];
		perftop_maps_keep(&mm);
		is_called(ids[i], 0x400000, "[anon]@0x400000");
	}
	perftop_maps_noted[10] = 0;
}

/* Files of one name in two places have their paths. */
static void maps_tell_names_apart(void **state)
{
	struct mapped one, two, three;
	u64 space;

	map(0, make_file(&one, "prog", &bin, 5, &disk));
	map(1, make_file(&two, "other", &bin, 6, &disk));
	space = end_space();
	is_called(space, start_of(0), "file prog+0x0");
	map(2, make_file(&three, "prog", &tmp, 7, &disk));
	lives_as(start_of(2), "file /tmp/prog+0x2000");
	is_called(space, start_of(0), "file /usr/bin/prog+0x0");
	is_called(space, start_of(1), "file other+0x1000");
	/* The same path on another disk. */
	map(3, make_file(&three, "prog", &tmp, 7, &other_disk));
	lives_as(start_of(3), "file /tmp/prog[0:40/7]+0x3000");
	make_file(&three, "prog", &tmp, 7, &disk);
	lives_as(start_of(2), "file /tmp/prog[8:1/7]+0x2000");
	is_called(space, start_of(0), "file /usr/bin/prog+0x0");
}

/* Names are what is compared, whatever their hashes. */
static void maps_of_names_with_one_hash(void **state)
{
	struct mapped one, two;

	shim_jhash_mask = 0;
	map(0, make_file(&one, "prog", &bin, 5, &disk));
	map(1, make_file(&two, "other", &tmp, 6, &disk));
	lives_as(start_of(0), "file prog+0x0");
	lives_as(start_of(1), "file other+0x1000");
	lives_as(start_of(0), "file prog+0x0");
	shim_jhash_mask = ~0U;
}

/* Of two files in one place on one disk the one that is linked there is new. */
static void maps_of_files_that_were_replaced(void **state)
{
	struct mapped old, new, newest;
	u64 space;

	map(0, make_file(&old, "a.out", &tmp, 5, &disk));
	space = end_space();
	map(0, make_file(&new, "a.out", &tmp, 6, &disk));
	lives_as(start_of(0), "file a.out+0x0");
	is_called(space, start_of(0), "file a.out+0x0 deleted");
	/* An inode's number is used again. */
	map(1, make_file(&newest, "a.out", &tmp, 5, &disk));
	newest.inode.i_generation = 2;
	lives_as(start_of(1), "file a.out+0x1000");
	/* Two have been there. */
	is_called(space, start_of(0), "file a.out+0x0 deleted");
	new.dentry.unhashed = true;
	lives_as(start_of(0), "file a.out+0x0 deleted");
}

/* The one that is seen last may be the one that has been there first. */
static void maps_of_a_file_seen_late(void **state)
{
	struct mapped old, older, new;

	map(0, make_file(&new, "a.out", &tmp, 6, &disk));
	map(1, make_file(&old, "a.out", &tmp, 5, &disk));
	map(2, make_file(&older, "a.out", &tmp, 4, &disk));
	old.dentry.unhashed = true;
	older.dentry.unhashed = true;
	lives_as(start_of(0), "file a.out+0x0");
	lives_as(start_of(1), "file a.out+0x1000 deleted");
	lives_as(start_of(0), "file a.out+0x0");
	/* Neither of two is there any more. */
	lives_as(start_of(2), "file /tmp/a.out[8:1/4]+0x2000 deleted");
	lives_as(start_of(1), "file /tmp/a.out[8:1/5]+0x1000 deleted");
	lives_as(start_of(0), "file a.out+0x0");
}

/* A path that is too long or too deep is cut at its beginning, with a mark. */
static void maps_cut_paths(void **state)
{
	static struct dentry folder[70];
	char name[256] = "", path[PERFTOP_PATH + 20];
	struct mapped one, two;
	unsigned int i;

	memset(name, 'x', 255);
	make_file(&one, name, &bin, 5, &disk);
	make_file(&two, name, &tmp, 6, &disk);
	map(0, &one);
	map(1, &two);
	lives_as(start_of(0), strcat(strcat(strcpy(path, "file "), name), "+0x0"));
	lives_as(start_of(1),
		 strcat(strcat(strcpy(path, "file /tmp/"), name), "+0x1000"));
	usr.d_name.name = "a-longer-name-of-folders";
	make_file(&one, name, &bin, 9, &other_disk);
	lives_as(start_of(0),
		 strcat(strcat(strcpy(path, "file .../bin/"), name), "+0x0"));
	usr.d_name.name = "usr";
	/* The longest that fits, and one that is longer. */
	tmp.d_name.name = "a-name-of-twenty-7-letters-";
	make_file(&one, name, &tmp, 12, &disk);
	lives_as(start_of(0),
		 strcat(strcat(strcpy(path, "file /a-name-of-twenty-7-letters-/"),
			       name), "+0x0"));
	tmp.d_name.name = "a-name-of-twenty-8-letters--";
	make_file(&one, name, &tmp, 13, &disk);
	lives_as(start_of(0),
		 strcat(strcat(strcpy(path, "file .../"), name), "+0x0"));
	tmp.d_name.name = "tmp";

	for (i = 0; i < ARRAY_SIZE(folder); i++)
		folder[i] = (struct dentry){ .d_name = { "d" },
			.d_parent = i ? &folder[i - 1] : &root };
	make_file(&one, "deep", &folder[69], 10, &disk);
	make_file(&two, "deep", &folder[2], 11, &disk);
	lives_as(start_of(0), "file deep+0x0");
	lives_as(start_of(1), "file /d/d/d/deep+0x1000");
	strcpy(path, "file ...");
	for (i = 0; i < 63; i++)
		strcat(path, "/d");
	strcat(path, "/deep");
	lives_as(start_of(0), strcat(path, "+0x0"));
	/* What is cut may be two places. */
	make_file(&two, "deep", &folder[68], 12, &disk);
	path[strlen(path) - strlen("+0x0")] = '\0';
	lives_as(start_of(1), strcat(path, "[8:1/12]+0x1000"));
	path[strlen(path) - strlen("[8:1/12]+0x1000")] = '\0';
	lives_as(start_of(0), strcat(path, "[8:1/10]+0x0"));
}

/* No more than is looked at, and than is kept, of one. */
static void maps_of_a_large_space(void **state)
{
	struct mapped file;
	unsigned int i;
	u64 space;

	make_file(&file, "prog", &bin, 5, &disk);
	for (i = 0; i < MAPPINGS; i++)
		map(i, &file);
	space = end_space();
	assert_int_equal(perftop_maps_lost(), 0);
	is_called(space, start_of(255), "file prog+0xff000");
	map(i, &file);
	space = end_space();
	assert_int_equal(perftop_maps_lost(), 1);
	is_called(space, start_of(255), "file prog+0xff000");
	is_called(space, start_of(256), "0x600000");

	for (i = 0; i < AREAS - 1; i++) {
		map(i, &file);
		area[i].vm_flags = 0;
	}
	map(i, &file);
	space = end_space();
	assert_int_equal(perftop_maps_lost(), 1);
	is_called(space, start_of(AREAS - 1), "file prog+0xfff000");
	map(i, &file);
	area[i].vm_flags = 0;
	map(i + 1, &file);
	space = end_space();
	assert_int_equal(perftop_maps_lost(), 2);
	is_called(space, start_of(AREAS), "0x2400000");
}

/* The oldest goes, whole, and each that does is counted. */
static void maps_forget_the_oldest(void **state)
{
	const unsigned int held = RING / 4;	/* of 1 + 3 entries */
	struct mapped file;
	unsigned int i;
	u64 first;

	make_file(&file, "prog", &bin, 5, &disk);
	for (i = 0; i < 3; i++)
		map(i, &file);
	first = spaces + 1;
	for (i = 0; i < held; i++)
		end_space();
	assert_int_equal(perftop_maps_lost(), 0);
	is_called(first, start_of(2), "file prog+0x2000");
	for (i = 1; i < 3 * held; i++) {
		end_space();
		assert_int_equal(perftop_maps_lost(), i);
		is_called(first + i - 1, start_of(2), "0x404000");
		is_called(first + i, start_of(2), "file prog+0x2000");
		is_called(spaces, start_of(0), "file prog+0x0");
	}
	/* One that takes the room of two. */
	map(3, &file);
	end_space();
	assert_int_equal(perftop_maps_lost(), i + 1);
	perftop_maps_clear();
	assert_int_equal(perftop_maps_lost(), 0);
	is_called(spaces, start_of(0), "0x400000");
}

/* A file stays while one of those kept has mapped it, and no longer. */
static void maps_keep_what_is_used(void **state)
{
	static struct mapped file[2 * FILES];
	static char name[2 * FILES][8];
	u64 first = spaces + 1;
	char text[40];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		sprintf(name[i], "f%u", i);
		/* Many in one bucket. */
		make_file(&file[i], name[i], &bin, 100 + i % 3, &disk);
		file[i].inode.i_generation = i;
	}
	for (i = 0; i < FILES; i++) {
		map(0, &file[i]);
		end_space();
	}
	assert_int_equal(perftop_maps_lost(), 0);
	/* There is no room for another, living or dead. */
	map(0, &file[FILES]);
	lives_as(start_of(0), "0x400000");
	is_called(end_space(), start_of(0), "0x400000");
	assert_int_equal(perftop_maps_lost(), 1);
	for (i = 0; i < FILES; i++) {
		sprintf(text, "file f%u+0x0", i);
		is_called(first + i, start_of(0), text);
	}
	/* All that are kept are forgotten: others take their places. */
	perftop_maps_clear();
	for (i = FILES; i < 2 * FILES; i++) {
		sprintf(text, "file f%u+0x0", i);
		map(0, &file[i]);
		lives_as(start_of(0), text);
		end_space();
	}
	for (i = FILES; i < 2 * FILES; i++) {
		sprintf(text, "file f%u+0x0", i);
		is_called(spaces - 2 * FILES + 1 + i, start_of(0), text);
	}
	assert_int_equal(perftop_maps_lost(), 0);
}

/* The one place that is left is found again and again, wherever it is. */
static void maps_use_the_last_place(void **state)
{
	static struct mapped file[FILES + 3];
	static char name[FILES + 3][8];
	char text[40];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		sprintf(name[i], "f%u", i);
		map(0, make_file(&file[i], name[i], &bin, i, &disk));
		sprintf(text, "file f%u+0x0", i);
		lives_as(start_of(0), text);
		if (i < FILES - 1)
			end_space();
	}
	assert_int_equal(perftop_maps_lost(), 0);
}

/*
 * What was mapped so many spaces ago: four files each, eight times the same, and
 * one that all have.
 */
static void was_called(unsigned int ago, unsigned int all)
{
	unsigned int n;
	char text[40];

	for (n = 0; n < 4; n++) {
		sprintf(text, "file f%u+0x%x", (all - 1 - ago) / 8 + n,
			n * 0x1000);
		is_called(spaces - ago, start_of(n), text);
	}
	is_called(spaces - ago, start_of(4), "file libc.so+0x4000");
}

/* Files take the places of those that nothing kept maps any more. */
static void maps_of_files_that_come_and_go(void **state)
{
	const unsigned int held = RING / 6;	/* of 1 + 5 entries */
	static struct mapped file[4 * FILES], libc;
	static char name[4 * FILES][8];
	unsigned int i, n;

	make_file(&libc, "libc.so", &bin, 100, &disk);

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		sprintf(name[i], "f%u", i);
		make_file(&file[i], name[i], &bin, 100 + i % 3, &disk);
		file[i].inode.i_generation = i;
	}
	for (i = 0; i < 8 * (ARRAY_SIZE(file) - 3); i++) {
		for (n = 0; n < 4; n++)
			map(n, &file[i / 8 + n]);
		map(n, &libc);
		end_space();
		was_called(0, i + 1);
		was_called(min(i, held / 2), i + 1);
		was_called(min(i, held - 1), i + 1);
	}
	assert_int_equal(perftop_maps_lost(), i - held);
}

/* Whatever comes and goes, what is called anything is called right. */
static void maps_at_random(void **state)
{
	static struct mapped file[40];
	static char name[40][8];
	static struct { unsigned int n, file[20]; } laid_out[2000];
	u64 seed = test_seed(11), first = spaces + 1;
	unsigned int i, n, known = 0;
	char text[40];

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		sprintf(name[i], "f%u", i);
		make_file(&file[i], name[i], &bin, test_below(&seed, 1000) * 64,
			  &disk);
	}
	for (i = 0; i < ARRAY_SIZE(laid_out); i++) {
		laid_out[i].n = test_below(&seed, 20) + 1;
		for (n = 0; n < laid_out[i].n; n++) {
			laid_out[i].file[n] = test_below(&seed, 40);
			map(n, &file[laid_out[i].file[n]]);
		}
		end_space();
	}
	for (i = 0; i < ARRAY_SIZE(laid_out); i++) {
		n = test_below(&seed, laid_out[i].n);
		perftop_maps_find(first + i, start_of(n) + 5, &place);
		if (!place.name[0])
			continue;
		known++;
		sprintf(text, "file f%u+0x%x", laid_out[i].file[n],
			n * 0x1000 + 5);
		assert_string_equal(print_place(), text);
	}
	assert_int_equal(known, ARRAY_SIZE(laid_out) - perftop_maps_lost());
	assert_in_range(known, RING / 21, RING / 2);
}

/* An entry for each stack, from the least there is on. */
static void maps_take_memory_by_the_table(void **state)
{
	/* While one ends, 256 mappings of it, on each CPU. */
	const size_t ends = num_possible_cpus() * 256 * sizeof(void *);
	size_t least = perftop_maps_bytes();
	unsigned int n;

	assert_int_equal(shim_allocated, 3);
	assert_int_equal(shim_allocated_bytes, least);
	perftop_maps_exit();
	perftop_params.table = 4096;
	assert_int_equal(perftop_maps_init(), 0);
	assert_int_equal(perftop_maps_bytes() - least,
			 3072 * (24 + 1) + (128 - 64) * (least - ends - RING * 25) / 64);
	perftop_maps_exit();
	perftop_params.table = 0;
	for (n = 1; n < 4; n++) {
		shim_fail_at = n;
		assert_int_equal(perftop_maps_init(), -ENOMEM);
		assert_int_equal(shim_allocated, 0);
	}
	shim_fail_at = 0;
	perftop_params.stack = PERFTOP_STACK_KERNEL;
	assert_int_equal(perftop_maps_init(), 0);
	assert_int_equal(shim_allocated, 0);
	perftop_params.stack = PERFTOP_STACK_BOTH;
	assert_int_equal(perftop_maps_init(), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(maps_have_ends),
		TEST(maps_of_no_file),
		TEST(maps_of_spaces_with_rows),
		TEST(maps_of_spaces_that_share_a_word),
		TEST(maps_tell_names_apart),
		TEST(maps_of_names_with_one_hash),
		TEST(maps_of_files_that_were_replaced),
		TEST(maps_of_a_file_seen_late),
		TEST(maps_cut_paths),
		TEST(maps_of_a_large_space),
		TEST(maps_forget_the_oldest),
		TEST(maps_keep_what_is_used),
		TEST(maps_use_the_last_place),
		TEST(maps_of_files_that_come_and_go),
		TEST(maps_at_random),
		TEST(maps_take_memory_by_the_table),
	};

	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
