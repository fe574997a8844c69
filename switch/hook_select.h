/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook that is in use.
 */
#ifndef PERFTOP_HOOK_SELECT_H
#define PERFTOP_HOOK_SELECT_H

#include "switch/hook_ops.h"

extern const struct perftop_hook *perftop_hook;

int perftop_hooks_start(void);

#endif /* PERFTOP_HOOK_SELECT_H */
