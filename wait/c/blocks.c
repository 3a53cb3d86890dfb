/* wait in three situations. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"

static void die(const char *what)
{
    perror(what);
    exit(1);
}

int main(void)
{
    int gate[2], status;
    char c;
    pid_t me = getpid(), first, second, third, pid;
    siginfo_t info;

    if (pipe(gate) < 0)
        die("pipe");
    if ((first = fork()) < 0)
        die("fork");
    if (first == 0) { /* ends when the parent is blocked */
        until_asleep(me);
        _exit(1);
    }
    if ((second = fork()) < 0)
        die("fork");
    if (second == 0) { /* ends when the parent closes the gate */
        close(gate[1]);
        _exit(read(gate[0], &c, 1) == 0 ? 2 : 99);
    }

    /* both are running: this blocks until the first one ends */
    if ((pid = wait(&status)) < 0)
        die("wait");
    printf("two running:  wait blocked, then returned %ld\n",
           (long)pid);
    printf("normal termination, exit status = %d\n",
           WEXITSTATUS(status));
    fflush(stdout);

    if ((third = fork()) < 0)
        die("fork");
    if (third == 0)
        _exit(3);
    /* look until it is a zombie, and leave it one */
    if (waitid(P_PID, third, &info, WEXITED | WNOWAIT) < 0)
        die("waitid");
    if ((pid = wait(NULL)) < 0)
        die("wait");
    printf("one a zombie: wait(NULL) returned %ld at once\n",
           (long)pid);

    close(gate[1]);
    if (waitpid(second, NULL, 0) != second)
        die("waitpid");

    if (wait(&status) < 0 && errno == ECHILD)
        printf("no child:     wait failed at once with ECHILD\n");
    return 0;
}
