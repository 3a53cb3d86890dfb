/* fork, and the parent writes at once.
   fails: vforked child-first suspended as-asked */
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

    if ((pid = fork()) == 0) {
        usleep(250000);
        say("child\n");
        _exit(0);
    }
    say("parent\n");
    waitpid(pid, NULL, 0);
    return 0;
}
