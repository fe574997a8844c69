// SPDX-License-Identifier: GPL-2.0
/*
 * Spans of a CPU: whatever begins and ends in whatever order, each has its own time,
 * and all of them have that from the outermost's beginning to its end.
 */
#include "test.h"

#include <linux/kernel.h>

#include "switch/cpu_spans.h"

static struct perftop_cpu_spans spans;
static u64 now;

static int setup(void **state)
{
	memset(&spans, 0, sizeof(spans));
	perftop_cpu_spans_set(&spans, true, 0);
	now = 1000;
	return 0;
}

static bool begin(u64 id)
{
	return perftop_cpu_span_begin(&spans, id, now);
}

/* As who is quick ends them: where one is alone, apart. */
static bool end(u64 id, u64 *ticks)
{
	const u64 alone = perftop_cpu_span_ticks_alone(&spans, now);

	if (!perftop_cpu_span_is_alone(&spans, id, alone, 1000))
		return perftop_cpu_span_end(&spans, id, now, ticks);
	assert_int_equal(spans.depth, 1);
	perftop_cpu_span_end_alone(&spans, alone);
	*ticks = alone;
	return true;
}

/* It ends, and this is what it had. */
static void ends_with(u64 id, u64 own)
{
	u64 ticks;

	assert_true(end(id, &ticks));
	assert_int_equal(ticks, own);
}

static void ends_unbegun(u64 id)
{
	const u64 before = spans.lost.unbegun;
	u64 ticks;

	assert_false(end(id, &ticks));
	assert_int_equal(spans.lost.unbegun, before + 1);
}

static void counts(u64 unbegun, u64 unended, u64 full)
{
	assert_int_equal(spans.lost.unbegun, unbegun);
	assert_int_equal(spans.lost.unended, unended);
	assert_int_equal(spans.lost.full, full);
}

/* What is open at a slice's end is the slice's all the same. */
static void takes(u64 ticks, u64 of)
{
	assert_int_equal(perftop_cpu_spans_take(&spans, of), ticks);
}

/* --- Cases ---------------------------------------------------------------- */

static void span_alone(void **state)
{
	assert_true(begin(7));
	assert_int_equal(spans.depth, 1);
	now += 30;
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 30);
	assert_int_equal(spans.total, 0);
	now += 12;
	ends_with(7, 42);
	assert_int_equal(spans.total, 42);
	now += 100;
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 42);
	counts(0, 0, 0);
}

static void spans_in_each_other(void **state)
{
	begin(1);
	now += 10;
	begin(2);
	now += 20;
	begin(3);
	now += 40;
	ends_with(3, 40);
	now += 80;
	begin(4);
	now += 160;
	ends_with(4, 160);
	assert_int_equal(spans.total, 200);
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 310);
	ends_with(2, 100);
	now += 320;
	ends_with(1, 330);
	assert_int_equal(spans.total, 630);
	counts(0, 0, 0);
}

/* The same number twice, one in the other. */
static void spans_of_one_number(void **state)
{
	begin(1);
	now += 10;
	begin(1);
	now += 20;
	ends_with(1, 20);
	now += 40;
	ends_with(1, 50);
	assert_int_equal(spans.total, 70);
	counts(0, 0, 0);
}

/* An end that is not the innermost's: those above it have none. */
static void spans_that_cross(void **state)
{
	begin(1);
	now += 10;
	begin(2);
	now += 20;
	begin(3);
	now += 40;
	ends_with(1, 70);
	counts(0, 2, 0);
	assert_int_equal(spans.total, 70);
	ends_unbegun(2);
	ends_unbegun(3);
	counts(2, 2, 0);
	assert_int_equal(spans.depth, 0);
}

/* What has ended in those is not the time of the one around them either. */
static void spans_that_cross_with_others_in_them(void **state)
{
	begin(1);
	now += 10;
	begin(2);
	now += 20;
	begin(3);
	now += 40;
	begin(4);
	now += 80;
	ends_with(4, 80);
	begin(5);
	now += 160;
	ends_with(5, 160);
	ends_with(1, 70);
	counts(0, 2, 0);
	assert_int_equal(spans.total, 310);
}

static void span_that_has_not_begun(void **state)
{
	ends_unbegun(5);
	begin(1);
	now += 10;
	ends_unbegun(5);
	now += 20;
	ends_with(1, 30);
	counts(2, 0, 0);
}

/* Those that found no room are the first to end, and their time is the last's. */
static void spans_without_room(void **state)
{
	u64 ticks;
	int i;

	for (i = 0; i < PERFTOP_CPU_SPANS; i++) {
		assert_true(begin(i));
		now += 10;
	}
	assert_false(begin(8));
	now += 10;
	assert_false(begin(9));
	now += 10;
	counts(0, 0, 2);
	assert_false(end(9, &ticks));
	now += 10;
	assert_false(end(8, &ticks));
	counts(0, 0, 2);
	for (i = PERFTOP_CPU_SPANS - 1; i >= 0; i--)
		ends_with(i, i == PERFTOP_CPU_SPANS - 1 ? 40 : 10);
	assert_int_equal(spans.total, 110);
	counts(0, 0, 2);
	/* There is room again. */
	assert_true(begin(1));
	ends_with(1, 0);
}

/* A task's own span, and what interrupts it. */
static void span_of_a_task(void **state)
{
	begin(1);
	perftop_cpu_span_is_tasks(&spans);
	now += 10;
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 0);
	begin(2);
	now += 20;
	begin(3);
	now += 40;
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 60);
	ends_with(3, 40);
	ends_with(2, 20);
	assert_int_equal(spans.total, 60);
	now += 80;
	begin(4);
	now += 160;
	ends_with(4, 160);
	ends_with(1, 90);
	assert_int_equal(spans.total, 220);
	/* The next one is none's. */
	begin(1);
	now += 5;
	ends_with(1, 5);
	assert_int_equal(spans.total, 225);
}

/* What a task was interrupted for is not its own, whoever it is. */
static void span_of_no_task(void **state)
{
	begin(1);
	begin(2);
	perftop_cpu_span_is_tasks(&spans);
	now += 10;
	ends_with(2, 10);
	now += 10;
	ends_with(1, 10);
	assert_int_equal(spans.total, 20);
}

/* A task's span ends below what has not. */
static void span_of_a_task_ends_first(void **state)
{
	begin(1);
	perftop_cpu_span_is_tasks(&spans);
	now += 10;
	begin(2);
	now += 20;
	ends_with(1, 30);
	counts(0, 1, 0);
	assert_int_equal(spans.base, 0);
	begin(3);
	now += 40;
	ends_with(3, 40);
	/* Nobody has seen how long the one without an end was. */
	assert_int_equal(spans.total, 40);
}

static void nothing_counts_while_it_is_off(void **state)
{
	perftop_cpu_spans_set(&spans, false, 0);
	begin(1);
	now += 10;
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 0);
	ends_with(1, 10);
	assert_int_equal(spans.total, 0);
	takes(0, 100);
	perftop_cpu_spans_set(&spans, true, 0);
	begin(1);
	now += 10;
	ends_with(1, 10);
	takes(10, 100);
}

/* Each is taken out of one slice; no slice has more than it was long. */
static void slices_take_what_was_in_them(void **state)
{
	begin(1);
	now += 10;
	ends_with(1, 10);
	begin(2);
	now += 20;
	ends_with(2, 20);
	takes(30, 100);
	takes(0, 100);
	begin(1);
	now += 50;
	ends_with(1, 50);
	takes(40, 40);
	takes(0, 100);
	assert_int_equal(spans.taken, spans.total);
}

/* A task goes on: what is open has been left behind. */
static void slice_ends_within_spans(void **state)
{
	int i;

	begin(1);
	now += 10;
	ends_with(1, 10);
	for (i = 0; i < PERFTOP_CPU_SPANS + 3; i++)
		begin(2);
	now += 20;
	takes(10, 100);
	counts(0, PERFTOP_CPU_SPANS + 3, 3);
	assert_int_equal(spans.depth, 0);
	assert_int_equal(spans.unseen, 0);
	now += 5;
	ends_unbegun(2);
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 10);
}

static void clock_steps_back(void **state)
{
	begin(1);
	now += 10;
	begin(2);
	now -= 500;
	ends_with(2, 0);
	assert_int_equal(perftop_cpu_spans_until(&spans, now), 0);
	ends_with(1, 0);
	assert_int_equal(spans.total, 0);
	now += 1000;
	begin(1);
	now += 10;
	ends_with(1, 10);
	assert_int_equal(spans.total, 10);
}

/* --- Any order ------------------------------------------------------------ */

/*
 * The model goes through time, tick by tick: each is of the innermost that is open,
 * found by looking at all that is, and no sum is ever subtracted.
 */
#define IDS	12
#define ROOM	64

struct open {
	u64	id;
	u64	own;
	bool	seen;
};

static struct {
	struct open	open[ROOM];
	unsigned int	n;
	bool		base;		/* the outermost is a task's */
	u64		total;		/* in spans that are no task's and have ended */
	u64		taken;		/* so much of it by slices */
	u64		unbegun, unended, full;
} model;

static unsigned int seen_of_model(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < model.n; i++)
		n += model.open[i].seen;
	return n;
}

static void model_pass(u64 ticks)
{
	unsigned int seen = seen_of_model();

	now += ticks;
	if (seen)
		model.open[seen - 1].own += ticks;
}

/* In those that are no task's and have not ended. */
static u64 model_open(void)
{
	unsigned int i;
	u64 ticks = 0;

	for (i = model.base; i < model.n; i++)
		ticks += model.open[i].own;
	return ticks;
}

static void model_begin(u64 id)
{
	const bool seen = model.n < PERFTOP_CPU_SPANS;

	assert_int_equal(!!begin(id), seen);
	model.full += !seen;
	model.open[model.n++] = (struct open){ .id = id, .seen = seen };
}

/* Those behind it are there no more: their time is that of the one around them. */
static void model_leave(unsigned int place)
{
	while (model.n > place) {
		model.n--;
		model.unended++;
		model.open[place - 1].own += model.open[model.n].own;
	}
}

static void model_end(u64 id)
{
	unsigned int i = model.n;
	u64 ticks = ~0ULL;
	bool ended;

	ended = end(id, &ticks);
	if (model.n > PERFTOP_CPU_SPANS) {
		assert_false(ended);
		model.n--;
		return;
	}
	while (i && model.open[i - 1].id != id)
		i--;
	assert_int_equal(ended, !!i);
	if (!i) {
		model.unbegun++;
		return;
	}
	model_leave(i);
	model.n--;
	assert_int_equal(ticks, model.open[model.n].own);
	if (model.n < model.base)
		model.base = false;
	else
		model.total += ticks;
}

static void model_task(u64 id)
{
	if (model.n)
		return;
	model_begin(id);
	perftop_cpu_span_is_tasks(&spans);
	model.base = true;
}

/* A slice ends. */
static void model_slice(void)
{
	takes(model.total - model.taken, 1ULL << 60);
	model.taken = model.total;
	while (model.n) {
		model.n--;
		model.unended++;
	}
	model.base = false;
}

static void check_model(void)
{
	assert_int_equal(spans.depth, seen_of_model());
	assert_int_equal(spans.unseen, model.n - seen_of_model());
	assert_int_equal(spans.base, model.base);
	assert_int_equal(spans.total, model.total);
	assert_int_equal(perftop_cpu_spans_until(&spans, now),
			 model.total + model_open());
	counts(model.unbegun, model.unended, model.full);
}

/* @ends: in so many of ten they end in their order, otherwise anyhow. */
static void run_model(u64 *seed, unsigned int steps, unsigned int ends)
{
	unsigned int i, id;

	setup(NULL);
	memset(&model, 0, sizeof(model));
	for (i = 0; i < steps; i++) {
		model_pass(test_below(seed, 50));
		id = test_below(seed, IDS);
		switch (test_below(seed, 20)) {
		case 0:
			model_slice();
			break;
		case 1:
			model_task(id);
			break;
		case 2 ... 10:
			if (model.n < ROOM)
				model_begin(id);
			break;
		default:
			if (model.n && test_below(seed, 10) < ends)
				id = model.open[model.n - 1].id;
			model_end(id);
		}
		check_model();
	}
}

static void spans_in_any_order(void **state)
{
	u64 seed = test_seed(501);
	unsigned int ends;

	for (ends = 0; ends <= 10; ends++)
		run_model(&seed, 100000, ends);
}

/* Where no end is lost and none is a task's, all own times are the total. */
static void own_times_are_the_total(void **state)
{
	u64 seed = test_seed(502);
	u64 all = 0, ticks;
	unsigned int i, n = 0;
	u64 open[PERFTOP_CPU_SPANS];

	for (i = 0; i < 1000000; i++) {
		now += test_below(&seed, 50);
		if (n < PERFTOP_CPU_SPANS && test_below(&seed, 2)) {
			open[n] = test_below(&seed, IDS);
			begin(open[n++]);
		} else if (n) {
			assert_true(end(open[--n], &ticks));
			all += ticks;
		}
		if (!n)
			assert_int_equal(all, spans.total);
	}
	counts(0, 0, 0);
}

/* A clock that goes anywhere: no time is negative. */
static void no_time_is_negative(void **state)
{
	u64 seed = test_seed(503), ticks, before = 0;
	unsigned int i;

	now = 1ULL << 40;
	for (i = 0; i < 1000000; i++) {
		now += (s64)test_below(&seed, 1000) - (test_below(&seed, 20) ? 0 : 5000);
		if (test_below(&seed, 2))
			begin(test_below(&seed, IDS));
		else if (end(test_below(&seed, IDS), &ticks))
			assert_true(ticks < 1ULL << 39);
		assert_true(spans.total >= before);
		assert_true(perftop_cpu_spans_until(&spans, now) >= spans.total);
		before = spans.total;
		if (!test_below(&seed, 100))
			assert_true(perftop_cpu_spans_take(&spans, 5000) <= 5000);
	}
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(span_alone),
		TEST(spans_in_each_other),
		TEST(spans_of_one_number),
		TEST(spans_that_cross),
		TEST(spans_that_cross_with_others_in_them),
		TEST(span_that_has_not_begun),
		TEST(spans_without_room),
		TEST(span_of_a_task),
		TEST(span_of_no_task),
		TEST(span_of_a_task_ends_first),
		TEST(nothing_counts_while_it_is_off),
		TEST(slices_take_what_was_in_them),
		TEST(slice_ends_within_spans),
		TEST(clock_steps_back),
		TEST(spans_in_any_order),
		TEST(own_times_are_the_total),
		TEST(no_time_is_negative),
	};

	return cmocka_run_group_tests_name("cpu_spans", tests, NULL, NULL);
}
