/* A second thread does it all, and executes the program. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static void handler(int sig) { (void)sig; }

static void *second(void *unused)
{
    sigset_t set;

    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    alarm(1);
    execlp("sleep", "sleep", "5", (char *)0);
    return unused;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, second, NULL);
    pthread_join(thread, NULL);
    return 1;
}
