/* A handler of SIGCHLD waits, with all options. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void on(int s)
{
    int e;
    pid_t p;
    while ((p = waitpid(-1, &e, WNOHANG|WUNTRACED|WCONTINUED))>0) {
        if (WIFSTOPPED(e)) {
            write(1,"stopped\n", 8);
            kill(p, SIGCONT);
        }  else if (WIFCONTINUED(e)) {
            write(1,"continued\n", 10);
            kill(p, SIGKILL);
        }  else {
            write(1,"ended\n", 6);
            _exit(0);
        }
    }
    (void)s;
}

int main(void)
{
    sigset_t b, o;
    sigemptyset(&b);
    sigaddset(&b, SIGCHLD);
    sigprocmask(SIG_BLOCK, &b, &o);
    struct sigaction a = {.sa_handler = on};
    sigaction(SIGCHLD, &a, 0);
    pid_t p = fork();
    if (!p) {
        for (;;) pause();
    }
    int s;
    if (waitpid(p, &s, WNOHANG)==0) write(1,"not yet\n", 8);
    kill(p, SIGSTOP);
    for (;;) sigsuspend(&o);
}
