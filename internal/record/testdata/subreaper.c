/* The original is the subreaper: its grandchild comes back to it. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status, go[2];
	char c;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe(go) != 0)
		return 1;
	pid_t first = fork();
	if (first == 0) {
		if (fork() == 0) {
			read(go[0], &c, 1);
			_exit(2);
		}
		_exit(1);
	}
	waitpid(first, &status, 0);
	printf("%#x\n", status);
	write(go[1], "x", 1);
	printf("%d\n", wait(&status) > 0);
	printf("%#x\n", status);
	printf("%d\n", (int)wait(&status));
	return 0;
}
