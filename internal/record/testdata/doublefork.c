/* Fig. 8.8 without its sleep: the second child waits for the death of
 * its parent with a pidfd. */
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pid_t first = fork();
	if (first == 0) {
		int fd = syscall(SYS_pidfd_open, getpid(), 0);
		int ready[2];
		char c;
		if (pipe(ready) != 0)
			_exit(1);
		if (fork() > 0) {
			/* not before the second child holds the pidfd */
			read(ready[0], &c, 1);
			_exit(3);
		}
		pid_t before = getppid();
		write(ready[1], "x", 1);
		struct pollfd p = {fd, POLLIN, 0};
		poll(&p, 1, -1);
		while (getppid() == before)
			; /* the pidfd is ready a moment before the adoption */
		printf("second child, parent pid = %d\n", (int)getppid());
		fflush(stdout);
		_exit(4);
	}
	int status;
	if (waitpid(first, &status, 0) != first)
		return 1;
	return 0;
}
