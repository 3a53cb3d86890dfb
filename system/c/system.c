/* Figures 8.22, 8.23: a command in a child, and its status.
   --cases: the less usual statuses, and the library's system. */
#include "common.h"

/* The function of Figure 8.22, with any shell, and any way to end
   for a child that cannot execute it. */
static int system_by(const char *shell, const char *command,
                     void (*end)(int))
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return -1;
    if (pid == 0) {
        execl(shell, "sh", "-c", command, (char *)0);
        end(127);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

static void attempt(const char *what, const char *shell,
                    const char *command)
{
    say("%s: %s", what, ended(system_by(shell, command, _exit)));
}

/* Calls system where the kernel makes no more processes. */
static void no_process(void)
{
    struct rlimit none = { 0, 0 };
    int status;

    if (getuid() == 0 && !become_unused(UNUSED_ID)) {
        say("no process: cannot be tried: it takes CAP_SETUID");
        return;
    }
    check(setrlimit(RLIMIT_NPROC, &none) < 0, "setrlimit");
    status = system_by("/bin/sh", "exit 0", _exit);
    if (status == -1)
        say("no process: −1, %s", result(1));
    else
        say("no process: %s (this user is exempt)", ended(status));
    errno = 0;
    status = system("exit 0");
    say("no process, the library's system: 0x%x, %s", status,
        result(errno));
}

/* Calls a system whose shell is missing, with text in the buffer
   of standard output. */
static void after_exec(const char *name, void (*end)(int))
{
    pid_t pid = do_fork();

    if (pid == 0) {
        printf("unflushed, then %s\n", name);
        system_by("/nonexistent/sh", "exit 0", end);
        exit(0);
    }
    reap(pid);
}

static void cases(void)
{
    attempt("no such command", "/bin/sh", "nosuchcommand 2>&-");
    attempt("not executable", "/bin/sh", "/dev/null 2>&-");
    attempt("no shell", "/nonexistent/sh", "exit 0");
    attempt("the shell killed", "/bin/sh", "kill -9 $$");
    attempt("a child of the shell killed", "/bin/sh",
            "sh -c 'kill -9 $$' 2>&-; exit $?");
    in_child(no_process);
    say("system(NULL), the library's: %s",
        system(NULL) != 0 ? "not 0" : "0");
    after_exec("_exit", _exit);
    after_exec("exit", exit);
}

int main(int argc, char *argv[])
{
    const char *commands[] = { "exit 0", "nosuchcommand",
                               "exit 44", "kill -9 $$" };

    if (option(argc, argv, "cases")) {
        cases();
        return 0;
    }
    for (int i = 0; i < 4; i++)
        say("%s", ended(system_by("/bin/sh", commands[i], _exit)));
    return 0;
}
