/*
 * Programs that a sandbox must survive: hostile MODE COOKIE [ARG].
 * The cookie is only there to find the processes by.
 *
 * bomb, count and killall exit 3 unless their pid namespace differs from
 * the one named by ARG.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void guard(const char *outside)
{
	char here[128];
	ssize_t n = readlink("/proc/self/ns/pid", here, sizeof here - 1);

	if (n <= 0 || outside == NULL)
		_exit(3);
	here[n] = 0;
	if (strcmp(here, outside) == 0)
		_exit(3);
}

static void forever(void)
{
	for (;;)
		pause();
}

/*
 * Every process forks as long as it can; 500 is the end. The first
 * one says how many there were, and with quit ends all of them.
 */
static void bomb(int quit)
{
	int *count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t first = getpid();

	while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < 500) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (pid > 0)
			__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
	}
	if (getpid() == first) {
		/* Until nobody has got any further for a while. */
		int seen = -1, now;
		while ((now = __atomic_load_n(count, __ATOMIC_SEQ_CST)) != seen) {
			seen = now;
			poll(NULL, 0, 50);
		}
		printf("%d\n", seen);
		fflush(stdout);
		if (quit) {
			kill(-1, SIGKILL);
			exit(0);
		}
	}
	forever();
}

static void killall(void)
{
	int p[2];
	char c;

	pipe(p);
	if (fork() == 0) {
		close(p[0]);
		setsid();
		write(p[1], "x", 1);
		forever();
	}
	close(p[1]);
	read(p[0], &c, 1);
	kill(-1, SIGKILL);
	kill(1, SIGKILL);
	kill(1, SIGTERM);
	/* The end of the pipe: the child is gone. */
	if (read(p[0], &c, 1) == 0)
		printf("killed\n");
}

static void *alone(void *p)
{
	forever();
	return p;
}

/* A process is what is left of it when its first thread has ended. */
static void leaderless(void)
{
	pthread_t t;

	pthread_create(&t, NULL, alone, NULL);
	pthread_exit(NULL);
}

static void daemonise(void (*end)(void))
{
	int fd, p[2];
	char c;

	pipe(p);
	if (fork() > 0) {
		close(p[1]);
		read(p[0], &c, 1);
		printf("parent\n");
		return;
	}
	setsid();
	if (fork() > 0)
		_exit(0);
	setpgid(0, 0);
	write(p[1], "x", 1);
	for (fd = 0; fd < 64; fd++)
		close(fd);
	end();
}

static void ignore(void);

/* Three processes, each in a session of its own and a subreaper for those
   below it. The parents of the last two live on, that of the first ends. */
static void escape(void)
{
	int p[2], n;
	char c;

	pipe(p);
	if (fork() > 0) {
		close(p[1]);
		read(p[0], &c, 1);
		return;
	}
	if (fork() > 0)
		_exit(0);
	for (n = 0; n < 3; n++) {
		if (n > 0 && fork() > 0)
			ignore();
		setsid();
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	}
	write(p[1], "x", 1);
	close(p[0]);
	close(p[1]);
	ignore();
}

/* The grandchild says who adopted it, after its parent's end. */
static void orphan(void)
{
	pid_t old, now;

	if (fork() == 0) {
		int p[2];
		pipe(p);
		old = getpid();
		if (fork() > 0) {
			close(p[0]);
			_exit(0);
		}
		close(p[1]);
		while ((now = getppid()) == old)
			poll(NULL, 0, 1);
		printf("%d\n", (int)now);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static void spew(void)
{
	static char line[4096];

	memset(line, 'y', sizeof line);
	for (;;)
		write(1, line, sizeof line);
}

static void hog(void)
{
	size_t got = 0;
	char *p;

	while ((p = malloc(1 << 20)) != NULL) {
		memset(p, 1, 1 << 20);
		got++;
	}
	printf("%zu\n", got);
	exit(4);
}

static void bigfile(void)
{
	static char block[1 << 16];
	int fd = open("big", O_WRONLY | O_CREAT, 0666);

	while (write(fd, block, sizeof block) > 0)
		;
	exit(5);
}

static void ignore(void)
{
	int sig;

	for (sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	forever();
}

static void closeall(void)
{
	int fd;

	for (fd = 0; fd < 1024; fd++)
		close(fd);
	poll(NULL, 0, 50);
	_exit(7);
}

static void traceme(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		exit(errno == EPERM ? 6 : 8);
	raise(SIGUSR1);
	exit(0);
}

/* attach traces its own tracer. */
static int attach(void)
{
	char line[200];
	int tracer = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof line, f) && sscanf(line, "TracerPid: %d", &tracer) != 1)
		;
	if (tracer == 0)
		return 5;
	if (ptrace(PTRACE_ATTACH, tracer, NULL, NULL) < 0)
		return 6;
	waitpid(tracer, NULL, __WALL);
	forever();
	return 0;
}

/*
 * Eight processes, each the leader of a session, that fork, end and go on
 * in the child, two seconds at most; then their parent's parent is
 * killed.
 */
static void chains(void)
{
	pid_t keeper = getppid();
	int i;

	for (i = 0; i < 8; i++) {
		if (fork() == 0) {
			int generation;
			setsid();
			/* 8 ms and 250 generations: dead links of the
			 * chains must not use up the machine's pids */
			for (generation = 0; generation < 250; generation++) {
				if (fork() != 0)
					_exit(0);
				poll(NULL, 0, 8);
			}
			_exit(0);
		}
	}
	poll(NULL, 0, 100);
	kill(keeper, SIGKILL);
	forever();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const char *arg = argc > 3 ? argv[3] : NULL;

	if (!strcmp(mode, "bomb")) {
		guard(arg);
		bomb(0);
	} else if (!strcmp(mode, "count")) {
		guard(arg);
		bomb(1);
	} else if (!strcmp(mode, "killall")) {
		guard(arg);
		killall();
	} else if (!strcmp(mode, "chains")) {
		chains();
	} else if (!strcmp(mode, "spew")) {
		spew();
	} else if (!strcmp(mode, "forever")) {
		forever();
	} else if (!strcmp(mode, "spin")) {
		for (;;)
			;
	} else if (!strcmp(mode, "zombie")) {
		if (fork() == 0)
			_exit(0);
		forever();
	} else if (!strcmp(mode, "daemon")) {
		daemonise(forever);
	} else if (!strcmp(mode, "leaderless")) {
		daemonise(leaderless);
	} else if (!strcmp(mode, "orphan")) {
		orphan();
	} else if (!strcmp(mode, "hog")) {
		hog();
	} else if (!strcmp(mode, "bigfile")) {
		bigfile();
	} else if (!strcmp(mode, "ignore")) {
		ignore();
	} else if (!strcmp(mode, "closeall")) {
		closeall();
	} else if (!strcmp(mode, "traceme")) {
		traceme();
	} else if (!strcmp(mode, "stop")) {
		raise(SIGSTOP);
	} else if (!strcmp(mode, "escape")) {
		escape();
	} else if (!strcmp(mode, "escapekill")) {
		escape();
		kill(getppid(), SIGKILL);
		forever();
	} else if (!strcmp(mode, "killparent")) {
		/* The first kill may be all there is time for. */
		if (fork() == 0)
			forever();
		kill(getppid(), SIGKILL);
		forever();
	} else if (!strcmp(mode, "stopparent")) {
		kill(getppid(), SIGSTOP);
		forever();
	} else if (!strcmp(mode, "attach")) {
		return attach();
	} else if (!strcmp(mode, "termparent")) {
		int sig;
		for (sig = 1; sig < 32; sig++)
			if (sig != SIGKILL && sig != SIGSTOP)
				kill(getppid(), sig);
	} else if (!strcmp(mode, "killgroup")) {
		if (fork() == 0)
			forever();
		kill(0, SIGKILL);
	} else {
		return 2;
	}
	return 0;
}
