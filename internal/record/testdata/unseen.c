// unseen: waits that fail and have reaped, a child that no tracer gets, a
// ring, and a request for a signal at the parent's end.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	char params[120];
	siginfo_t info;

	if (fork() == 0)
		_exit(5);
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	syscall(SYS_wait4, -1, (int *)8, 0, NULL);
	printf("%s ", strerrorname_np(errno));
	syscall(SYS_wait4, -1, NULL, 0, NULL);
	printf("%s\n", strerrorname_np(errno));
	fflush(stdout);
	if (syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL) == 0)
		_exit(6);
	wait(NULL);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(7);
	}
	wait(NULL);
	memset(params, 0, sizeof params);
	syscall(SYS_io_uring_setup, 2, params);
	return 0;
}
