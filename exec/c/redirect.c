/* What a child does between the fork and the exec. */
#define _GNU_SOURCE
#include "common.h"

#include <signal.h>

int main(void)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        int fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC,
                      0644);

        check(fd < 0, "out.txt");
        check(dup2(fd, STDOUT_FILENO) < 0, "dup2");
        close(fd);

        signal(SIGINT, SIG_IGN);
        /* Only root can take another user id. */
        if (setresuid(7000001, 7000001, 7000001) < 0) {
            errno = 0;
            check(nice(5) < 0 && errno != 0, "nice");
        }
        execl("/bin/sh", "sh", "-c",
              "echo \"child $$: this line is in out.txt\"",
              (char *)NULL);
        failed("execl");
    }
    say_status("parent", reap(pid));
    return 0;
}
