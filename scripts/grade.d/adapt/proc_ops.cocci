// SPDX-License-Identifier: GPL-2.0
// proc_create() takes a struct proc_ops since 5.6, and took a struct
// file_operations before.

@created@
identifier ops;
expression name, mode, parent;
@@
(
proc_create(name, mode, parent, &ops)
|
proc_create_data(name, mode, parent, &ops, ...)
)

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .owner = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .open = E,
+ .proc_open = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .read = E,
+ .proc_read = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .write = E,
+ .proc_write = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .llseek = E,
+ .proc_lseek = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .release = E,
+ .proc_release = E,
 ..., };

@@
identifier created.ops;
expression E;
@@
 struct file_operations ops = { ...,
- .unlocked_ioctl = E,
+ .proc_ioctl = E,
 ..., };

@@
identifier created.ops;
initializer I;
@@
- struct file_operations
+ struct proc_ops
  ops = I;
