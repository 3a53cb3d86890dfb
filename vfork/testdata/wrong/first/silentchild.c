/* The child's line stays in the stream: _exit does not flush.
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

    if ((pid = vfork()) == 0) {
        usleep(250000);
        printf("child\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    say("parent\n");
    _exit(0);
    return 0;
}
