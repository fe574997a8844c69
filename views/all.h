/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of views.
 */
#ifndef PERFTOP_ALL_H
#define PERFTOP_ALL_H

struct perftop_view;

/* Ends with NULL. */
extern const struct perftop_view *const perftop_views[];

#endif /* PERFTOP_ALL_H */
