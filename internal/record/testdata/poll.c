/* A parent that polls. */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec ms = {0, 1000000}, more = {0, 15000000};
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		nanosleep(&more, 0);
		_exit(11);
	}
	int polls = 0;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		polls++;
		nanosleep(&ms, 0);
	}
	printf("%d %#x\n", polls > 0, status);
	return 0;
}
