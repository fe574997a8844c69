// SPDX-License-Identifier: GPL-2.0
/*
 * Live tasks' slots: what a CPU claims no other one may take for free.
 */
#include "test.h"

#include <pthread.h>

#include "perftop.h"
#include "view.h"

struct perftop_params perftop_params = { .table = 16 };

/* So many that the two have met, on a busy machine too. */
#define CLAIMS	30000000
#define LOOKS	200000000

static struct task_struct task_a;
static struct perftop_state *slot;
static bool done;
static unsigned long looks;

/* Another CPU's look at the slot: returns how often it was nobody's. */
static void *look(void *unused)
{
	unsigned long nobodys = 0;

	while (!READ_ONCE(done)) {
		nobodys += !READ_ONCE(slot->task);
		WRITE_ONCE(looks, looks + 1);
	}
	return (void *)nobodys;
}

/* The task is another one under the same address each time. */
static void state_is_never_nobodys(void **unused)
{
	pthread_t thread;
	void *nobodys;
	unsigned int i;

	assert_int_equal(perftop_state_init(), 0);
	slot = perftop_state_get(&task_a);
	assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
	for (i = 0; i < CLAIMS || READ_ONCE(looks) < LOOKS; i++) {
		task_a.start_time++;
		perftop_state_get(&task_a);
	}
	WRITE_ONCE(done, true);
	assert_int_equal(pthread_join(thread, &nobodys), 0);
	perftop_state_exit();
	assert_null(nobodys);
}

/* A slot that is used again has nothing of the task that had it. */
static void state_begins_anew(void **unused)
{
	struct task_struct *task = &task_a;
	struct perftop_state *state;

	assert_int_equal(perftop_state_init(), 0);
	state = perftop_state_get(task);
	state->cpu = 1;
	state->next = 7;
	state->row = 1;
	state->epoch = 1;
	state->parent = 1;
	state->since = 1;
	state->owner = 1;
	task->start_time++;
	assert_ptr_equal(perftop_state_get(task), state);
	assert_int_equal(state->started, task->start_time);
	assert_int_equal(state->cpu, PERFTOP_STATE_NEW);
	assert_int_equal(state->next, 1);
	assert_int_equal(state->row | state->epoch | state->parent, 0);
	assert_int_equal(state->since | state->owner, 0);
	perftop_state_exit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_is_never_nobodys),
		cmocka_unit_test(state_begins_anew),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
