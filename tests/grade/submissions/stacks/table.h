/* SPDX-License-Identifier: GPL-2.0 */
#define DEPTH 24
#define MOST 3000

struct task_entry {
	u32 key;
	int user;
	unsigned int n;
	unsigned long stack[DEPTH];
	unsigned long schedules;
	struct hlist_node list;
};

void table_add(unsigned long *stack, unsigned int n, int user);
void table_print(struct seq_file *m);
