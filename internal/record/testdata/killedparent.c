/* The original kills its child in the middle of forking. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status, begun[2];
	char c;
	if (pipe(begun) != 0)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		write(begun[1], "x", 1);
		for (;;)
			if (fork() == 0)
				_exit(0);
	}
	read(begun[0], &c, 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 0;
}
