/* What the kernel refuses a process because it is recorded, and a filter of
 * its own. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(void (*f)(void))
{
	if (fork() == 0) {
		f();
		_exit(0);
	}
	wait(NULL);
}

static void traceme(void) { ptrace(PTRACE_TRACEME, 0, 0, 0); }

static void seize(void) { ptrace(PTRACE_SEIZE, getppid(), 0, 0); }

static void nobody(void) { ptrace(PTRACE_SEIZE, 0x7fffffff, 0, 0); }

static void strict(void) { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); }

static void filter(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &all };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(void)
{
	child(traceme);
	child(seize);
	child(nobody);
	child(strict);
	child(filter);
	return 0;
}
