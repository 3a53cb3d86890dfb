/* What recording can change: a signal for a parent in vfork, and a stop
   that lasts a moment. "ends": the child of the vfork ends after the signal;
   "killed": the parent in vfork is killed while it is. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap(int ms)
{
	struct timespec t = {0, ms * 1000000L};
	nanosleep(&t, 0);
}

static void handler(int sig) { (void)sig; }

int main(int argc, char **argv)
{
	int p[2];
	pid_t child;

	if (argc < 2 || pipe(p) < 0)
		return 1;
	child = fork();
	if (child == 0 && strcmp(argv[1], "stop") == 0) {
		pause();
		_exit(1);
	}
	if (child == 0) {
		sigset_t blocked;

		signal(SIGUSR1, SIG_IGN); /* these three would not end it */
		signal(SIGUSR2, handler);
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGHUP);
		sigprocmask(SIG_BLOCK, &blocked, 0);
		if (vfork() == 0) {
			write(p[1], "x", 1);
			nap(strcmp(argv[1], "ends") == 0 ? 100 : 900);
			_exit(2);
		}
		_exit(3);
	}
	if (strcmp(argv[1], "stop") == 0) {
		kill(child, SIGSTOP);
		kill(child, SIGCONT);
		kill(child, SIGKILL);
	} else {
		char b;
		read(p[0], &b, 1);
		kill(child, SIGUSR1);
		kill(child, SIGUSR2);
		kill(child, SIGHUP);
		kill(child, SIGQUIT); /* makes a core file: it does not end the sleep */
		kill(child, SIGALRM);
		if (strcmp(argv[1], "killed") == 0) {
			nap(20);
			kill(child, SIGKILL);
		}
	}
	waitpid(child, 0, 0);
	return 0;
}
