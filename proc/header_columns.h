/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What JSON says of a snapshot besides its rows.
 */
#ifndef PERFTOP_HEADER_COLUMNS_H
#define PERFTOP_HEADER_COLUMNS_H

#include "engine/column.h"

/* Of all of it, and of each view; the last has no id. */
extern const struct perftop_column perftop_machine_columns[];
extern const struct perftop_column perftop_table_columns[];

#endif /* PERFTOP_HEADER_COLUMNS_H */
