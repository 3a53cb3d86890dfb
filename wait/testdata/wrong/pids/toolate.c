/* Reaps all children by their pids first: the other forms find nobody.
   fails: other-group own-group */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t kid[4], group = 0;

    for (int i = 0; i < 4; i++) {
        if ((kid[i] = fork()) == 0) {
            if (i > 1)
                setpgid(0, group);
            _exit(i + 1);
        }
        if (i > 1) {
            setpgid(kid[i], group);
            if (group == 0)
                group = kid[i];
        }
    }
    for (int i = 0; i < 4; i++)
        waitpid(kid[i], NULL, 0);
    waitpid(-group, NULL, 0);
    waitpid(0, NULL, 0);
    waitpid(-1, NULL, 0);
    return 0;
}
