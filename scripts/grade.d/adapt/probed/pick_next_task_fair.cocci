// SPDX-License-Identifier: GPL-2.0
// Kernels without pick_next_task_fair() have a pick_task_fair(), which is asked
// at each switch, too, but is not told the leaving task: that is the current
// one.

@@
@@
- "pick_next_task_fair"
+ "pick_task_fair"

@@
struct pt_regs *R;
@@
- R->si
+ (unsigned long)current
