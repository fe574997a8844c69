// SPDX-License-Identifier: GPL-2.0
// save_stack_trace() and its like, with a struct stack_trace, became
// stack_trace_save() with 5.2; the struct is no more where the
// unwinder is the architecture's.

@defined@
@@
 struct stack_trace { ... };

@depends on !defined@
@@
 #include <linux/stacktrace.h>
+struct stack_trace {
+	unsigned int nr_entries;
+	unsigned int max_entries;
+	unsigned long *entries;
+	int skip;
+};

@@
expression T, P, B, S, N;
@@
(
- save_stack_trace(&T)
+ T.nr_entries = stack_trace_save(T.entries, T.max_entries, T.skip)
|
- save_stack_trace(T)
+ (T)->nr_entries = stack_trace_save((T)->entries, (T)->max_entries, (T)->skip)
|
- save_stack_trace_user(&T)
+ T.nr_entries = stack_trace_save_user(T.entries, T.max_entries)
|
- save_stack_trace_user(T)
+ (T)->nr_entries = stack_trace_save_user((T)->entries, (T)->max_entries)
|
- save_stack_trace_tsk(P, &T)
+ T.nr_entries = stack_trace_save_tsk(P, T.entries, T.max_entries, T.skip)
|
- save_stack_trace_regs(P, &T)
+ T.nr_entries = stack_trace_save_regs(P, T.entries, T.max_entries, T.skip)
|
- print_stack_trace(&T, N)
+ stack_trace_print(T.entries, T.nr_entries, N)
|
- snprint_stack_trace(B, S, &T, N)
+ stack_trace_snprint(B, S, T.entries, T.nr_entries, N)
)
