// SPDX-License-Identifier: GPL-2.0
/*
 * Which boot and which load it is, for who reads what was counted at two times.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/string.h>

#include "proc/origin.h"

struct perftop_origin perftop_origin;

/* The kernel keeps it to itself, but for the file. */
static void read_boot_id(void)
{
	struct file *file = filp_open("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return;
	n = kernel_read(file, perftop_origin.boot, PERFTOP_BOOT_ID - 1, &pos);
	if (n != PERFTOP_BOOT_ID - 1)
		perftop_origin.boot[0] = '\0';
	filp_close(file, NULL);
}

/**
 * perftop_origin_init() - Find out which boot it is, and which load
 *
 * Context: process context, once.
 */
void perftop_origin_init(void)
{
	read_boot_id();
	perftop_origin.load = get_random_u64();
}
