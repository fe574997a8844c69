/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files in procfs.
 */
#ifndef PERFTOP_FILES_H
#define PERFTOP_FILES_H

int perftop_files_create(void);
void perftop_files_remove(void);

#endif /* PERFTOP_FILES_H */
