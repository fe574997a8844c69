// SPDX-License-Identifier: GPL-2.0
/*
 * grade_user: the user side of grading in the guest, one static program, built
 * with frame pointers.
 *
 *   grade_user tsc               print the time stamp counter
 *   grade_user run BEAT SECS CMD...
 *                                run CMD; say 124 if it does not end in time,
 *                                and leave it, for it may not be killable;
 *                                print BEAT to descriptor 3 while it runs
 *   grade_user pong ROUNDS WORK  two processes pass a byte to and fro; the one
 *                                that is asked loops WORK times before it answers
 *   grade_user crowd             sleep at more places than a table may show
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define POLL_NS		2000000L
#define BEAT_NS		400000000L
#define CROWD_PLACES	32
#define HUNG		124

/* Functions of the C library have no frame pointers: do without them. */
static long transfer(long call, int fd, char *byte)
{
	long ret = call;

	asm volatile("syscall"
		     : "+a" (ret)
		     : "D" ((long)fd), "S" (byte), "d" (1L)
		     : "rcx", "r11", "memory");
	return ret;
}

static void work_loop(long work)
{
	long i;

	for (i = 0; i < work; i++)
		asm volatile("");
}

static int grade_user_answer(int from, int to, long work)
{
	char byte;

	if (transfer(SYS_read, from, &byte) != 1)
		return 0;
	work_loop(work);
	return transfer(SYS_write, to, &byte) == 1;
}

static int grade_user_ask(int from, int to)
{
	char byte = 'x';

	if (transfer(SYS_write, to, &byte) != 1)
		return 0;
	return transfer(SYS_read, from, &byte) == 1;
}

static int do_pong(long rounds, long work)
{
	unsigned long long begun;
	int ask[2], answer[2];
	cpu_set_t cpus;
	pid_t child;
	long round;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || pipe(ask) ||
	    pipe(answer))
		return 1;
	child = fork();
	if (child < 0)
		return 1;
	if (!child) {
		close(ask[1]);
		while (grade_user_answer(ask[0], answer[1], work))
			asm volatile("");
		_exit(0);
	}
	close(ask[0]);
	begun = __rdtsc();
	for (round = 0; round < rounds; round++)
		if (!grade_user_ask(answer[0], ask[1]))
			return 1;
	begun = __rdtsc() - begun;
	close(ask[1]);
	waitpid(child, NULL, 0);
	printf("ask %d %ld\nanswer %d %ld\n", getpid(), rounds, child, rounds);
	printf("ticks %llu\n", begun);
	return 0;
}

static long grade_user_nap(void)
{
	struct timespec time = { .tv_nsec = 1000000 };
	long ret = SYS_nanosleep;

	asm volatile("syscall"
		     : "+a" (ret)
		     : "D" (&time), "S" (NULL)
		     : "rcx", "r11", "memory");
	return ret;
}

/* Unrolled, each call is a place of its own, and so another stack. */
static int do_crowd(void)
{
	unsigned int place;

#pragma GCC unroll 32
	for (place = 0; place < CROWD_PLACES; place++)
		grade_user_nap();
	return 0;
}

static long since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000L +
	       now.tv_nsec - start->tv_nsec;
}

static int do_run(const char *beat, long seconds, char **command)
{
	struct timespec poll = { .tv_nsec = POLL_NS }, start;
	pid_t child = fork(), ended;
	long beats = 0, passed;
	int status;

	if (child < 0)
		return 1;
	if (!child) {
		close(3);
		execvp(command[0], command);
		_exit(127);
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		ended = waitpid(child, &status, WNOHANG);
		if (ended == child)
			break;
		passed = since(&start);
		if (passed >= seconds * 1000000000L)
			return HUNG;
		if (passed / BEAT_NS > beats) {
			beats = passed / BEAT_NS;
			dprintf(3, "%s\n", beat);
		}
		nanosleep(&poll, NULL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "tsc")) {
		printf("%llu\n", __rdtsc());
		return 0;
	}
	if (argc > 4 && !strcmp(argv[1], "run"))
		return do_run(argv[2], atol(argv[3]), argv + 4);
	if (argc == 4 && !strcmp(argv[1], "pong"))
		return do_pong(atol(argv[2]), atol(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "crowd"))
		return do_crowd();
	return 2;
}
