/* A signal that is ignored, one that is caught, one that kills. */
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

static void handler(int sig) { (void)sig; }

int main(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, handler);
	raise(SIGUSR1);
	raise(SIGUSR2);
	raise(SIGTERM);
	return 0;
}
