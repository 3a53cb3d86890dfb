/* A parent that sleeps until its child should be done, and whose sleep the
 * child's end interrupts; and a child that sleeps twice. */
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
	int reaped = waitpid(pid, &status, 0) == pid; /* before its status is read */
	printf("%d %#x\n", reaped, status);
	return 0;
}
