/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks of any depth and number, for a module of the benchmark; each that wants
 * them has these functions for itself.
 *
 * The file is where two processes that share one open file meet: a write of
 * struct request wakes the other side, or sleeps until the other side wakes this
 * one, or both, below as many functions as were asked for. Which functions they
 * are is asked for as well, so that there are as many stacks as wanted.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define LEVELS_MAX	64

/* As work.c has it. */
struct request {
	u16	side;		/* 0 or 1 */
	u16	what;		/* MEET_WAKE the other side, MEET_SLEEP, or both */
	u32	levels;		/* functions above the sleep */
	u64	path;		/* which: four bits a function, the lowest first */
};

#define MEET_WAKE	1
#define MEET_SLEEP	2

struct meeting {
	struct completion woken[2];
};

typedef int step_fn(struct meeting *meeting, const struct request *request,
		    unsigned int level);

static step_fn *const steps[16];

static __always_inline int go_down(struct meeting *meeting,
				   const struct request *request,
				   unsigned int level)
{
	if (level < request->levels)
		return steps[request->path >> (4 * (level % 16)) & 15](meeting,
			request, level + 1);
	if (request->what & MEET_WAKE)
		complete(&meeting->woken[!request->side]);
	if (!(request->what & MEET_SLEEP))
		return 0;
	return wait_for_completion_killable(&meeting->woken[request->side]);
}

/*
 * One function a digit. Its number standing behind the call keeps the call from
 * becoming a jump, and the compiler from folding all of them into one.
 */
#define STEP(digit)							\
static noinline int step_##digit(struct meeting *meeting,		\
				 const struct request *request,	\
				 unsigned int level)			\
{									\
	int err = go_down(meeting, request, level);			\
									\
	asm volatile("" : : "i" (0x##digit));				\
	return err;							\
}

STEP(0)
STEP(1)
STEP(2)
STEP(3)
STEP(4)
STEP(5)
STEP(6)
STEP(7)
STEP(8)
STEP(9)
STEP(a)
STEP(b)
STEP(c)
STEP(d)
STEP(e)
STEP(f)

static step_fn *const steps[16] = {
	step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7,
	step_8, step_9, step_a, step_b, step_c, step_d, step_e, step_f,
};

static int stacks_open(struct inode *inode, struct file *file)
{
	struct meeting *meeting = kzalloc(sizeof(*meeting), GFP_KERNEL);

	if (!meeting)
		return -ENOMEM;
	init_completion(&meeting->woken[0]);
	init_completion(&meeting->woken[1]);
	file->private_data = meeting;
	return 0;
}

static int stacks_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t stacks_write(struct file *file, const char __user *from,
			    size_t size, loff_t *pos)
{
	struct request request;
	int err;

	if (size != sizeof(request))
		return -EINVAL;
	if (copy_from_user(&request, from, size))
		return -EFAULT;
	if (request.side > 1 || request.levels > LEVELS_MAX)
		return -EINVAL;
	err = go_down(file->private_data, &request, 0);
	return err ? err : size;
}

static const struct proc_ops stacks_ops = {
	.proc_open	= stacks_open,
	.proc_write	= stacks_write,
	.proc_release	= stacks_release,
};
