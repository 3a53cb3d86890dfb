/* Looks at the exit status 127, when the program has ended.
   fails: while-it-runs by-the-exec */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void t(char *const av[])
{
    pid_t k = fork();
    int s;
    if (!k) {
        execvp(av[0], av);
        _exit(127);
    }
    waitpid(k, &s, 0);
    if (WEXITSTATUS(s)==127) printf("exec failed: errno = 2\n");
    else printf("exec worked\n");
}

int main(void)
{
    char *a[] = {"./nothing", 0}, *b[] = {"sleep","0.4", 0};
    t(a);
    t(b);
    return 0;
}
