/* SPDX-License-Identifier: GPL-2.0 */
/* A parameter is set through a pointer of its name. */
#ifndef SHIM_LINUX_MODULEPARAM_H
#define SHIM_LINUX_MODULEPARAM_H

#define module_param_named(name, value, type, mode)			\
	extern __typeof__(value) *const shim_param_##name;		\
	__typeof__(value) *const shim_param_##name = &(value);		\
	extern const int shim_param_mode_##name;			\
	const int shim_param_mode_##name = (mode)
#define module_param(name, type, mode)	module_param_named(name, name, type, mode)
#define MODULE_PARM_DESC(name, text)	extern int shim_nothing

#endif
