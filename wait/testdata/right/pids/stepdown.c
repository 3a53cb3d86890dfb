/* One level down, and the children in step by a pipe: some live
   when they are asked for. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int a[2], b[2];

static pid_t child(int status, pid_t group, int gate[2])
{
    pid_t pid = fork();
    char byte;

    if (pid == 0) {
        close(a[1]); /* every copy, or there is no end of file */
        close(b[1]);
        while (read(gate[0], &byte, 1) > 0)
            ;
        exit(status);
    }
    if (group >= 0)
        setpgid(pid, group);
    return pid;
}

int main(void)
{
    pid_t one, team;

    if (fork() > 0) {
        wait(NULL);
        return 0;
    }
    if (pipe(a) < 0 || pipe(b) < 0)
        return 1;
    one = child(1, -1, a);
    child(2, -1, b);
    team = child(3, 0, b);
    child(4, team, b);
    close(a[1]);
    waitpid(one, &(int){ 0 }, 0);
    close(b[1]);
    for (int left = 3; left > 0; left--) {
        int st;
        pid_t pid = waitpid(left == 3 ? 0 : left == 2 ? -team : -1, &st, 0);

        printf("%d %d\n", (int)pid, WEXITSTATUS(st));
    }
    if (waitpid(WAIT_ANY, NULL, WNOHANG) < 0)
        perror("at last");
    exit(0);
}
