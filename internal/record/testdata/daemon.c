/* A daemon's steps: fork, setsid, fork again, chdir, umask, and the
 * three descriptors to /dev/null. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status, go[2];
	char c;
	if (pipe(go) != 0)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		if (setsid() != -1)
			_exit(1);
		if (fork() > 0)
			_exit(0);
		if (chdir("/") != 0 || chdir("/nowhere/at/all") == 0)
			_exit(1);
		umask(027);
		close(0);
		close(1);
		close(2);
		open("/dev/null", O_RDWR);
		dup(0);
		dup2(0, 2);
		/* to the end of the one that made it */
		read(go[0], &c, 1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	write(go[1], "x", 1);
	return status;
}
