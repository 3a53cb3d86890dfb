/* Asks for the group before there is one.
   fails: other-group */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int gate[2], st;
    char b;
    pid_t c[4];

    if (pipe(gate) < 0)
        return 1;
    for (int i = 0; i < 4; i++)
        if ((c[i] = fork()) == 0) {
            close(gate[1]);
            if (read(gate[0], &b, 1) != 0)
                _exit(99);
            _exit(i + 1);
        }
    if (waitpid(-c[2], &st, 0) < 0)
        perror("waitpid");
    setpgid(c[2], 0);
    setpgid(c[3], c[2]);
    close(gate[1]);
    printf("pid %d\n", (int)waitpid(c[2], &st, 0));
    printf("own %d\n", (int)waitpid(0, &st, 0));
    while (waitpid(-1, &st, 0) > 0)
        ;
    return 0;
}
