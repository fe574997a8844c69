// SPDX-License-Identifier: GPL-2.0
/*
 * work: what is switched to and fro in the benchmark's guest, and what it took:
 * a static program that runs a workload on each of some CPUs and prints the
 * ticks of the time stamp counter and the switches that the kernel counted
 * meanwhile. In a guest whose time counts instructions, ticks and ns are
 * instructions.
 *
 * No workload leaves a CPU idle, since a guest whose time counts instructions
 * skips the time that it would wait; and none depends on how fast it is, so
 * that all runs do the same, with a tracer or without.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/types.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define DEEP_LEVELS	16
#define TREE_LEVELS	5
#define WORST_LEVELS	64
#define USER_FRAMES	10
#define WORST_FRAMES	64
#define PREEMPT_NS	3000
#define EXT4		"/tmp/ext4"	/* as guest-rows.sh mounts it */

static const char *zero_file;
static long distinct = 1, first_path;
static int cpus = 1, first_cpu;

static void die(const char *what)
{
	fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void wait_children(int count)
{
	int status;

	while (count--)
		if (wait(&status) < 0 || status)
			die("a child");
}

/* A child that no signal to its parent leaves behind. */
static int fork_child(void)
{
	int pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static void *shared_page(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("mmap");
	return page;
}

/* --- Frames --------------------------------------------------------------- */

typedef void player_fn(void *game);

/*
 * Calls @play with a frame pointer of 0, as the kernel starts a program: a walk
 * up the frame pointers finds no more than what lies below here. There is no
 * red zone to spoil, by a flag of the compiler.
 */
static void call_outermost(player_fn *play, void *game)
{
	asm volatile("push %%rbp\n\txor %%ebp, %%ebp\n\tcall *%[play]\n\tpop %%rbp"
		     : "+D" (game)
		     : [play] "r" (play)
		     : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11",
		       "memory", "cc");
}

struct below {
	int		frames;
	player_fn	*play;
	void		*game;
};

static void go_below(void *arg)
{
	struct below *below = arg;

	if (below->frames-- > 0)
		go_below(below);
	else
		below->play(below->game);
	asm volatile("");
}

/* --- Two players ---------------------------------------------------------- */

struct pipes {
	int	in, out;
	long	rounds;
};

static void play_pipes(void *game)
{
	struct pipes *pipes = game;
	char byte = 0;

	while (pipes->rounds--)
		if (read(pipes->in, &byte, 1) != 1 ||
		    write(pipes->out, &byte, 1) != 1)
			die("pipe");
}

/* Both play; the one that is not a child begins to wait, the other is served. */
static void play_both(player_fn *play, void *mine, void *other)
{
	if (!fork_child()) {
		call_outermost(play, other);
		_exit(0);
	}
	call_outermost(play, mine);
	wait_children(1);
}

static void make_pipes(struct pipes *a, struct pipes *b, long rounds)
{
	int ping[2], pong[2];

	if (pipe(ping) || pipe(pong) || write(ping[1], "", 1) != 1)
		die("pipe");
	*a = (struct pipes){ ping[0], pong[1], rounds };
	*b = (struct pipes){ pong[0], ping[1], rounds };
}

static void close_pipes(const struct pipes *a, const struct pipes *b)
{
	close(a->in);
	close(a->out);
	close(b->in);
	close(b->out);
}

static void run_pipe(long rounds)
{
	struct pipes a, b;

	make_pipes(&a, &b, rounds);
	play_both(play_pipes, &a, &b);
	close_pipes(&a, &b);
}

/*
 * As a 32-bit program asks the kernel, which this one is not: an address is to
 * be below 4 GiB. Some kernels clear the registers that such a program has not.
 */
static int call32(int number, int fd, void *byte)
{
	long got = number;

	asm volatile("int $0x80"
		     : "+a" (got)
		     : "b" (fd), "c" (byte), "d" (1)
		     : "r8", "r9", "r10", "r11", "memory", "cc");
	return got;
}

#define READ32		3
#define WRITE32		4

static void play_pipes32(void *game)
{
	struct pipes *pipes = game;
	static char byte;

	while (pipes->rounds--)
		if (call32(READ32, pipes->in, &byte) != 1 ||
		    call32(WRITE32, pipes->out, &byte) != 1)
			die("pipe by int 0x80");
}

static void run_pipe32(long rounds)
{
	struct pipes a, b;

	make_pipes(&a, &b, rounds);
	play_both(play_pipes32, &a, &b);
	close_pipes(&a, &b);
}

static void run_frames(long rounds)
{
	struct pipes a, b;
	struct below below_a = { USER_FRAMES - 3, play_pipes, &a };
	struct below below_b = { USER_FRAMES - 3, play_pipes, &b };

	make_pipes(&a, &b, rounds);
	play_both(go_below, &below_a, &below_b);
	close_pipes(&a, &b);
}

static __u32 look(const __u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

struct futex {
	__u32	*turn;
	__u32	side;
	long	rounds;
};

static void play_futex(void *game)
{
	struct futex *futex = game;
	const __u32 other = !futex->side;

	while (futex->rounds--) {
		while (look(futex->turn) != futex->side)
			syscall(SYS_futex, futex->turn, FUTEX_WAIT, other, NULL,
				NULL, 0);
		__atomic_store_n(futex->turn, other, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, futex->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

static void run_futex(long rounds)
{
	__u32 *page = shared_page();
	struct futex a = { page, 0, rounds }, b = { page, 1, rounds };

	play_both(play_futex, &a, &b);
	munmap(page, PAGE);
}

/* As stacks.h has it. */
struct request {
	__u16	side;
	__u16	what;
	__u32	levels;
	__u64	path;
};

#define MEET_WAKE	1
#define MEET_SLEEP	2

struct meeting {
	int	fd;
	__u16	side;
	int	levels;
	bool	inside_out;
	long	rounds;
	long	distinct;
};

/* Of the digits of a path, that many, the last one first. */
static __u64 turn_round(__u64 path, int digits)
{
	__u64 turned = 0;

	for (; digits; digits--, path >>= 4)
		turned = turned << 4 | (path & 15);
	return turned;
}

/* The lowest digit chooses the outermost function, or the innermost one. */
static void meet(const struct meeting *m, __u16 what, __u64 path)
{
	struct request request = { m->side, what, m->levels, path };

	if (m->inside_out)
		request.path = turn_round(path, m->levels);
	/* With a place given, no lock of the file is held meanwhile. */
	if (pwrite(m->fd, &request, sizeof(request), 0) < 0)
		die("a meeting");
}

/* The second side begins with a sleep, and the first ends without one. */
static void play_meeting(void *game)
{
	struct meeting *m = game;
	long i, path = 0;

	if (m->side)
		meet(m, MEET_SLEEP, 0);
	for (i = 1; i <= m->rounds; i++) {
		bool last = !m->side && i == m->rounds;

		meet(m, last ? MEET_WAKE : MEET_WAKE | MEET_SLEEP,
		     first_path + path);
		if (++path == m->distinct)
			path = 0;
	}
}

static void meet_in(const char *file, player_fn *play, long rounds, int levels,
		    bool inside_out, long stacks)
{
	int fd = open(file, O_WRONLY);
	struct meeting a = { fd, 0, levels, inside_out, rounds + 1, stacks };
	struct meeting b = { fd, 1, levels, inside_out, rounds, stacks };

	if (fd < 0)
		die(file);
	play_both(play, &a, &b);
	close(fd);
}

static void run_meeting(player_fn *play, long rounds, int levels,
			bool inside_out, long stacks)
{
	meet_in("/proc/perftop_bench", play, rounds, levels, inside_out, stacks);
}

static void run_deep(long rounds)
{
	run_meeting(play_meeting, rounds, DEEP_LEVELS, false, 1);
}

static void run_tree(long rounds)
{
	run_meeting(play_meeting, rounds, TREE_LEVELS, false, distinct);
}

static void run_twigs(long rounds)
{
	run_meeting(play_meeting, rounds, TREE_LEVELS, true, distinct);
}

static void run_tall(long rounds)
{
	run_meeting(play_meeting, rounds, DEEP_LEVELS, false, distinct);
}

/* No stack comes twice, each is as deep as perftop takes them. */
static void play_worst(void *game)
{
	struct below below = { WORST_FRAMES - 3, play_meeting, game };

	go_below(&below);
}

/* Whoever leaves a real-time task for another is picked for twice. */
static void play_worst_first(void *game)
{
	const struct sched_param first = { .sched_priority = 10 };
	const struct sched_param none = {};
	struct meeting *m = game;

	if (!m->side && sched_setscheduler(0, SCHED_FIFO, &first))
		die("SCHED_FIFO");
	play_worst(m);
	if (!m->side && sched_setscheduler(0, SCHED_BATCH, &none))
		die("SCHED_BATCH");
}

static void run_worst(long rounds)
{
	meet_in("/proc/perftop_many", play_worst, rounds, WORST_LEVELS, false,
		rounds);
}

static void run_worst_first(long rounds)
{
	meet_in("/proc/perftop_many", play_worst_first, rounds, WORST_LEVELS,
		false, rounds);
}

/* --- Ten ways to wait ----------------------------------------------------- */

struct waiter {
	struct pipes	pipes;
	int		epoll, null;
};

/* Returns whether the byte has been taken as well. */
static bool wait_by(const struct waiter *w, unsigned int way)
{
	static char byte;
	struct iovec part = { &byte, 1 };
	struct pollfd poll = { w->pipes.in, POLLIN, 0 };
	struct epoll_event event;
	fd_set set;
	long got;

	FD_ZERO(&set);
	FD_SET(w->pipes.in, &set);
	switch (way) {
	case 0:
		got = syscall(SYS_poll, &poll, 1, -1);
		break;
	case 1:
		got = syscall(SYS_ppoll, &poll, 1, NULL, NULL, 0);
		break;
	case 2:
		got = syscall(SYS_select, w->pipes.in + 1, &set, NULL, NULL,
			      NULL);
		break;
	case 3:
		got = syscall(SYS_pselect6, w->pipes.in + 1, &set, NULL, NULL,
			      NULL, NULL);
		break;
	case 4:
		got = syscall(SYS_epoll_wait, w->epoll, &event, 1, -1);
		break;
	case 5:
		got = syscall(SYS_epoll_pwait, w->epoll, &event, 1, -1, NULL, 0);
		break;
	case 6:
		got = syscall(SYS_readv, w->pipes.in, &part, 1);
		break;
	case 7:
		got = syscall(SYS_preadv2, w->pipes.in, &part, 1, -1L, -1L,
			      0);
		break;
	case 8:
		got = syscall(SYS_splice, w->pipes.in, NULL, w->null, NULL, 1,
			      0);
		break;
	default:
		return false;
	}
	if (got != 1)
		die("waiting");
	return way > 5;
}

static void play_waiting(void *game)
{
	struct waiter *w = game;
	char byte = 0;

	for (; w->pipes.rounds; w->pipes.rounds--)
		if ((!wait_by(w, w->pipes.rounds % 10) &&
		     read(w->pipes.in, &byte, 1) != 1) ||
		    write(w->pipes.out, &byte, 1) != 1)
			die("pipe");
}

static void open_waiter(struct waiter *w)
{
	struct epoll_event event = { .events = EPOLLIN };

	w->epoll = epoll_create1(0);
	w->null = open("/dev/null", O_WRONLY);
	if (w->epoll < 0 || w->null < 0 ||
	    epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->pipes.in, &event))
		die("a waiter");
}

static void close_waiter(const struct waiter *w)
{
	close(w->epoll);
	close(w->null);
}

static void run_calls(long rounds)
{
	struct waiter a, b;

	make_pipes(&a.pipes, &b.pipes, rounds);
	open_waiter(&a);
	open_waiter(&b);
	play_both(play_waiting, &a, &b);
	close_waiter(&a);
	close_waiter(&b);
	close_pipes(&a.pipes, &b.pipes);
}

/* --- Messages ------------------------------------------------------------- */

#define GROUPS		2
#define PARTIES		5	/* senders of a group; receivers, too */

static void send_all(int (*socket)[2], long rounds)
{
	static const char message[100];
	int i;

	while (rounds--)
		for (i = 0; i < PARTIES; i++)
			if (write(socket[i][1], message, sizeof(message)) < 0)
				die("send");
}

static void receive_all(int socket, long rounds)
{
	ssize_t left = rounds * PARTIES * 100, got;
	char message[100];

	for (; left; left -= got) {
		got = read(socket, message, sizeof(message));
		if (got <= 0)
			die("receive");
	}
}

/* Room for few messages: a switch for not much more than each of them. */
static void make_socket(int *socket)
{
	const int room = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, socket) ||
	    setsockopt(socket[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)))
		die("socketpair");
}

static void start_group(long rounds)
{
	int socket[PARTIES][2], i;

	for (i = 0; i < PARTIES; i++)
		make_socket(socket[i]);
	for (i = 0; i < PARTIES; i++) {
		if (!fork_child()) {
			receive_all(socket[i][0], rounds);
			_exit(0);
		}
		if (!fork_child()) {
			send_all(socket, rounds);
			_exit(0);
		}
	}
	for (i = 0; i < PARTIES; i++) {
		close(socket[i][0]);
		close(socket[i][1]);
	}
}

static void run_messages(long rounds)
{
	int i;

	for (i = 0; i < GROUPS; i++)
		start_group(rounds / 10 + 1);
	wait_children(2 * PARTIES * GROUPS);
}

/* --- A journal ------------------------------------------------------------ */

#define ORDINARY_USER	1000

/* Each round changes the size, so that each has something to wait for. */
static void sync_all(long rounds)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), EXT4 "/%d", getpid());
	if (setuid(ORDINARY_USER))
		die("setuid");
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		die(name);
	while (rounds--)
		if (write(fd, "", 1) != 1 || fsync(fd))
			die("fsync");
	unlink(name);
	_exit(0);
}

static void run_fsync(long rounds)
{
	if (!fork_child())
		sync_all(rounds);
	wait_children(1);
}

/* --- The mix -------------------------------------------------------------- */

struct mix {
	int	timer, faults;
	__u32	*page;		/* filled by a thread */
	char	*plain;
	__u32	preempted;
};

static void arm_timer(const struct mix *mix, long ns)
{
	struct itimerspec when = { .it_value.tv_nsec = ns };

	if (timerfd_settime(mix->timer, 0, &when, NULL))
		die("timerfd_settime");
}

/* Has the CPU as soon as the timer strikes. */
static void *preempt(void *arg)
{
	struct mix *mix = arg;
	__u64 times;

	while (read(mix->timer, &times, sizeof(times)) > 0)
		__atomic_add_fetch(&mix->preempted, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Gives each page that is missing. */
static void *fill(void *arg)
{
	struct mix *mix = arg;
	struct uffd_msg msg;

	while (read(mix->faults, &msg, sizeof(msg)) == sizeof(msg)) {
		struct uffdio_zeropage zero = {
			.range = { (unsigned long)mix->page, PAGE },
		};

		if (ioctl(mix->faults, UFFDIO_ZEROPAGE, &zero))
			die("UFFDIO_ZEROPAGE");
	}
	return NULL;
}

static void open_faults(struct mix *mix)
{
	struct uffdio_register area = {
		.range	= { (unsigned long)mix->page, PAGE },
		.mode	= UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };

	mix->faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (mix->faults < 0 || ioctl(mix->faults, UFFDIO_API, &api) ||
	    ioctl(mix->faults, UFFDIO_REGISTER, &area))
		die("userfaultfd");
}

static void be_preempted(struct mix *mix)
{
	__u32 before = look(&mix->preempted);

	arm_timer(mix, PREEMPT_NS);
	while (look(&mix->preempted) == before)
		asm volatile("");
}

static void drop_page(const struct mix *mix)
{
	if (madvise(mix->page, PAGE, MADV_DONTNEED))
		die("madvise");
}

static void fault_plainly(const struct mix *mix)
{
	int i;

	for (i = 0; i < 8; i++)
		mix->plain[i * PAGE] = 1;
	if (madvise(mix->plain, 8 * PAGE, MADV_DONTNEED))
		die("madvise");
}

/*
 * Four times preempted by an interrupt, four faults in user mode and one in the
 * kernel's that another thread resolves, and eight that the kernel resolves.
 */
static void mix_round(struct mix *mix, int zero)
{
	int i;

	for (i = 0; i < 4; i++)
		be_preempted(mix);
	for (i = 0; i < 4; i++) {
		drop_page(mix);
		if (look(mix->page))
			die("a page of zeroes");
	}
	drop_page(mix);
	if (read(zero, mix->page, 8) != 8)
		die("/dev/zero");
	fault_plainly(mix);
}

static void *map_pages(size_t count)
{
	void *pages = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		die("mmap");
	return pages;
}

/* In a process of its own: threads, and a priority, go with it. */
static void mix_process(long rounds)
{
	struct sched_param first = { .sched_priority = 10 };
	int zero = open("/dev/zero", O_RDONLY);
	pthread_t preempter, filler;
	struct mix mix = {
		.timer	= timerfd_create(CLOCK_MONOTONIC, 0),
		.page	= map_pages(1),
		.plain	= map_pages(8),
	};

	open_faults(&mix);
	if (pthread_create(&preempter, NULL, preempt, &mix) ||
	    pthread_create(&filler, NULL, fill, &mix) ||
	    pthread_setschedparam(preempter, SCHED_FIFO, &first))
		die("threads");
	for (rounds /= 9; rounds > 0; rounds--)
		mix_round(&mix, zero);
	_exit(0);
}

static void run_mix(long rounds)
{
	if (!fork_child())
		mix_process(rounds);
	wait_children(1);
}

/* --- Measuring ------------------------------------------------------------ */

static const struct workload {
	const char	*name;
	void		(*run)(long rounds);
	const char	*what;
} workloads[] = {
	{ "pipe", run_pipe, "two processes pass a byte through two pipes" },
	{ "pipe32", run_pipe32, "the same, by int 0x80" },
	{ "futex", run_futex, "two processes wake each other by a futex" },
	{ "deep", run_deep, "two processes meet below 16 more kernel frames" },
	{ "messages", run_messages, "20 processes send through sockets" },
	{ "fsync", run_fsync, "an ordinary user appends to a file on ext4" },
	{ "mix", run_mix, "preemption by interrupts, and page faults" },
	{ "frames", run_frames, "as pipe, below 10 user frames" },
	{ "calls", run_calls, "as pipe, waiting by ten system calls in turn" },
	{ "tree", run_tree, "meet in DISTINCT stacks, the outer frames differ" },
	{ "twigs", run_twigs, "likewise, the inner frames differ" },
	{ "worst", run_worst, "meet below 64 kernel frames and 64 user frames" },
	{ "worst-first", run_worst_first, "likewise, one is a real-time task" },
	{ "tall", run_tall, "as tree, with 11 more frames that are the same" },
};

#define WORKLOADS (sizeof(workloads) / sizeof(*workloads))

static __u64 rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}

/* The switches of all CPUs since boot. */
static unsigned long long switches(void)
{
	unsigned long long count = 0;
	FILE *file = fopen("/proc/stat", "r");
	char line[4096];

	while (file && !count && fgets(line, sizeof(line), file))
		if (sscanf(line, "ctxt %llu", &count) != 1)
			count = 0;
	if (!count)
		die("/proc/stat");
	fclose(file);
	return count;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void write_zero(void)
{
	int fd;

	if (!zero_file)
		return;
	fd = open(zero_file, O_WRONLY);
	if (fd < 0 || write(fd, "0\n", 2) != 2)
		die(zero_file);
	close(fd);
}

/*
 * Who is woken is to wait until the other sleeps. Without this, time would
 * decide whether it takes the CPU at once, and a switch would come at two
 * prices.
 */
static void be_a_batch(void)
{
	const struct sched_param none = {};

	if (sched_setscheduler(0, SCHED_BATCH, &none))
		die("SCHED_BATCH");
}

/* One CPU's part: warm up, say so, wait until all have, and work. */
static void take_part(const struct workload *w, long rounds, int ready, int go)
{
	long warm = rounds / 10;
	char byte;

	w->run(warm > distinct ? warm : distinct);
	if (write(ready, "", 1) != 1 || read(go, &byte, 1) != 0)
		die("the start");
	w->run(rounds);
	_exit(0);
}

static void measure(const struct workload *w, long rounds)
{
	unsigned long long count;
	int ready[2], go[2], i;
	__u64 start;
	char byte;

	if (pipe(ready) || pipe(go))
		die("pipe");
	for (i = first_cpu; i < first_cpu + cpus; i++) {
		if (!fork_child()) {
			close(go[1]);
			stay_on(i);
			be_a_batch();
			take_part(w, rounds, ready[1], go[0]);
		}
	}
	for (i = 0; i < cpus; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("the start");
	/* What perftop asks of code, as a module's, it is told each second. */
	if (zero_file)
		sleep(2);
	write_zero();
	count = switches();
	start = rdtsc();
	close(go[1]);
	wait_children(cpus);
	start = rdtsc() - start;
	count = switches() - count;
	printf("%llu %llu\n", (unsigned long long)start, count);
}

/* --- Time of one thing ---------------------------------------------------- */

static unsigned long long cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Prints what a command takes of a CPU, and how long that lasts, in ns. */
static int do_command(char **arg)
{
	struct rusage usage;
	int status, pid;
	__u64 start;

	start = rdtsc();
	pid = fork_child();
	if (!pid) {
		execvp(*arg, arg);
		die(*arg);
	}
	if (wait4(pid, &status, 0, &usage) < 0 || status)
		die(*arg);
	start = rdtsc() - start;
	printf("%lld %llu\n",
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL,
	       (unsigned long long)start);
	return 0;
}

/* Prints the CPU time of opening, reading and closing a file, and its size. */
static int do_read(char **arg)
{
	static char text[65536];
	unsigned long long time[4];
	long size = 0, got;
	int fd;

	time[0] = cpu_time();
	fd = open(*arg, O_RDONLY);
	time[1] = cpu_time();
	while ((got = read(fd, text, sizeof(text))) > 0)
		size += got;
	time[2] = cpu_time();
	close(fd);
	time[3] = cpu_time();
	if (got < 0)
		die(*arg);
	printf("%llu %llu %llu %ld\n", time[1] - time[0], time[2] - time[1],
	       time[3] - time[2], size);
	return 0;
}

static int explain(void)
{
	const struct workload *w;

	fputs("usage: work [-n CPUS] [-c CPU] [-d DISTINCT] [-f FIRST] [-z FILE] WORKLOAD ROUNDS\n"
	      "       work command COMMAND...\n"
	      "       work read FILE\n"
	      "  FILE is written a 0 to after the warm-up\n"
	      "  of tree, twigs and tall, DISTINCT stacks are run through, from the FIRST one on\n",
	      stderr);
	for (w = workloads; w < workloads + WORKLOADS; w++)
		fprintf(stderr, "  %-12s%s\n", w->name, w->what);
	return 2;
}

int main(int argc, char **argv)
{
	const struct workload *w;
	int option;

	if (argc > 2 && !strcmp(argv[1], "command"))
		return do_command(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "read"))
		return do_read(argv + 2);
	while ((option = getopt(argc, argv, "n:c:d:f:z:")) != -1) {
		switch (option) {
		case 'n':
			cpus = atoi(optarg);
			break;
		case 'c':
			first_cpu = atoi(optarg);
			break;
		case 'd':
			distinct = atol(optarg);
			break;
		case 'f':
			first_path = atol(optarg);
			break;
		case 'z':
			zero_file = optarg;
			break;
		default:
			return explain();
		}
	}
	if (argc - optind != 2)
		return explain();
	for (w = workloads; w < workloads + WORKLOADS; w++) {
		if (strcmp(w->name, argv[optind]))
			continue;
		measure(w, atol(argv[optind + 1]));
		return 0;
	}
	return explain();
}
