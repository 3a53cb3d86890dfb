/* Continues the child before it asks for the stop.
   fails: stop-seen continue-seen */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* stopped reports whether /proc shows the process as stopped. */
static int stopped(pid_t pid)
{
    char path[40], text[200] = "", *end;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if ((f = fopen(path, "r")) == NULL || fgets(text, sizeof text, f) == NULL)
        return 1;
    fclose(f);
    end = strrchr(text, ')');
    return end != NULL && (end[2] == 'T' || end[2] == 't');
}

int main(void)
{
    int st;
    pid_t pid = fork();

    if (pid == 0) {
        sleep(1);
        _exit(0);
    }
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    kill(pid, SIGSTOP);
    while (!stopped(pid))
        usleep(1000);
    kill(pid, SIGCONT);
    waitpid(pid, &st, WUNTRACED);
    printf("stopped: %d\n", WIFSTOPPED(st));
    waitpid(pid, &st, WCONTINUED);
    printf("continued: %d\n", WIFCONTINUED(st));
    return 0;
}
