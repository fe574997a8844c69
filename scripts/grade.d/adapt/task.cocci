// SPDX-License-Identifier: GPL-2.0
// A task's state is called __state since 5.14, and
// complete_and_exit() kthread_complete_and_exit() since 5.17.

@@
struct task_struct *T;
@@
- T->state
+ T->__state

@@
@@
- current->state
+ current->__state

@@
expression C, N;
@@
- complete_and_exit(C, N)
+ kthread_complete_and_exit(C, N)
