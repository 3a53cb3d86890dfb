/* §8.6, §9.6, §10.2: the jobs of a shell, nohup and a daemon, when
   their terminal goes away. */
#define _GNU_SOURCE
#include "common.h"
#include <signal.h>
#include <sys/prctl.h>

enum { LEADER, FOREGROUND, NOHUP, BACKGROUND, DAEMON, KINDS };

static const char *role[KINDS] = {
    "session leader", "foreground job", "nohup job",
    "background job", "daemon"
};

struct ready { int kind; pid_t pid; };

static int up[2], end[2];

/* Writes its number and its pid, and runs until all may end. */
static void run(int kind)
{
    struct ready r = { kind, getpid() };

    if (write(up[1], &r, sizeof r) != sizeof r)
        fail("write");
    close(up[1]);
    receive(end[0]);
    _exit(0);
}

static pid_t start(int kind)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        if (kind == NOHUP)
            signal(SIGHUP, SIG_IGN);
        if (kind == DAEMON) {
            if (setsid() < 0)
                fail("setsid");
            if (do_fork() > 0)
                _exit(0);
        }
        run(kind);
    }
    return pid;
}

/* Starts the jobs as a shell does. */
static void play_shell(int terminal)
{
    pid_t foreground, pid;

    signal(SIGHUP, SIG_DFL);
    foreground = start(FOREGROUND);
    if (setpgid(foreground, foreground) < 0 ||
        tcsetpgrp(terminal, foreground) < 0)
        fail("foreground");
    pid = start(NOHUP);
    if (setpgid(pid, foreground) < 0)
        fail("setpgid");
    pid = start(BACKGROUND);
    if (setpgid(pid, pid) < 0)
        fail("setpgid");
    reap(start(DAEMON));
    run(LEADER); /* in their groups now; SIGHUP will end it */
}

/* Waits for the job and prints its termination status. */
static void report(int kind, pid_t pid, int options)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, options);

    printf("%s %d: ", role[kind], pid);
    if (got < 0)
        fail("waitpid");
    else if (got == 0)
        printf("still runs\n");
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d\n",
               WTERMSIG(status));
    else
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    fflush(stdout);
}

int main(void)
{
    char terminal[64];
    pid_t all[KINDS];
    int i, master;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        fail("prctl");
    master = open_pty(terminal, sizeof terminal);
    if (pipe(up) < 0 || pipe(end) < 0)
        fail("pipe");
    if (do_fork() == 0) {
        close(master);
        close(end[1]);
        play_shell(lead_session(terminal));
    }
    close(up[1]);
    for (i = 0; i < KINDS; i++) {
        struct ready r;
        if (read(up[0], &r, sizeof r) != sizeof r) {
            fprintf(stderr, "a job could not be started\n");
            return 1;
        }
        all[r.kind] = r.pid;
    }
    for (i = 0; i < KINDS; i++) {
        printf("%s %d: group %d, session %d\n", role[i], all[i],
               getpgid(all[i]), getsid(all[i]));
        fflush(stdout);
    }

    close(master); /* the terminal hangs up */
    for (i = LEADER; i <= FOREGROUND; i++)
        report(i, all[i], 0);
    for (i = NOHUP; i < KINDS; i++)
        report(i, all[i], WNOHANG);
    close(end[1]); /* now the others end */
    for (i = NOHUP; i < KINDS; i++)
        report(i, all[i], 0);
    return 0;
}
