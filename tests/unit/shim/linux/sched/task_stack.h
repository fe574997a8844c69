/* SPDX-License-Identifier: GPL-2.0 */
#define task_pt_regs(task)	(&(task)->regs)
