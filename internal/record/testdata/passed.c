/* Descriptors that come from another process: with a message, while the
 * sender has its own and after it has closed it, and by pidfd_getfd. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int pass(int s, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (fd < 0) {
		recvmsg(s, &m, 0);
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
		return fd;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(s, &m, 0) == 1 ? fd : -1;
}

int main(void)
{
	int s[2], kept, event, other;
	char b[4];
	pid_t child;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	kept = open("/dev/null", O_RDWR);
	event = eventfd(0, 0);
	other = eventfd(0, 0);
	pass(s[0], kept);
	pass(s[0], event);
	close(event); /* only the message has it */
	child = fork();
	if (child == 0) {
		close(other);
		write(pass(s[1], -1), "k", 1);
		write(pass(s[1], -1), "12345678", 8);
		read(s[1], b, 1);
		_exit(0);
	}
	write(s[0], "x", 1);
	waitpid(child, NULL, 0);
	child = fork();
	if (child == 0) {
		close(s[0]);
		read(s[1], b, 1); /* until the parent has written */
		_exit(0);
	}
	close(kept);
	event = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), kept, 0);
	write(event, "g", 1);
	write(s[0], "x", 1);
	waitpid(child, NULL, 0);
	return 0;
}
