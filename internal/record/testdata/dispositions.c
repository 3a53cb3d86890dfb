/* A signal that is ignored, one that is caught, SIGCHLD with each
 * disposition, and one that kills. */
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

static void handler(int sig) { (void)sig; }

int main(void)
{
	struct sigaction once = { .sa_handler = handler, .sa_flags = SA_RESETHAND };

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, handler);
	raise(SIGUSR1);
	raise(SIGUSR2);
	signal(SIGCHLD, SIG_IGN);
	raise(SIGCHLD);
	signal(SIGCHLD, handler);
	raise(SIGCHLD);
	sigaction(SIGCHLD, &once, NULL);
	raise(SIGCHLD);
	raise(SIGCHLD);
	raise(SIGTERM);
	return 0;
}
