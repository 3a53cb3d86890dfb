/* The first line of an interpreter file, and its limits. */
#define _GNU_SOURCE
#include "common.h"
#include "setid.h"

#include <linux/capability.h>
#include <sys/prctl.h>

static char *script[] = { "script", NULL }, *none[] = { NULL };

static void try_exec(const char *path)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        execve(path, script, none);
        printf("  %s\n", errno_name(errno));
        fflush(stdout);
        _exit(126);
    }
    reap(pid);
}

static void run(const char *what, const char *line)
{
    write_file("script", line, 0755);
    printf("%s:\n", what);
    try_exec("./script");
}

/* Makes n interpreter files, each the interpreter of the next one,
   and executes the last. */
static void nested(int n)
{
    char line[40], name[20];

    write_file("s1", "#!./echoarg 1\n", 0755);
    for (int i = 2; i <= n; i++) {
        sprintf(line, "#!./s%d %d\n", i - 1, i);
        sprintf(name, "s%d", i);
        write_file(name, line, 0755);
    }
    printf("%d interpreter files in a row:\n", n);
    sprintf(name, "./s%d", n);
    try_exec(name);
}

/* Executes a script that its user may execute and not read: the
   kernel reads the first line, the interpreter cannot. */
static void unreadable(void)
{
    char *secret[] = { "secret", NULL };
    int status;
    pid_t pid;

    write_file("secret", "#!/bin/sh\necho read\n", 0111);
    check(chmod(".", 0755) < 0, ".");
    printf("a script without read permission:\n");
    if ((pid = do_fork()) == 0) {
        if (getuid() == 0) /* root after the exec could read it */
            check(prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) < 0
                      || prctl(PR_CAPBSET_DROP,
                               CAP_DAC_READ_SEARCH) < 0, "prctl");
        close(STDERR_FILENO); /* it differs between shells */
        execve("./secret", secret, none);
        printf("  %s\n", errno_name(errno));
        fflush(stdout);
        _exit(99);
    }
    status = WEXITSTATUS(reap(pid));
    printf("  its interpreter fails: %s\n",
           status != 0 && status != 99 ? "true" : "false");
}

int main(int argc, char *argv[])
{
    char x[400], line[800], name[20];
    int n = 256 - (int)strlen("#!./echoarg \n");

    if (strstr(argv[0], "echoarg")) {
        for (int i = 0; i < argc; i++)
            if (strlen(argv[i]) > 100)
                printf("argv[%d]: %zu bytes\n", i,
                       strlen(argv[i]));
            else
                printf("argv[%d]: %s\n", i, argv[i]);
        return 0;
    }
    if (strstr(argv[0], "echoids")) {
        print_ids();
        return 0;
    }
    if (option(argc, argv, "set-id")) {
        pid_t pid = do_fork();

        if (pid == 0) {
            set_id_scripts();
            exit(0);
        }
        return WEXITSTATUS(reap(pid));
    }
    new_folder();
    check(chdir(folder) < 0, folder);
    link_self("echoarg");
    memset(x, 'x', sizeof x);

    run("blanks around and inside", "#! \t./echoarg   a  b \t\n");
    sprintf(line, "#!./echoarg %.*s\n", n, x);
    run("a line of 256 bytes", line);
    sprintf(line, "#!./echoarg %.*syz\n", n, x);
    run("a longer argument", line);
    sprintf(line, "#!/%.*s\n", n + 30, x);
    run("a longer pathname", line);
    run("no such interpreter", "#!/no/such/file\n");
    run("a carriage return", "#!/bin/sh\r\n");
    run("no execute permission", "#!/etc/passwd\n");
    run("a blank before #!", " #!./echoarg\n");
    run("a name without a slash", "#!echoarg one\n");
    nested(5);
    nested(6);
    unreadable();

    unlink("script"), unlink("secret"), unlink("echoarg");
    for (int i = 1; i <= 6; i++) {
        sprintf(name, "s%d", i);
        unlink(name);
    }
    return rmdir(folder) < 0;
}
