// SPDX-License-Identifier: GPL-2.0
// A kprobe has had no fault_handler since 5.14.

@@
identifier probe;
expression E;
@@
 struct kprobe probe = { ...,
- .fault_handler = E,
 ..., };

@@
struct kprobe probe;
expression E;
@@
- probe.fault_handler = E;
