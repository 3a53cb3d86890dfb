/* A thread for each child: it makes it, waits for it and prints. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *one(void *arg)
{
    int how = *(int *)arg, st;
    pid_t pid = fork();

    if (pid == 0) {
        if (how == 7)
            _exit(7);
        raise(how);
    }
    waitpid(pid, &st, 0);
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(st));
    else
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st),
               WCOREDUMP(st) ? " (core file generated)" : "");
    return NULL;
}

int main(void)
{
    int how[] = { 7, SIGABRT, SIGFPE };

    for (int i = 0; i < 3; i++) {
        pthread_t t;

        if (pthread_create(&t, NULL, one, &how[i]) != 0)
            return 1;
        pthread_join(t, NULL);
    }
    return 0;
}
