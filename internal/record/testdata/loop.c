/* loop calls N: N system calls and one fork. loop umask N: N calls of umask,
 * which are recorded. loop forks N: N times
 * fork and wait. loop alive N: N children at once. loop threads N: four
 * threads, each N times fork and wait. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *forks(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(i & 63);
		if (waitpid(pid, 0, 0) != pid)
			_exit(1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int i, n = atoi(argv[2]), go[2];
	char c;
	if (strcmp(argv[1], "calls") == 0) {
		for (i = 0; i < n; i++)
			syscall(SYS_getppid);
		n = 1;
	}
	if (strcmp(argv[1], "umask") == 0) {
		for (i = 0; i < n; i++)
			umask(022);
		return 0;
	}
	if (strcmp(argv[1], "alive") == 0) {
		if (pipe(go) != 0)
			return 1;
		for (i = 0; i < n; i++)
			if (fork() == 0) {
				close(go[1]);
				read(go[0], &c, 1);
				_exit(i & 63);
			}
		close(go[1]);
		while (wait(0) > 0)
			;
		return 0;
	}
	if (strcmp(argv[1], "threads") == 0) {
		pthread_t t[4];
		for (i = 0; i < 4; i++)
			pthread_create(&t[i], 0, forks, &n);
		for (i = 0; i < 4; i++)
			pthread_join(t[i], 0);
		return 0;
	}
	forks(&n);
	return 0;
}
