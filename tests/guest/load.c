// SPDX-License-Identifier: GPL-2.0
/*
 * load: the user side of the tests in the guest, one static program.
 *
 * It is built twice, with frame pointers (load) and without (load-nofp), and
 * with neither inlining nor sibling calls: each function is a frame.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS	10000000LL
#define NOBODY		65534

static void end(int signal)
{
	_exit(0);
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* An argument that is a number, or what stands in for it. */
static long number(char **arg, long otherwise)
{
	return *arg ? strtol(*arg, NULL, 0) : otherwise;
}

/* Runs for so long, then ends by itself; 0 is for ever. */
static void end_after(long seconds)
{
	signal(SIGALRM, end);
	alarm(seconds);
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* The C library's own functions have no frame pointers: do without them. */
static void sleep_until(long long until)
{
	struct timespec ts = {
		.tv_sec = until / 1000000000LL,
		.tv_nsec = until % 1000000000LL,
	};
	long ret = SYS_clock_nanosleep;

	asm volatile("syscall"
		     : "+a" (ret)
		     : "D" (CLOCK_MONOTONIC), "S" (TIMER_ABSTIME), "d" (&ts)
		     : "rcx", "r11", "memory");
}

static void wait_children(int count)
{
	int status;

	while (count--)
		if (wait(&status) < 0 || status)
			exit(1);
}

/* hog: three frames deep, never in the kernel by its own will. */

static void hog_inner(void)
{
	unsigned int i;

	for (i = 0; i < 1000000; i++)
		asm volatile("");
}

static void hog_middle(void)
{
	hog_inner();
}

static void hog_outer(void)
{
	for (;;)
		hog_middle();
}

static int do_hog(char **arg)
{
	end_after(number(arg, 0));
	hog_outer();
	return 1;
}

/*
 * share: burns PCT of each period, then sleeps, but of 100. Twice started, it is
 * twins.
 */

static void share_burn(long long until)
{
	while (now_ns() < until)
		asm volatile("");
}

static void share_rest(long long until)
{
	sleep_until(until);
}

static void share_period(long percent)
{
	long long start = now_ns();

	share_burn(start + PERIOD_NS / 100 * percent);
	if (percent < 100)
		share_rest(start + PERIOD_NS);
}

static int do_share(char **arg)
{
	long percent = number(arg, 50);

	end_after(percent && arg[0] ? number(arg + 1, 0) : 0);
	for (;;)
		share_period(percent);
	return 1;
}

static int do_fifo(char **arg)
{
	struct sched_param param = { .sched_priority = number(arg, 10) };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("SCHED_FIFO");
	return do_share(arg[0] ? arg + 1 : arg);
}

/* Not in every C library's headers. */
struct attr {
	__u32 size;
	__u32 policy;
	__u64 flags;
	__s32 nice;
	__u32 priority;
	__u64 runtime;
	__u64 deadline;
	__u64 period;
};

/* Always wants the CPU; gets RUNTIME of each PERIOD, both in us. */
static int do_deadline(char **arg)
{
	struct attr attr = {
		.size = sizeof(attr),
		.policy = 6,		/* SCHED_DEADLINE */
		.runtime = number(arg, 3000) * 1000ULL,
	};

	attr.period = (*arg ? number(++arg, 10000) : 10000) * 1000ULL;
	attr.deadline = attr.period;
	if (syscall(SYS_sched_setattr, 0, &attr, 0))
		die("SCHED_DEADLINE");
	return do_hog(*arg ? arg + 1 : arg);
}

/* deep: N frames, and blocks below the last of them. */

static void deep_frame(long frames)
{
	if (frames > 1)
		deep_frame(frames - 1);
	else
		sleep_until(now_ns() + PERIOD_NS);
}

static int do_deep(char **arg)
{
	long frames = number(arg, 10);

	end_after(*arg ? number(arg + 1, 0) : 0);
	for (;;)
		deep_frame(frames);
	return 1;
}

/*
 * pingpong: two processes hand a byte to each other N times; pingpong32: by the
 * system calls of 32-bit programs, which come into the kernel by another way.
 */

/* Where a 32-bit pointer can point to. */
static char byte32;

static long call32(long number, long fd)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "0" (number), "b" (fd), "c" (&byte32), "d" (1L)
		     : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

static ssize_t read32(int fd, void *unused, size_t one)
{
	return call32(3, fd);
}

static ssize_t write32(int fd, const void *unused, size_t one)
{
	return call32(4, fd);
}

/* How they read and write. */
static ssize_t (*take)(int fd, void *to, size_t size) = read;
static ssize_t (*give)(int fd, const void *from, size_t size) = write;

static void pass(int in, int out, long rounds)
{
	char byte = 0;

	while (rounds--)
		if (take(in, &byte, 1) != 1 || give(out, &byte, 1) != 1)
			die("pingpong");
}

static int do_pingpong(char **arg)
{
	long rounds = number(arg, 1000);
	int ping[2], pong[2];

	if (pipe(ping) || pipe(pong))
		die("pipe");
	if (!fork()) {
		pass(ping[0], pong[1], rounds);
		_exit(0);
	}
	if (write(ping[1], "", 1) != 1)
		die("pingpong");
	pass(pong[0], ping[1], rounds);
	wait_children(1);
	return 0;
}

static int do_pingpong32(char **arg)
{
	take = read32;
	give = write32;
	return do_pingpong(arg);
}

/* fork: N processes that live for nothing, eight at a time. */
static int do_fork(char **arg)
{
	long count = number(arg, 1000);
	int alive = 0, pid;

	while (count--) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid)
			_exit(0);
		if (++alive == 8) {
			wait_children(1);
			alive--;
		}
	}
	wait_children(alive);
	return 0;
}

/*
 * messages: GROUPS of 5 senders and 5 receivers about one pipe, each sender
 * writing N messages.
 */

static void send_all(int out, long messages)
{
	char message[100] = "";

	while (messages--)
		if (write(out, message, sizeof(message)) != sizeof(message))
			die("write");
}

static void receive_all(int in)
{
	char message[100];

	while (read(in, message, sizeof(message)) > 0)
		asm volatile("");
}

static void start_group(long messages)
{
	int fd[2], i;

	if (pipe(fd))
		die("pipe");
	for (i = 0; i < 10; i++) {
		if (fork())
			continue;
		if (i < 5) {
			send_all(fd[1], messages);
		} else {
			close(fd[1]);
			receive_all(fd[0]);
		}
		_exit(0);
	}
	close(fd[0]);
	close(fd[1]);
}

static int do_messages(char **arg)
{
	long groups = number(arg, 4), i;
	long messages = *arg ? number(arg + 1, 100) : 100;

	for (i = 0; i < groups; i++)
		start_group(messages);
	wait_children(groups * 10);
	return 0;
}

/* datagrams: N of them to oneself, with pages that are allocated for each. */
static int do_datagrams(char **arg)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t size = sizeof(self);
	long count = number(arg, 1000);
	static char data[8000];

	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&self, size) ||
	    getsockname(fd, (struct sockaddr *)&self, &size))
		die("socket");
	while (count--) {
		if (sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&self,
			   size) < 0)
			die("sendto");
		if (recv(fd, data, sizeof(data), 0) < 0)
			die("recv");
	}
	return 0;
}

/* renames: N, onto a file that another process has locked to write to it. */
static int do_renames(char **arg)
{
	static char data[65536];
	long count = number(arg, 1000);
	int writer, fd;

	writer = fork();
	while (!writer) {
		fd = open("/tmp/renamed", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		while (fd >= 0 && lseek(fd, 0, SEEK_CUR) < 1 << 20 &&
		       write(fd, data, sizeof(data)) > 0)
			continue;
		close(fd);
	}
	while (count--) {
		close(open("/tmp/to-rename", O_WRONLY | O_CREAT, 0600));
		if (rename("/tmp/to-rename", "/tmp/renamed"))
			die("rename");
	}
	kill(writer, SIGKILL);
	wait_children(1);
	return 0;
}

/* futexes: two processes wake each other N times. */

static void futex(int *word, int op, int value)
{
	syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

static void take_turns(int *turn, int mine, long rounds)
{
	while (rounds--) {
		while (__atomic_load_n(turn, __ATOMIC_ACQUIRE) != mine)
			futex(turn, FUTEX_WAIT, !mine);
		__atomic_store_n(turn, !mine, __ATOMIC_RELEASE);
		futex(turn, FUTEX_WAKE, 1);
	}
}

static int do_futexes(char **arg)
{
	long rounds = number(arg, 1000);
	int *turn = mmap(NULL, sizeof(*turn), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (turn == MAP_FAILED)
		die("mmap");
	if (!fork()) {
		take_turns(turn, 1, rounds);
		_exit(0);
	}
	take_turns(turn, 0, rounds);
	wait_children(1);
	return 0;
}

/*
 * threads: N threads of one address space sleep in the same stack; spinners:
 * they never do.
 */

static int nap(void *unused)
{
	for (;;)
		sleep_until(now_ns() + PERIOD_NS);
	return 1;
}

static int spin(void *unused)
{
	for (;;)
		now_ns();
	return 1;
}

static int start_threads(int (*run)(void *), long count)
{
	const size_t size = 65536;
	char *stack;

	while (count--) {
		stack = malloc(size);
		if (!stack || clone(run, stack + size, CLONE_VM | CLONE_FS |
				    CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				    CLONE_SYSVSEM, NULL) < 0)
			die("clone");
	}
	pause();
	return 1;
}

/*
 * names: N processes, one after the other, of two threads each, all of which
 * change their names while they live; each third one becomes another program
 * from its second thread, which sleeps a moment and ends.
 */

static void burn(const char *name)
{
	prctl(PR_SET_NAME, name);
	share_burn(now_ns() + 1000000);
	usleep(500);
}

static int be_named(void *program)
{
	burn("a thread");
	burn("its end");
	if (program)
		execl("/proc/self/exe", "load", "fork", "1", (char *)NULL);
	/* The thread alone. */
	syscall(SYS_exit, 0);
	return 0;
}

static void live_under_names(bool program)
{
	const size_t size = 65536;
	char *stack = malloc(size);

	burn("young");
	if (!stack || clone(be_named, stack + size, CLONE_VM | CLONE_FS |
			    CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			    CLONE_SYSVSEM, program ? stack : NULL) < 0)
		die("clone");
	burn("old");
	usleep(program ? 1000000 : 5000);
	_exit(0);
}

static int do_names(char **arg)
{
	long count = number(arg, 30);

	while (count--) {
		if (!fork())
			live_under_names(count % 3 == 0);
		wait_children(1);
	}
	return 0;
}

/* named: NAME PERCENT [SECONDS]: the load "share" under any name. */
static int do_named(char **arg)
{
	if (prctl(PR_SET_NAME, *arg))
		die("prctl");
	return do_share(arg + 1);
}

static int do_threads(char **arg)
{
	return start_threads(nap, number(arg, 4));
}

static int do_spinners(char **arg)
{
	return start_threads(spin, number(arg, 2));
}

/*
 * reborn: a thread that is not the first of its process becomes another program,
 * a hog, and with that takes the place of the first, which ends.
 */

static int be_reborn(void *unused)
{
	execl("/proc/self/exe", "load", "hog", (char *)NULL);
	return 1;
}

static int do_reborn(char **arg)
{
	return start_threads(be_reborn, 1);
}

/*
 * snap: reads one file after the other with nothing between, and only then
 * writes what they held to PREFIX.1, PREFIX.2 and so on. Of a file that is
 * given as =FILE nothing is read: a 0 is written to it.
 */

#define SNAP_FILES	8
#define SNAP_ROOM	(4 << 20)

static ssize_t snap_one(const char *name, char *text)
{
	int fd = open(name, O_RDONLY);
	ssize_t length = 0, got;

	if (fd < 0)
		die(name);
	while ((got = read(fd, text + length, SNAP_ROOM - length)) > 0)
		length += got;
	if (got < 0)
		die(name);
	close(fd);
	return length;
}

static ssize_t write_zero(const char *name)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, "0\n", 2) != 2)
		die(name);
	close(fd);
	return -1;
}

static void snap_write(const char *prefix, int number, const char *text,
		       ssize_t length)
{
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s.%d", prefix, number);
	file = fopen(name, "w");
	if (!file || fwrite(text, 1, length, file) != (size_t)length ||
	    fclose(file))
		die(name);
}

static int do_snap(char **arg)
{
	static char text[SNAP_FILES][SNAP_ROOM];
	ssize_t length[SNAP_FILES];
	const char *prefix = *arg++;
	int i;

	for (i = 0; i < SNAP_FILES && arg[i]; i++)
		length[i] = *arg[i] == '=' ? write_zero(arg[i] + 1) :
					     snap_one(arg[i], text[i]);
	while (i--)
		if (length[i] >= 0)
			snap_write(prefix, i + 1, text[i], length[i]);
	return 0;
}

/*
 * ways: whatever way an open file is read, it is the same: by read(), by splice()
 * through a pipe, by sendfile() to another file. Says how many bytes.
 */

static int memory_file(void)
{
	int fd = syscall(SYS_memfd_create, "way", 0);

	if (fd < 0)
		die("memfd_create");
	return fd;
}

static ssize_t way_read(int from, int to)
{
	static char part[1 << 16];
	ssize_t got = read(from, part, sizeof(part));

	if (got > 0 && write(to, part, got) != got)
		die("write");
	return got;
}

static ssize_t way_splice(int from, int to)
{
	static int ends[2];
	ssize_t got;

	if (!ends[1] && pipe(ends))
		die("pipe");
	got = splice(from, NULL, ends[1], NULL, 1 << 16, 0);
	if (got > 0 && splice(ends[0], NULL, to, NULL, got, 0) != got)
		die("splice out");
	return got;
}

static ssize_t way_sendfile(int from, int to)
{
	return sendfile(to, from, NULL, 1 << 20);
}

static const struct {
	const char *name;
	ssize_t (*some)(int from, int to);
} ways[] = {
	{ "read", way_read },
	{ "splice", way_splice },
	{ "sendfile", way_sendfile },
};

#define WAYS	(sizeof(ways) / sizeof(*ways))

/* All of a file, from its beginning; its length in @length. */
static char *go(unsigned int way, int from, off_t *length)
{
	int to = memory_file();
	ssize_t got;
	char *text;

	if (lseek(from, 0, SEEK_SET))
		die("lseek");
	while ((got = ways[way].some(from, to)) > 0)
		continue;
	if (got < 0)
		die(ways[way].name);
	*length = lseek(to, 0, SEEK_END);
	text = mmap(NULL, *length, PROT_READ, MAP_PRIVATE, to, 0);
	if (text == MAP_FAILED)
		die("mmap");
	close(to);
	return text;
}

static int do_ways(char **arg)
{
	int from = open(*arg, O_RDONLY);
	off_t length[WAYS];
	char *text[WAYS];
	unsigned int way;

	if (from < 0)
		die(*arg);
	for (way = 0; way < WAYS; way++) {
		text[way] = go(way, from, &length[way]);
		if (length[way] == length[0] &&
		    !memcmp(text[way], text[0], length[0]))
			continue;
		fprintf(stderr, "load: %s: %ld bytes by %s are not the %ld by read\n",
			*arg, (long)length[way], ways[way].name, (long)length[0]);
		return 1;
	}
	printf("%ld\n", (long)length[0]);
	return 0;
}

/* brief: sleeps twice for MS milliseconds together, and ends. */

static void rest_half(long ms)
{
	const struct timespec half = { 0, ms * 500000 };

	nanosleep(&half, NULL);
}

static int do_brief(char **arg)
{
	long ms = number(arg, 50);

	rest_half(ms);
	rest_half(ms);
	return 0;
}

/*
 * jit: burns below code that no file has, and says where that returns to. The
 * code calls what it is given, with a frame of its own.
 */
static int do_jit(char **arg)
{
	static const unsigned char code[] = {
		0x55,			/* push %rbp */
		0x48, 0x89, 0xe5,	/* mov %rsp, %rbp */
		0xff, 0xd7,		/* call *%rdi */
		0x5d,			/* pop %rbp */
		0xc3,			/* ret */
	};
	char *page = mmap(NULL, sizeof(code) + 16, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("jit");
	/* Not at its very beginning: the call is looked for in eight bytes. */
	page += 16;
	memcpy(page, code, sizeof(code));
	printf("%p\n", page + 6);
	fflush(stdout);
	((void (*)(int (*)(void *)))page)(spin);
	return 0;
}

/* nobody: a command without any right. */
static int do_nobody(char **arg)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		die("setuid");
	execvp(*arg, arg);
	die(*arg);
	return 1;
}

static const struct command {
	const char *name;
	int (*run)(char **arg);
	const char *arguments;
} commands[] = {
	{ "hog", do_hog, "[SECONDS]" },
	{ "share", do_share, "PERCENT [SECONDS]" },
	{ "fifo", do_fifo, "PRIORITY PERCENT [SECONDS]" },
	{ "deadline", do_deadline, "RUNTIME PERIOD [SECONDS]" },
	{ "deep", do_deep, "FRAMES [SECONDS]" },
	{ "pingpong", do_pingpong, "ROUNDS" },
	{ "pingpong32", do_pingpong32, "ROUNDS" },
	{ "brief", do_brief, "MS" },
	{ "jit", do_jit, "" },
	{ "fork", do_fork, "COUNT" },
	{ "messages", do_messages, "GROUPS MESSAGES" },
	{ "datagrams", do_datagrams, "COUNT" },
	{ "renames", do_renames, "COUNT" },
	{ "futexes", do_futexes, "ROUNDS" },
	{ "names", do_names, "COUNT" },
	{ "named", do_named, "NAME PERCENT [SECONDS]" },
	{ "threads", do_threads, "COUNT" },
	{ "spinners", do_spinners, "COUNT" },
	{ "reborn", do_reborn, "" },
	{ "snap", do_snap, "PREFIX FILE..." },
	{ "ways", do_ways, "FILE" },
	{ "nobody", do_nobody, "COMMAND..." },
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int explain(void)
{
	const struct command *c;

	fputs("usage: load [-c CPU] COMMAND [ARGUMENT...]\n", stderr);
	for (c = commands; c < commands + COMMANDS; c++)
		fprintf(stderr, "  %s %s\n", c->name, c->arguments);
	return 2;
}

static void stay_on(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc > 2 && !strcmp(argv[1], "-c")) {
		stay_on(atol(argv[2]));
		argv += 2;
		argc -= 2;
	}
	if (argc < 2)
		return explain();
	for (c = commands; c < commands + COMMANDS; c++)
		if (!strcmp(c->name, argv[1]))
			return c->run(argv + 2);
	return explain();
}
