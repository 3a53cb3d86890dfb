/* A parent that polls; its child ends when it has done so three times. */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec ms = {0, 1000000};
	int status;
	atomic_int *polls = mmap(NULL, sizeof *polls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (polls == MAP_FAILED)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		while (*polls < 3)
			sched_yield(); /* not recorded, as a pipe would be */
		_exit(11);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		++*polls;
		nanosleep(&ms, 0);
	}
	printf("%d %#x\n", *polls >= 3, status);
	return 0;
}
