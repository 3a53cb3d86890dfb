/* A process that nobody without privileges may look at. */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	write(1, "hello\n", 6);
	if (fork() == 0) {
		execl("/bin/true", "true", (char *) 0);
		_exit(1);
	}
	wait(0);
	_exit(3);
}
