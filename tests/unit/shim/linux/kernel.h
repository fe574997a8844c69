/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's sources find in kernel.h, printing among it. */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/types.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#undef max_t
#undef min_t
#define max_t(type, x, y)	max((type)(x), (type)(y))
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)

#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))

#undef swap
#define swap(a, b)							\
do {									\
	__typeof__(a) shim_swapped = (a);				\
									\
	(a) = (b);							\
	(b) = shim_swapped;						\
} while (0)

#define U64_MAX			(~0ULL)
#define U32_MAX			(~0U)
#define S64_MAX			((s64)(~0ULL >> 1))

#define lower_32_bits(n)	((u32)(n))
#define upper_32_bits(n)	((u32)((n) >> 32))

/* With the kernel's %pS, %pB, %pD and %*pbl. */
int shim_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int shim_snprintf(char *buf, size_t size, const char *fmt, ...);
int shim_scnprintf(char *buf, size_t size, const char *fmt, ...);
#define snprintf		shim_snprintf
#define scnprintf		shim_scnprintf

int kstrtoint(const char *text, unsigned int base, int *value);
int kstrtou32(const char *text, unsigned int base, u32 *value);
int kstrtos64(const char *text, unsigned int base, s64 *value);
int kstrtobool(const char *text, bool *value);
int match_string(const char *const *names, size_t n, const char *name);
char *strim(char *text);

/* Counted, and the last one is kept. */
extern unsigned int shim_logged;
void shim_log(const char *fmt, ...);
extern char shim_last_logged[256];
#define pr_info(fmt, ...)	shim_log(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	shim_log(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)	shim_log(pr_fmt(fmt), ##__VA_ARGS__)

static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t length;

	if (!size || size > INT_MAX)
		return -E2BIG;
	for (length = 0; length < size - 1 && from[length]; length++)
		to[length] = from[length];
	to[length] = '\0';
	return from[length] ? -E2BIG : (ssize_t)length;
}

#endif
