// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of the module: each is a word (engine/words.h), and where it is
 * kept.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/prio.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "engine/params.h"
#include "engine/words.h"
#include "perftop.h"

struct perftop_params perftop_params __read_mostly = {
	.top		= 20,
	.table		= 16384,
	.drainer	= (u32)MIN_NICE,
	.inversion_us	= 1000,
};

static const char *const hooks[] = {
	[PERFTOP_HOOK_AUTO]		= "auto",
	[PERFTOP_HOOK_KPROBE]		= "kprobe",
	[PERFTOP_HOOK_TRACEPOINT]	= "tracepoint",
	NULL
};

static const char *const stacks[] = {
	[PERFTOP_STACK_BOTH]	= "both",
	[PERFTOP_STACK_KERNEL]	= "kernel",
	[PERFTOP_STACK_USER]	= "user",
	NULL
};

static const char *const fifos[] = { "fifo", "fifo-low", NULL };
static const char *const nobody[] = { "none", NULL };

/* Those that are numbers: name, mode, preset, help, and what else the word says. */
#define NUMBERS(PARAM)							\
	PARAM(hook, hook, 0444, "auto", "how switches are seen",	\
	      .type = PERFTOP_WORD_CHOICE, .choice = hooks)		\
	PARAM(stack, stack, 0444, "both", "what makes a stack",		\
	      .type = PERFTOP_WORD_CHOICE, .choice = stacks)		\
	PARAM(top, top, 0444, "20", "rows to print",			\
	      .type = PERFTOP_WORD_NUMBER,				\
	      .min = 1, .max = PERFTOP_TABLE_MAX)			\
	PARAM(idle, idle, 0444, "0", "rank idle time as well",		\
	      .type = PERFTOP_WORD_BOOL)				\
	PARAM(verify, verify, 0444, "0",				\
	      "unwind what is remembered as well, and compare",		\
	      .type = PERFTOP_WORD_BOOL)				\
	PARAM(table, table, 0444, "16384", "distinct stacks to keep",	\
	      .type = PERFTOP_WORD_NUMBER,				\
	      .min = 16, .max = PERFTOP_TABLE_MAX)			\
	PARAM(drainer, drainer, 0444, "-20",				\
	      "class of the thread that merges: real-time, or a nice level", \
	      .type = PERFTOP_WORD_NUMBER,				\
	      .min = MIN_NICE, .max = MAX_NICE,				\
	      .choice = fifos, .first_choice = PERFTOP_DRAINER_FIFO)	\
	PARAM(group, group_number, 0444, "none",			\
	      "number of the group, not root's, that may read tables without stacks", \
	      .type = PERFTOP_WORD_NUMBER,				\
	      .min = 1, .max = U32_MAX - 1, .choice = nobody)		\
	PARAM(inversion_us, inversion_us, 0644, "1000",			\
	      "waiting for a task of lower priority that counts as an inversion", \
	      .type = PERFTOP_WORD_NUMBER, .unit = "us",		\
	      .min = 0, .max = U32_MAX)

/* Those that are texts, of which others say what they may be. */
#define TEXTS(PARAM)							\
	PARAM(views, 0400,						\
	      "views to switch on, with commas between; none if not said") \
	PARAM(filter, 0400,						\
	      "whose time to count, as in echo filter NAME=VALUE; all if not said") \
	PARAM(pick, 0444,						\
	      "function that picks the next fair task; found by name if not said") \
	PARAM(stop, 0444,						\
	      "function that the slow path of the pick asks first; found likewise") \
	PARAM(finish, 0444,						\
	      "function that ends a switch; found likewise")

#define ENUMERATE(id, ...)	PARAM_##id,
#define NUMBER_WORD(id, field, mode, otherwise, line, ...)		\
	[PARAM_##id] = {						\
		.name	= #id,						\
		.help	= line,						\
		.preset	= otherwise,					\
		.most	= 1,						\
		__VA_ARGS__						\
	},
#define TEXT_WORD(id, mode, line)					\
	[PARAM_##id] = {						\
		.name	= #id,						\
		.help	= line,						\
		.type	= PERFTOP_WORD_TEXT,				\
		.most	= 1,						\
	},

enum { NUMBERS(ENUMERATE) TEXTS(ENUMERATE) };

const struct perftop_word perftop_param_words[] = {
	NUMBERS(NUMBER_WORD) TEXTS(TEXT_WORD) { }
};

struct param {
	const struct perftop_word	*word;
	u32				*value;
};

#define NUMBER_PARAM(id, field, ...)					\
	[PARAM_##id] = { &perftop_param_words[PARAM_##id], &perftop_params.field },

static const struct param params[] = { NUMBERS(NUMBER_PARAM) };

/* Has one been refused? The kernel would say so in a line of its own. */
static bool refused;
static bool checked;

static int refuse(const struct perftop_word *word, const char *text)
{
	char takes[96];

	perftop_word_describe(word, takes, sizeof(takes));
	pr_err("%s=%.*s: give %s\n", word->name,
	       (int)min_t(size_t, strcspn(text, "\n"), 100), text, takes);
	refused = true;
	return checked ? -EINVAL : 0;
}

static int set(const char *text, const struct kernel_param *kp)
{
	const struct param *param = kp->arg;
	struct perftop_word_value value;

	/* The name alone says that it is so. */
	if (!text)
		text = param->word->type == PERFTOP_WORD_BOOL ? "1" : "";
	if (perftop_word_parse(param->word, text, &value))
		return refuse(param->word, text);
	*param->value = value.number;
	return 0;
}

static int get(char *buf, const struct kernel_param *kp)
{
	const struct param *param = kp->arg;
	const struct perftop_word *word = param->word;
	const s64 number = word->min < 0 ? (s64)(s32)*param->value :
					   (s64)*param->value;
	s64 i;

	if (word->type == PERFTOP_WORD_BOOL)
		return scnprintf(buf, PAGE_SIZE, "%c\n", number ? 'Y' : 'N');
	for (i = 0; word->choice && word->choice[i]; i++)
		if (number == word->first_choice + i)
			return scnprintf(buf, PAGE_SIZE, "%s\n", word->choice[i]);
	return scnprintf(buf, PAGE_SIZE, "%lld\n", number);
}

static const struct kernel_param_ops ops = {
	.flags	= KERNEL_PARAM_OPS_FL_NOARG,
	.set	= set,
	.get	= get,
};

#define NUMBER_MODULE(id, field, mode, otherwise, line, ...)		\
	module_param_cb(id, &ops, (void *)&params[PARAM_##id], mode);	\
	MODULE_PARM_DESC(id, line " (default: " otherwise ")");

#define TEXT_MODULE(id, mode, line)					\
	module_param_named(id, perftop_params.id, charp, mode);		\
	MODULE_PARM_DESC(id, line);

NUMBERS(NUMBER_MODULE)
TEXTS(TEXT_MODULE)

/**
 * perftop_params_check() - See whether all parameters were good
 *
 * Context: process context, once.
 * Return: 0, or -EINVAL; each bad one has a line in the log.
 */
int perftop_params_check(void)
{
	const u32 number = perftop_params.group_number;

	checked = true;
	if (refused)
		return -EINVAL;
	perftop_params.group = INVALID_GID;
	if (!number)
		return 0;
	perftop_params.group = make_kgid(&init_user_ns, number);
	if (gid_valid(perftop_params.group))
		return 0;
	pr_err("group=%u: there is no such group\n", number);
	return -EINVAL;
}
