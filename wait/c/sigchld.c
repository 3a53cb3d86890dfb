/* The signal that a parent gets when a child changes, and EINTR. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/select.h>

static sigset_t empty; /* the signal mask without SIGCHLD */
static volatile sig_atomic_t caught, code;

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

    check(sigaction(sig, &act, NULL) < 0, "sigaction");
}

/* Waits for one SIGCHLD and prints its si_code. */
static void next(const char *what)
{
    int n = caught;

    while (caught == n)
        sigsuspend(&empty);
    printf("  %-20s %s\n", what, cld_names[code]);
}

/* Lets three children end while SIGCHLD is blocked. */
static void three_at_once(void)
{
    struct timespec none = { 0, 0 };
    pid_t pid[3];
    int leave, before;

    for (int i = 0; i < 3; i++) {
        pid[i] = child_until(&leave, 0, 0);
        close(leave);
        until(pid[i], WEXITED);
    }
    before = caught;
    /* Unblock SIGCHLD for a moment. */
    pselect(0, NULL, NULL, NULL, &none, &empty);
    for (int i = 0; i < 3; i++)
        reap(pid[i]);
    printf("  three have exited    %d SIGCHLD\n",
           (int)caught - before);
}

/* Makes a child that stops, continues and exits. signalled says
   whether the parent gets SIGCHLD for the stop. */
static void stop_and_exit(int signalled)
{
    int leave;
    pid_t pid = child_until(&leave, 7, 1);

    if (signalled) {
        next("a child stops");
        printf("  then wait would block (WNOHANG: %d)\n",
               (int)waitpid(pid, NULL, WNOHANG));
    }
    waitpid(pid, NULL, WUNTRACED);
    kill(pid, SIGCONT);
    if (signalled)
        next("it is continued");
    waitpid(pid, NULL, WCONTINUED);
    close(leave);
    next("it exits");
    reap(pid);
}

/* Waits for two children, which end one after the other and leave
   no zombie. */
static void wait_for_two(void)
{
    pid_t me = getpid(), first = 0, pid;

    for (int i = 0; i < 2; i++) {
        if ((pid = do_fork()) == 0) {
            /* Wait until nothing is left of the first child. */
            while (first != 0 && kill(first, 0) == 0)
                usleep(1000);
            until_asleep(me);
            _exit(0);
        }
        first = pid;
    }
    if (wait(NULL) < 0)
        printf("  both are gone: wait fails: %s\n",
               errno_name(errno));
}

/* Makes a child that sends SIGUSR1 to its parent, while the parent
   waits. */
static void interrupt(const char *what)
{
    pid_t me = getpid(), pid = do_fork();

    if (pid == 0) {
        until_asleep(me);
        kill(me, SIGUSR1);
        until_asleep(me);
        _exit(0);
    }
    if (waitpid(pid, NULL, 0) < 0) {
        printf("  %-20s wait fails: %s\n", what, errno_name(errno));
        reap(pid);
        return;
    }
    printf("  %-20s wait goes on\n", what);
}

int main(void)
{
    sigset_t mask;
    int leave;
    pid_t idle, pid;

    /* If several SIGCHLD are pending, one is delivered. So SIGCHLD
       is blocked, except when the parent waits for exactly one. */
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, &empty);
    sigdelset(&empty, SIGCHLD);

    printf("SIGCHLD is caught:\n");
    catch(SIGCHLD, SA_RESTART);
    fflush(stdout);
    idle = child_until(&leave, 0, 0);
    stop_and_exit(1);
    if ((pid = do_fork()) == 0)
        raise(SIGKILL);
    next("a child is killed");
    reap(pid);
    if ((pid = do_fork()) == 0)
        abort();
    next("a child aborts");
    reap(pid);
    three_at_once();

    printf("with SA_NOCLDSTOP:\n");
    catch(SIGCHLD, SA_NOCLDSTOP);
    stop_and_exit(0);
    close(leave);
    reap(idle);

    printf("SIGCHLD is ignored:\n");
    signal(SIGCHLD, SIG_IGN);
    wait_for_two();
    printf("with SA_NOCLDWAIT:\n");
    catch(SIGCHLD, SA_NOCLDWAIT);
    wait_for_two();
    next("SIGCHLD comes still");

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
