// SPDX-License-Identifier: GPL-2.0
/*
 * perftop: the call stacks that got most CPU time, exactly and not by
 * sampling. This file: the order of start and stop. perftop.h has the essay on
 * how the parts fit.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <asm/tsc.h>

#include "engine/accounts.h"
#include "engine/drain.h"
#include "engine/filter.h"
#include "engine/params.h"
#include "engine/user_maps.h"
#include "engine/view.h"
#include "hash.h"
#include "perftop.h"
#include "proc/files.h"
#include "proc/origin.h"
#include "stack.h"
#include "switch/exit_mmap.h"
#include "switch/hook_select.h"
#include "switch/kernel_text.h"
#include "switch/slice.h"
#include "views/all.h"

/* --- Memory --------------------------------------------------------------- */

static void free_memory(void)
{
	perftop_slice_exit();
	perftop_accounts_exit(&perftop_stacks);
	perftop_table_exit(&perftop_stacks);
	perftop_maps_exit();
	perftop_text_exit();
}

static int take_memory(void)
{
	int err;

	err = perftop_text_init();
	if (!err)
		err = perftop_maps_init();
	if (err)
		return err;
	perftop_stacks.bytes = perftop_text_bytes() + perftop_maps_bytes();
	perftop_stacks.limit = perftop_params.table;
	err = perftop_table_init(&perftop_stacks);
	if (!err)
		err = perftop_accounts_init(&perftop_stacks);
	return err ? : perftop_slice_init(&perftop_stacks);
}

/* --- Switches ------------------------------------------------------------- */

static void stop_engine(void)
{
	perftop_drain_stop();
	perftop_exit_mmap_stop();
	perftop_hook->stop();
	perftop_drain_exit();
}

static int start_engine(void)
{
	int err;

	err = perftop_drain_init(&perftop_stacks);
	if (err)
		return err;
	err = perftop_hooks_start();
	if (err)
		goto err_hook;
	perftop_exit_mmap_start();
	err = perftop_drain_start();
	if (err)
		goto err_drain;
	return 0;

err_drain:
	perftop_exit_mmap_stop();
	perftop_hook->stop();
err_hook:
	perftop_drain_exit();
	return err;
}

/* --- Filters and views ---------------------------------------------------- */

static void stop_watching(void)
{
	perftop_view_exit();
	perftop_filter_exit();
}

static int start_watching(void)
{
	int err = 0;

	if (perftop_params.filter)
		err = perftop_filter_set(perftop_params.filter);
	if (!err && perftop_params.views)
		err = perftop_view_switch_names(perftop_params.views);
	if (err) {
		stop_watching();
		return err;
	}
	/* All tables begin to count at one moment. */
	perftop_drain_reset();
	return 0;
}

/* --- The module ----------------------------------------------------------- */

static void report_load(void)
{
	char symbols[128];

	perftop_hook->describe(symbols, sizeof(symbols));
	pr_info("hook %s (%s), %u stacks, %zu KiB\n", perftop_hook->name,
		symbols, perftop_params.table, perftop_stacks.bytes / 1024);
}

/* What it asks of the machine, of who loads it, and of the kernel. */
static int check(void)
{
	int err;

	if (!tsc_khz) {
		pr_err("this machine has no time stamp counter\n");
		return -EOPNOTSUPP;
	}
	err = perftop_params_check();
	return err ? : perftop_stack_init();
}

static int __init perftop_init(void)
{
	int err;

	err = check();
	if (err)
		return err;
	perftop_view_init(perftop_views);
	perftop_origin_init();
	err = take_memory();
	if (err)
		goto err_memory;
	err = start_engine();
	if (err)
		goto err_memory;
	err = start_watching();
	if (err)
		goto err_engine;
	err = perftop_files_create();
	if (err)
		goto err_watching;
	report_load();
	return 0;

err_watching:
	stop_watching();
err_engine:
	stop_engine();
err_memory:
	free_memory();
	return err;
}
module_init(perftop_init);

static void __exit perftop_exit(void)
{
	perftop_files_remove();
	stop_watching();
	stop_engine();
	free_memory();
}
module_exit(perftop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Exact CPU time by call stack");
MODULE_VERSION(PERFTOP_VERSION);
