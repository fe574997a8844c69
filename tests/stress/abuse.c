// SPDX-License-Identifier: GPL-2.0
/*
 * abuse: what no well-behaved program does, for the stress tests in the guest.
 * One static program; what it has tried it counts and prints.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "abuse: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A wrong answer, not a wrong environment. */
static void wrong(const char *what, long was, long expected)
{
	fprintf(stderr, "abuse: %s: %ld, expected %ld\n", what, was, expected);
	exit(1);
}

/* xorshift64*: the same numbers from the same seed. */
static unsigned long seed = 1;

static unsigned long chance(unsigned long below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 2685821657736338717UL >> 16) % below;
}

static long number(char **arg, const char *what)
{
	if (!*arg) {
		fprintf(stderr, "abuse: no %s\n", what);
		exit(2);
	}
	return strtol(*arg, NULL, 0);
}

/*
 * stacks: N voluntary switches, each below user frames that no other had. The
 * frames are made by hand: a chain of frame pointers on this very stack, with
 * return addresses that each stand behind the opcode of a call.
 */

#define DEPTH	4
#define CALLS	4096		/* of each frame: CALLS to the power of DEPTH */
#define CALL	5		/* bytes of a direct call */

struct frame {
	struct frame	*up;
	unsigned long	ret;
};

static unsigned char *make_calls(void)
{
	unsigned char *code = mmap(NULL, CALLS * CALL + CALL,
				   PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (code == MAP_FAILED)
		die("mmap");
	for (i = 0; i < CALLS; i++)
		code[i * CALL] = 0xe8;
	return code + CALL;
}

/* A system call with the frame pointer as given. */
static long call_below(struct frame *fp, long nr, long a, void *b, long c)
{
	long ret = nr;

	asm volatile("xchg %%rbp, %[fp]\n\tsyscall\n\txchg %%rbp, %[fp]"
		     : "+a" (ret), [fp] "+r" (fp)
		     : "D" (a), "S" (b), "d" (c)
		     : "rcx", "r11", "memory");
	return ret;
}

static void echo(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
		continue;
	_exit(0);
}

static int do_stacks(char **arg)
{
	long n = number(arg, "number"), i, rest;
	struct frame frame[DEPTH];
	unsigned char *code = make_calls();
	int ping[2], pong[2], k;
	char byte = 0;

	if (pipe(ping) || pipe(pong))
		die("pipe");
	if (!fork()) {
		close(ping[1]);
		close(pong[0]);
		echo(ping[0], pong[1]);
	}
	for (i = 0; i < n; i++) {
		rest = i;
		for (k = 0; k < DEPTH; k++) {
			frame[k].up = k + 1 < DEPTH ? &frame[k + 1] : NULL;
			frame[k].ret = (unsigned long)code +
				       rest % CALLS * CALL;
			rest /= CALLS;
		}
		if (write(ping[1], &byte, 1) != 1)
			die("write");
		if (call_below(frame, SYS_read, pong[0], &byte, 1) != 1)
			die("read");
	}
	close(ping[1]);
	wait(NULL);
	printf("%ld distinct stacks\n", n);
	return 0;
}

/*
 * scribble: SEED N FILE: N writes of anything to FILE, and what must be said
 * of each. Only a 0 on each line, whatever space is about it, is a command.
 */

static int is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_zero(char *line)
{
	char *end = line + strlen(line);

	while (end > line && is_space(end[-1]))
		*--end = 0;
	while (is_space(*line))
		line++;
	return *line ? strcmp(line, "0") ? -1 : 1 : 0;
}

/* What the kernel is to make of as much as it reads, up to a byte of 0. */
static int is_reset(const char *word, size_t size)
{
	static char copy[4097];
	char *rest = copy, *line;
	int n = 0, zero;

	if (size >= sizeof(copy))
		return 0;
	memcpy(copy, word, size);
	copy[size] = 0;
	while ((line = strsep(&rest, "\n"))) {
		zero = is_zero(line);
		if (zero < 0)
			return 0;
		n += zero;
	}
	return n > 0;
}

/* A word's size: that of a command, near the longest that is read, or any. */
static size_t any_size(size_t room)
{
	switch (chance(4)) {
	case 0:
		return chance(room);
	case 1:
		return 150 + chance(30);
	default:
		return chance(18);
	}
}

static size_t make_word(char *word, size_t room)
{
	static const char letters[] = "0001 \t\n-+x%sA\177\377";
	size_t size = any_size(room), i;

	for (i = 0; i < size; i++)
		word[i] = chance(3) ? letters[chance(sizeof(letters))] :
				      (char)chance(256);
	return size;
}

/* Not constants, of which the compiler would know better. */
static void *nowhere;
static size_t too_much;

static void set_limits(void)
{
	nowhere = (void *)strtoul("8", NULL, 0);
	too_much = strtoul("0x7fffffffffffffff", NULL, 0);
}

static void expect(const char *what, ssize_t got, ssize_t want, int error)
{
	if (got != want)
		wrong(what, got, want);
	if (want < 0 && errno != error)
		wrong(what, errno, error);
}

/* Take SEED, NUMBER and FILE, which is opened. Returns the number. */
static long begin(char **arg, int flags, int *fd)
{
	long n;

	seed = number(arg, "seed") | 1;
	n = number(arg + 1, "number");
	*fd = open(arg[2], flags);
	if (*fd < 0)
		die(arg[2]);
	return n;
}

static int do_scribble(char **arg)
{
	static char word[70000];
	long n, i, resets = 0;
	size_t size;
	int fd;

	set_limits();
	n = begin(arg, O_RDWR, &fd);
	for (i = 0; i < n; i++) {
		size = make_word(word, sizeof(word));
		if (is_reset(word, size)) {
			resets++;
			expect("reset", write(fd, word, size), size, 0);
		} else {
			expect("write", write(fd, word, size), -1, EINVAL);
		}
	}
	expect("write of nowhere", write(fd, nowhere, 2), -1, EFAULT);
	expect("write of kernel", write(fd, (void *)-4096, 2), -1, EFAULT);
	expect("write of all", write(fd, word, too_much), -1, EFAULT);
	printf("%ld writes, %ld of them resets\n", n + 3, resets);
	return 0;
}

/*
 * command: SEED N FILE: N writes to FILE of what is a command, or nearly one.
 * Each is taken whole or refused.
 */

static const char *const views[] = {
	"tasks", "cpus", "latency", "inversion", "exits", "folded", "stacks",
	"views", "accounts", "nothing", "", NULL
};

static const char *const keys[] = {
	"pid", "tgid", "comm", "cpu", "class", "shortest", "longest", "colour",
	"off", "", NULL
};

static const char *const values[] = {
	"0", "1", "2", "-1", "0-1", "1-0", "0,1", "0-", "64", "4294967296",
	"18446744073709551616", "load", "load,x", "a name of 16 and more bytes",
	"rt", "fair", "deadline", "low", "100us", "5ms", "1s", "1h", "0us",
	"99999999999999999999ms", "", "=", "%s%n", "\"a name\",load", "\"",
	"\"\\x6coad\"", "\"\\\"", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
	NULL
};

/* Of a list that ends with NULL. */
static const char *any_of(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return list[chance(n)];
}

/* The length of what is made. */
static size_t make_command(char *to, size_t room)
{
	size_t size = 0, n;

	switch (chance(3)) {
	case 0:
		return snprintf(to, room, "%c%s", "+-"[chance(2)],
				any_of(views));
	case 1:
		return snprintf(to, room, "%s %s=%s", any_of(views),
				any_of(keys), any_of(values));
	}
	size = snprintf(to, room, "filter");
	for (n = chance(5); n; n--)
		size += snprintf(to + size, room - size, "%c%s%s%s",
				 " ,"[!chance(4)], any_of(keys),
				 chance(8) ? "=" : "", any_of(values));
	return size;
}

static int do_command(char **arg)
{
	long n, i, taken = 0;
	char word[1000];
	ssize_t got;
	size_t size;
	int fd;

	n = begin(arg, O_RDWR, &fd);
	for (i = 0; i < n; i++) {
		size = make_command(word, sizeof(word));
		if (size && !chance(5))
			word[chance(size)] = (char)chance(256);
		got = write(fd, word, size);
		if (got < 0 && errno != EINVAL && errno != EOPNOTSUPP)
			die("write");
		if (got >= 0 && (size_t)got != size)
			wrong("command", got, size);
		taken += got >= 0;
	}
	printf("%ld writes, %ld of them taken\n", n, taken);
	return taken == 0 || taken == n;
}

/*
 * read: SEED N FILE: the file whole, then N odd ways of reading parts of it
 * from the same open file, which all must give what the whole had there.
 */

#define ROOM	(16 << 20)

static char *whole;
static ssize_t length;

static void read_whole(int fd)
{
	ssize_t got;

	length = 0;
	while ((got = read(fd, whole + length, ROOM - length)) > 0)
		length += got;
	if (got < 0)
		die("read");
	if (!length)
		wrong("length", 0, 1);
}

static void compare(const char *how, const char *part, ssize_t got, off_t at,
		    ssize_t size)
{
	ssize_t left = at < length ? length - at : 0;

	if (got < 0)
		die(how);
	if (got > size || got > left || (!got && size && left))
		wrong(how, got, left < size ? left : size);
	if (memcmp(part, whole + at, got))
		wrong(how, -1, at);
}

static void read_parts(int fd, char *part)
{
	off_t at = chance(length + 100);
	ssize_t size = chance(5000), half = size / 2, got;
	struct iovec iov[2] = {
		{ part, half }, { part + half, size - half },
	};
	int pipes[2];

	switch (chance(5)) {
	case 0:
		compare("pread", part, pread(fd, part, size, at), at, size);
		break;
	case 1:
		if (lseek(fd, at, SEEK_SET) != at)
			die("lseek");
		compare("read", part, read(fd, part, size), at, size);
		break;
	case 2:
		compare("preadv", part, preadv(fd, iov, 2, at), at, size);
		break;
	case 3:
		if (pipe(pipes))
			die("pipe");
		if (lseek(fd, at, SEEK_SET) != at)
			die("lseek");
		got = splice(fd, NULL, pipes[1], NULL, size, SPLICE_F_NONBLOCK);
		if (got > 0 && read(pipes[0], part, got) != got)
			die("pipe");
		/* A file in procfs need not support it. */
		if (got >= 0)
			compare("splice", part, got, at, size);
		else if (errno != EINVAL)
			die("splice");
		close(pipes[0]);
		close(pipes[1]);
		break;
	case 4:
		for (at = chance(length), got = at; got < at + 50; got++)
			compare("byte", part, pread(fd, part, 1, got), got, 1);
		break;
	}
}

/* What is refused, and what is nothing. */
static void read_wrongly(int fd, char *part)
{
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
		wrong("mmap", 0, -1);
	expect("lseek", lseek(fd, -1, SEEK_SET), -1, EINVAL);
	expect("lseek", lseek(fd, 0, SEEK_SET), 0, 0);
	expect("lseek", lseek(fd, -length - 1, SEEK_CUR), -1, EINVAL);
	expect("pread", pread(fd, part, 1, -1), -1, EINVAL);
	expect("pread", pread(fd, part, 10, 1LL << 40), 0, 0);
	expect("read of 0", pread(fd, part, 0, 0), 0, 0);
	expect("read to nowhere", pread(fd, nowhere, 10, 0), -1, EFAULT);
	if (ftruncate(fd, 0) == 0)
		wrong("ftruncate", 0, -1);
}

static int do_read(char **arg)
{
	static char part[5000];
	long n, i;
	int fd, reset;

	set_limits();
	n = begin(arg, O_RDONLY, &fd);
	arg += 2;
	whole = malloc(ROOM);
	if (!whole)
		die("malloc");
	read_whole(fd);
	for (i = 0; i < n; i++) {
		/* A reset is nothing to a file that is open. */
		if (i == n / 2 && arg[1]) {
			reset = open(arg[1], O_WRONLY);
			if (reset < 0 || write(reset, "0", 1) != 1)
				die(arg[1]);
			close(reset);
		}
		read_parts(fd, part);
	}
	read_wrongly(fd, part);
	printf("%ld reads\n", n + 7);
	return 0;
}

/*
 * fail: SEED MOST ACT FILE [PARAMETERS]: the act again and again, each time
 * another of its allocations failing: all of them one after the other or, where
 * there are many, about MOST at equal distances, the first of which the seed
 * decides. A failure must be a clean one.
 */

/* Begin to count this thread's allocations: the one after @nth - 1 fails. */
static int begin_failing(long nth)
{
	char word[16];
	int size = snprintf(word, sizeof(word), "%ld", nth);
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);

	if (fd < 0 || pwrite(fd, word, size, 0) != size)
		die("fail-nth");
	return fd;
}

/* Count no longer. How many allocations were still to come? */
static long end_failing(int fd)
{
	char word[16] = "";

	if (pread(fd, word, sizeof(word) - 1, 0) < 0 ||
	    pwrite(fd, "0", 1, 0) != 1)
		die("fail-nth");
	close(fd);
	return atol(word);
}

static char room[1 << 20];

static long act_insmod(int fd, const char *file, const char *parameters)
{
	return syscall(SYS_finit_module, fd, parameters, 0);
}

static void undo_insmod(void)
{
	if (syscall(SYS_delete_module, "perftop", 0))
		die("delete_module");
}

static long act_open(int unused, const char *file, const char *parameters)
{
	int fd = open(file, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd;
}

static long act_read(int fd, const char *file, const char *parameters)
{
	ssize_t got;

	while ((got = read(fd, room, sizeof(room))) > 0)
		continue;
	return got;
}

static long act_write(int fd, const char *file, const char *parameters)
{
	return write(fd, "0", 1);
}

static const struct act {
	const char *name;
	int flags;		/* to open the file with beforehand */
	long (*run)(int fd, const char *file, const char *parameters);
	void (*undo)(void);	/* after it has succeeded */
} acts[] = {
	{ "insmod", O_RDONLY, act_insmod, undo_insmod },
	{ "open", O_PATH, act_open, NULL },
	{ "read", O_RDONLY, act_read, NULL },
	{ "write", O_WRONLY, act_write, NULL },
	{ NULL, 0, NULL, NULL },
};

/* Returns how far off the failure was, 0 if it happened; counts errors. */
static long act_failing(const struct act *act, long nth, const char *file,
			const char *parameters, long *errors)
{
	int fd = open(file, act->flags), nths, error;
	long ret, left;

	if (fd < 0)
		die(file);
	nths = begin_failing(nth);
	ret = act->run(fd, file, parameters);
	error = errno;
	left = end_failing(nths);
	close(fd);

	if (ret >= 0) {
		if (act->undo)
			act->undo();
	} else if (left || error != ENOMEM) {
		fprintf(stderr, "abuse: %s, allocation %ld: %s\n", act->name,
			nth, strerror(error));
		exit(1);
	} else {
		++*errors;
	}
	return left;
}

/* More than any act has. */
#define NEVER	1000000000L

static int do_fail(char **arg)
{
	long first = number(arg, "seed"), most = number(arg + 1, "most");
	long all, step, nth, errors = 0, failed = 0;
	const struct act *act = acts;
	const char *parameters;

	arg += 2;
	while (arg[0] && act->name && strcmp(act->name, arg[0]))
		act++;
	if (!arg[0] || !arg[1] || !act->name)
		die("no such act");
	parameters = arg[2] ? arg[2] : "";
	all = NEVER - act_failing(act, NEVER, arg[1], parameters, &errors);
	step = 1 + (most ? all / most : 0);
	for (nth = 1 + first % step; ; nth += step, failed++)
		if (act_failing(act, nth, arg[1], parameters, &errors))
			break;
	printf("%s: %ld of %ld allocations made to fail, %ld errors\n",
	       act->name, failed, all, errors);
	if (!failed)
		wrong("allocations", 0, 1);
	return 0;
}

/* eat: takes memory until there is none, and is killed for it. */
static int do_eat(char **arg)
{
	const size_t size = 1 << 20;
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);
	char *memory;

	if (fd < 0 || write(fd, "1000", 4) != 4)
		die("oom_score_adj");
	close(fd);
	for (;;) {
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			die("mmap");
		memset(memory, 1, size);
	}
	return 1;
}

/* powers: FILE: root may open it with one of two capabilities, not without. */

#define NO_CAPABILITY	(-1)

static int open_with(int capability, const char *file)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .permitted = 1 << CAP_DAC_OVERRIDE },
	};
	int status, fd;

	if (!fork()) {
		if (capability != NO_CAPABILITY)
			data[capability / 32].permitted |=
				1U << capability % 32;
		data[0].effective = data[0].permitted;
		data[1].effective = data[1].permitted;
		if (syscall(SYS_capset, &header, data))
			_exit(255);
		fd = open(file, O_RDONLY);
		_exit(fd < 0 ? errno : 0);
	}
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int do_powers(char **arg)
{
	int error;

	if (!*arg)
		return 2;
	error = open_with(NO_CAPABILITY, *arg);
	if (error != EPERM)
		wrong("root without capabilities", error, EPERM);
	error = open_with(CAP_PERFMON, *arg);
	if (error)
		wrong("CAP_PERFMON", error, 0);
	error = open_with(CAP_SYS_ADMIN, *arg);
	if (error)
		wrong("CAP_SYS_ADMIN", error, 0);
	return 0;
}

/*
 * opens: USER GROUP GROUP-BESIDE FILE: print by which errors such a process
 * cannot open it to read and to write; 0: it can.
 */

static int try_open(const char *file, int flags)
{
	int fd = open(file, flags);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int do_opens(char **arg)
{
	gid_t own, groups[1];
	uid_t uid;

	uid = number(arg++, "user");
	own = number(arg++, "group");
	groups[0] = number(arg++, "group beside");
	if (!*arg)
		return 2;
	if (setgroups(1, groups) || setgid(own) || setuid(uid))
		die("setuid");
	printf("%d %d\n", try_open(*arg, O_RDONLY), try_open(*arg, O_WRONLY));
	return 0;
}

/* contained: FILE: the same of who is root in a user namespace of his own. */

static void write_to(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(file);
	close(fd);
}

static int do_contained(char **arg)
{
	if (!*arg)
		return 2;
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		die("setuid");
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER))
		die("unshare");
	write_to("/proc/self/setgroups", "deny");
	write_to("/proc/self/uid_map", "0 1000 1\n");
	write_to("/proc/self/gid_map", "0 1000 1\n");
	if (getuid() || getgid())
		wrong("root of a container", getuid(), 0);
	printf("%d %d\n", try_open(*arg, O_RDONLY), try_open(*arg, O_WRONLY));
	return 0;
}

/* signals: N of them, from a process to its child and back. */

static sig_atomic_t signalled;

static void count_signal(int signal)
{
	__atomic_fetch_add(&signalled, 1, __ATOMIC_RELAXED);
}

static int do_signals(char **arg)
{
	struct sigaction action = { .sa_handler = count_signal };
	long n = number(arg, "number"), i;
	pid_t parent = getpid(), child;
	sigset_t set, old;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	child = fork();
	for (i = 0; i < n; i++) {
		if (child)
			kill(child, SIGUSR1);
		while (__atomic_load_n(&signalled, __ATOMIC_RELAXED) <= i)
			sigsuspend(&old);
		if (!child)
			kill(parent, SIGUSR1);
	}
	if (!child)
		_exit(0);
	wait(NULL);
	printf("%ld signals\n", 2 * n);
	return 0;
}

/* execs: N times this program anew, in a process that stays the same. */
static int do_execs(char **arg)
{
	long n = number(arg, "number");
	char left[24];

	if (!n)
		return 0;
	snprintf(left, sizeof(left), "%ld", n - 1);
	execl("/proc/self/exe", "abuse", "execs", left, NULL);
	die("execl");
	return 1;
}

static const struct command {
	const char *name;
	int (*run)(char **arg);
	const char *arguments;
} commands[] = {
	{ "stacks", do_stacks, "NUMBER" },
	{ "scribble", do_scribble, "SEED NUMBER FILE" },
	{ "command", do_command, "SEED NUMBER FILE" },
	{ "read", do_read, "SEED NUMBER FILE [FILE-TO-RESET]" },
	{ "fail", do_fail, "SEED MOST insmod|open|read|write FILE [PARAMETERS]" },
	{ "eat", do_eat, "" },
	{ "powers", do_powers, "FILE" },
	{ "opens", do_opens, "USER GROUP GROUP-BESIDE FILE" },
	{ "contained", do_contained, "FILE" },
	{ "signals", do_signals, "NUMBER" },
	{ "execs", do_execs, "NUMBER" },
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

int main(int argc, char **argv)
{
	const struct command *c;

	for (c = commands; argc > 1 && c < commands + COMMANDS; c++)
		if (!strcmp(c->name, argv[1]))
			return c->run(argv + 2);
	fputs("usage: abuse COMMAND [ARGUMENT...]\n", stderr);
	for (c = commands; c < commands + COMMANDS; c++)
		fprintf(stderr, "  %s %s\n", c->name, c->arguments);
	return 2;
}
