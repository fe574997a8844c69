// SPDX-License-Identifier: GPL-2.0
/*
 * What each CPU has of its own, and what all look at when a slice ends.
 */
#include <linux/jump_label.h>
#include <linux/percpu.h>

#include "switch/cpu.h"

DEFINE_PER_CPU_ALIGNED(struct perftop_cpu, perftop_cpu);

DEFINE_STATIC_KEY_FALSE(perftop_watching);
DEFINE_STATIC_KEY_FALSE(perftop_noting_faults);
DEFINE_STATIC_KEY_TRUE(perftop_owners);
DEFINE_STATIC_KEY_FALSE(perftop_user_only);

u32 perftop_views_on;
u32 perftop_views_of_interrupts;
u32 perftop_views_of_faults;
