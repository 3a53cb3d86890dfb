/* A parent whose end takes some time, and a child that waits for the first
   thing that it does: its robust mutex is given up before its memory. */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	pthread_mutex_t *m = mmap(0, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t how;
	const size_t much = 128 << 20;
	char *memory;

	if (m == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&how);
	pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(m, &how);
	pthread_mutex_lock(m);
	if (fork() == 0) {
		pthread_mutex_lock(m);
		_exit(0);
	}
	memory = mmap(0, much, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	memset(memory, 1, much);
	return 0;
}
