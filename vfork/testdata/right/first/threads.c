/* Another thread works on, without writing, while the child runs. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *s)
{
    if (write(1, s, strlen(s)) < 0)
        _exit(9);
}

static void *work(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        umask(umask(022));
        usleep(1000);
    }
    return NULL;
}

int main(void)
{
    pid_t pid;

    pthread_t t;

    pthread_create(&t, NULL, work, NULL);
    if ((pid = vfork()) == 0) {
        usleep(250000);
        say("child\n");
        _exit(0);
    }
    say("parent\n");
    pthread_join(t, NULL);
    waitpid(pid, NULL, 0);
    return 0;
}
