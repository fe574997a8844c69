/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which boot and which load it is.
 */
#ifndef PERFTOP_ORIGIN_H
#define PERFTOP_ORIGIN_H

#include <linux/types.h>

/* With the NUL. */
#define PERFTOP_BOOT_ID	37

/**
 * struct perftop_origin - what tells one time from another that counted alike
 * @boot: the kernel's boot id, "" where it could not be read
 * @load: another number at each load
 */
struct perftop_origin {
	char	boot[PERFTOP_BOOT_ID];
	u64	load;
};

extern struct perftop_origin perftop_origin;

void perftop_origin_init(void);

#endif /* PERFTOP_ORIGIN_H */
