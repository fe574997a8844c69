// SPDX-License-Identifier: GPL-2.0
// PDE_DATA() is called pde_data() since 5.17.

@@
expression E;
@@
- PDE_DATA(E)
+ pde_data(E)
