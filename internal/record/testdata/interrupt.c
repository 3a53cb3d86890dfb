/* Waits that signals interrupt: one is restarted, one fails. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int back[2];

static void handler(int signo)
{
	int saved = errno;
	waitpid(-1, 0, WNOHANG); /* another wait, inside */
	write(back[1], "x", 1);
	errno = saved;
}

/* asleep says whether a process sleeps: here, in its wait. */
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

static void once(int flags)
{
	int status, n;
	char c;
	struct sigaction sa;
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	sigaction(SIGUSR1, &sa, 0);
	if (pipe(back) != 0)
		_exit(1);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		while (!asleep(parent))
			;
		kill(parent, SIGUSR1);
		read(back[0], &c, 1);
		_exit(1);
	}
	n = waitpid(pid, &status, 0);
	if (n < 0) {
		printf("%s\n", errno == EINTR ? "EINTR" : "?");
		n = waitpid(pid, &status, 0);
	}
	printf("%d %#x\n", n == pid, status);
}

int main(void)
{
	once(SA_RESTART);
	once(0);
	return 0;
}
