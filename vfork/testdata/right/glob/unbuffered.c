/* snprintf and write instead of a stream, on a duplicate of the
   descriptor; 64-bit variables; free lines around it. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long glob = 6;

int main(void)
{
    volatile long var = 88;
    int out = dup(STDOUT_FILENO), n;
    char line[128];
    pid_t pid;

    if (write(out, "hello\n", 6) != 6)
        return 1;
    pid = vfork();
    if (!pid) {
        glob = 7;
        var = 89;
        _exit(0);
    }
    n = snprintf(line, sizeof line, "pid = %d, glob = %ld, var = %ld  \nbye\n",
                 (int)getpid(), glob, var);
    if (write(out, line, n) != n)
        return 1;
    while (wait(NULL) > 0)
        ;
    return 0;
}
