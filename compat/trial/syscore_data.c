// SPDX-License-Identifier: GPL-2.0
/* Since 6.19 ("syscore: Pass context data to callbacks"). */
#include <linux/syscore_ops.h>

void trial(struct syscore *syscore, int (*suspend)(void *data));

void trial(struct syscore *syscore, int (*suspend)(void *data))
{
	const struct syscore_ops ops = { .suspend = suspend };

	syscore->ops = &ops;
	register_syscore(syscore);
}
