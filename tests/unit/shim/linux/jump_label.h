/* SPDX-License-Identifier: GPL-2.0 */
/* A static key is a variable, a static branch asks it. */
#ifndef SHIM_JUMP_LABEL_H
#define SHIM_JUMP_LABEL_H

struct static_key_false {
	int enabled;
};

#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name
#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name

struct static_key_true {
	int enabled;
};

#define DECLARE_STATIC_KEY_TRUE(name)	extern struct static_key_true name
#define DEFINE_STATIC_KEY_TRUE(name)	struct static_key_true name = { 1 }

#define static_branch_unlikely(key)	((key)->enabled > 0)
#define static_branch_likely(key)	((key)->enabled > 0)
#define static_branch_inc(key)		((void)(key)->enabled++)
#define static_branch_dec(key)		((void)(key)->enabled--)
#define static_branch_enable(key)	((void)((key)->enabled = 1))
#define static_branch_disable(key)	((void)((key)->enabled = 0))

#endif
