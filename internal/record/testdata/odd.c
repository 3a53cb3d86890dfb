/* Rare calls: a child that sends SIGUSR2 at its end, a signal to the pidfd
   of a child that was reaped, locks of a file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
	(void)signo;
}

static int set(int fd, int command, int type)
{
	struct flock lock = {.l_type = type};
	return fcntl(fd, command, &lock);
}

int main(void)
{
	siginfo_t info;
	int pidfd, fd;
	pid_t pid;

	signal(SIGUSR2, handler);
	pid = syscall(SYS_clone, SIGUSR2, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, __WALL);

	pid = fork();
	if (pid == 0)
		_exit(1);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	waitid(P_PID, pid, &info, WEXITED);
	syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);

	fd = fileno(tmpfile());
	flock(fd, LOCK_SH);
	flock(fd, LOCK_UN);
	set(fd, F_SETLKW, F_WRLCK);
	if (fork() == 0)
		_exit(set(fd, F_SETLK, F_WRLCK) != -1);
	wait(NULL);
	set(fd, F_SETLK, F_UNLCK);
	return 0;
}
