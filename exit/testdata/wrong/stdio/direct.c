/* Writes the lines with write(2): there is nothing to lose.
   fails: exit-flushes _exit-loses */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *s)
{
    if (write(1, s, strlen(s)) < 0)
        abort();
}
static void handler(void) { say("handler\n"); }

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        atexit(handler);
        say("first child\n");
        exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        atexit(handler);
        say("second child\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
