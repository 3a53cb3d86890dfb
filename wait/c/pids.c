/* Every form of waitpid's first argument. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void answer(const char *call, pid_t pid, int status)
{
    if (pid < 0)
        printf("%-22s %s\n", call,
               errno == ECHILD ? "ECHILD" : "another error");
    else
        printf("%-22s child %d (pid %ld)\n", call,
               WEXITSTATUS(status), (long)pid);
}

static void ask(const char *call, pid_t pid)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, 0);

    answer(call, got, status);
}

/* Six children: child n exits with n. The first four stay in the
   parent's process group, the others make one. */
static void parent(pid_t sibling)
{
    pid_t child[7], group, pid;
    siginfo_t info;
    int status = 0;

    for (int n = 1; n <= 6; n++) {
        if ((child[n] = fork()) < 0)
            die("fork");
        if (child[n] == 0) {
            if (n == 5)
                setpgid(0, 0);
            else if (n == 6)
                setpgid(0, child[5]);
            _exit(n);
        }
        /* wait until it is a zombie, and leave it one */
        if (waitid(P_PID, child[n], &info, WEXITED | WNOWAIT) < 0)
            die("waitid");
    }
    group = child[5];
    printf("parent %ld: six zombies, 1 to 4 in my group,\n"
           "5 and 6 in group %ld\n",
           (long)getpid(), (long)group);

    ask("waitpid(child 3)", child[3]);
    ask("waitpid(0)", 0);
    ask("waitpid(-group of 5)", -group);
    if (setpgid(0, group) < 0)
        die("setpgid");
    printf("the parent joins the group of 5 and 6\n");
    ask("waitpid(0)", 0);
    ask("waitpid(-1)", -1);
    pid = wait(&status); /* on a line of its own: arguments are */
    answer("wait()", pid, status); /* evaluated in any order */

    printf("and of these none is a child to wait for:\n");
    ask("waitpid(child 3)", child[3]);
    ask("waitpid(parent itself)", getpid());
    ask("waitpid(its parent)", getppid());
    ask("waitpid(its sibling)", sibling);
    ask("waitpid(pid 1)", 1);
    ask("waitpid(-1)", -1);
    exit(0);
}

int main(void)
{
    int gate[2];
    char c;
    pid_t sibling, pid;

    if (pipe(gate) < 0)
        die("pipe");
    if ((sibling = fork()) < 0)
        die("fork");
    if (sibling == 0) { /* until the original closes the gate */
        close(gate[1]);
        _exit(read(gate[0], &c, 1) != 0);
    }
    if ((pid = fork()) < 0)
        die("fork");
    if (pid == 0)
        parent(sibling);
    if (waitpid(pid, NULL, 0) != pid)
        die("waitpid");
    close(gate[1]);
    if (waitpid(sibling, NULL, 0) != sibling)
        die("waitpid");
    return 0;
}
