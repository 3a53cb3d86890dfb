/* posix_spawn that works, one that does not, and system(3). */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(void)
{
	char *argv[] = {"sh", "-c", "exit 4", 0};
	pid_t pid;
	int status;
	if (posix_spawn(&pid, "/bin/sh", 0, 0, argv, environ) != 0)
		return 1;
	waitpid(pid, &status, 0);
	printf("%#x\n", status);
	printf("%d\n", posix_spawn(&pid, "/nowhere/at/all", 0, 0, argv, environ));
	printf("%#x\n", system("exit 6"));
	return 0;
}
