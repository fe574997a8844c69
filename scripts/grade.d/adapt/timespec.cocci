// SPDX-License-Identifier: GPL-2.0
// struct timespec, struct timeval and what takes them went with 5.6;
// struct timespec64 is the same on 64 bits.

@@
struct timeval t;
@@
- t.tv_usec
+ (t.tv_nsec / NSEC_PER_USEC)

@@
struct timeval *t;
@@
- t->tv_usec
+ (t->tv_nsec / NSEC_PER_USEC)

@@
expression E;
@@
(
- do_gettimeofday(E)
+ ktime_get_real_ts64(E)
|
- getnstimeofday(E)
+ ktime_get_real_ts64(E)
|
- getnstimeofday64(E)
+ ktime_get_real_ts64(E)
|
- ktime_get_real_ts(E)
+ ktime_get_real_ts64(E)
|
- ktime_get_ts(E)
+ ktime_get_ts64(E)
|
- do_posix_clock_monotonic_gettime(E)
+ ktime_get_ts64(E)
|
- getrawmonotonic(E)
+ ktime_get_raw_ts64(E)
|
- getrawmonotonic64(E)
+ ktime_get_raw_ts64(E)
|
- get_monotonic_boottime(E)
+ ktime_get_boottime_ts64(E)
)

@@
expression E;
@@
- E = current_kernel_time();
+ ktime_get_coarse_real_ts64(&E);

@@
expression A, B;
@@
(
- timespec_sub(A, B)
+ timespec64_sub(A, B)
|
- timespec_add(A, B)
+ timespec64_add(A, B)
|
- timespec_compare(A, B)
+ timespec64_compare(A, B)
|
- timespec_equal(A, B)
+ timespec64_equal(A, B)
|
- timespec_to_ns(A)
+ timespec64_to_ns(A)
|
- timespec_to_ktime(A)
+ timespec64_to_ktime(A)
|
- timeval_to_ns(A)
+ timespec64_to_ns(A)
|
- ns_to_timespec(A)
+ ns_to_timespec64(A)
|
- ktime_to_timespec(A)
+ ktime_to_timespec64(A)
)

@@
@@
- struct timespec
+ struct timespec64

@@
@@
- struct timeval
+ struct timespec64
