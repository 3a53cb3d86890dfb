// tables: a random program of calls on descriptors. Its argument is a seed.
// When it writes "look" its tables are compared.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most = 24 };

static unsigned seed;

static int
number(int n)
{
	seed = seed * 1103515245u + 12345u;
	return (int)(seed >> 16 & 0x7fff) % n;
}

static int
any(void)
{
	return 3 + number(most - 3);
}

static void
step(int depth)
{
	int fds[2], fd = any();
	char buf[8];

	switch (number(14)) {
	case 0:
		open("/etc/passwd", O_RDONLY | (number(2) ? O_CLOEXEC : 0));
		break;
	case 1:
		open("scratch", O_RDWR | O_CREAT | (number(2) ? O_APPEND : 0), 0600);
		break;
	case 2:
		dup(fd);
		break;
	case 3:
		dup2(fd, any());
		break;
	case 4:
		dup3(fd, any(), number(2) ? O_CLOEXEC : 0);
		break;
	case 5:
		close(fd);
		break;
	case 6:
		if (pipe2(fds, number(2) ? O_CLOEXEC : 0) == 0 && fds[1] >= most) {
			close(fds[0]);
			close(fds[1]);
		}
		break;
	case 7:
		lseek(fd, number(100), number(2) ? SEEK_SET : SEEK_CUR);
		break;
	case 8:
		fcntl(fd, F_SETFD, number(2) ? FD_CLOEXEC : 0);
		break;
	case 9:
		fcntl(fd, number(2) ? F_DUPFD : F_DUPFD_CLOEXEC, 3 + number(8));
		break;
	case 10:
		if (lseek(fd, 0, SEEK_CUR) >= 0 && number(2))
			(void)!write(fd, "12345", 5);
		else if (lseek(fd, 0, SEEK_CUR) >= 0)
			(void)!read(fd, buf, sizeof buf);
		break;
	case 11:
		socketpair(AF_UNIX, SOCK_STREAM | (number(2) ? SOCK_CLOEXEC : 0), 0, fds);
		break;
	case 12:
		fd = 10 + number(most - 10);
		close_range(fd, fd + number(4), number(2) ? CLOSE_RANGE_CLOEXEC : 0);
		break;
	case 13:
		if (depth < 2 && fork() == 0) {
			for (int i = number(12); i > 0; i--)
				step(depth + 1);
			while (wait(NULL) > 0)
				;
			_exit(0);
		}
		break;
	}
}

int
main(int argc, char **argv)
{
	int ends[2];
	pid_t child;
	char c, number[16];

	if (argc == 3) { // executed: it says so, and waits with what it kept
		(void)!write(atoi(argv[2]), "x", 1);
		pause();
		return 0;
	}
	seed = (unsigned)atoi(argv[1]);
	for (int i = 0; i < 40; i++)
		step(0);
	while (wait(NULL) > 0)
		;
	// At the look there are two processes, and one has executed.
	if (pipe(ends) < 0)
		return 1;
	child = fork();
	if (child == 0) {
		snprintf(number, sizeof number, "%d", ends[1]);
		execl("/proc/self/exe", "tables", argv[1], number, (char *)NULL);
		_exit(1);
	}
	(void)!read(ends[0], &c, 1);
	(void)!write(1, "look\n", 5);
	kill(child, SIGKILL);
	wait(NULL);
	return 0;
}
