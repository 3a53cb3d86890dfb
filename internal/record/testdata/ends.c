// ends: three children that end in different ways, and a parent that
// prints what wait told it.
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	for (int i = 0; i < 4; i++) {
		fflush(stdout);
		if (fork() == 0) {
			if (i == 0)
				exit(7);
			if (i == 1)
				abort();
			if (i == 2) {
				signal(SIGUSR1, SIG_IGN);
				raise(SIGUSR1);
				_exit(3);
			}
			raise(SIGSEGV);
		}
		int status;
		wait(&status);
		if (WIFEXITED(status))
			printf("exit %d\n", WEXITSTATUS(status));
		else
			printf("signal %d\n", WTERMSIG(status));
	}
	return 7;
}
