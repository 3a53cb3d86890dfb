/* Two children: one for WNOHANG, one to be stopped, by a thread. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *stops(void *arg)
{
    pid_t pid = *(pid_t *)arg;
    int st;

    kill(pid, SIGSTOP);
    while (waitpid(pid, &st, WUNTRACED | WCONTINUED) == pid
           && !WIFEXITED(st) && !WIFSIGNALED(st))
        kill(pid, WIFSTOPPED(st) ? SIGCONT : SIGTERM);
    return NULL;
}

int main(void)
{
    pid_t a, b;
    pthread_t t;

    if ((a = fork()) == 0)
        for (;;)
            pause();
    if ((b = fork()) == 0)
        for (;;)
            pause();
    if (pthread_create(&t, NULL, stops, &b) != 0)
        return 1;
    pthread_join(t, NULL);
    printf("%d\n", (int)waitpid(a, NULL, WNOHANG));
    kill(a, SIGKILL);
    waitpid(a, NULL, 0);
    return 0;
}
