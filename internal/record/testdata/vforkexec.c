/* The first thread is in vfork when the second one executes a program. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static int p[2];

static void *second(void *arg)
{
	char b;
	read(p[0], &b, 1);
	execl("/bin/sleep", "sleep", "0.3", (char *)0);
	return arg;
}

int main(void)
{
	pthread_t id;

	if (pipe(p) < 0)
		return 1;
	pthread_create(&id, 0, second, 0);
	if (vfork() == 0) {
		struct timespec t = {0, 100000000};
		write(p[1], "x", 1);
		nanosleep(&t, 0);
		_exit(4);
	}
	_exit(5);
}
