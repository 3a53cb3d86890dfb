/* Forgets zero: the first argument is argv[0].
   fails: rest as-asked */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("testinterp", "w");
    pid_t pid;

    if (f == NULL)
        return 1;
    fprintf(f, "#!/bin/echo one two\n");
    fclose(f);
    chmod("testinterp", 0755);
    if ((pid = fork()) == 0) {
        execl("./testinterp", "myarg1", "MY ARG2", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
