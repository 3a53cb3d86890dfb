/* Two vforks: one child changes memory and ends, the other executes. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
	int status;
	pid_t pid = vfork();
	if (pid == 0) {
		glob++;
		_exit(5);
	}
	waitpid(pid, &status, 0);
	pid = vfork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "exit 9", (char *)0);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return glob == 7 ? 0 : 1;
}
