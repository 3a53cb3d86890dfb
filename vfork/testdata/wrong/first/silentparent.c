/* The parent writes before the vfork only.
   fails: child-first */
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

    say("parent\n");
    if ((pid = vfork()) == 0) {
        usleep(250000);
        say("child\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
