/* An exec by a thread that is not the first one. */
#define _GNU_SOURCE
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

static void cleanup(void *unused)
{
    (void)unused;
    say("child", "a cleanup function runs");
}

static void *sleeps(void *unused)
{
    pthread_cleanup_push(cleanup, NULL);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return unused;
}

static void *calls_exec(void *unused)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    say("child", "%s calls exec", syscall(SYS_gettid) == getpid()
        ? "the first thread" : "another thread than the first");
    execl("/bin/sh", "sh", "-c",
          "echo \"child $$: the new program runs\"", (char *)NULL);
    failed("execl");
    return unused;
}

int main(void)
{
    pid_t pid = do_fork();
    pthread_t t;

    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            check(pthread_create(&t, NULL, sleeps, NULL) != 0,
                  "pthread_create");
        check(pthread_create(&t, NULL, calls_exec, NULL) != 0,
              "pthread_create");
        sleeps(NULL);
    }
    say_status("parent", reap(pid));
    return 0;
}
