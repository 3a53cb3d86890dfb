/* Figures 8.16 and 8.17: another program in the same process.
   --seven: all seven functions. --empty: no argument at all. */
#define _GNU_SOURCE
#include "common.h"

enum { EXECL, EXECV, EXECLE, EXECVE, EXECLP, EXECVP, FEXECVE };

static char *own[] = { "WHOSE=a list of its own", NULL };

static void call(int which, const char *path)
{
    char *argv[] = { "echoall", NULL };
    int fd;

    switch (which) {
    case EXECL:
        execl(path, "echoall", (char *)NULL);
        break;
    case EXECV:
        execv(path, argv);
        break;
    case EXECLE:
        execle(path, "echoall", (char *)NULL, own);
        break;
    case EXECVE:
        execve(path, argv, own);
        break;
    case EXECLP:
        execlp("echo", "echoall", (char *)NULL);
        break;
    case EXECVP:
        execvp("echo", argv);
        break;
    case FEXECVE:
        fd = open(path, O_RDONLY | O_CLOEXEC);
        fexecve(fd, argv, own);
    }
    failed("exec");
}

/* Calls each function in a child of its own. The environment is
   changed after the start of the program: the four functions
   without an environment hand on the new value. */
static void seven(void)
{
    static const char *name[] = { "execl", "execv", "execle",
        "execve", "execlp", "execvp", "fexecve" };
    const char *path = "bin/echo";
    pid_t pid;

    new_folder();
    check(mkdir(in_folder("bin"), 0700) < 0, "bin");
    link_self("bin/echo");
    check(chdir(folder) < 0, folder);
    clearenv();
    setenv("PATH", "bin", 1);
    setenv("WHOSE", "the caller's environ", 1);
    for (int i = EXECL; i <= FEXECVE; i++) {
        printf("%s:\n", name[i]);
        if ((pid = do_fork()) == 0)
            call(i, path);
        reap(pid);
    }
    unlink(path);
    rmdir("bin");
    rmdir(folder);
}

static void without_arguments(void)
{
    char *none[] = { NULL };
    pid_t pid = do_fork();

    if (pid == 0) {
        execve(self(), none, none);
        failed("execve");
    }
    say_status("parent", reap(pid));
}

int main(int argc, char *argv[])
{
    char *unknown[] = { "USER=unknown", "PATH=/tmp", NULL };
    pid_t pid;

    echoall_if_asked(argc, argv);
    if (option(argc, argv, "seven")) {
        seven();
        return 0;
    }
    if (option(argc, argv, "empty")) {
        without_arguments();
        return 0;
    }
    /* a pathname, a list and an environment */
    if ((pid = do_fork()) == 0) {
        execle(self(), "echoall", "myarg1", "MY ARG2",
               (char *)NULL, unknown);
        failed("execle");
    }
    reap(pid);
    /* a name to search, and the environment of this process */
    if ((pid = do_fork()) == 0) {
        execlp("echo", "echoall", "only 1 arg", (char *)NULL);
        failed("execlp");
    }
    reap(pid);
    return 0;
}
