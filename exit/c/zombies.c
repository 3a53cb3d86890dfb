/* §8.5: unreaped children use up the places for processes. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLACES = 10 }; /* ourselves and the zombies */

static pid_t dead[2 * PLACES];
static int zombies;

/* End the program because the machine can not do it. */
static void sorry(const char *why)
{
    fprintf(stderr, "zombies: %s; run it as root, or where user "
            "namespaces are allowed\n", why);
    _exit(2);
}

/* Root takes a uid that nobody has, others a user namespace of
   their own, where the kernel counts anew (Linux 5.14). */
static int own_uid(void)
{
    uid_t big = (1u << 30) + getpid();
    uid_t small = 40000 + getpid() % 20000;

    if (syscall(SYS_setresuid, big, big, big) == 0
        || syscall(SYS_setresuid, small, small, small) == 0)
        return 0;
    return unshare(CLONE_NEWUSER);
}

/* Make children that end at once and do not wait for them, until
   fork fails; give up when there is no limit. */
static int fill(void)
{
    siginfo_t info;
    int made = 0;
    pid_t pid;

    errno = 0;
    while (zombies < 2 * PLACES && (pid = fork()) >= 0) {
        if (pid == 0)
            _exit(0);
        dead[zombies++] = pid;
        made++;
        if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
            exit(1);
    }
    return made;
}

static void counter(void)
{
    struct rlimit limit = { PLACES, PLACES };

    if (own_uid() < 0 || setrlimit(RLIMIT_NPROC, &limit) < 0)
        sorry("there is no uid to count the processes of");
    fill();
    if (errno == 0)
        sorry("nothing limits processes here: this user is exempt");
    if (zombies == 0)
        sorry("this user has too many processes already");
    printf("counter %d: %d zombies, and fork: %s\n", (int)getpid(),
           zombies, errno == EAGAIN
           ? "resource temporarily unavailable" : strerror(errno));
    for (int i = 0; i < zombies; i++)
        if (kill(dead[i], 0) < 0) /* each still has its pid */
            exit(1);

    waitpid(dead[--zombies], NULL, 0);
    printf("one reaped: room for %d\n", fill());
    while (zombies > 0)
        waitpid(dead[--zombies], NULL, 0);
    printf("all reaped: room for %d\n", fill());
    while (wait(NULL) > 0)
        ;
    exit(0);
}

int main(void)
{
    int status;
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if ((pid = fork()) < 0) {
        perror("fork");
        return 1;
    } else if (pid == 0) {
        counter();
    }
    if (waitpid(pid, &status, 0) != pid)
        return 1;
    return WEXITSTATUS(status);
}
