/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Switches seen by kprobes.
 */
#ifndef PERFTOP_HOOK_KPROBE_H
#define PERFTOP_HOOK_KPROBE_H

#include "switch/hook_ops.h"

extern const struct perftop_hook perftop_hook_kprobe;

#endif /* PERFTOP_HOOK_KPROBE_H */
