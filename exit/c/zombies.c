/* §8.5: zombies count against the limit of processes. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { MAX_PROCESSES = 10 }; /* this process and its zombies */

static pid_t zombie[2 * MAX_PROCESSES];
static int zombies;

#define RUN_ELSEWHERE \
    ": run it as root, or where user namespaces are allowed"

/* Takes a user id that no other process has, or makes a user
   namespace, in which the kernel counts anew (Linux 5.14). */
static int take_unused_uid(void)
{
    uid_t big = (1u << 30) + getpid();
    uid_t small = 40000 + getpid() % 20000;

    if (syscall(SYS_setresuid, big, big, big) == 0
        || syscall(SYS_setresuid, small, small, small) == 0)
        return 0;
    return unshare(CLONE_NEWUSER);
}

/* Makes children that end at once, until fork fails, and returns
   how many. It does not reap them. If there is no limit it stops
   in the end, with errno 0. */
static int zombies_until_it_fails(void)
{
    int made = 0;
    pid_t pid;

    errno = 0;
    while (zombies < 2 * MAX_PROCESSES && (pid = fork()) >= 0) {
        if (pid == 0)
            _exit(0);
        zombie[zombies++] = pid;
        made++;
        until_zombie(pid);
    }
    return made;
}

static void counter(void)
{
    struct rlimit limit = { MAX_PROCESSES, MAX_PROCESSES };

    if (take_unused_uid() < 0
        || setrlimit(RLIMIT_NPROC, &limit) < 0)
        cannot("zombies", "it cannot get a user id of its own"
               RUN_ELSEWHERE);
    zombies_until_it_fails();
    if (errno == 0)
        cannot("zombies", "no limit stopped it, because this user "
               "is exempt" RUN_ELSEWHERE);
    if (zombies == 0)
        cannot("zombies", "this user has too many processes "
               "already" RUN_ELSEWHERE);
    printf("counter %d: %d zombies, and fork: %s\n", (int)getpid(),
           zombies, errno == EAGAIN
           ? "resource temporarily unavailable" : strerror(errno));
    for (int i = 0; i < zombies; i++)
        check(kill(zombie[i], 0) < 0, "kill"); /* has its pid */

    reap(zombie[--zombies]);
    printf("one reaped: room for %d\n", zombies_until_it_fails());
    while (zombies > 0)
        reap(zombie[--zombies]);
    printf("all reaped: room for %d\n", zombies_until_it_fails());
    while (wait(NULL) > 0)
        ;
    exit(0);
}

int main(void)
{
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if ((pid = do_fork()) == 0)
        counter();
    return WEXITSTATUS(reap(pid));
}
