/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Switches seen by a tracepoint.
 */
#ifndef PERFTOP_HOOK_TRACEPOINT_H
#define PERFTOP_HOOK_TRACEPOINT_H

#include "switch/hook_ops.h"

extern const struct perftop_hook perftop_hook_tracepoint;

#endif /* PERFTOP_HOOK_TRACEPOINT_H */
