/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook that is in use.
 */
#ifndef PERFTOP_HOOKS_H
#define PERFTOP_HOOKS_H

#include "switch/hook.h"

extern const struct perftop_hook *perftop_hook;

int perftop_hooks_start(void);

#endif /* PERFTOP_HOOKS_H */
