/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User stacks, read where a fault must not sleep. Inline, since at most switches
 * no more is done than to compare one with what it was.
 */
#ifndef PERFTOP_USER_STACK_H
#define PERFTOP_USER_STACK_H

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "engine/table.h"
#include "switch/stack_key.h"

DECLARE_PER_CPU(u64, perftop_user_faults);

/* A user frame is refused this far above the stack pointer. */
#define STACK_USER_MAX		SZ_16M

/*
 * Is there a call in front of a return address? Code built without frame
 * pointers leaves anything in the register, and what that points to is then
 * different from switch to switch. E8 is the direct call; FF with 2 in the
 * middle of the next byte the indirect ones, of 2 to 7 bytes (Intel's manual,
 * volume 2, CALL).
 */
static __always_inline bool stack_ends_with_call(u64 code)
{
	unsigned int shift;

	if ((code >> 24 & 0xff) == 0xe8)
		return true;
	for (shift = 8; shift < 56; shift += 8)
		if ((code >> shift & 0x38ff) == 0x10ff)
			return true;
	return false;
}

/*
 * Is this the code that a signal's handler returns to, which the kernel has not
 * called? Of a C library, 64-bit: mov $15, %rax; syscall. Of the vDSO for 32-bit
 * programs: mov $173, %eax; int $0x80, and pop %eax; mov $119, %eax; int $0x80.
 */
static __always_inline bool stack_is_sigreturn(u64 code)
{
	return code == 0x0f0000000fc0c748 || code << 8 == 0x80cd000000adb800 ||
	       code == 0x80cd00000077b858;
}

/* Far enough from the end of user space to read a frame or some code. */
static __always_inline bool stack_user_address(unsigned long addr)
{
	return addr - PAGE_SIZE < TASK_SIZE_MAX - 2 * PAGE_SIZE;
}

/*
 * The end of what may be the stack that a stack pointer is in: all below it is
 * user space. Beyond the first thread's there is nothing but faults.
 */
static __always_inline unsigned long stack_user_end(unsigned long sp)
{
	const unsigned long end = current->mm->env_end;

	if (likely(end - sp < STACK_USER_MAX))
		return end;
	if (unlikely(sp > TASK_SIZE_MAX - 2 * STACK_USER_MAX))
		return 0;
	return sp + STACK_USER_MAX;
}

/*
 * The address itself, if it is of user space. It came from there and is to be
 * read from: what a CPU does ahead of the checks must not leave user space
 * either (Spectre variant 1).
 */
static __always_inline unsigned long stack_user_half(unsigned long addr)
{
	return addr & ~((long)addr >> 63);
}

static __always_inline bool stack_is_frame(unsigned long fp, unsigned long low,
					   unsigned long end,
					   unsigned long size)
{
	return fp >= low && fp < end && IS_ALIGNED(fp, size);
}

#define STACK_NO_MATCH	UINT_MAX
#define STACK_NOT_READ	ULONG_MAX

/* What a return address is in a key, 0 if it is none. */
static __always_inline unsigned long stack_user_frame(unsigned long ret)
{
	u64 code;

	if (!stack_user_address(ret))
		return 0;
	unsafe_get_user(code, (u64 __user *)(ret - 8), fault);
	if (stack_ends_with_call(code))
		return ret;
	unsafe_get_user(code, (u64 __user *)ret, fault);
	return stack_is_sigreturn(code) ? ret | SIGNALLED : 0;

fault:
	return STACK_NOT_READ;
}

/* Reads the frame at @fp: what it returns to, and where the next one is. */
static __always_inline bool stack_read_frame(unsigned long fp, const bool wide,
					     unsigned long *ret,
					     unsigned long *next)
{
	if (likely(wide)) {
		unsafe_get_user(*ret, (u64 __user *)(fp + 8), fault);
		unsafe_get_user(*next, (u64 __user *)fp, fault);
	} else {
		unsafe_get_user(*ret, (u32 __user *)(fp + 4), fault);
		unsafe_get_user(*next, (u32 __user *)fp, fault);
	}
	return true;

fault:
	return false;
}

/*
 * Walks the frame pointers upward from @regs and returns how many frames there
 * are, with the @n that are there already. They are stored at @frames if @store
 * says so: one more than fit are counted if there are more. Otherwise the result
 * is STACK_NO_MATCH if they are not the @count at @frames.
 *
 * A handler's caller is what the signal has struck: its frame pointer is the one
 * that the handler saves, and may lead to another stack; such are not compared.
 *
 * Why the walk ended makes no part of the key: without frame pointers it is
 * chance. The outermost frame saves 0, or some small number.
 */
static __always_inline unsigned int
stack_walk_user(u64 *frames, const bool store, unsigned int count,
		unsigned int n, const struct pt_regs *regs)
{
	const bool wide = user_64bit_mode((struct pt_regs *)regs);
	const unsigned long size = wide ? sizeof(u64) : sizeof(u32);
	unsigned long end = stack_user_end(regs->sp);
	unsigned long low = regs->sp;
	unsigned long fp = regs->bp;
	unsigned long ret;

	if (!stack_is_frame(fp, low, end, size))
		return n;
	pagefault_disable();
	if (!user_access_begin((void __user *)fp, 2 * sizeof(u64)))
		goto out;
	for (;;) {
		if (store && n == PERFTOP_USER_FRAMES) {
			n++;
			break;
		}
		low = fp + 2 * size;
		if (!stack_read_frame(fp, wide, &ret, &fp))
			goto fault;
		fp = stack_user_half(fp);
		if (!store && n < count) {
			if (ret != frames[n] && (ret | SIGNALLED) != frames[n]) {
				n = STACK_NO_MATCH;
				break;
			}
			n++;
		} else {
			ret = stack_user_frame(stack_user_half(ret));
			if (unlikely(ret == STACK_NOT_READ))
				goto fault;
			if (!ret)
				break;
			if (!store) {
				n = STACK_NO_MATCH;
				break;
			}
			frames[n++] = ret;
		}
		if (likely(stack_is_frame(fp, low, end, size)))
			continue;
		/* To compare across stacks would cost all others. */
		if (!store || !(frames[n - 1] & SIGNALLED))
			break;
		end = stack_user_end(fp);
		if (!stack_is_frame(fp, PAGE_SIZE, end, size))
			break;
	}
	user_access_end();
out:
	pagefault_enable();
	return n;

fault:
	user_access_end();
	pagefault_enable();
	/* Those that a hook's handler takes; a read's are from an interrupt. */
	if (!hardirq_count() || in_nmi())
		this_cpu_inc(perftop_user_faults);
	return n;
}

/* In a system call; otherwise it was interrupted, or has faulted. */
static __always_inline bool stack_in_system_call(const struct pt_regs *regs)
{
	return (long)regs->orig_ax != -1;
}

/*
 * Is this current's user stack? @header is a key's, less the number of kernel
 * frames, @frame what follows them.
 */
static __always_inline bool stack_is_user(u64 header, const u64 *frame,
					  const struct pt_regs *regs)
{
	const unsigned int count = header >> KEY_USER_SHIFT & 0xff;
	unsigned int n = 0;

	if (stack_in_system_call(regs)) {
		if ((header & ~KEY_USER_FRAMES) != KEY_USER || !count ||
		    frame[n++] != regs->ip)
			return false;
	} else if ((header & ~KEY_USER_FRAMES) !=
		   (KEY_USER | KEY_USER_RUNNING)) {
		return false;
	}
	return stack_walk_user((u64 *)frame, false, count, n, regs) == count;
}

void perftop_user_stack_add(struct perftop_key *key,
			    const struct pt_regs *regs);
u64 perftop_user_stack_faults(void);

#endif /* PERFTOP_USER_STACK_H */
