/* The asynchronous side of wait: SIGCHLD, and EINTR. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"

static sigset_t open_mask; /* the signal mask without SIGCHLD */
static volatile sig_atomic_t caught, code;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    code = info->si_code;
    caught++;
}

static void catch(int sig, int flags)
{
    struct sigaction act = { .sa_sigaction = handler,
                             .sa_flags = flags | SA_SIGINFO };

    if (sigaction(sig, &act, NULL) < 0)
        die("sigaction");
}

static pid_t forked(void)
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    return pid;
}

/* A child that exits when the gate is closed, or first stops
   itself. */
static pid_t child(int status, int stops, int *gate)
{
    int end[2];
    char c;
    pid_t pid;

    if (pipe(end) < 0)
        die("pipe");
    if ((pid = forked()) == 0) {
        close(end[1]);
        if (stops)
            raise(SIGSTOP);
        _exit(read(end[0], &c, 1) == 0 ? status : 99);
    }
    close(end[0]);
    *gate = end[1];
    return pid;
}

/* Wait for one SIGCHLD and print what it said. */
static void next(const char *what)
{
    static const char *cld[] = { "", "CLD_EXITED", "CLD_KILLED",
        "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED",
        "CLD_CONTINUED" };
    int n = caught;

    while (caught == n)
        sigsuspend(&open_mask);
    printf("  %-20s %s\n", what, cld[code]);
}

static void collect(pid_t pid)
{
    if (waitpid(pid, NULL, 0) != pid)
        die("waitpid");
}

/* Three children end before SIGCHLD is let through. */
static void merge(void)
{
    struct timespec none = { 0, 0 };
    pid_t pid[3];
    siginfo_t info;
    int gate, before;

    for (int i = 0; i < 3; i++) {
        pid[i] = child(0, 0, &gate);
        close(gate);
        if (waitid(P_PID, pid[i], &info, WEXITED | WNOWAIT) < 0)
            die("waitid");
    }
    before = caught;
    /* let through what is pending, and do not wait for more */
    pselect(0, NULL, NULL, NULL, &none, &open_mask);
    for (int i = 0; i < 3; i++)
        collect(pid[i]);
    printf("  three have exited    %d SIGCHLD\n",
           (int)caught - before);
}

/* A child that stops, is continued and exits. */
static void stop_and_exit(int told)
{
    int gate;
    pid_t pid = child(7, 1, &gate);

    if (told) {
        next("a child stops");
        printf("  then wait would block (WNOHANG: %d)\n",
               (int)waitpid(pid, NULL, WNOHANG));
    }
    waitpid(pid, NULL, WUNTRACED);
    kill(pid, SIGCONT);
    if (told)
        next("it is continued");
    waitpid(pid, NULL, WCONTINUED);
    close(gate);
    next("it exits");
    collect(pid);
}

static const char *name(int err)
{
    return err == ECHILD ? "ECHILD" : err == EINTR ? "EINTR" : "?";
}

/* Wait for two children, which end one after the other. */
static void leave_none(void)
{
    pid_t me = getpid(), first = 0, pid;

    for (int i = 0; i < 2; i++) {
        if ((pid = forked()) == 0) {
            /* wait until the other one has left without a trace */
            while (first != 0 && kill(first, 0) == 0)
                usleep(1000);
            until_asleep(me);
            _exit(0);
        }
        first = pid;
    }
    if (wait(NULL) < 0)
        printf("  both are gone: wait fails: %s\n", name(errno));
}

/* A child sends SIGUSR1 to its waiting parent. */
static void interrupt(const char *what)
{
    pid_t me = getpid(), pid = forked();

    if (pid == 0) {
        until_asleep(me);
        kill(me, SIGUSR1);
        until_asleep(me);
        _exit(0);
    }
    if (waitpid(pid, NULL, 0) < 0) {
        printf("  %-20s wait fails: %s\n", what, name(errno));
        collect(pid);
        return;
    }
    printf("  %-20s wait goes on\n", what);
}

int main(void)
{
    sigset_t mask;
    int gate;
    pid_t idle, pid;

    /* Pending SIGCHLDs merge into one: it is blocked except where
       the parent waits for exactly one. */
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, &open_mask);
    sigdelset(&open_mask, SIGCHLD);

    printf("SIGCHLD is caught:\n");
    catch(SIGCHLD, SA_RESTART);
    fflush(stdout);
    idle = child(0, 0, &gate);
    stop_and_exit(1);
    if ((pid = forked()) == 0)
        raise(SIGKILL);
    next("a child is killed");
    collect(pid);
    if ((pid = forked()) == 0)
        abort();
    next("a child aborts");
    collect(pid);
    merge();

    printf("with SA_NOCLDSTOP:\n");
    catch(SIGCHLD, SA_NOCLDSTOP);
    stop_and_exit(0);
    close(gate);
    collect(idle);

    printf("SIGCHLD is ignored:\n");
    signal(SIGCHLD, SIG_IGN);
    leave_none();
    printf("with SA_NOCLDWAIT:\n");
    catch(SIGCHLD, SA_NOCLDWAIT);
    leave_none();
    next("still, it is told");

    signal(SIGCHLD, SIG_DFL);
    printf("SIGUSR1 arrives during a wait:\n");
    catch(SIGUSR1, 0);
    interrupt("caught");
    catch(SIGUSR1, SA_RESTART);
    interrupt("caught, SA_RESTART");
    signal(SIGUSR1, SIG_IGN);
    interrupt("ignored");
    return 0;
}
