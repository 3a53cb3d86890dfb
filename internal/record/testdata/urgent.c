/* A program that sends SIGURG to its own thread, as Go's runtime does. */
#include <signal.h>

int main(void)
{
	return raise(SIGURG);
}
