// SPDX-License-Identifier: GPL-2.0
/*
 * Live tasks' slots: each has one of its own, in its window; what a CPU claims
 * no other one may take for free.
 */
#include "test.h"

#include <pthread.h>

#include <linux/slab.h>

#include "engine/params.h"
#include "engine/task_state.h"

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

	slot = perftop_state_get(&task_a);
	assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
	for (i = 0; i < CLAIMS || READ_ONCE(looks) < LOOKS; i++) {
		task_a.start_time++;
		perftop_state_get(&task_a);
	}
	WRITE_ONCE(done, true);
	assert_int_equal(pthread_join(thread, &nobodys), 0);
	assert_null(nobodys);
}

/* Tasks whose slots begin at one place, and are to share its window. */
#define NEIGHBOURS	(PERFTOP_STATE_WINDOW + 1)
#define CANDIDATES	4096

static struct task_struct candidate[CANDIDATES];

static void find_neighbours(struct task_struct **task,
			    const struct perftop_state *place)
{
	unsigned int i, n = NEIGHBOURS;

	for (i = 0; n && i < CANDIDATES; i++)
		if (perftop_state_place(&candidate[i]) == place)
			task[--n] = &candidate[i];
	assert_int_equal(n, 0);
}

static int setup(void **unused)
{
	perftop_params.table = 16;
	shim_fail_at = 0;
	return perftop_state_init();
}

static int teardown(void **unused)
{
	perftop_state_exit();
	return shim_allocated != 0;
}

/* As many places as stacks, and a window behind the last. */
static void state_takes_what_it_says(void **unused)
{
	assert_int_equal(shim_allocated, 1);
	assert_int_equal(shim_allocated_bytes, (16 + PERFTOP_STATE_WINDOW) *
					       sizeof(struct perftop_state));
	perftop_state_exit();
	assert_null(perftop_states);
	assert_int_equal(shim_allocated, 0);
	perftop_params.table = 17;
	perftop_params.top = 1000;
	assert_int_equal(perftop_state_init(), 0);
	assert_int_equal(shim_allocated_bytes, (32 + PERFTOP_STATE_WINDOW) *
					       sizeof(struct perftop_state));
}

static void state_without_memory(void **unused)
{
	perftop_state_exit();
	shim_fail_at = 1;
	assert_int_equal(perftop_state_init(), -ENOMEM);
	assert_null(perftop_states);
}

/* A window's tasks have slots of their own; the next is counted, each time. */
static void check_window(struct task_struct **task)
{
	struct perftop_state *state[NEIGHBOURS];
	unsigned int i, j;

	for (i = 0; i < PERFTOP_STATE_WINDOW; i++) {
		assert_null(perftop_state_seek(task[i]));
		state[i] = perftop_state_get(task[i]);
		assert_ptr_equal(state[i], perftop_state_place(task[0]) + i);
		assert_ptr_equal(state[i]->task, task[i]);
		for (j = 0; j <= i; j++) {
			assert_ptr_equal(perftop_state_get(task[j]), state[j]);
			assert_ptr_equal(perftop_state_seek(task[j]), state[j]);
		}
	}
	assert_int_equal(perftop_state_full(), 0);
	assert_null(perftop_state_get(task[i]));
	assert_null(perftop_state_get(task[i]));
	assert_null(perftop_state_seek(task[i]));
	assert_int_equal(perftop_state_full(), 2);
	/* A place in the middle is taken, and nobody else has moved. */
	perftop_state_put(state[3]);
	assert_null(perftop_state_seek(task[3]));
	assert_ptr_equal(perftop_state_get(task[i]), state[3]);
	assert_ptr_equal(perftop_state_get(task[7]), state[7]);
	assert_int_equal(perftop_state_full(), 2);
	perftop_state_reset();
	assert_int_equal(perftop_state_full(), 0);
	assert_null(perftop_state_get(task[3]));
	assert_int_equal(perftop_state_full(), 1);
}

static void state_has_a_window(void **unused)
{
	struct task_struct *task[NEIGHBOURS];

	find_neighbours(task, perftop_states);
	check_window(task);
	/* What was full is forgotten with the tasks. */
	perftop_state_exit();
	assert_int_equal(perftop_state_init(), 0);
	assert_int_equal(perftop_state_full(), 0);
	/* A window lies behind the last place, too. */
	find_neighbours(task, perftop_states + 15);
	check_window(task);
}

/* Under an address that is used again, another task has no slot yet. */
static void state_is_of_one_task(void **unused)
{
	struct task_struct *task[NEIGHBOURS];
	struct perftop_state *state[2];

	find_neighbours(task, perftop_states);
	task[1]->start_time = 5;
	state[0] = perftop_state_get(task[0]);
	state[1] = perftop_state_get(task[1]);
	/* What it was started at alone decides. */
	state[1]->run_delay = 6;
	task[1]->nvcsw = 6;
	assert_ptr_equal(perftop_state_seek(task[1]), state[1]);
	state[1]->row.row = 3;
	assert_ptr_equal(perftop_state_find(task[1]), state[1]);
	assert_int_equal(state[1]->row.row, 3);
	task[1]->start_time = 6;
	assert_null(perftop_state_seek(task[1]));
	/* Its slot is taken again, though one in front of it is free. */
	perftop_state_put(state[0]);
	assert_ptr_equal(perftop_state_get(task[1]), state[1]);
	assert_int_equal(state[1]->row.row, 0);
	assert_ptr_equal(perftop_state_seek(task[1]), state[1]);
	assert_null(perftop_state_seek(task[0]));
	task[1]->start_time = 0;
	task[1]->nvcsw = 0;
}

/* A slot that is used again has nothing of the task that had it. */
static void state_begins_anew(void **unused)
{
	struct task_struct *task = &task_a;
	struct perftop_state *state;

	state = perftop_state_get(task);
	assert_int_equal(state->next, 1);
	assert_int_equal(state->arrival, S64_MAX);
	state->run_delay = 1;
	state->arrival = 1;
	state->cpu = 1;
	state->next = 7;
	state->row.row = 1;
	state->row.epoch = 1;
	state->parent = 1;
	state->since = 1;
	state->lock = task;
	state->owner = 1;
	task->start_time++;
	assert_ptr_equal(perftop_state_get(task), state);
	assert_int_equal(state->started, task->start_time);
	assert_int_equal(state->cpu, PERFTOP_STATE_NEW);
	assert_int_equal(state->next, 1);
	assert_int_equal(state->row.row | state->row.epoch | state->parent,
			 0);
	assert_int_equal(state->since | state->owner | state->run_delay, 0);
	assert_null(state->lock);
	assert_int_equal(state->arrival, S64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(state_takes_what_it_says,
						setup, teardown),
		cmocka_unit_test_setup_teardown(state_without_memory, setup,
						teardown),
		cmocka_unit_test_setup_teardown(state_has_a_window, setup,
						teardown),
		cmocka_unit_test_setup_teardown(state_is_of_one_task, setup,
						teardown),
		cmocka_unit_test_setup_teardown(state_begins_anew, setup,
						teardown),
		cmocka_unit_test_setup_teardown(state_is_never_nobodys, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
