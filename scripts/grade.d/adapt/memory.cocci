// SPDX-License-Identifier: GPL-2.0
// access_ok() has had no type since 5.0; there is no set_fs() since 5.18;
// mmap_sem is mmap_lock and probe_kernel_read() copy_from_kernel_nofault() since
// 5.8.

@@
expression A, N;
@@
(
- access_ok(VERIFY_READ, A, N)
+ access_ok(A, N)
|
- access_ok(VERIFY_WRITE, A, N)
+ access_ok(A, N)
)

@@
expression E;
@@
- set_fs(E);

@@
expression E;
@@
- E = get_fs();

@@
identifier i;
@@
(
- mm_segment_t i;
|
- mm_segment_t i = get_fs();
)

@@
expression M;
@@
(
- down_read(&M->mmap_sem)
+ mmap_read_lock(M)
|
- up_read(&M->mmap_sem)
+ mmap_read_unlock(M)
|
- down_read_trylock(&M->mmap_sem)
+ mmap_read_trylock(M)
)

@@
expression D, S, N;
@@
(
- probe_kernel_read(D, S, N)
+ copy_from_kernel_nofault(D, S, N)
|
- probe_user_read(D, S, N)
+ copy_from_user_nofault(D, S, N)
)
