/* SPDX-License-Identifier: GPL-2.0 */
/* A parameter is set through a pointer of its name. */
#ifndef SHIM_LINUX_MODULEPARAM_H
#define SHIM_LINUX_MODULEPARAM_H

#include <linux/types.h>

struct kernel_param {
	const char	*name;
	void		*arg;
};

#define KERNEL_PARAM_OPS_FL_NOARG	1

struct kernel_param_ops {
	unsigned int	flags;
	int		(*set)(const char *text, const struct kernel_param *kp);
	int		(*get)(char *buf, const struct kernel_param *kp);
};

/* Or set and read as text by functions of its name. */
#define module_param_cb(id, ops, what, mode)				\
	int shim_param_set_##id(const char *text);			\
	int shim_param_set_##id(const char *text)			\
	{								\
		const struct kernel_param kp = { #id, what };		\
									\
		return (ops)->set(text, &kp);				\
	}								\
	int shim_param_get_##id(char *buf);				\
	int shim_param_get_##id(char *buf)				\
	{								\
		const struct kernel_param kp = { #id, what };		\
									\
		return (ops)->get(buf, &kp);				\
	}								\
	extern const int shim_param_mode_##id;				\
	const int shim_param_mode_##id = (mode)

#define module_param_named(name, value, type, mode)			\
	extern __typeof__(value) *const shim_param_##name;		\
	__typeof__(value) *const shim_param_##name = &(value);		\
	extern const int shim_param_mode_##name;			\
	const int shim_param_mode_##name = (mode)
#define module_param(name, type, mode)	module_param_named(name, name, type, mode)
#define MODULE_PARM_DESC(name, text)	extern int shim_nothing

#endif
