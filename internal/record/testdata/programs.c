// programs: execs that succeed and fail, and calls on ids, priorities,
// timers, times. Its argument says which of them; without one, all.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <sys/stat.h>
#include <unistd.h>

static void *
execute(void *path)
{
	char *argv[] = { "shown", "a b", NULL }, *envp[] = { "ONE=1", "TWO=22", NULL };
	execve(path, argv, envp);
	return NULL;
}

static void
child(void (*f)(void))
{
	if (fork() == 0) {
		f();
		_exit(0);
	}
	struct rusage u;
	wait4(-1, NULL, 0, &u);
}

static char script[100];

static void
interpreted(void)
{
	execl(script, "called", "x", (char *)NULL);
}

static void
threaded(void)
{
	pthread_t t;
	pthread_create(&t, NULL, execute, "/bin/true");
	pthread_join(t, NULL);
}

static void
failing(void)
{
	execute("/nowhere/at/all");
}

static void
ids(void)
{
	setgid(100);
	setuid(1000);
	setuid(0); // no longer allowed
}

static void
resources(void)
{
	struct itimerval v = { { 3, 0 }, { 60, 500 } };
	struct tms tms;
	struct rusage u;
	alarm(100);
	alarm(0);
	setitimer(ITIMER_REAL, &v, NULL);
	setpriority(PRIO_PROCESS, 0, 5);
	times(&tms);
	getrusage(RUSAGE_CHILDREN, &u);
}

int
main(void)
{
	char dir[100];
	int fd;

	snprintf(dir, sizeof dir, "/tmp/programs-%d", (int)getpid());
	if (mkdir(dir, 0700) < 0)
		return 1;
	snprintf(script, sizeof script, "%s/script", dir);
	fd = open(script, O_CREAT | O_WRONLY, 0755);
	dprintf(fd, "#!/bin/cat -n\nline\n");
	close(fd);
	child(interpreted);
	child(threaded);
	child(failing);
	child(resources);
	if (getuid() == 0)
		child(ids);
	unlink(script);
	rmdir(dir);
	return 0;
}
