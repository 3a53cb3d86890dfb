/* A handler for SIGCHLD instead of a mask.
   fails: blocked before-the-fork */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void reaper(int sig)
{
    (void)sig;
}

static int my_system(const char *command)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction on_int, on_quit;
    struct sigaction on_chld;
    int status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGQUIT, &ignore, &on_quit);
    sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = reaper }, &on_chld);
    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigaction(SIGCHLD, &on_chld, NULL);
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGQUIT, &on_quit, NULL);
    sigaction(SIGCHLD, &on_chld, NULL);
    return status;
}

int main(void)
{
    printf("the command ended with 0x%x\n", my_system("sleep 0.4"));
    return 0;
}
