/* Less usual births: a brother (CLONE_PARENT), a child without a
 * signal, one that shares memory but does not suspend, and clone3. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(16)));

static int three(void *arg)
{
	_exit(3);
}

int main(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(1);
		_exit(2);
	}
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	wait(&status); /* the brother is our child */
	printf("%#x\n", status);
	pid = clone(three, stack + sizeof stack, CLONE_VM, 0);
	printf("%d", waitpid(pid, &status, __WCLONE) == pid);
	printf(" %#x\n", status);
	pid = clone(three, stack + sizeof stack, CLONE_VM | SIGCHLD, 0);
	printf("%d", waitpid(pid, &status, 0) == pid);
	printf(" %#x\n", status);
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = {.exit_signal = SIGCHLD};
	pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		_exit(4);
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	return 0;
}
