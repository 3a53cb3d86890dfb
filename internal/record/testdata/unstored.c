/* Waits that store no answer: what they returned is told by the kernel's
 * state. Each prints nothing; the comments say what it returns. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t sleeper(void)
{
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* zombie makes a child that has ended. */
static pid_t zombie(int code)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(code);
	siginfo_t info;
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	return pid;
}

/* is waits until a child has stopped or continued, and leaves that to tell. */
static void is(pid_t pid, int signo, int what)
{
	siginfo_t info;
	kill(pid, signo);
	waitid(P_PID, pid, &info, what | WNOWAIT);
}

static void *waiter(void *go)
{
	char c;
	read(*(int *)go, &c, 1);
	waitid(P_ALL, 0, 0, WEXITED | __WALL);
	return 0;
}

/* threads lets two threads wait, of which each reaps one of two zombies. */
static void threads(void)
{
	pthread_t a, b;
	int go[2];
	zombie(8);
	zombie(9);
	if (pipe(go) != 0)
		_exit(1);
	pthread_create(&a, 0, waiter, &go[0]);
	pthread_create(&b, 0, waiter, &go[0]);
	write(go[1], "xx", 2);
	pthread_join(a, 0);
	pthread_join(b, 0);
}

int main(void)
{
	pid_t a = sleeper();
	is(a, SIGSTOP, WSTOPPED);
	waitid(P_PID, a, 0, WSTOPPED | WNOWAIT);                  /* mark: a stops */
	waitid(P_ALL, 0, 0, WSTOPPED | WCONTINUED);               /* mark: a stops */
	waitid(P_ALL, 0, 0, WSTOPPED | WCONTINUED | WNOHANG);     /* mark: none */
	is(a, SIGCONT, WCONTINUED);
	waitid(P_ALL, 0, 0, WSTOPPED | WCONTINUED | WNOWAIT);     /* mark: a continues */
	wait4(a, 0, WUNTRACED | WCONTINUED, 0);                   /* mark: a continues */
	wait4(a, 0, WUNTRACED | WCONTINUED | WNOHANG, 0);         /* mark: none */

	pid_t z = zombie(51), g = fork();
	if (g == 0) {
		setpgid(0, 0);
		_exit(52);
	}
	siginfo_t info;
	waitid(P_PID, g, &info, WEXITED | WNOWAIT);
	waitid(P_PGID, g, 0, WEXITED | WNOWAIT);                  /* mark: g */
	waitid(P_ALL, 0, 0, WEXITED | WNOWAIT);                   /* mark: z */
	is(a, SIGSTOP, WSTOPPED);
	waitid(P_ALL, 0, 0, WSTOPPED | WNOWAIT);                  /* mark: a stops */
	waitid(P_ALL, 0, 0, WEXITED | WSTOPPED | WNOHANG | WNOWAIT); /* mark: a stops */
	waitid(P_ALL, 0, 0, WEXITED | WSTOPPED);                  /* mark: a stops */
	waitid(P_PGID, g, 0, WEXITED);                            /* mark: g */
	wait4(-1, 0, WUNTRACED | WCONTINUED, 0);                  /* mark: z */

	/* A clone child, which only __WCLONE and __WALL wait for. */
	pid_t c = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (c == 0)
		_exit(53);
	waitid(P_PID, c, &info, WEXITED | WNOWAIT | __WCLONE);
	z = zombie(54);
	waitid(P_ALL, 0, 0, WEXITED | WNOWAIT);                   /* mark: y */
	waitid(P_ALL, 0, 0, WEXITED | WNOWAIT | __WALL);          /* mark: c */
	waitid(P_ALL, 0, 0, WEXITED | __WALL);                    /* mark: c */
	waitid(P_ALL, 0, 0, WEXITED | WNOHANG);                   /* mark: y */
	kill(a, SIGKILL);
	wait4(a, 0, WUNTRACED | WCONTINUED, 0);                   /* mark: a ends */
	threads();
	return 0;
}
