// SPDX-License-Identifier: GPL-2.0
/*
 * events: lets something happen often, in the benchmark's guest, and prints how many
 * ticks of the time stamp counter one of it takes: a static program. In a guest
 * whose time counts instructions, these are instructions.
 *
 * What happens meanwhile now and then, as a timer's interrupt, is in some rounds and
 * not in others: the middle one of them is printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	4096
#define ROUNDS	11
#define RAISE	"/sys/module/perftop_raise/parameters/"

static void die(const char *what)
{
	fprintf(stderr, "events: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __u64 rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}

/* --- What happens, each of it so often; the ticks that it takes ---------- */

static __u64 raise_by(const char *file, long count)
{
	int fd = open(file, O_WRONLY), size;
	char number[32];
	__u64 start;

	if (fd < 0)
		die(file);
	size = snprintf(number, sizeof(number), "%ld", count);
	start = rdtsc();
	if (write(fd, number, size) != size)
		die(file);
	start = rdtsc() - start;
	close(fd);
	return start;
}

static __u64 handle(long count)
{
	return raise_by(RAISE "handled", count);
}

static __u64 send(long count)
{
	return raise_by(RAISE "sent", count);
}

static __u64 raise_softirqs(long count)
{
	return raise_by(RAISE "softirqs", count);
}

static __u64 call(long count)
{
	const __u64 start = rdtsc();

	while (count--)
		syscall(SYS_getppid);
	return rdtsc() - start;
}

static long faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		die("getrusage");
	return usage.ru_minflt;
}

/* Each page is a new one. */
static __u64 touch(long count)
{
	char *page = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long before, i;
	__u64 start;

	if (page == MAP_FAILED || madvise(page, count * PAGE, MADV_NOHUGEPAGE))
		die("mmap");
	before = faults();
	start = rdtsc();
	for (i = 0; i < count; i++)
		__atomic_store_n(&page[i * PAGE], 1, __ATOMIC_RELAXED);
	start = rdtsc() - start;
	if (faults() - before < count)
		die("faults");
	munmap(page, count * PAGE);
	return start;
}

static const struct event {
	const char	*name;
	__u64		(*happen)(long count);
	const char	*what;
} events[] = {
	{ "device", handle, "a handler of a device's interrupt is called" },
	{ "vector", send, "the CPU sends itself an interrupt" },
	{ "softirq", raise_softirqs, "a softirq is raised and run" },
	{ "call", call, "a system call" },
	{ "fault", touch, "a page fault" },
};

#define EVENTS (sizeof(events) / sizeof(*events))

/* --- Measuring ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const __u64 first = *(const __u64 *)a, second = *(const __u64 *)b;

	return first < second ? -1 : first > second;
}

/* The first round is to warm up. */
static void measure(const struct event *event, long count)
{
	__u64 ticks[ROUNDS];
	int i;

	event->happen(count);
	for (i = 0; i < ROUNDS; i++)
		ticks[i] = event->happen(count);
	qsort(ticks, ROUNDS, sizeof(*ticks), compare);
	printf("%.2f\n", (double)ticks[ROUNDS / 2] / count);
}

static int explain(void)
{
	const struct event *event;

	fputs("usage: events EVENT COUNT\n", stderr);
	for (event = events; event < events + EVENTS; event++)
		fprintf(stderr, "  %-12s%s\n", event->name, event->what);
	return 2;
}

int main(int argc, char **argv)
{
	const struct event *event;

	if (argc != 3 || atol(argv[2]) < 1)
		return explain();
	for (event = events; event < events + EVENTS; event++) {
		if (strcmp(event->name, argv[1]))
			continue;
		measure(event, atol(argv[2]));
		return 0;
	}
	return explain();
}
