// SPDX-License-Identifier: GPL-2.0
/* Until 5.19 there is none. */
#include <trace/events/lock.h>

void check_trace_callback_type_contention_begin(void);
