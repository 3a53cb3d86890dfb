/* Every form of the first argument of waitpid. */
#define _GNU_SOURCE
#include "common.h"

static void print_wait(const char *call, pid_t pid, int status)
{
    if (pid < 0)
        printf("%-23s %s\n", call, errno_name(errno));
    else
        printf("%-23s child %d (pid %ld)\n", call,
               WEXITSTATUS(status), (long)pid);
}

/* Calls waitpid and prints what it returned. */
static void wait_for(const char *call, pid_t pid)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, 0);

    print_wait(call, got, status);
}

/* Makes six children; child n exits with n. The first four are in
   the parent's process group, the others in another group. */
static void parent(pid_t sibling)
{
    pid_t child[7], group, old_group, pid;
    int status = 0;

    for (int n = 1; n <= 6; n++) {
        if ((child[n] = do_fork()) == 0) {
            if (n == 5)
                setpgid(0, 0);
            else if (n == 6)
                setpgid(0, child[5]);
            _exit(n);
        }
        until(child[n], WEXITED);
    }
    group = child[5];
    old_group = getpgrp();
    printf("parent %ld: six zombies, 1 to 4 in its group,\n"
           "5 and 6 in group %ld\n",
           (long)getpid(), (long)group);

    wait_for("waitpid(child 3)", child[3]);
    wait_for("waitpid(0)", 0);
    wait_for("waitpid(-group of 5)", -group);
    check(setpgid(0, group) < 0, "setpgid");
    printf("the parent joins the group of 5 and 6\n");
    wait_for("waitpid(0)", 0);
    wait_for("waitpid(-1)", -1);
    pid = wait(&status); /* first: arguments have no order */
    print_wait("wait()", pid, status);

    printf("none of these is a child to wait for:\n");
    wait_for("waitpid(child 3)", child[3]);
    wait_for("waitpid(parent itself)", getpid());
    wait_for("waitpid(its parent)", getppid());
    wait_for("waitpid(its sibling)", sibling);
    wait_for("waitpid(pid 1)", 1);
    wait_for("waitpid(-its old group)", -old_group);
    wait_for("waitpid(-no group)", -child[3]);
    wait_for("waitpid(-1)", -1);
    exit(0);
}

int main(void)
{
    int leave;
    pid_t sibling = child_until(&leave, 0, 0), pid;

    if ((pid = do_fork()) == 0)
        parent(sibling);
    reap(pid);
    close(leave);
    reap(sibling);
    return 0;
}
