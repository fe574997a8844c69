// SPDX-License-Identifier: GPL-2.0
/*
 * perftop_rival: an ftrace user as livepatch is one. It has the right to send
 * functions elsewhere (IPMODIFY), of which there can be one each: on the two
 * that perftop probes, and on one that many stacks pass through. It sends them
 * where they would have gone. For the stress tests' guest only.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/percpu.h>

static DEFINE_PER_CPU(unsigned long, calls);

static void notrace rival(unsigned long ip, unsigned long parent,
			  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	this_cpu_inc(calls);
	/* Behind the call that led here. */
	ftrace_instruction_pointer_set(fregs, ip + MCOUNT_INSN_SIZE);
}

static struct ftrace_ops rival_ops = {
	.func	= rival,
	.flags	= FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int calls_get(char *buffer, const struct kernel_param *param)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(calls, cpu);
	return sysfs_emit(buffer, "%lu\n", sum);
}

static const struct kernel_param_ops calls_ops = {
	.get	= calls_get,
};

module_param_cb(calls, &calls_ops, NULL, 0444);
MODULE_PARM_DESC(calls, "how often it was called");

static int __init rival_init(void)
{
	static const char *const names[] = {
		"pick_next_task_fair", "finish_task_switch*", "vfs_read",
	};
	unsigned char name[32];
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		/* It is taken apart where it is. */
		strscpy(name, names[i], sizeof(name));
		err = ftrace_set_filter(&rival_ops, name, strlen(name), !i);
		if (err)
			return err;
	}
	return register_ftrace_function(&rival_ops);
}
module_init(rival_init);

static void __exit rival_exit(void)
{
	unregister_ftrace_function(&rival_ops);
	ftrace_free_filter(&rival_ops);
}
module_exit(rival_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("perftop's stress tests: a livepatch-like user of ftrace");
