/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KPROBES_H
#define SHIM_LINUX_KPROBES_H

#include <linux/build_bug.h>
#include <linux/types.h>

#define __kprobes

#define KPROBE_FLAG_DISABLED	2

struct kprobe {
	const char	*symbol_name;
	void		*addr;
	u32		flags;
};

/* On a function of the test's symbols. */
int register_kprobe(struct kprobe *probe);
void unregister_kprobe(struct kprobe *probe);

#endif
