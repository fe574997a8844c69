// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks: where probes are set, in what order, and how many events went
 * unseen; and that both ways to see switches see the same.
 */
#include "machine.h"

#include <stdio.h>

#include <linux/ftrace.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/tsc.h>

#include "engine/user_maps.h"
#include "engine/params.h"
#include "switch/cpu.h"
#include "switch/hook_tracepoint.h"
#include "switch/hook_select.h"
#include "switch/recall.h"
#include "switch/slice.h"

static void load(const char *hook)
{
	shim_param_set_hook(hook);
	assert_int_equal(machine_load(), 0);
}

static void hook_sets_its_probes_in_order(void **state)
{
	char line[200];

	load("kprobe");
	assert_int_equal(shim_kprobes_n, 4);
	assert_string_equal(shim_kprobes[0]->symbol_name, "pick_next_task_fair");
	assert_string_equal(shim_kprobes[1]->symbol_name, "pick_next_task_stop");
	/* When that is armed, picks are seen already. */
	assert_string_equal(shim_kprobes[2]->symbol_name,
			    "finish_task_switch.isra.0");
	assert_ptr_equal(shim_kprobes[0]->pre_handler,
			 shim_kprobes[1]->pre_handler);
	assert_ptr_not_equal(shim_kprobes[0]->pre_handler,
			     shim_kprobes[2]->pre_handler);
	snprintf(line, sizeof(line),
		 "perftop: hook kprobe (pick_next_task_fair, pick_next_task_stop, finish_task_switch.isra.0), 64 stacks, %zu KiB\n",
		 perftop_stacks.bytes / 1024);
	assert_string_equal(shim_last_logged, line);
	assert_int_equal(shim_logged, 1);
}

static void hook_counts_what_was_missed(void **state)
{
	load("kprobe");
	shim_kprobes[0]->nmissed = 1;
	shim_kprobes[1]->nmissed = 20;
	shim_kprobes[2]->nmissed = 300;
	assert_int_equal(perftop_hook->missed(), 321);
	/* A fault of a handler's is none that this kernel counts. */
	machine_user_faults = 20;
	assert_int_equal(perftop_hook->missed(), 321);
	assert_int_equal(perftop_hook_tracepoint.missed(), 0);
}

static void hook_is_a_tracepoint(void **state)
{
	load("tracepoint");
	assert_int_equal(shim_kprobes_n, 1);
	assert_string_equal(shim_tracepoints[0].name, "sched_switch");
	assert_non_null(shim_tracepoints[0].probe[0]);
	assert_non_null(strstr(shim_last_logged,
			       "hook tracepoint (sched_switch), 64 stacks"));
	machine_expect(machine_read("perftop"),
		       "perftop 1   up 0 ns   4 CPUs   2000.000 MHz tsc   hook tracepoint   opened 1");
}

/* What a machine's files say after some switches, by one hook. */
static int tell(unsigned int tracepoint)
{
	static const char *const names[] = {
		"folded", "tasks", "cpus", "latency", "exits", "inversion",
		"accounts",
	};
	struct task_struct *task[4];
	unsigned int i;
	FILE *file;

	*shim_param_views = "tasks,cpus,latency,exits,inversion";
	load(tracepoint ? "tracepoint" : "kprobe");
	for (i = 0; i < 4; i++)
		task[i] = machine_task(70 + i, 70, "task");
	machine_set_rt(task[3], 5);
	for (i = 0; i < 12; i++) {
		machine_block(i % 2, task[i % 3]);
		machine_pass((i + 1) * MS);
		machine_wake(task[3]);
		machine_pass(2 * MS);
		machine_preempt(i % 2, task[3]);
		machine_pass(MS);
		machine_block(i % 2, machine_idle(i % 2));
	}
	machine_block(5, task[0]);
	machine_pass(MS);
	machine_end(5, machine_idle(5));
	file = fopen(tracepoint ? "build/tracepoint.said" : "build/kprobe.said",
		     "w");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = machine_read(names[i]);

		/* The header names the hook. */
		text = strstr(text, "\ncpu time ") ? : text;
		fputs(text, file);
	}
	return !!fclose(file);
}

static void hooks_say_the_same(void **state)
{
	assert_int_equal(machine_try(tell, 0), 0);
	assert_int_equal(machine_try(tell, 1), 0);
	assert_int_equal(system("cmp build/kprobe.said build/tracepoint.said"),
			 0);
	assert_int_equal(system("test $(grep -c task build/kprobe.said) -gt 9"),
			 0);
}

/* Unwinding begins where the probe was hit, or at the caller of a handler. */
static void hook_says_where_to_begin(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");
	unsigned int i;

	load("kprobe");
	/* Whether there is a filter or not. */
	for (i = 0; i < 2; i++) {
		machine_start = (struct perftop_start){ };
		machine_slice(0, task, MS);
		assert_int_equal(machine_start.ip, MACHINE_IP);
		assert_int_equal(machine_start.sp, MACHINE_SP);
		assert_int_equal(machine_start.bp, MACHINE_BP);
		assert_non_null(machine_start.regs);
		machine_write("filter pid=7");
	}
}

/* At the caller of the probe: behind the address that it returns to. */
static void hook_says_where_its_caller_is(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("tracepoint");
	machine_slice(0, task, MS);
	assert_null(machine_start.regs);
	assert_int_equal(machine_start.sp % sizeof(long), 0);
	assert_int_equal(machine_return, machine_start.ip);
	/* The caller's own frame lies above. */
	assert_in_range(machine_start.bp, machine_start.sp,
			machine_start.sp + 0x10000);
}

/* Where a pick went unseen, what another one left is no capture, once a CPU. */
static void hook_drops_what_a_missed_pick_left(void **state)
{
	struct task_struct *task = machine_task(7, 7, "task");

	load("kprobe");
	machine_slice(0, task, MS);
	shim_kprobes[2]->nmissed = 5;
	machine_slice(0, task, MS);
	machine_expect(machine_read("perftop"),
		       "switches   4   uncaptured 0   missed 5   stacks 1   truncated 0");
	shim_kprobes[0]->nmissed = 1;
	machine_slice(0, task, MS);
	machine_expect(machine_read("perftop"),
		       "switches   6   uncaptured 1   missed 6   stacks 1   truncated 0");
	shim_kprobes[1]->nmissed = 1;
	machine_slice(0, task, MS);
	machine_slice(3, task, MS);
	machine_expect(machine_read("perftop"),
		       "switches   10   uncaptured 3   missed 7   stacks 1   truncated 0");
}

/* One names each switch, the other captures at each of the two picks. */
static void hook_sees_each_pick(void **state)
{
	load("kprobe");
	machine_slice(0, machine_task(7, 7, "task"), MS);
	assert_int_equal(per_cpu(perftop_cpu, 0).captures, 2);
}

/* --- What cannot be probed ------------------------------------------------ */

static int load_says(int err, const char *logged)
{
	if (machine_load() != err || !strstr(shim_last_logged, logged))
		return 1;
	machine_check_gone();
	return 0;
}

static int load_refused(unsigned int n)
{
	static const char *const names[] = {
		"pick_next_task_fair", "pick_next_task_stop",
		"finish_task_switch.isra.0",
	};
	static const char *const said[] = {
		"cannot probe pick_next_task_fair (-22); name its equal with pick=",
		"cannot probe pick_next_task_stop (-22); name its equal with stop=",
		"cannot probe finish_task_switch (-22); name its equal with finish=",
	};

	shim_param_set_hook("kprobe");
	shim_kprobe_refused = names[n];
	shim_kprobe_error = -EINVAL;
	return load_says(-EOPNOTSUPP, said[n]);
}

static int load_without_memory(unsigned int n)
{
	shim_kprobe_refused = "pick_next_task_stop";
	shim_kprobe_error = -ENOMEM;
	shim_param_set_hook(n ? "kprobe" : "auto");
	return load_says(-ENOMEM, "cannot probe pick_next_task_stop (-12)");
}

static void hook_that_is_refused(void **state)
{
	unsigned int n;

	for (n = 0; n < 3; n++)
		assert_int_equal(machine_try(load_refused, n), 0);
	assert_int_equal(machine_try(load_without_memory, 0), 0);
	assert_int_equal(machine_try(load_without_memory, 1), 0);
}

/* The tracepoint serves as well. */
static void hook_is_chosen(void **state)
{
	shim_kprobe_refused = "finish_task_switch.isra.0";
	shim_kprobe_error = -EINVAL;
	load("auto");
	assert_string_equal(shim_kprobes[0]->symbol_name, "exit_mmap");
	assert_ptr_equal(perftop_hook, &perftop_hook_tracepoint);
	assert_non_null(shim_tracepoints[0].probe[0]);
	/* The error, what is taken instead, the load. */
	assert_int_equal(shim_logged, 3);
}

static int load_without_tracepoint(unsigned int n)
{
	shim_param_set_hook("tracepoint");
	if (n)
		shim_tracepoint_fail_at = 1;
	else
		shim_tracepoints[0].name = "another";
	return load_says(n ? -ENOMEM : -EOPNOTSUPP,
			 n ? "cannot attach to the tracepoint sched_switch (-12)" :
			     "cannot attach to the tracepoint sched_switch (-95)");
}

static void hook_without_its_tracepoint(void **state)
{
	assert_int_equal(machine_try(load_without_tracepoint, 0), 0);
	assert_int_equal(machine_try(load_without_tracepoint, 1), 0);
}

static int load_without_ftrace(unsigned int n)
{
	static const struct {
		int error, load;
		const char *said;
	} ways[] = {
		{ -EBUSY, -EBUSY,
		  "kprobes need ftrace, which is off: echo 1 > /proc/sys/kernel/ftrace_enabled" },
		{ -ENODEV, -ENODEV,
		  "kprobes need ftrace, which does not work (-19)" },
		/* No memory for our functions when the module was loaded. */
		{ -EINVAL, -ENOMEM,
		  "kprobes need ftrace, which does not work (-12)" },
	};

	shim_param_set_hook("kprobe");
	shim_ftrace_error = ways[n].error;
	return load_says(ways[n].load, ways[n].said);
}

/* Nobody may switch ftrace off while probes are set. */
static void hook_holds_ftrace(void **state)
{
	assert_int_equal(machine_try(load_without_ftrace, 0), 0);
	assert_int_equal(machine_try(load_without_ftrace, 1), 0);
	assert_int_equal(machine_try(load_without_ftrace, 2), 0);
	load("kprobe");
	assert_non_null(shim_ftrace_ops);
	machine_unload();
	assert_null(shim_ftrace_ops);
}

static void hook_is_chosen_without_ftrace(void **state)
{
	shim_ftrace_error = -EBUSY;
	load("auto");
	assert_ptr_equal(perftop_hook, &perftop_hook_tracepoint);
	assert_int_equal(shim_kprobes_n, 0);
}

/* --- The ends of address spaces ------------------------------------------- */

static void ends_are_nothing_without_user_frames(void **state)
{
	shim_param_set_stack("kernel");
	load("tracepoint");
	assert_int_equal(shim_kprobes_n, 0);
	assert_null(strstr(machine_read("perftop"), "without"));
}

static void ends_are_seen(void **state)
{
	struct kprobe *probe;

	shim_param_set_stack("user");
	load("tracepoint");
	probe = shim_kprobes[0];
	assert_string_equal(probe->symbol_name, "exit_mmap");
	assert_null(strstr(machine_read("perftop"), "unnamed"));
	probe->nmissed = 3;
	assert_non_null(strstr(machine_read("perftop"), "   unnamed 3\n"));
}

static void ends_are_kept(void **state)
{
	struct vm_area_struct areas[] = {
		{ 0x400000, 0x500000, 0, NULL, VM_EXEC },
		{ }
	};
	struct mm_struct mm = { .context.ctx_id = 77, .vma = areas };
	struct pt_regs regs = { .di = (unsigned long)&mm };
	struct perftop_place place;

	load("tracepoint");
	perftop_maps_note(77);
	assert_int_equal(shim_kprobes[0]->pre_handler(shim_kprobes[0], &regs), 0);
	perftop_maps_find(77, 0x400123, &place);
	assert_string_equal(place.name, "[anon]");
	/* A reset takes the rows, and what they are called. */
	machine_write("0");
	perftop_maps_find(77, 0x400123, &place);
	assert_string_equal(place.name, "");
}

/* All else is as it would be. */
static void ends_that_cannot_be_seen(void **state)
{
	shim_kprobe_refused = "exit_mmap";
	shim_kprobe_error = -EINVAL;
	load("kprobe");
	assert_int_equal(shim_kprobes_n, 3);
	assert_int_equal(shim_logged, 2);
	machine_expect(machine_read("perftop"),
		       "without    files of processes that have ended: exit_mmap cannot be probed");
}

static void ends_are_not_seen_without_ftrace(void **state)
{
	shim_ftrace_error = -EBUSY;
	load("tracepoint");
	assert_int_equal(shim_kprobes_n, 0);
	assert_null(shim_ftrace_ops);
	assert_non_null(strstr(machine_read("perftop"), "\nwithout    files"));
}

/* --- Functions named by hand ---------------------------------------------- */

static int load_by_hand(unsigned int n)
{
	shim_param_set_hook(n ? "kprobe" : "auto");
	*shim_param_finish = "nosuch";
	return load_says(-EINVAL,
			 "finish=nosuch: no function that can be probed (-2)");
}

static void hook_by_a_wrong_name(void **state)
{
	assert_int_equal(machine_try(load_by_hand, 0), 0);
	assert_int_equal(machine_try(load_by_hand, 1), 0);
}

static u64 captures(void)
{
	return per_cpu(perftop_cpu, 0).captures;
}

/* A call is no switch with interrupts on, or in an NMI that is no breakpoint. */
static void hook_by_hand(void **state)
{
	struct kprobe *pick;
	struct pt_regs regs = {};

	*shim_param_pick = "my_pick";
	*shim_param_finish = "my_finish";
	load("kprobe");
	assert_string_equal(shim_kprobes[0]->symbol_name, "my_pick");
	assert_string_equal(shim_kprobes[1]->symbol_name, "pick_next_task_stop");
	assert_string_equal(shim_kprobes[2]->symbol_name, "my_finish");
	/* The kernel, as the test has it, calls the usual ones. */
	machine_block(0, machine_task(7, 7, "task"));
	pick = shim_kprobes[0];
	assert_ptr_not_equal(pick->pre_handler, shim_kprobes[1]->pre_handler);
	assert_int_equal(captures(), 0);
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 1);
	regs.flags = X86_EFLAGS_IF;
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 1);
	regs.flags = ~X86_EFLAGS_IF;
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 2);
	shim_nmi = true;
	pick->by_ftrace = true;
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 2);
	pick->by_ftrace = false;
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 3);
	shim_nmi = false;
	pick->by_ftrace = true;
	assert_int_equal(pick->pre_handler(pick, &regs), 0);
	assert_int_equal(captures(), 4);
	/* The finish is a finish. */
	machine_pass(MS);
	assert_int_equal(shim_kprobes[2]->pre_handler(shim_kprobes[2], &regs),
			 0);
	assert_int_equal(captures(), 4);
	assert_int_equal(per_cpu(perftop_cpu, 0).start, shim_clock[0]);
}

/* --- Parameters ----------------------------------------------------------- */

struct wrong {
	int		(*set)(const char *text);
	const char	*text;
	const char	*said;	/* NULL: it is right */
};

#define GROUP	"give none or 1 to 4294967294\n"

#define DRAINER	"give fifo, fifo-low or -20 to 19\n"

static const struct wrong wrong[] = {
	{ shim_param_set_hook, "none",
	  "perftop: hook=none: give auto, kprobe or tracepoint\n" },
	{ shim_param_set_hook, "auto" },
	{ shim_param_set_hook, "tracepoint" },
	{ shim_param_set_stack, "none",
	  "perftop: stack=none: give both, kernel or user\n" },
	{ shim_param_set_stack, "", "perftop: stack=: give both, kernel or user\n" },
	{ shim_param_set_stack, NULL, "perftop: stack=: give both, kernel or user\n" },
	{ shim_param_set_stack, "kernel" },
	{ shim_param_set_stack, "user" },
	{ shim_param_set_table, "15", "perftop: table=15: give 16 to 1048576\n" },
	{ shim_param_set_table, "16" },
	{ shim_param_set_table, "1048577",
	  "perftop: table=1048577: give 16 to 1048576\n" },
	{ shim_param_set_top, "0", "perftop: top=0: give 1 to 1048576\n" },
	{ shim_param_set_top, NULL, "perftop: top=: give 1 to 1048576\n" },
	{ shim_param_set_top, "ten", "perftop: top=ten: give 1 to 1048576\n" },
	{ shim_param_set_top, "1" },
	{ shim_param_set_top, "1048576" },
	{ shim_param_set_top, "1048577",
	  "perftop: top=1048577: give 1 to 1048576\n" },
	{ shim_param_set_idle, "maybe", "perftop: idle=maybe: give 0 or 1\n" },
	{ shim_param_set_idle, NULL },
	{ shim_param_set_verify, "n" },
	{ shim_param_set_drainer, "-21", "perftop: drainer=-21: " DRAINER },
	{ shim_param_set_drainer, "20", "perftop: drainer=20: " DRAINER },
	{ shim_param_set_drainer, "rt", "perftop: drainer=rt: " DRAINER },
	{ shim_param_set_drainer, "fifo" },
	{ shim_param_set_drainer, "-20" },
	{ shim_param_set_group, "0", "perftop: group=0: " GROUP },
	{ shim_param_set_group, "", "perftop: group=: " GROUP },
	{ shim_param_set_group, "-1", "perftop: group=-1: " GROUP },
	{ shim_param_set_group, "adm", "perftop: group=adm: " GROUP },
	{ shim_param_set_group, "4294967295", "perftop: group=4294967295: " GROUP },
	{ shim_param_set_group, "4294967294" },
	{ shim_param_set_group, "1" },
	{ shim_param_set_group, "none" },
	{ shim_param_set_inversion_us, "-1",
	  "perftop: inversion_us=-1: give 0 to 4294967295\n" },
	{ shim_param_set_inversion_us, "4294967295" },
	{ shim_param_set_inversion_us, "x\n",
	  "perftop: inversion_us=x: give 0 to 4294967295\n" },
	{ shim_param_set_table, "0x40" },
};

/* It has its line when it is read, and the module is not loaded. */
static int load_wrong(unsigned int n)
{
	int err = wrong[n].set(wrong[n].text);

	if (err)
		return 3;
	err = machine_load();
	if (err != (wrong[n].said ? -EINVAL : 0) || shim_logged != 1)
		return 1;
	if (wrong[n].said && strcmp(shim_last_logged, wrong[n].said))
		return 2;
	if (!err)
		machine_unload();
	machine_check_gone();
	return 0;
}

static void parameters_are_checked(void **state)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(wrong); n++)
		assert_int_equal(machine_try(load_wrong, n), 0);
}

/* As they were said; and what is refused changes nothing. */
static void parameters_are_read_back(void **state)
{
	static const struct {
		int		(*set)(const char *text);
		int		(*get)(char *buf);
		const char	*text;
		const char	*bad;
	} params[] = {
		{ shim_param_set_hook, shim_param_get_hook, "kprobe\n", "x" },
		{ shim_param_set_stack, shim_param_get_stack, "user\n", "x" },
		{ shim_param_set_top, shim_param_get_top, "7\n", "0" },
		{ shim_param_set_table, shim_param_get_table, "99\n", "1" },
		{ shim_param_set_idle, shim_param_get_idle, "Y\n", "x" },
		{ shim_param_set_verify, shim_param_get_verify, "Y\n", "x" },
		{ shim_param_set_drainer, shim_param_get_drainer, "-5\n", "x" },
		{ shim_param_set_drainer, shim_param_get_drainer, "fifo-low\n", "x" },
		{ shim_param_set_group, shim_param_get_group, "7\n", "0" },
		{ shim_param_set_group, shim_param_get_group, "none\n", "0" },
		{ shim_param_set_inversion_us, shim_param_get_inversion_us, "5\n",
		  "-1" },
	};
	char said[32], buf[4096];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		strcpy(said, params[i].text);
		*strchr(said, '\n') = '\0';
		assert_int_equal(params[i].set(said), 0);
		assert_int_equal(params[i].set(params[i].bad), 0);
		assert_int_equal(params[i].get(buf), strlen(params[i].text));
		assert_string_equal(buf, params[i].text);
	}
	assert_int_equal(machine_load(), -EINVAL);
}

/* What is written to one later is refused there. */
static void parameters_are_refused_later(void **state)
{
	assert_int_equal(machine_load(), 0);
	assert_int_equal(shim_param_set_inversion_us("7"), 0);
	assert_int_equal(shim_param_set_inversion_us("x"), -EINVAL);
	assert_int_equal(perftop_params.inversion_us, 7);
}

/* What they are when nothing is said is what is said of that. */
static void parameters_have_presets(void **state)
{
	static const struct {
		int	(*set)(const char *text);
		int	(*get)(char *buf);
	} params[] = {
		{ shim_param_set_hook, shim_param_get_hook },
		{ shim_param_set_stack, shim_param_get_stack },
		{ shim_param_set_top, shim_param_get_top },
		{ shim_param_set_idle, shim_param_get_idle },
		{ shim_param_set_verify, shim_param_get_verify },
		{ shim_param_set_table, shim_param_get_table },
		{ shim_param_set_drainer, shim_param_get_drainer },
		{ shim_param_set_group, shim_param_get_group },
		{ shim_param_set_inversion_us, shim_param_get_inversion_us },
	};
	char before[4096], after[4096];
	unsigned int i;

	/* Which is another one on this machine. */
	perftop_params.table = 16384;
	for (i = 0; i < ARRAY_SIZE(params); i++) {
		params[i].get(before);
		assert_int_equal(params[i].set(perftop_param_words[i].preset), 0);
		params[i].get(after);
		assert_string_equal(before, after);
	}
}

/* What names a program's threads or shows others' is for root to read. */
static void parameters_have_modes(void **state)
{
	assert_int_equal(shim_param_mode_hook, 0444);
	assert_int_equal(shim_param_mode_stack, 0444);
	assert_int_equal(shim_param_mode_top, 0444);
	assert_int_equal(shim_param_mode_idle, 0444);
	assert_int_equal(shim_param_mode_verify, 0444);
	assert_int_equal(shim_param_mode_table, 0444);
	assert_int_equal(shim_param_mode_group, 0444);
	assert_int_equal(shim_param_mode_pick, 0444);
	assert_int_equal(shim_param_mode_stop, 0444);
	assert_int_equal(shim_param_mode_finish, 0444);
	assert_int_equal(shim_param_mode_views, 0400);
	assert_int_equal(shim_param_mode_filter, 0400);
	assert_int_equal(shim_param_mode_inversion_us, 0644);
}

static int load_without_stacks(unsigned int n)
{
	machine_stack_error = -EOPNOTSUPP;
	if (machine_load() != -EOPNOTSUPP)
		return 1;
	machine_check_gone();
	return 0;
}

static int load_without_clock(unsigned int n)
{
	tsc_khz = 0;
	return load_says(-EOPNOTSUPP, "no time stamp counter");
}

static int load_without_hotplug(unsigned int n)
{
	shim_cpuhp_error = -ENOSPC;
	if (machine_load() != -ENOSPC)
		return 1;
	machine_check_gone();
	return 0;
}

static int load_with_a_bad_filter(unsigned int n)
{
	*shim_param_views = "tasks";
	*shim_param_filter = "nosuch=1";
	return load_says(-EINVAL, "filter nosuch=1");
}

static void load_fails_cleanly(void **state)
{
	assert_int_equal(machine_try(load_without_clock, 0), 0);
	assert_int_equal(machine_try(load_without_stacks, 0), 0);
	assert_int_equal(machine_try(load_without_hotplug, 0), 0);
	assert_int_equal(machine_try(load_with_a_bad_filter, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(hook_sets_its_probes_in_order),
		MACHINE_TEST(hook_counts_what_was_missed),
		MACHINE_TEST(hook_is_a_tracepoint),
		MACHINE_TEST(hooks_say_the_same),
		MACHINE_TEST(hook_says_where_to_begin),
		MACHINE_TEST(hook_says_where_its_caller_is),
		MACHINE_TEST(hook_drops_what_a_missed_pick_left),
		MACHINE_TEST(hook_sees_each_pick),
		MACHINE_TEST(hook_that_is_refused),
		MACHINE_TEST(hook_is_chosen),
		MACHINE_TEST(hook_without_its_tracepoint),
		MACHINE_TEST(hook_holds_ftrace),
		MACHINE_TEST(hook_is_chosen_without_ftrace),
		MACHINE_TEST(ends_are_nothing_without_user_frames),
		MACHINE_TEST(ends_are_seen),
		MACHINE_TEST(ends_are_kept),
		MACHINE_TEST(ends_that_cannot_be_seen),
		MACHINE_TEST(ends_are_not_seen_without_ftrace),
		MACHINE_TEST(hook_by_a_wrong_name),
		MACHINE_TEST(hook_by_hand),
		MACHINE_TEST(parameters_are_checked),
		MACHINE_TEST(parameters_are_read_back),
		MACHINE_TEST(parameters_are_refused_later),
		MACHINE_TEST(parameters_have_presets),
		MACHINE_TEST(parameters_have_modes),
		MACHINE_TEST(load_fails_cleanly),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
