/* §8.5: a child for each way in which a process can end. --threads:
   only the ways that need a thread. The Go program compiles this
   file from its own memory, so the file includes no header of this
   folder. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int *null; /* a null pointer */

static void to_main(void) { }
static void by_exit(void) { exit(1); }
static void by__exit(void) { _exit(2); }
static void by_raise(void) { raise(SIGTERM); }
static void waits(void) { for (;;) pause(); }
static void fault(void) { exit(*null); }

static void *returns(void *unused)
{
    (void)unused;
    return (void *)3;
}

static void *pthread_exits(void *unused)
{
    (void)unused;
    pthread_exit((void *)4);
}

static void *sleeps(void *unused)
{
    for (;;)
        pause(); /* where a thread can be cancelled */
    return unused;
}

static pthread_t thread;

static void start(void *(*routine)(void *))
{
    if (pthread_create(&thread, NULL, routine, NULL) != 0)
        _exit(99);
}

/* The main thread ends, so the other one is the last. */
static void last_returns(void)
{
    start(returns);
    pthread_exit(NULL);
}

static void last_pthread_exits(void)
{
    start(pthread_exits);
    pthread_exit(NULL);
}

static void last_cancelled(void)
{
    start(sleeps);
    pthread_cancel(thread);
    pthread_exit(NULL);
}

static const struct way {
    const char *name;
    void (*end)(void);
} ways[] = {
    { "return from main", to_main },
    { "exit(1)", by_exit },
    { "_exit(2)", by__exit },
    { "abort", abort },
    { "raise(SIGTERM)", by_raise },
    { "kill from the parent", waits },
    { "a nil pointer", fault },
    { "last thread returns 3", last_returns },
    { "pthread_exit(4)", last_pthread_exits },
    { "last thread cancelled", last_cancelled },
};

int main(int argc, char *argv[])
{
    int threads = argc > 1 && strcmp(argv[1], "--threads") == 0;
    int status;
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    for (int i = threads ? 7 : 0; i < 10; i++) {
        if ((pid = fork()) < 0) {
            perror("fork");
            return 1;
        } else if (pid == 0) {
            ways[i].end();
            return 0;
        }
        if (ways[i].end == waits)
            kill(pid, SIGTERM);
        if (waitpid(pid, &status, 0) != pid) {
            perror("waitpid");
            return 1;
        }
        printf("%-22s %d: ", ways[i].name, (int)pid);
        if (WIFEXITED(status))
            printf("normal, exit status %d\n", WEXITSTATUS(status));
        else
            printf("abnormal, signal %d\n", WTERMSIG(status));
    }
    return 0;
}
