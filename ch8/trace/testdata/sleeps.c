/* A parent that sleeps until its child must be done, and is woken by the
 * child's end in between; and a child that sleeps and polls. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		usleep(60000);
		usleep(40000);
		_exit(11);
	}
	usleep(200000);
	printf("%d %#x\n", waitpid(pid, &status, WNOHANG) == pid, status);
	return 0;
}
