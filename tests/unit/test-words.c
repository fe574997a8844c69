// SPDX-License-Identifier: GPL-2.0
/*
 * Words: what each may be, and what is refused. How they are taken apart, quotes and
 * lists, test-filter tells.
 */
#include "test.h"

#include <stdio.h>

#include <linux/kernel.h>

#include "engine/words.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct perftop_word words[] = {
	{ "number", "x", PERFTOP_WORD_NUMBER, .min = -5, .max = 7, .most = 2 },
	{ "either", "x", PERFTOP_WORD_NUMBER, .min = 1, .max = 3, .most = 1,
	  .choice = colours, .first_choice = 100 },
	{ "choice", "x", PERFTOP_WORD_CHOICE, .choice = colours, .most = 1 },
	{ "time", "x", PERFTOP_WORD_TIME, .max = 5000000000, .most = 1 },
	{ "bool", "x", PERFTOP_WORD_BOOL, .most = 1 },
	{ "name", "x", PERFTOP_WORD_NAME, .most = 2 },
	{ "cpus", "x", PERFTOP_WORD_CPUS, .most = 1 },
	{ "text", "x", PERFTOP_WORD_TEXT, .most = 1 },
	{ "alone", "x", PERFTOP_WORD_ALONE },
	{ }
};

/* What was taken, and what that says. */
static char taken[512];
static int error;

static int take(void *to, unsigned int word, const struct perftop_word_value *value)
{
	char one[80];

	assert_ptr_equal(to, taken);
	snprintf(one, sizeof(one), "%s=%lld/%s ", words[word].name,
		 (long long)value->number, value->text ? value->text : "");
	strcat(taken, one);
	return error;
}

static int setup(void **state)
{
	error = 0;
	return 0;
}

static int parse(const struct perftop_word *of, const char *said)
{
	char copy[256];

	strcpy(copy, said);
	*taken = '\0';
	return perftop_words_parse(of, copy, take, taken);
}

static void expect(const char *said, const char *what)
{
	assert_int_equal(parse(words, said), 0);
	assert_string_equal(taken, what);
}

static void words_are_taken(void **state)
{
	expect("", "");
	expect("number=7", "number=7/7 ");
	expect("number=-5,3", "number=-5/-5 number=3/3 ");
	expect("either=2", "either=2/2 ");
	expect("either=green", "either=101/green ");
	expect("choice=red", "choice=0/red ");
	expect("time=3 bool=y", "time=3000/3 bool=1/y ");
	expect("time=3ns,bool=0", "time=3/3ns bool=0/0 ");
	expect("time=5s", "time=5000000000/5s ");
	expect("name=0123456789abcde,\"a b\"",
	       "name=0/0123456789abcde name=0/a b ");
	expect("cpus=0", "cpus=0/0 ");
	expect("text=\"a=b, c\" alone", "text=0/a=b, c alone=1/ ");
}

static void words_are_refused(void **state)
{
	static const char *const bad[] = {
		"nosuch=1", "number", "number=", "number=8", "number=-6", "number=x",
		"number=1,2,3", "number=1 number=2", "number=7x", "number=1.0",
		"number=99999999999999999999", "either=0", "either=4", "either=blue",
		"choice=1", "choice=red,green", "choice=redd", "time=x", "time=1h",
		"time=-1", "time=6s", "time=5000001", "bool=maybe", "bool=",
		"name=0123456789abcdef", "alone=1", "alone=", "alone alone",
		"name=a,b,c", "=1", "\"alone\"",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse(words, bad[i]) != -EINVAL)
			fail_msg("%s is taken", bad[i]);
}

static void words_that_are_required(void **state)
{
	static const struct perftop_word two[] = {
		{ "alone", "x", PERFTOP_WORD_ALONE },
		{ "name", "x", PERFTOP_WORD_NAME, .most = 1, .required = true },
		{ }
	};

	assert_int_equal(parse(two, ""), -EINVAL);
	assert_int_equal(parse(two, "alone"), -EINVAL);
	assert_int_equal(parse(two, "name=a"), 0);
	assert_int_equal(parse(two, "alone name=a"), 0);
}

/* Whoever takes them has the last word, and is asked no more. */
static void words_that_are_not_wanted(void **state)
{
	error = -ENOMEM;
	assert_int_equal(parse(words, "number=1,2 alone"), -ENOMEM);
	assert_string_equal(taken, "number=1/1 ");
}

static void words_say_what_they_take(void **state)
{
	char buf[256];

	perftop_words_describe(words, buf, sizeof(buf));
	assert_string_equal(buf,
			    "number=-5 to 7, either=red, green or 1 to 3, choice=red or green, time=TIME, bool=0 or 1, name=NAME, cpus=LIST, text=TEXT, alone");
	/* As far as there is room. */
	perftop_words_describe(words, buf, 12);
	assert_string_equal(buf, "number=-5 t");
	perftop_words_refuse("view", words);
	assert_int_equal(shim_logged, 1);
	assert_non_null(strstr(shim_last_logged, "perftop: view takes number=-5 to 7, "));
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_taken),
		TEST(words_are_refused),
		TEST(words_that_are_required),
		TEST(words_that_are_not_wanted),
		TEST(words_say_what_they_take),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
