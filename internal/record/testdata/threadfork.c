/* A thread that forks and waits, and one that executes. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *forks(void *arg)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(8);
	waitpid(pid, &status, 0);
	return 0;
}

static void *executes(void *arg)
{
	execl("/bin/sh", "sh", "-c", "exit 12", (char *)0);
	return 0;
}

static void *sleeps(void *arg)
{
	pause();
	return 0;
}

int main(void)
{
	pthread_t a, b, c;
	int status;
	pthread_create(&a, 0, forks, 0);
	pthread_join(a, 0);
	pid_t pid = fork();
	if (pid == 0) {
		pthread_create(&b, 0, sleeps, 0);
		pthread_create(&c, 0, executes, 0);
		pause();
	}
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	return 0;
}
