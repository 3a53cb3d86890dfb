/* Descriptors: shared and separate offsets, copies, append, truncate. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int fd = open("shared", O_CREAT | O_RDWR | O_TRUNC, 0644);
	int copy = dup(fd);
	struct iovec v[2] = {{"to", 2}, {"day", 3}};
	if (fork() == 0) {
		write(fd, "child", 5);
		_exit(0);
	}
	wait(0);
	write(fd, "parent", 6);
	int other = open("shared", O_WRONLY | O_APPEND);
	write(other, "append", 6);
	writev(copy, v, 2);
	lseek(fd, 2, SEEK_SET);
	ftruncate(fd, 4);
	fcntl(other, F_SETFL, 0);
	close(copy);
	close(other);
	dup2(1, 7);
	write(7, "copy of stdout\n", 15);
	close(1);
	open("shared", O_WRONLY);
	return 0;
}
