// SPDX-License-Identifier: GPL-2.0
/* Until 5.14 ("kprobes: Remove kprobe::fault_handler"). */
#include <linux/kprobes.h>

bool trial(const struct kprobe *probe);

bool trial(const struct kprobe *probe)
{
	return probe->fault_handler;
}
