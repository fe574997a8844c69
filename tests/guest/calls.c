// SPDX-License-Identifier: GPL-2.0
/*
 * System calls and page faults that are counted where they are made.
 *
 * Each line on stdout says what a process has done, when it has ended:
 *
 *	call PID TABLE NAME COUNT ERRORS
 *	faults PID MINOR MAJOR
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define X32_BIT		0x40000000
#define GETPPID_32	64
#define THREADS		5

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static pid_t start(void (*run)(long), long n)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	run(n);
	_exit(0);
}

static void say(pid_t pid, const char *table, const char *name, long count, long errors)
{
	printf("call %d %s %s %ld %ld\n", pid, table, name, count, errors);
}

/* What it had of faults in all, by the kernel's own account. */
static void reap(pid_t pid)
{
	struct rusage usage;

	if (wait4(pid, NULL, 0, &usage) != pid)
		die("wait4");
	printf("faults %d %ld %ld\n", pid, usage.ru_minflt, usage.ru_majflt);
}

/* --- Many ----------------------------------------------------------------- */

static void call_32(void)
{
	long result;

	asm volatile("int $0x80" : "=a" (result) : "a" (GETPPID_32) : "memory");
}

static void call_32_once(long n)
{
	call_32();
}

/* A kernel without them kills who makes one. */
static int has_32(void)
{
	pid_t pid = start(call_32_once, 0);
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status);
}

static int with_32;

static void many(long n)
{
	long i;

	for (i = 0; i < n; i++) {
		syscall(SYS_getppid);
		if (i % 2)
			syscall(SYS_close, -1);
		if (with_32 && i % 4 == 1)
			call_32();
		if (i % 5 == 1)
			syscall(SYS_getppid | X32_BIT);
	}
}

static void do_many(long n)
{
	pid_t pid;

	with_32 = has_32();
	pid = start(many, n);
	reap(pid);
	say(pid, "64", "getppid", n, 0);
	say(pid, "64", "close", n / 2, n / 2);
	if (with_32)
		say(pid, "32", "getppid", (n + 2) / 4, 0);
	say(pid, "64", "exit_group", 1, 0);
}

/* --- Threads and children ------------------------------------------------- */

static void *thread(void *n)
{
	long i;

	for (i = 0; i < (long)n; i++)
		syscall(SYS_gettid);
	return NULL;
}

static void threads(long n)
{
	pthread_t id[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&id[i], NULL, thread, (void *)n))
			die("pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
}

static void do_threads(long n)
{
	pid_t pid = start(threads, n);

	reap(pid);
	say(pid, "64", "gettid", THREADS * n, 0);
	say(pid, "64", "exit", THREADS, 0);
	say(pid, "64", "exit_group", 1, 0);
}

static void children(long n)
{
	long i;

	for (i = 0; i < n; i++)
		if (!syscall(SYS_fork))
			_exit(0);
		else
			wait(NULL);
}

static void do_children(long n)
{
	pid_t pid = start(children, n);

	reap(pid);
	say(pid, "64", "fork", n, 0);
	say(pid, "64", "wait4", n, 0);
}

/* --- What does not end as it began ---------------------------------------- */

static void sleeper(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	syscall(SYS_nanosleep, &time, NULL);
}

/* Stopped and continued, it is restarted; the rest is slept. */
static void do_restart(long ms)
{
	pid_t pid = start(sleeper, ms);
	int i;

	for (i = 0; i < 3; i++) {
		usleep(ms * 1000 / 8);
		kill(pid, SIGSTOP);
		usleep(10000);
		kill(pid, SIGCONT);
	}
	reap(pid);
	say(pid, "64", "nanosleep", 1, 0);
	say(pid, "64", "restart_syscall", 0, 0);
}

static void handle(int signal)
{
}

static int pipes[2];

static void reader(long n)
{
	const struct sigaction action = { .sa_handler = handle, .sa_flags = n };
	char byte;

	sigaction(SIGUSR1, &action, NULL);
	syscall(SYS_read, pipes[0], &byte, 1);
}

/* A handler runs in the middle: it is two calls, the first of which has failed. */
static void do_handler(long ms)
{
	pid_t pid;

	if (pipe(pipes))
		die("pipe");
	pid = start(reader, SA_RESTART);
	usleep(ms * 1000);
	kill(pid, SIGUSR1);
	usleep(ms * 1000);
	if (write(pipes[1], "", 1) != 1)
		die("write");
	reap(pid);
	say(pid, "64", "read", 2, 1);
	pid = start(reader, 0);
	usleep(ms * 1000);
	kill(pid, SIGUSR1);
	reap(pid);
	say(pid, "64", "read", 1, 1);
}

static void pauser(long n)
{
	for (;;)
		syscall(SYS_pause);
}

static void do_killed(long ms)
{
	pid_t pid = start(pauser, 0);

	usleep(ms * 1000);
	kill(pid, SIGKILL);
	reap(pid);
	say(pid, "64", "pause", 1, 1);
}

/* Refused before it has begun: it is none, and ends without a beginning. */
static void refused(long n)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(*code), code };
	long i;

	for (i = 0; i < 3; i++)
		syscall(SYS_getppid);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(1);
	for (i = 0; i < n; i++)
		syscall(SYS_getppid);
}

static void do_refused(long n)
{
	pid_t pid;

	/* There is no such thing. */
	if (prctl(PR_GET_SECCOMP))
		n = 0;
	pid = start(refused, n);
	reap(pid);
	say(pid, "64", "getppid", 3, 0);
	printf("refused %ld\n", n);
}

/* --- Faults --------------------------------------------------------------- */

static void *map(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	madvise(at, size, MADV_NOHUGEPAGE);
	return at;
}

static void touch(long pages)
{
	char *at = map(pages * 4096);
	long i;

	for (i = 0; i < pages; i++)
		at[i * 4096] = 1;
}

static void do_faults(long pages)
{
	reap(start(touch, pages));
}

/* Some pages at a time, for as long as it is let. */
static void do_fault_on(long pages)
{
	char *at = map(pages * 4096);
	long i;

	for (;;) {
		for (i = 0; i < pages; i++)
			at[i * 4096] = 1;
		madvise(at, pages * 4096, MADV_DONTNEED);
	}
}

static const struct command {
	const char *name;
	void (*run)(long n);
} commands[] = {
	{ "many", do_many },
	{ "threads", do_threads },
	{ "children", do_children },
	{ "restart", do_restart },
	{ "handler", do_handler },
	{ "killed", do_killed },
	{ "refused", do_refused },
	{ "faults", do_faults },
	{ "fault-on", do_fault_on },
	{ "pause", pauser },
};

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; argc == 3 && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, argv[1])) {
			commands[i].run(atol(argv[2]));
			return 0;
		}
	fputs("usage: calls COMMAND NUMBER\n", stderr);
	return 2;
}
