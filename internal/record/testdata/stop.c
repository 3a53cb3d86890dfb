/* The parent sees its child stop, continue and die. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	waitpid(pid, &status, WUNTRACED);
	printf("%#x\n", status);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	printf("%#x\n", status);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	printf("%#x\n", status);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	printf("%#x\n", status);
	printf("%d\n", (int)waitpid(pid, &status, WNOHANG | WUNTRACED));
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	return 0;
}
