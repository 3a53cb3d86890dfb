/* A parent that polls. */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec ms = {0, 1000000};
	int polls = 0, status, go[2];
	char c;
	if (pipe(go) < 0)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		_exit(read(go[0], &c, 1) == 0 ? 11 : 1);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (++polls == 3) /* only now the child ends */
			close(go[1]);
		nanosleep(&ms, 0);
	}
	printf("%d %#x\n", polls >= 3, status);
	return 0;
}
