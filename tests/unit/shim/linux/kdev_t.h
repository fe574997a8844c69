/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KDEV_T_H
#define SHIM_LINUX_KDEV_T_H

#define MKDEV(major, minor)	((major) << 20 | (minor))
#define MAJOR(dev)		((unsigned int)((dev) >> 20))
#define MINOR(dev)		((unsigned int)((dev) & 0xfffff))

#endif
