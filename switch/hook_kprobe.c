// SPDX-License-Identifier: GPL-2.0
/*
 * The kprobe hook: a switch is a pick, where the leaving task is current and
 * its stacks can be read, and then a finish, where the arriving one is.
 *
 * The fair pick alone misses every switch to a task of another class; the stop
 * class is the first that the slow path of the pick asks, so the two together
 * precede every switch. Both may fire for one switch, and a pick that picks
 * the same task again is no switch: the newest pick on the CPU counts.
 *
 * No register is read for an argument: the compiler drops some, and kernels
 * give them other meanings. current is right in both places.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <asm/processor-flags.h>

#include "compat/compat.h"
#include "engine/params.h"
#include "perftop.h"
#include "switch/ftrace_guard.h"
#include "switch/hook_kprobe.h"
#include "switch/hook_ops.h"
#include "switch/recall.h"
#include "switch/switch.h"
#include "switch/symbol.h"
#include "switch/user_stack.h"

static __kprobes int pick_handler(struct kprobe *probe, struct pt_regs *regs)
{
	const struct perftop_start start = {
		.ip	= regs->ip,
		.sp	= regs->sp,
		.bp	= regs->bp,
		.regs	= regs,
	};

	perftop_switch_pick(&start);
	return 0;
}

static __kprobes int finish_handler(struct kprobe *probe, struct pt_regs *regs);

struct site {
	const char	*parameter;
	char		**by_hand;
	const char	*names[4];
	kprobe_pre_handler_t handler;
	struct kprobe	probe;
	char		symbol[KSYM_NAME_LEN];
};

/*
 * In the order of arming. The finish is last, so that the first one on a CPU,
 * which opens its first slice, comes when picks are seen already. 6.12 and
 * later have pick_task_stop in place of pick_next_task_stop, and 7.2 has
 * pick_task_fair in place of pick_next_task_fair.
 */
enum { PICK, STOP, FINISH };

static struct site sites[] = {
	[PICK]	 = { "pick", &perftop_params.pick,
		     { "pick_next_task_fair", "pick_task_fair" },
		     pick_handler },
	[STOP]	 = { "stop", &perftop_params.stop,
		     { "pick_next_task_stop", "pick_task_stop" },
		     pick_handler },
	[FINISH] = { "finish", &perftop_params.finish, { "finish_task_switch" },
		     finish_handler },
};

/* Picks that went unseen. Where faults count as such, that cannot be told. */
static __always_inline unsigned long missed_picks(void)
{
	if (PERFTOP_FAULTS_COUNT_AS_MISSED)
		return 0;
	/* Each is counted by one CPU at a time, as a rule. */
	return data_race(sites[PICK].probe.nmissed + sites[STOP].probe.nmissed);
}

static __kprobes int finish_handler(struct kprobe *probe, struct pt_regs *regs)
{
	perftop_switch_finish(missed_picks());
	return 0;
}

/*
 * A function named by hand may be any, and be called from anywhere. No switch
 * is going on where interrupts are on, or in an NMI, and what a handler writes
 * to may be in use there. A breakpoint is entered as an NMI is, so there it is
 * not to be told.
 */
static __kprobes int by_hand_handler(struct kprobe *probe, struct pt_regs *regs)
{
	const struct site *site = container_of(probe, struct site, probe);

	if (regs->flags & X86_EFLAGS_IF || (in_nmi() && kprobe_ftrace(probe)))
		return 0;
	return site->handler(probe, regs);
}

static int site_start(struct site *site)
{
	const char *const by_hand[] = { *site->by_hand, NULL };
	int err;

	site->probe = (struct kprobe){
		.pre_handler = by_hand[0] ? by_hand_handler : site->handler,
	};
	err = perftop_symbol_probe(&site->probe,
				   by_hand[0] ? by_hand : site->names,
				   site->symbol);
	if (!err)
		return 0;
	if (by_hand[0]) {
		pr_err("%s=%s: no function that can be probed (%d)\n",
		       site->parameter, by_hand[0], err);
		return -EINVAL;
	}
	pr_err("cannot probe %s (%d); name its equal with %s=\n",
	       site->names[0], err, site->parameter);
	return err == -ENOMEM ? err : -EOPNOTSUPP;
}

static void stop_sites(unsigned int n)
{
	while (n--)
		unregister_kprobe(&sites[n].probe);
}

static int kprobe_start(void)
{
	unsigned int n;
	int err;

	err = perftop_ftrace_hold();
	if (err)
		return err;
	for (n = 0; n < ARRAY_SIZE(sites); n++) {
		err = site_start(&sites[n]);
		if (err) {
			stop_sites(n);
			perftop_ftrace_release();
			return err;
		}
	}
	return 0;
}

/* unregister_kprobe() returns when no handler runs any more. */
static void kprobe_stop(void)
{
	stop_sites(ARRAY_SIZE(sites));
	perftop_ftrace_release();
}

static u64 kprobe_missed(void)
{
	u64 no_loss = PERFTOP_FAULTS_COUNT_AS_MISSED ?
		      perftop_user_stack_faults() : 0;
	u64 missed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sites); i++)
		missed += READ_ONCE(sites[i].probe.nmissed);
	return missed > no_loss ? missed - no_loss : 0;
}

static void kprobe_describe(char *buf, size_t size)
{
	snprintf(buf, size, "%s, %s, %s", sites[0].symbol, sites[1].symbol,
		 sites[2].symbol);
}

const struct perftop_hook perftop_hook_kprobe = {
	.name		= "kprobe",
	.start		= kprobe_start,
	.stop		= kprobe_stop,
	.missed		= kprobe_missed,
	.describe	= kprobe_describe,
};
