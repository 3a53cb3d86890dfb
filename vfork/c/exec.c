/* The parent of a vfork runs again when the child calls exec. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>

int main(void)
{
    int p[2], status;
    pid_t pid;

    check(pipe2(p, O_CLOEXEC) < 0, "pipe2");
    say("parent", "calls vfork");
    check((pid = vfork()) < 0, "vfork");
    if (pid == 0) {
        say("child", "executes sh, which reads a line");
        dup2(p[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c",
              "read line; echo \"child $$: sh got: $line\"",
              (char *)NULL);
        _exit(127);
    }

    /* sh still runs, because the line is not written yet. */
    say("parent", "runs again, writes the line");
    check(write(p[1], "hello\n", 6) != 6, "write");
    status = reap(pid);
    if (!WIFEXITED(status))
        return 1;
    dprintf(STDOUT_FILENO,
            "parent %ld: sh: normal termination, "
            "exit status = %d\n",
            (long)getpid(), WEXITSTATUS(status));
    return 0;
}
