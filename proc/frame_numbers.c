// SPDX-License-Identifier: GPL-2.0
/*
 * The distinct frames of what is read as JSON, by number.
 *
 * What a frame is called is found out once for each place in an address space, and
 * each name has one number, in however many spaces it occurs: two tables of open
 * addressing, one of places, one of texts. Both grow by doubling.
 */
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "proc/frame_numbers.h"

/* At the beginning. */
#define SLOTS	1024

struct place {
	u64	space;
	u64	frame;
	u32	number;		/* of its text, from 1; 0: nothing is here */
};

struct text {
	const char	*text;
	u32		hash;
};

/**
 * struct perftop_frame_numbers - the frames of one open of a file
 * @seed: of both hashes, since places and names are anybody's to choose
 * @place: by the hash of what they are
 * @places: how many
 * @text: by number, from 0
 * @texts: how many
 * @number: of the texts, from 1, by their hash
 * @slots: of places, and of numbers; a power of two
 * @lost: frames for which there was no memory
 */
struct perftop_frame_numbers {
	u32		seed;
	struct place	*place;
	u32		places;
	struct text	*text;
	u32		texts;
	u32		*number;
	u32		slots;
	u64		lost;
};

static struct place *seek_place(struct place *place, u32 slots, u32 seed, u64 space,
				u64 frame)
{
	const u32 key[] = {
		lower_32_bits(space), upper_32_bits(space),
		lower_32_bits(frame), upper_32_bits(frame),
	};
	u32 i = jhash2(key, ARRAY_SIZE(key), seed);

	for (;; i++) {
		struct place *at = &place[i & (slots - 1)];

		if (!at->number || (at->space == space && at->frame == frame))
			return at;
	}
}

/* Where the number of a text is, or is to be. */
static u32 *seek_text(const struct perftop_frame_numbers *numbers, u32 *number,
		      u32 slots, const char *text, size_t length, u32 hash)
{
	u32 i;

	for (i = hash;; i++) {
		u32 *at = &number[i & (slots - 1)];
		const struct text *known = *at ? &numbers->text[*at - 1] : NULL;

		if (!known || (known->hash == hash &&
			       strlen(known->text) == length &&
			       !memcmp(known->text, text, length)))
			return at;
	}
}

static void move(struct perftop_frame_numbers *numbers, struct place *place,
		 u32 *number, u32 slots)
{
	u32 i;

	for (i = 0; i < numbers->slots; i++) {
		const struct place *from = &numbers->place[i];

		if (from->number)
			*seek_place(place, slots, numbers->seed, from->space,
				    from->frame) = *from;
		cond_resched();
	}
	for (i = 0; i < numbers->texts; i++) {
		const struct text *text = &numbers->text[i];

		*seek_text(numbers, number, slots, text->text,
			   strlen(text->text), text->hash) = i + 1;
		cond_resched();
	}
}

/* Room for one more of each, which leaves half of the slots empty. */
static int make_room(struct perftop_frame_numbers *numbers)
{
	const u32 slots = numbers->slots ? numbers->slots * 2 : SLOTS;
	struct place *place;
	struct text *text;
	u32 *number;

	if (numbers->places < numbers->slots / 2)
		return 0;
	/* More than the kernel gives without a warning. */
	if (slots > INT_MAX / sizeof(*place))
		return -ENOMEM;
	place = kvcalloc(slots, sizeof(*place), GFP_KERNEL_ACCOUNT);
	number = kvcalloc(slots, sizeof(*number), GFP_KERNEL_ACCOUNT);
	text = kvcalloc(slots / 2, sizeof(*text), GFP_KERNEL_ACCOUNT);
	if (!place || !number || !text) {
		kvfree(place);
		kvfree(number);
		kvfree(text);
		return -ENOMEM;
	}
	if (numbers->texts)
		memcpy(text, numbers->text, numbers->texts * sizeof(*text));
	move(numbers, place, number, slots);
	kvfree(numbers->place);
	kvfree(numbers->number);
	kvfree(numbers->text);
	numbers->place = place;
	numbers->number = number;
	numbers->text = text;
	numbers->slots = slots;
	return 0;
}

/* The number of a text, 0 if there is no memory. */
static u32 number_text(struct perftop_frame_numbers *numbers, const char *text,
		       size_t length)
{
	const u32 hash = jhash(text, length, numbers->seed);
	u32 *number = seek_text(numbers, numbers->number, numbers->slots, text,
				length, hash);
	char *copy;

	if (*number)
		return *number;
	copy = kmemdup_nul(text, length, GFP_KERNEL_ACCOUNT);
	if (!copy)
		return 0;
	numbers->text[numbers->texts++] = (struct text){ copy, hash };
	*number = numbers->texts;
	return *number;
}

/**
 * perftop_frame_numbers_create() - Begin without any frame
 *
 * Context: process context, as for all in this file.
 * Return: what perftop_frame_numbers_free() is to be given, NULL: no memory.
 */
struct perftop_frame_numbers *perftop_frame_numbers_create(void)
{
	struct perftop_frame_numbers *numbers;

	numbers = kzalloc(sizeof(*numbers), GFP_KERNEL_ACCOUNT);
	if (!numbers)
		return NULL;
	numbers->seed = get_random_u32();
	if (!make_room(numbers))
		return numbers;
	kfree(numbers);
	return NULL;
}

/**
 * perftop_frame_numbers_free() - Give all of it back
 * @numbers: from perftop_frame_numbers_create(), or NULL
 */
void perftop_frame_numbers_free(struct perftop_frame_numbers *numbers)
{
	u32 i;

	if (!numbers)
		return;
	for (i = 0; i < numbers->texts; i++)
		kfree(numbers->text[i].text);
	kvfree(numbers->place);
	kvfree(numbers->number);
	kvfree(numbers->text);
	kfree(numbers);
}

/**
 * perftop_frame_number() - The number of a frame that has one
 * @numbers: all of them
 * @space: an address space, by a number of the caller's
 * @frame: an address in it
 *
 * Return: from 1; 0 if it has none yet.
 */
u32 perftop_frame_number(const struct perftop_frame_numbers *numbers, u64 space,
			 u64 frame)
{
	return seek_place(numbers->place, numbers->slots, numbers->seed, space,
			  frame)->number;
}

/**
 * perftop_frame_number_add() - Give a number to a frame that has none
 * @numbers: all of them
 * @space: as for perftop_frame_number()
 * @frame: likewise
 * @text: what it is called; frames of one text have one number
 * @length: of the text
 *
 * Return: from 1; 0 if there was no memory, which is counted.
 */
u32 perftop_frame_number_add(struct perftop_frame_numbers *numbers, u64 space,
			     u64 frame, const char *text, size_t length)
{
	u32 number = 0;

	if (!make_room(numbers))
		number = number_text(numbers, text, length);
	if (!number) {
		numbers->lost++;
		return 0;
	}
	*seek_place(numbers->place, numbers->slots, numbers->seed, space, frame) =
		(struct place){ space, frame, number };
	numbers->places++;
	return number;
}

/**
 * perftop_frame_numbers_count() - How many numbers have been given
 * @numbers: all of them
 *
 * Return: the last number.
 */
u32 perftop_frame_numbers_count(const struct perftop_frame_numbers *numbers)
{
	return numbers->texts;
}

/**
 * perftop_frame_numbers_lost() - How many frames have no number
 * @numbers: all of them
 *
 * Return: how often there was no memory.
 */
u64 perftop_frame_numbers_lost(const struct perftop_frame_numbers *numbers)
{
	return numbers->lost;
}

/**
 * perftop_frame_text() - What a frame is called
 * @numbers: all of them
 * @number: one that has been given
 *
 * Return: its text.
 */
const char *perftop_frame_text(const struct perftop_frame_numbers *numbers,
			       u32 number)
{
	return numbers->text[number - 1].text;
}
