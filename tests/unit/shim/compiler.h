/* SPDX-License-Identifier: GPL-2.0 */
/* Included before everything else, as the kernel's compiler_types.h is. */
#ifndef SHIM_COMPILER_H
#define SHIM_COMPILER_H

#define notrace
#define __init
#define __exit
#define __percpu
#define __maybe_unused		__attribute__((unused))
#define asmlinkage

#undef __aligned
#define OPTIMIZER_HIDE_VAR(var)	((void)(var))
#define __aligned(bytes)	__attribute__((aligned(bytes)))

#define CONFIG_UNWINDER_ORC	1
#define CONFIG_SMP		1
#define CONFIG_SCHED_INFO	1
#define CONFIG_SCHED_CORE	0
#define CONFIG_KPROBES_ON_FTRACE 1
#define CONFIG_DYNAMIC_FTRACE	1
#define CONFIG_KASAN		0
#define CONFIG_KCSAN		0
#include <linux/kconfig.h>
#define READ_ONCE_NOCHECK(x)	READ_ONCE(x)

/* Nobody watches here. */
#define data_race(expr)		(expr)

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
