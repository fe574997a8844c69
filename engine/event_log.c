// SPDX-License-Identifier: GPL-2.0
/*
 * Logs: sequences, not sums. Each CPU writes to a ring of its own, the newest
 * entry over the oldest; a reader has each CPU copy its own, with interrupts
 * off, so that no entry is seen half written.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "engine/event_log.h"

/* Entries a CPU keeps, a power of two. */
#define ENTRIES	64

struct perftop_log_cpu {
	u64	n;		/* entries ever written */
	u64	*entry;
};

/**
 * perftop_log_exit() - Give back all memory of a log
 * @log: whatever perftop_log_init() left of it
 *
 * Context: process context; nothing adds to it any more.
 */
void perftop_log_exit(struct perftop_log *log)
{
	unsigned int cpu;

	if (!log->cpu)
		return;
	for_each_possible_cpu(cpu)
		kfree(per_cpu_ptr(log->cpu, cpu)->entry);
	free_percpu(log->cpu);
	log->cpu = NULL;
}

/**
 * perftop_log_init() - Take all memory of a log
 * @log: its words are set
 *
 * Context: process context.
 * Return: 0, or -ENOMEM with nothing to be undone.
 */
int perftop_log_init(struct perftop_log *log)
{
	unsigned int cpu;

	log->cpu = alloc_percpu(struct perftop_log_cpu);
	if (!log->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct perftop_log_cpu *ring = per_cpu_ptr(log->cpu, cpu);

		ring->entry = kcalloc_node(ENTRIES * log->words,
					   sizeof(*ring->entry), GFP_KERNEL,
					   cpu_to_node(cpu));
		if (!ring->entry) {
			perftop_log_exit(log);
			return -ENOMEM;
		}
	}
	log->epoch = ktime_get_ns();
	return 0;
}

/**
 * perftop_log_next() - The next entry of this CPU's ring
 * @log: the log
 *
 * Context: hot path; interrupts off until the entry has been written.
 * Return: its words, to be written all; the first is the time in ns.
 */
__kprobes u64 *perftop_log_next(struct perftop_log *log)
{
	struct perftop_log_cpu *ring = this_cpu_ptr(log->cpu);

	return ring->entry + ring->n++ % ENTRIES * log->words;
}

/* What a CPU is asked to do with its ring. */
struct request {
	struct perftop_log	*log;
	u64			*to;	/* NULL: forget */
	unsigned int		n;	/* entries copied so far */
};

static void serve(struct request *request, struct perftop_log_cpu *ring)
{
	unsigned int words = request->log->words;
	unsigned int n = min_t(u64, ring->n, ENTRIES);

	if (!request->to) {
		ring->n = 0;
		return;
	}
	memcpy(request->to + request->n * words, ring->entry,
	       n * words * sizeof(*ring->entry));
	request->n += n;
}

static void serve_here(void *request)
{
	struct request *r = request;

	serve(r, this_cpu_ptr(r->log->cpu));
}

/* Called with cpus_read_lock() held. */
static void serve_all(struct request *request)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu_online(cpu))
			smp_call_function_single(cpu, serve_here, request,
						 true);
		else
			serve(request, per_cpu_ptr(request->log->cpu, cpu));
	}
}

/**
 * perftop_log_clear() - Forget all entries
 * @log: the log
 *
 * Context: process context.
 */
void perftop_log_clear(struct perftop_log *log)
{
	struct request request = { .log = log };

	cpus_read_lock();
	serve_all(&request);
	log->epoch = ktime_get_ns();
	cpus_read_unlock();
}

/**
 * perftop_log_limit() - How many entries a log holds at most
 *
 * Context: any.
 * Return: of all CPUs together.
 */
unsigned int perftop_log_limit(void)
{
	return ENTRIES * num_possible_cpus();
}

/**
 * perftop_log_copy() - Copy all entries
 * @log: the log
 * @to: room for perftop_log_limit() entries
 *
 * Context: process context, cpus_read_lock() held.
 * Return: how many were copied, in no order.
 */
unsigned int perftop_log_copy(struct perftop_log *log, u64 *to)
{
	struct request request = { .log = log, .to = to };

	serve_all(&request);
	return request.n;
}
