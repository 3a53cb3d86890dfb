/* Another thread of the parent runs on, and writes.
   fails: child-first */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *s)
{
    if (write(1, s, strlen(s)) < 0)
        _exit(9);
}

static void *chatter(void *unused)
{
    (void)unused;
    usleep(100000);
    say("thread\n");
    return NULL;
}

int main(void)
{
    pid_t pid;

    pthread_t t;

    pthread_create(&t, NULL, chatter, NULL);
    if ((pid = vfork()) == 0) {
        sleep(1);
        say("child\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    say("parent\n");
    pthread_join(t, NULL);
    return 0;
}
