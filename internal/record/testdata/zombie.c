/* A child that is dead before it is waited for; and, with an argument,
 * one that is never waited for. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	siginfo_t info;
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(7);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	printf("code %d status %d\n", info.si_code, info.si_status);
	if (argc > 1)
		return 0;
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	return 0;
}
