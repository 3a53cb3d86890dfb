/* All children wait at a pipe; waitid with P_PGID and 0, and wait. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t k[5];
    int gate[2];
    pipe(gate);
    for (int i = 0;i < 5;i++) {
        if (!(k[i] = fork())) {
            char c;
            close(gate[1]);
            read(gate[0], &c, 1);
            _exit(10+i);
        }
        if (i < 2) setpgid(k[i], k[0]);
    }
    close(gate[1]);
    int s;
    pid_t r = waitpid(k[4], &s, 0);
    printf("%d %d\n", r, WEXITSTATUS(s));
    for (int i = 0;i < 2;i++) {
        r = waitpid(-k[0], &s, 0);
        printf("%d %d\n", r, WEXITSTATUS(s));
    }
    siginfo_t si;
    waitid(P_PGID, 0, &si, WEXITED);
    printf("%d %d\n", si.si_pid, si.si_status);
    r = wait(&s);
    printf("%d %d\n", r, WEXITSTATUS(s));
    errno = 0;
    r = waitpid(-1, &s, 0);
    perror("last");
    return 0;
}
