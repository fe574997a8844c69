/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cut of a CPU.
 */
#ifndef PERFTOP_SLICE_CUT_H
#define PERFTOP_SLICE_CUT_H

void perftop_slice_cut(void *reset);
void perftop_slice_cut_offline(unsigned int cpu, const void *reset);

#endif /* PERFTOP_SLICE_CUT_H */
