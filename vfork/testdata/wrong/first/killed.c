/* The child is killed instead of _exit.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *s)
{
    if (write(1, s, strlen(s)) < 0)
        _exit(9);
}

int main(void)
{
    pid_t pid;

    if ((pid = vfork()) == 0) {
        usleep(250000);
        say("child\n");
        raise(SIGKILL);
    }
    waitpid(pid, NULL, 0);
    say("parent\n");
    return 0;
}
