/* The ways to write: and of copies of standard output, and of other
 * files, which are not recorded. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	struct iovec v[3] = {{"one ", 4}, {"two ", 4}, {"three\n", 6}};
	char big[100000];
	int i, out = dup(1), fd = open("other", O_CREAT | O_RDWR | O_TRUNC, 0644);
	write(fd, "not recorded\nsendfile\n", 22);
	write(1, "write\n", 6);
	writev(2, v, 3);
	write(out, "copy\n", 5);
	off_t off = 13;
	sendfile(1, fd, &off, 9);
	lseek(fd, 13, SEEK_SET);
	sendfile(out, fd, 0, 9);
	for (i = 0; i < (int)sizeof big; i++)
		big[i] = 'a' + i % 26;
	big[sizeof big - 1] = '\n';
	write(1, big, sizeof big);
	write(77, "x", 1);
	close(1);
	write(1, "x", 1);
	return 0;
}
