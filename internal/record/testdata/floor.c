/* floor is the least that a recorder can be: it stops a program where the
 * recorder stops it, asks the kernel the same at each stop, and does
 * nothing with the answers. What it costs is what no recorder with these
 * stops can save. floor COMMAND ARGS... */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS (PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
	PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACECLONE | \
	PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP)

/* These are the calls of the benchmark's programs that are stopped at. */
static const int calls[] = {
	SYS_clone, SYS_clone3, SYS_execve, SYS_wait4, SYS_waitid, SYS_umask,
	SYS_kill, SYS_tgkill, SYS_setsid, SYS_setpgid, SYS_chdir, SYS_write,
};

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static void install(void)
{
	enum { N = sizeof calls / sizeof *calls };
	struct sock_filter code[N + 3];
	struct sock_fprog prog = { N + 3, code };
	int i;

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < N; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], N - i, 0);
	code[N + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[N + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) != 0)
		die("seccomp");
}

/* stopped asks what the recorder asks, and lets the thread go on. */
static void stopped(pid_t tid, int status)
{
	char info[88]; /* struct ptrace_syscall_info */
	siginfo_t sig;
	unsigned long message;
	int request = PTRACE_CONT, signal = 0, event = status >> 16;

	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, info);
		request = PTRACE_SYSCALL; /* to the return */
		break;
	case PTRACE_EVENT_STOP:
		break;
	case 0:
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, info);
			break;
		}
		signal = WSTOPSIG(status);
		ptrace(PTRACE_GETSIGINFO, tid, 0, &sig);
		break;
	default:
		ptrace(PTRACE_GETEVENTMSG, tid, 0, &message);
	}
	ptrace(request, tid, 0, signal);
}

int main(int argc, char **argv)
{
	int go[2], status;
	char c;
	pid_t pid, tid;

	if (argc < 2 || pipe(go) != 0)
		return 125;
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 1)
			_exit(125);
		close(go[0]);
		install();
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) != 0)
		die("PTRACE_SEIZE");
	close(go[0]);
	if (write(go[1], "g", 1) != 1)
		die("write");
	close(go[1]);
	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (tid > 0 && WIFSTOPPED(status))
			stopped(tid, status);
	return 0;
}
