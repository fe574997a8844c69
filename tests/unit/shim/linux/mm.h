/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/types.h>

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))

#define __START_KERNEL_map	0xffffffff80000000UL
#define MODULES_VADDR		0xffffffffc0000000UL
#define MODULES_END		0xffffffffff000000UL

struct file;

extern unsigned long shim_ram_pages;
#define totalram_pages()	(shim_ram_pages)

struct vm_area_struct {
	unsigned long	vm_start;
	unsigned long	vm_end;
	unsigned long	vm_pgoff;
	struct file	*vm_file;
	unsigned long	vm_flags;
};

#define VM_EXEC		4

struct mm_struct {
	struct {
		u64	ctx_id;
		void	*vdso;
	} context;
	unsigned long		env_end;	/* above the first stack */
	unsigned int		users;
	bool			write_locked;
	unsigned int		readers;
	struct vm_area_struct	*vma;	/* ascending, the last ends at 0 */
};

struct vma_iterator {
	struct vm_area_struct *next;
};

#define VMA_ITERATOR(name, mm, addr)					\
	struct vma_iterator name = { (mm)->vma }

static inline struct vm_area_struct *vma_next(struct vma_iterator *it)
{
	return it->next->vm_end ? it->next++ : NULL;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);

static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	if (mm->write_locked)
		return false;
	mm->readers++;
	return true;
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	mm->readers--;
}

#endif
