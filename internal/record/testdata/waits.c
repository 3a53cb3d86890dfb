/* Every way to ask: pid, group, any, pidfd, without a status, without
 * a siginfo, looking only, and nobody left. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static pid_t child(int code)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(code);
	return pid;
}

int main(void)
{
	siginfo_t info;
	struct rusage ru;
	int status;
	pid_t pid;

	waitpid(child(1), 0, 0);
	pid = child(2);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	waitid(P_PID, pid, &info, WEXITED);
	printf("%d %d\n", info.si_code, info.si_status);
	pid = child(3);
	int fd = syscall(SYS_pidfd_open, pid, 0);
	syscall(SYS_waitid, P_PIDFD, fd, 0, WEXITED, 0);
	child(4);
	syscall(SYS_waitid, P_ALL, 0, 0, WEXITED, 0);
	pid = child(5);
	setpgid(pid, pid);
	printf("%d\n", waitpid(-pid, &status, 0) == pid || errno == ECHILD);
	while (wait(0) > 0)
		;
	pid = child(6);
	printf("%d %#x\n", waitpid(0, &status, 0) == pid, status);
	pid = child(7);
	printf("%d\n", wait4(-1, &status, 0, &ru) == pid);
	printf("%d %d\n", (int)wait(&status), errno == ECHILD);
	return 0;
}
