/* The parent of a vfork runs again when the child calls exec. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *role, const char *what)
{
    dprintf(STDOUT_FILENO, "%s %ld: %s\n",
            role, (long)getpid(), what);
}

int main(void)
{
    int p[2], status;
    pid_t pid;

    if (pipe2(p, O_CLOEXEC) < 0) {
        perror("pipe2");
        return 1;
    }
    say("parent", "calls vfork");
    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) {
        say("child", "executes sh, which reads a line");
        dup2(p[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c",
              "read line; echo \"child $$: sh got: $line\"",
              (char *)NULL);
        _exit(127);
    }

    /* sh can not have ended: the line is not written yet. */
    say("parent", "runs again, writes the line");
    if (write(p[1], "hello\n", 6) != 6) {
        perror("write");
        return 1;
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        perror("waitpid");
        return 1;
    }
    dprintf(STDOUT_FILENO,
            "parent %ld: sh: normal termination, "
            "exit status = %d\n",
            (long)getpid(), WEXITSTATUS(status));
    return 0;
}
