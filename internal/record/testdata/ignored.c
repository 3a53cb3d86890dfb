/* SIGCHLD ignored: nobody becomes a zombie, and a wait finds nothing
 * when the last one is gone. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			_exit(i);
	printf("%d", (int)wait(0));
	printf(" %d\n", errno == ECHILD);
	return 0;
}
