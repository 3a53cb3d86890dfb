/* One child is seen stopped, and another one continued.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Wait until /proc says that the child is stopped. */
static void state(pid_t pid)
{
    char path[64], line[256];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (;;) {
        FILE *f = fopen(path, "r");
        char *s = f ? fgets(line, sizeof line, f) : NULL;
        char c = 0;

        for (; s && *s; s++)
            if (s[0] == ')')
                c = s[2];
        if (f)
            fclose(f);
        if (c == 'T' || c == 't' || c == 0)
            return;
    }
}

static pid_t paused(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

int main(void)
{
    int st;
    pid_t a = paused(), b = paused();

    printf("%d\n", (int)waitpid(a, &st, WNOHANG));
    kill(a, SIGSTOP);
    waitpid(a, &st, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(st));
    kill(a, SIGKILL);
    waitpid(a, &st, 0);
    kill(b, SIGSTOP);
    state(b);
    kill(b, SIGCONT);
    waitpid(b, &st, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(st));
    kill(b, SIGKILL);
    waitpid(b, &st, 0);
    return 0;
}
