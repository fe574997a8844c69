// SPDX-License-Identifier: GPL-2.0
/*
 * The list of views: those that Kbuild names, in that order.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>

#include "engine/view.h"
#include "switch/slice_views.h"
#include "views/all.h"

const struct perftop_view *const perftop_views[] = { PERFTOP_VIEW_ADDRESSES };

/* One bit a view, and the NULL behind them. */
static_assert(ARRAY_SIZE(perftop_views) <= PERFTOP_WATCHERS + 1);
