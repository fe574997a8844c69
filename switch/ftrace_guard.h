/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nobody switches ftrace off while kprobes of ours are armed.
 */
#ifndef PERFTOP_FTRACE_GUARD_H
#define PERFTOP_FTRACE_GUARD_H

int perftop_ftrace_hold(void);
void perftop_ftrace_release(void);

#endif /* PERFTOP_FTRACE_GUARD_H */
