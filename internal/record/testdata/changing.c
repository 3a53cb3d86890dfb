/* One thread changes the bytes that another one writes, while the write
   waits for room in a pipe. */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char bytes[200000];
static int p[2];

static void *change(void *arg)
{
	char first[100];

	read(p[0], first, sizeof first); /* the write is under way */
	memset(bytes, 'b', sizeof bytes);
	while (read(p[0], first, sizeof first) > 0)
		;
	return arg;
}

int main(void)
{
	pthread_t id;

	memset(bytes, 'a', sizeof bytes);
	if (pipe(p) < 0 || dup2(p[1], 1) < 0)
		return 1;
	close(p[1]);
	pthread_create(&id, 0, change, 0);
	write(1, bytes, sizeof bytes);
	write(1, "same", 4);
	close(1);
	pthread_join(id, 0);
	return 0;
}
