// SPDX-License-Identifier: GPL-2.0
/* Since 6.1 ("mm: add VMA iterator"); until then areas are in a list. */
#include <linux/mm.h>

struct vm_area_struct *try(struct mm_struct *mm);

struct vm_area_struct *try(struct mm_struct *mm)
{
	VMA_ITERATOR(next, mm, 0);

	return vma_next(&next);
}
