/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_OVERFLOW_H
#define SHIM_LINUX_OVERFLOW_H

#define struct_size(p, of, n)						\
	(sizeof(*(p)) + sizeof((p)->of[0]) * (n))

#endif
