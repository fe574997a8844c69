/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of perftop_helper know of each other. */
#ifndef PERFTOP_HELPER_H
#define PERFTOP_HELPER_H

struct seq_file;
struct task_struct;

/* captures.c: is what stack.c captures the leaving task's stack? */

int captures_init(void);
void captures_exit(void);
int captures_start(void);
void captures_stop(void);
void captures_compare(struct task_struct *prev);
void captures_show(struct seq_file *m);

/* storms.c: interrupts whose time is known. */

int storms_timer(unsigned int period_us, unsigned int share, unsigned int cpu);
int storms_tasklet(unsigned int ms, unsigned int cpu);
void storms_stop(void);
void storms_show(struct seq_file *m);

#endif /* PERFTOP_HELPER_H */
