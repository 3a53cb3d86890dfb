/* Calls whose source lines the test knows by their marks. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	static int once;
	if (!once++)
		write(1, "callback\n", 9); /* mark: callback */
	return *(const int *)a - *(const int *)b;
}

static void __attribute__((noinline)) deep(int n, volatile char *above)
{
	volatile char room[100];
	memset((char *)room, 0, sizeof room);
	if (n == 0)
		write(1, "deep\n", 5); /* mark: deep */
	else
		deep(n - 1, room);
	room[n] = *above; /* so that it is no tail call */
}

static void handler(int signo)
{
	volatile int got = signo;
	write(1, "handler\n", 8); /* mark: handler */
	got = 0; /* so that it is no tail call */
}

int main(void)
{
	int v[4] = {3, 1, 2, 0}, status;
	char top = 0;
	setvbuf(stdout, 0, _IONBF, 0);
	printf("number %d\n", 7); /* mark: printf */
	qsort(v, 4, sizeof v[0], compare);
	deep(20, &top);
	signal(SIGUSR1, handler);
	raise(SIGUSR1); /* mark: raise */
	pid_t pid = fork(); /* mark: fork */
	if (pid == 0) {
		volatile int *nowhere = 0;
		*nowhere = 1; /* mark: fault */
	}
	waitpid(pid, &status, 0); /* mark: wait */
	_exit(3); /* mark: exit */
}
