/* The child of a vfork runs first, and its parent not at all. */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One write(2) a line: the streams are the parent's. */
static void say(const char *role, const char *what)
{
    dprintf(STDOUT_FILENO, "%s %ld: %s\n",
            role, (long)getpid(), what);
}

int main(void)
{
    pid_t pid;

    say("parent", "calls vfork");
    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) {
        struct timespec half = { 0, 500 * 1000 * 1000 };
        say("child", "runs first, for half a second");
        while (nanosleep(&half, &half) < 0)
            ;
        say("child", "calls _exit");
        _exit(0);
    }
    say("parent", "runs again");
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    return 0;
}
