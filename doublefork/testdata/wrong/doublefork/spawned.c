/* The first child is made by posix_spawn: no copy, no fork.
   fails: two-forks */
#include <spawn.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    char *first[] = { argv[0], "first", NULL };
    pid_t pid;
    int p[2];
    char c;

    if (argc > 1 && strcmp(argv[1], "first") == 0) {
        if (fork() == 0) {
            if (read(3, &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", getppid());
        }
        exit(0);
    }
    if (pipe(p) < 0) /* the descriptors are 3 and 4 */
        return 1;
    if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, first, environ))
        return 1;
    waitpid(pid, NULL, 0);
    return write(p[1], "g", 1) != 1;
}
