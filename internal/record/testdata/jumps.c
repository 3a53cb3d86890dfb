/* Waits and reads that signal handlers jump out of. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf outer, inner;
static int back[2];

/* asleep says whether a process sleeps. */
static int asleep(pid_t pid)
{
	char path[64], stat[512];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	size_t n = fread(stat, 1, sizeof stat - 1, f);
	fclose(f);
	stat[n] = 0;
	return strrchr(stat, ')')[2] == 'S';
}

/* signaller makes a child that sends its parent signals: each one when that
 * sleeps, the next one when the handler of the first has begun. */
static pid_t signaller(int first, int second, int third)
{
	int signals[] = {first, second, third};
	pid_t parent = getpid(), pid = fork();
	if (pid != 0)
		return pid;
	for (int i = 0; i < 3 && signals[i] != 0; i++) {
		char c;
		while (!asleep(parent))
			;
		kill(parent, signals[i]);
		read(back[0], &c, 1);
	}
	for (;;)
		pause();
}

static void end(pid_t pid)
{
	int status;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0); /* mark: end */
}

static void jumps(int s)
{
	write(back[1], "x", 1);
	waitpid(-1, 0, WNOHANG); /* mark: jumper */
	siglongjmp(outer, 1);
}

static void returns(int s)
{
	write(back[1], "x", 1);
	waitpid(-1, 0, WNOHANG); /* mark: returner */
}

/* waits is interrupted itself, by a handler that jumps back to here. */
static void waits(int s)
{
	if (sigsetjmp(inner, 1) == 0) {
		write(back[1], "x", 1);
		waitpid(0, 0, 0); /* mark: inner */
	}
	waitpid(-1, 0, WNOHANG); /* mark: jumped */
}

static void inner_jump(int s)
{
	write(back[1], "x", 1);
	siglongjmp(inner, 1);
}

/* deep makes a call whose stack is below where the wait's was. */
static void deep(int n)
{
	char room[256];
	memset(room, n, sizeof room);
	if (n > 0)
		deep(n - 1);
	else
		usleep(2000);
	room[0]++;
}

static void on(int signo, void (*handler)(int), int flags)
{
	struct sigaction sa;
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	sigaction(signo, &sa, 0);
}

int main(void)
{
	pid_t pid;
	if (pipe(back) != 0)
		return 1;
	on(SIGUSR1, jumps, SA_RESTART);
	pid = signaller(SIGUSR1, 0, 0);
	if (sigsetjmp(outer, 1) == 0)
		waitpid(pid, 0, 0); /* mark: left */
	deep(20);
	end(pid);

	/* The same wait again, at the same line and with the same stack. */
	for (volatile int i = 0; i < 2; i++) {
		pid = signaller(SIGUSR1, 0, 0);
		if (sigsetjmp(outer, 1) == 0)
			waitpid(-1, 0, 0); /* mark: loop */
		end(pid);
	}

	/* On a stack of its own. */
	stack_t own = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
	sigaltstack(&own, 0);
	on(SIGUSR1, jumps, SA_ONSTACK);
	pid = signaller(SIGUSR1, 0, 0);
	if (sigsetjmp(outer, 1) == 0)
		waitpid(pid, 0, 0); /* mark: stack */
	deep(20);
	end(pid);

	/* Returns: once the wait goes on, once it fails. */
	on(SIGUSR1, returns, SA_RESTART);
	on(SIGUSR2, returns, 0);
	on(SIGTERM, jumps, 0);
	pid = signaller(SIGUSR1, SIGTERM, 0);
	if (sigsetjmp(outer, 1) == 0)
		waitpid(pid, 0, 0); /* mark: restarted */
	end(pid);
	pid = signaller(SIGUSR2, 0, 0);
	waitpid(pid, 0, 0); /* mark: fails */
	end(pid);

	/* A handler's own wait is left, and the outer one goes on. */
	on(SIGUSR1, waits, SA_RESTART);
	on(SIGUSR2, inner_jump, 0);
	pid = signaller(SIGUSR1, SIGUSR2, SIGTERM);
	if (sigsetjmp(outer, 1) == 0)
		waitpid(pid, 0, 0); /* mark: outer */
	end(pid);

	/* The process ends after the jump. */
	on(SIGUSR1, jumps, 0);
	pid = signaller(SIGUSR1, 0, 0);
	if (sigsetjmp(outer, 1) == 0)
		waitpid(pid, 0, 0); /* mark: last */
	kill(pid, SIGKILL);
	_exit(3);
}
