// SPDX-License-Identifier: GPL-2.0
/*
 * What a user address is called. While a process lives, its address space is
 * asked. When one ends of which there are rows, its executable mappings are kept:
 * a ring of address spaces, from which the oldest goes when there is no room,
 * and the files that they were mapped from, each known once.
 *
 * Names are taken from the dentries, without a lock, as printk's %pd does; so a
 * path is one within its file system.
 */
#include <linux/cpumask.h>
#include <linux/dcache.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "engine/params.h"
#include "engine/user_maps.h"

/* Of one address space: how many areas are looked at, and how many are kept. */
#define AREAS		4096
#define MAPPINGS	256

/* How many directories a path is made of. */
#define DEPTH		64

/* What is no number of a file. */
enum { NO_FILE = UINT_MAX - 2, VDSO, LOST };

/* A file that is, or was, mapped. */
struct known_file {
	u64	ino;
	dev_t	dev;
	u32	generation;	/* as an inode's number may be used again */
	u32	hash;		/* of the last name */
	u32	next;		/* in its bucket + 1 */
	u32	mappings;	/* that are kept of it */
	u16	last;		/* where in @path the last name begins */
	bool	nowhere;	/* in no directory */
	bool	cut;		/* of @path */
	bool	deleted;
	bool	ambiguous;	/* others have the same last name, */
	bool	same_path;	/* or even the same path */
	char	path[PERFTOP_PATH];
};

/* An address space, and behind it its mappings. */
union kept {
	struct {
		u64	space;
		u32	mappings;
		u32	next;	/* in its bucket: the place in the ring + 1 */
	};
	struct {
		u64	start;
		u64	offset;
		u32	pages;
		u32	file;
	};
};

/* Never taken in an interrupt. */
static DEFINE_RAW_SPINLOCK(lock);

/* Guarded by the lock. */
static union kept *ring;
static u32 *space_bucket;
static u32 ring_size;		/* a power of two, as many buckets as entries / 4 */
static u32 oldest, end;		/* count up for ever */
static struct known_file *files;
static u32 *file_bucket;
static u32 file_limit, hand;
static u64 lost;

u64 perftop_maps_noted[PERFTOP_MAPS_NOTED];

/* While one ends. */
struct executable {
	struct vm_area_struct	*area[MAPPINGS];
};

/* 2 KiB of each CPU: too much of what all modules share. */
static struct executable __percpu *executable;

/* --- Files ---------------------------------------------------------------- */

static u32 *bucket_of_file(u64 ino)
{
	return &file_bucket[hash_64(ino, ilog2(file_limit))];
}

/*
 * Makes a path of the names from @dentry upward, in front of the last byte of one
 * that is all 0. Names that are being changed may be mixed, but they end, and stay
 * while RCU is held.
 */
static void make_path(struct known_file *file, const struct dentry *dentry)
{
	unsigned int at = sizeof(file->path) - 1, depth, n;
	const char *name;

	for (depth = 0; depth < DEPTH; depth++) {
		if (depth && IS_ROOT(dentry))
			break;
		name = READ_ONCE(dentry->d_name.name);
		n = strnlen(name, NAME_MAX);
		if (n + sizeof("...") > at) {
			file->cut = true;
			break;
		}
		at -= n;
		memcpy(file->path + at, name, n);
		if (!depth)
			file->last = at;
		file->path[--at] = '/';
		dentry = READ_ONCE(dentry->d_parent);
	}
	if (file->cut || depth == DEPTH) {
		file->cut = true;
		at -= 3;
		memcpy(file->path + at, "...", 3);
	}
	memmove(file->path, file->path + at, sizeof(file->path) - at);
	file->last -= at;
}

static const char *last_name(const struct known_file *file)
{
	return file->path + file->last;
}

/* Those that are nowhere may all have one name. */
static bool has_its_name(const struct known_file *one,
			 const struct known_file *other)
{
	return one->path[0] && !one->nowhere && !other->nowhere &&
	       one->hash == other->hash &&
	       !strcmp(last_name(one), last_name(other));
}

/* Of two files with one last name, the second of which is new. */
static void tell_apart(struct known_file *one, struct known_file *other)
{
	bool same_path = !strcmp(one->path, other->path);

	if (same_path && one->dev == other->dev && !other->cut) {
		/* There is but one in a place. */
		one->deleted |= !other->deleted;
		if (one->deleted != other->deleted)
			return;
	}
	one->ambiguous = true;
	other->ambiguous = true;
	one->same_path |= same_path;
	other->same_path |= same_path;
}

/* A place for a new one: that of a file of which no mapping is kept. */
static struct known_file *free_file(void)
{
	struct known_file *file;
	u32 tries, *link;

	for (tries = 0; tries < file_limit; tries++) {
		hand = (hand + 1) % file_limit;
		file = &files[hand];
		if (file->mappings)
			continue;
		if (!file->path[0])
			return file;
		for (link = bucket_of_file(file->ino); *link != hand + 1;
		     link = &files[*link - 1].next)
			;
		*link = file->next;
		return file;
	}
	return NULL;
}

static u32 add_file(const struct known_file *key, const struct dentry *dentry)
{
	u32 *bucket = bucket_of_file(key->ino);
	struct known_file *file = free_file();
	u32 i;

	if (!file)
		return LOST;
	*file = *key;
	make_path(file, dentry);
	for (i = 0; i < file_limit; i++)
		if (&files[i] != file && has_its_name(&files[i], file))
			tell_apart(&files[i], file);
	file->next = *bucket;
	*bucket = file - files + 1;
	return file - files;
}

/* The number of a file, which is looked at anew whenever it is seen. */
static u32 file_number(const struct file *mapped)
{
	const struct dentry *dentry = mapped->f_path.dentry;
	const struct inode *inode = file_inode(mapped);
	const char *name = READ_ONCE(dentry->d_name.name);
	struct known_file key = {
		.ino		= inode->i_ino,
		.dev		= inode->i_sb->s_dev,
		.generation	= inode->i_generation,
		.hash		= jhash(name, strnlen(name, NAME_MAX), 0),
		.nowhere	= IS_ROOT(dentry),
	};
	u32 i;

	key.deleted = !key.nowhere && d_unhashed(dentry);
	for (i = *bucket_of_file(key.ino); i; i = files[i - 1].next) {
		struct known_file *file = &files[i - 1];

		if (file->ino == key.ino && file->dev == key.dev &&
		    file->generation == key.generation &&
		    file->hash == key.hash) {
			file->deleted = key.deleted;
			return i - 1;
		}
	}
	return add_file(&key, dentry);
}

static void name_file(const struct known_file *file, struct perftop_place *place)
{
	const char *name = file->ambiguous ? file->path : last_name(file);

	if (file->same_path)
		snprintf(place->name, sizeof(place->name), "%s[%u:%u/%llu]",
			 name, MAJOR(file->dev), MINOR(file->dev), file->ino);
	else
		strscpy(place->name, name, sizeof(place->name));
	place->file = true;
	place->absolute = file->nowhere;
	place->deleted = file->deleted;
}

/* --- Mappings ------------------------------------------------------------- */

static union kept describe(const struct mm_struct *mm,
			   const struct vm_area_struct *vma)
{
	union kept mapping = {
		.start	= vma->vm_start,
		.pages	= (vma->vm_end - vma->vm_start) >> PAGE_SHIFT,
		.file	= NO_FILE,
	};

	if (vma->vm_file) {
		mapping.offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
		mapping.file = file_number(vma->vm_file);
	} else if (vma->vm_start == (unsigned long)mm->context.vdso) {
		mapping.file = VDSO;
	}
	return mapping;
}

static void name_address(const union kept *mapping, u64 addr,
			 struct perftop_place *place)
{
	switch (mapping->file) {
	case NO_FILE:
		strscpy(place->name, "[anon]", sizeof(place->name));
		place->absolute = true;
		break;
	case VDSO:
		strscpy(place->name, "[vdso]", sizeof(place->name));
		break;
	case LOST:
		return;
	default:
		name_file(&files[mapping->file], place);
	}
	if (!place->absolute)
		place->number = addr - mapping->start + mapping->offset;
}

/* --- The address spaces of the dead --------------------------------------- */

static union kept *kept_at(u32 at)
{
	return &ring[at & (ring_size - 1)];
}

static u32 *bucket_of_space(u64 space)
{
	return &space_bucket[hash_64(space, ilog2(ring_size / 4))];
}

/* NULL if it is not kept. */
static const union kept *find_space(u64 space)
{
	u32 number = *bucket_of_space(space);

	while (number && ring[number - 1].space != space)
		number = ring[number - 1].next;
	return number ? &ring[number - 1] : NULL;
}

static void drop_oldest(void)
{
	union kept *space = kept_at(oldest);
	u32 number = (space - ring) + 1, i, file;
	u32 *link = bucket_of_space(space->space);

	for (; *link != number; link = &ring[*link - 1].next)
		;
	*link = space->next;
	for (i = 1; i <= space->mappings; i++) {
		file = kept_at(oldest + i)->file;
		if (file < file_limit)
			files[file].mappings--;
	}
	oldest += 1 + space->mappings;
}

static void keep_mapping(const struct mm_struct *mm,
			 const struct vm_area_struct *vma)
{
	union kept *mapping = kept_at(end++);

	*mapping = describe(mm, vma);
	if (mapping->file < file_limit)
		files[mapping->file].mappings++;
	lost += mapping->file == LOST;
}

static void keep(const struct mm_struct *mm, struct vm_area_struct *const *vma,
		 unsigned int n)
{
	u32 *bucket = bucket_of_space(mm->context.ctx_id);
	unsigned int i;

	while (ring_size - (end - oldest) < 1 + n) {
		drop_oldest();
		lost++;
	}
	*kept_at(end) = (union kept){
		.space		= mm->context.ctx_id,
		.mappings	= n,
		.next		= *bucket,
	};
	*bucket = (end & (ring_size - 1)) + 1;
	end++;
	for (i = 0; i < n; i++)
		keep_mapping(mm, vma[i]);
}

/* Have there been rows of an address space? This answers once. */
static bool take_note(u64 space)
{
	u64 *noted = &perftop_maps_noted[space % PERFTOP_MAPS_NOTED];
	u64 old = cmpxchg(noted, space, 0);

	return old == space || old == PERFTOP_MAPS_MANY;
}

/**
 * perftop_maps_keep() - Keep what an address space had mapped, if it has rows
 * @mm: which; nobody uses it any more, and it is as it was
 *
 * Context: where it ends; preemption is off, and nothing may sleep.
 */
void perftop_maps_keep(struct mm_struct *mm)
{
	VMA_ITERATOR(areas, mm, 0);
	struct vm_area_struct **area = this_cpu_ptr(executable)->area;
	unsigned int n = 0, looked_at = 0;
	struct vm_area_struct *vma;
	bool all = true;

	if (!take_note(mm->context.ctx_id))
		return;
	rcu_read_lock();
	while ((vma = vma_next(&areas))) {
		if (++looked_at > AREAS || n == MAPPINGS) {
			all = false;
			break;
		}
		if (vma->vm_flags & VM_EXEC)
			area[n++] = vma;
	}
	raw_spin_lock(&lock);
	lost += !all;
	keep(mm, area, n);
	raw_spin_unlock(&lock);
	rcu_read_unlock();
}

/* --- For those who print -------------------------------------------------- */

/**
 * perftop_maps_find() - What an address is called whose process has gone
 * @space: the ctx_id of the address space that it was in
 * @addr: the address
 * @place: what it is called
 *
 * Context: process context.
 */
void perftop_maps_find(u64 space, u64 addr, struct perftop_place *place)
{
	const union kept *kept, *mapping;
	u32 i;

	*place = (struct perftop_place){ .number = addr };
	raw_spin_lock(&lock);
	kept = find_space(space);
	for (i = 1; kept && i <= kept->mappings; i++) {
		mapping = kept_at(kept - ring + i);
		if (addr - mapping->start < (u64)mapping->pages << PAGE_SHIFT)
			name_address(mapping, addr, place);
	}
	raw_spin_unlock(&lock);
}

/**
 * perftop_maps_find_living() - The same while the address space is there
 * @mm: which; its lock is held
 * @addr: the address
 * @place: what it is called
 *
 * Context: process context.
 */
void perftop_maps_find_living(struct mm_struct *mm, u64 addr,
			      struct perftop_place *place)
{
	const struct vm_area_struct *vma = find_vma(mm, addr);
	union kept mapping;

	*place = (struct perftop_place){ .number = addr };
	if (!vma || addr < vma->vm_start)
		return;
	rcu_read_lock();
	raw_spin_lock(&lock);
	mapping = describe(mm, vma);
	name_address(&mapping, addr, place);
	raw_spin_unlock(&lock);
	rcu_read_unlock();
}

/**
 * perftop_maps_clear() - Forget what is kept
 *
 * Context: process context.
 */
void perftop_maps_clear(void)
{
	raw_spin_lock(&lock);
	while (oldest != end)
		drop_oldest();
	lost = 0;
	raw_spin_unlock(&lock);
}

/**
 * perftop_maps_lost() - How often something could not be kept
 *
 * Context: process context.
 * Return: address spaces that made room or were not kept whole, and mappings of
 *	files for which there was no room.
 */
u64 perftop_maps_lost(void)
{
	u64 n;

	raw_spin_lock(&lock);
	n = lost;
	raw_spin_unlock(&lock);
	return n;
}

static u32 ring_bytes(void)
{
	return ring_size * sizeof(*ring) + ring_size / 4 * sizeof(*space_bucket);
}

static u32 files_bytes(void)
{
	return file_limit * (sizeof(*files) + sizeof(*file_bucket));
}

/**
 * perftop_maps_bytes() - The memory that has been taken
 *
 * An entry for each stack of the table, and a file for each 32 of them, at least
 * 1024 and 64 and both rounded up to a power of two; 2 KiB of each CPU.
 *
 * Context: any.
 * Return: bytes.
 */
size_t perftop_maps_bytes(void)
{
	const unsigned int cpus = executable ? num_possible_cpus() : 0;

	return (size_t)ring_bytes() + files_bytes() +
	       cpus * sizeof(*executable);
}

/**
 * perftop_maps_init() - Take the memory, where stacks have user frames
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int perftop_maps_init(void)
{
	if (perftop_params.stack == PERFTOP_STACK_KERNEL)
		return 0;
	ring_size = roundup_pow_of_two(max(perftop_params.table, 1024U));
	file_limit = max(ring_size / 32, 64U);
	ring = vzalloc(ring_bytes());
	files = vzalloc(files_bytes());
	executable = alloc_percpu(struct executable);
	if (!ring || !files || !executable) {
		perftop_maps_exit();
		return -ENOMEM;
	}
	space_bucket = (u32 *)(ring + ring_size);
	file_bucket = (u32 *)(files + file_limit);
	return 0;
}

/**
 * perftop_maps_exit() - Give it back
 *
 * Context: process context.
 */
void perftop_maps_exit(void)
{
	vfree(ring);
	vfree(files);
	free_percpu(executable);
	ring = NULL;
	files = NULL;
	executable = NULL;
}
