/* Exercise 8.1: the child of a vfork calls exit instead of _exit.
   The Go program compiles this file from its own memory, so the
   file includes no header of this folder. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void)
{
    dprintf(STDOUT_FILENO, "handler: called in process %ld\n",
            (long)getpid());
}

/* Says what printf in the parent returned, without the streams. */
static void report(const char *when, int n)
{
    dprintf(STDOUT_FILENO, "parent %ld: %s printf gave %s\n",
            (long)getpid(), when, n < 0 ? "-1" : "no error");
}

int main(void)
{
    pid_t pid;
    int n;

    atexit(handler);
    printf("before vfork\n"); /* not flushed on a pipe */

    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) {
        exit(0); /* with the handlers and streams of the parent */
    }
    n = printf("after exit\n");
    fflush(stdout);
    report("after exit in the child", n);
    if (waitpid(pid, NULL, 0) != pid)
        return 1;

    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) {
        fclose(stdout); /* an exit could do this too */
        _exit(0);
    }
    n = printf("after fclose\n");
    report("after fclose in the child", n);
    if (waitpid(pid, NULL, 0) != pid)
        return 1;
    exit(0); /* no handler is left to be called */
}
