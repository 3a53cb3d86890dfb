/* Figures 8.24, 8.25: system in a set-user-ID program. */
#include "setid.h"

#include <libgen.h>

/* The caller's real id, and the owner of the set-user-ID file. */
#define USER_ID  UNUSED_ID
#define OWNER_ID (UNUSED_ID + 1)

/* The set-user-ID program: how it executes pruids. */
static void inside(char *how)
{
    char command[128];
    pid_t pid = do_fork();

    if (pid > 0) {
        reap(pid);
        return;
    }
    snprintf(command, sizeof command, "pruids -inside '%s'", how);
    if (strcmp(how, "system") == 0)
        execl("/bin/sh", "sh", "-c", command, (char *)0);
    else if (strcmp(how, "sh -p") == 0)
        execl("/bin/sh", "sh", "-p", "-c", command, (char *)0);
    else if (strcmp(how, "mended execlp") == 0)
        check(setresuid((uid_t)-1, USER_ID, USER_ID) < 0,
              "setresuid");
    execlp("pruids", "pruids", "-inside", how, (char *)0);
    check(1, "exec");
}

static void tried(char *how)
{
    char *argv[] = { "tsys", "-inside", how, NULL };
    char *envp[] = { "PATH=" FOLDER ":/usr/bin:/bin", NULL };
    pid_t pid = do_fork();

    if (pid == 0) {
        execve(FOLDER "/tsys", argv, envp);
        check(1, "execve");
    }
    reap(pid);
}

static void caller(void)
{
    if (!setid_folder() ||
        !setid_install("tsys", OWNER_ID, S_ISUID | 0755) ||
        !setid_install("pruids", 0, 0755) ||
        !become_unused(USER_ID))
        cannot("hole", "it takes CAP_SYS_ADMIN, CAP_CHOWN, "
               "CAP_FSETID and CAP_SETUID to make a set-user-ID "
               "file: run it as root");
    say_ids("the caller");
    tried("fork and exec");
    tried("system");
    tried("sh -p");
    tried("execlp");
    tried("mended execlp");
}

int main(int argc, char *argv[])
{
    int at = option(argc, argv, "inside");

    if (at > 0 && at + 1 < argc) {
        if (strcmp(basename(argv[0]), "pruids") == 0)
            say_ids(argv[at + 1]);
        else
            inside(argv[at + 1]);
        return 0;
    }
    pid_t pid = do_fork();

    if (pid == 0) {
        caller();
        _exit(0);
    }
    return WEXITSTATUS(reap(pid));
}
