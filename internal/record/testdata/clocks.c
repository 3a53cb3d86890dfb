// Timers and a sleep that end at a time of a clock.
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static void *spin(void *p)
{
	for (;;)
		;
	return p;
}

// at is what the clock will show in so many milliseconds.
static struct timespec at(clockid_t clock, long ms)
{
	struct timespec now;

	clock_gettime(clock, &now);
	now.tv_nsec += ms % 1000 * 1000000;
	now.tv_sec += ms / 1000 + now.tv_nsec / 1000000000;
	now.tv_nsec %= 1000000000;
	return now;
}

static void set(clockid_t clock, long ms)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	struct itimerspec when = {.it_value = at(clock, ms)};
	timer_t timer;

	timer_create(clock, &none, &timer);
	timer_settime(timer, TIMER_ABSTIME, &when, 0);
}

int main(void)
{
	clockid_t own;
	pthread_t thread;
	struct timespec when;

	set(CLOCK_REALTIME, 50000);
	set(CLOCK_MONOTONIC, 60000);
	set(CLOCK_PROCESS_CPUTIME_ID, 70000);
	clock_getcpuclockid(getpid(), &own);
	set(own, 80000);
	set(CLOCK_THREAD_CPUTIME_ID, 90000); // nobody else can read it
	set(CLOCK_MONOTONIC, -10); // is past
	pthread_create(&thread, 0, spin, 0);
	when = at(CLOCK_PROCESS_CPUTIME_ID, 30);
	clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &when, 0);
	return 0;
}
