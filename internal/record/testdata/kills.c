/* Signals sent: to a child, to a group, with a value, to oneself. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t sleeper(void)
{
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void report(pid_t pid)
{
	int status;
	waitpid(pid, &status, 0);
	printf("%#x\n", status & ~0x80);
	fflush(stdout);
}

int main(void)
{
	pid_t pid = sleeper();
	kill(pid, SIGTERM);
	report(pid);
	pid = sleeper();
	kill(pid, SIGKILL);
	report(pid);
	pid = sleeper();
	setpgid(pid, 0);
	kill(-pid, SIGUSR1);
	report(pid);
	pid = sleeper();
	sigqueue(pid, SIGRTMIN + 3, (union sigval){.sival_int = 5});
	report(pid);
	pid = fork();
	if (pid == 0)
		abort();
	report(pid);
	pid = fork();
	if (pid == 0)
		kill(getpid(), SIGKILL);
	report(pid);
	pid = fork();
	if (pid == 0)
		raise(SIGSEGV);
	report(pid);
	return 0;
}
