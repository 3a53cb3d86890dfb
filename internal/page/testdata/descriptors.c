/* Makes descriptors as its argument says, a letter each: o opens a file,
 * p makes a pipe, d duplicates a descriptor, D one onto another, c closes
 * one, f forks: the child does what follows, then the parent does. At the
 * end each process sets the status flags of all its descriptors to what
 * they are: the recorder tells of each call which open file description
 * it was about. A child then stops until its parent ends, because kcmp(2)
 * needs both processes that it compares. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 24 };

static int open_fd(unsigned *x)
{
	int fd;

	*x = *x * 1103515245 + 12345;
	for (fd = *x / 65536 % MOST; fcntl(fd, F_GETFD) == -1; fd = (fd + 1) % MOST)
		;
	return fd;
}

int main(int argc, char *argv[])
{
	unsigned x = argc;
	int fd, p[2], forks = 0, child = 0;
	pid_t pid;
	const char *s;

	for (s = argc > 1 ? argv[1] : ""; *s != '\0'; s++) {
		x = x * 31 + *s;
		switch (*s) {
		case 'o':
			if ((fd = open("file", O_RDWR | O_CREAT, 0600)) >= MOST)
				close(fd);
			break;
		case 'p':
			if (pipe(p) == 0 && p[1] >= MOST) {
				close(p[0]);
				close(p[1]);
			}
			break;
		case 'd':
			if ((fd = dup(open_fd(&x))) >= MOST)
				close(fd);
			break;
		case 'D':
			fd = open_fd(&x);
			dup2(fd, x / 256 % MOST);
			break;
		case 'c':
			fd = open_fd(&x);
			if (fd > 2)
				close(fd);
			break;
		case 'f':
			if (forks++ == 3)
				break;
			if ((pid = fork()) == 0)
				child = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
			else
				waitpid(pid, NULL, WUNTRACED);
			break;
		}
	}
	for (fd = 0; fd < MOST; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL));
	if (child)
		raise(SIGSTOP);
	return 0;
}
