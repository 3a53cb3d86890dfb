// blocked: children that each wait in another way until they are killed, and
// a parent that waits for them.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int
main(void)
{
	int ends[2], lock;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static char big[1 << 20];

	(void)!write(1, "start\n", 6);
	if (pipe(ends) < 0)
		return 1;
	lock = open("lock", O_CREAT | O_RDWR, 0600);
	if (flock(lock, LOCK_EX) < 0)
		return 1;
	for (int i = 0; i < 7; i++) {
		if (fork() != 0)
			continue;
		char c;
		struct timespec t = { 100, 0 };
		struct pollfd p = { ends[0], POLLIN, 0 };
		switch (i) {
		case 0:
			(void)!read(ends[0], &c, 1);
			return 0;
		case 1:
			nanosleep(&t, NULL);
			return 0;
		case 2:
			poll(&p, 1, 100000);
			return 0;
		case 3:
			pause();
			return 0;
		case 4:
			close(lock);
			lock = open("lock", O_RDWR);
			flock(lock, LOCK_EX);
			return 0;
		case 5:
			pthread_mutex_lock(&mutex);
			pthread_mutex_lock(&mutex);
			return 0;
		case 6:
			for (;;)
				memset(big, i, sizeof big);
		}
	}
	close(ends[0]);
	wait(NULL);
	return 0;
}
