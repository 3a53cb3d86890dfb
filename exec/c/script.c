/* Figures 8.20 and 8.21, and Exercise 8.5: an interpreter file.
   --search: execlp with three kinds of prefix. --awk: a program of
   awk. */
#define _GNU_SOURCE
#include "common.h"

/* Prints a string with the name of the working directory as
   $PWD. */
static void print_in_folder(const char *before, const char *s)
{
    char pwd[PATH_MAX];
    size_t n;

    check(getcwd(pwd, sizeof pwd) == NULL, "getcwd");
    n = strlen(pwd);
    if (strncmp(s, pwd, n) == 0)
        printf("%s$PWD%s\n", before, s + n);
    else
        printf("%s%s\n", before, s);
    fflush(stdout);
}

/* The interpreter: it prints its arguments. */
static void print_arguments(int argc, char *argv[])
{
    char before[32];

    for (int i = 0; i < argc; i++) {
        sprintf(before, "argv[%d]: ", i);
        print_in_folder(before, argv[i]);
    }
    exit(0);
}

static void awk_program(void)
{
    pid_t pid;

    if (access("/usr/bin/awk", X_OK) < 0) {
        rmdir(folder);
        cannot("script", "there is no /usr/bin/awk on this "
               "machine: install a package with awk");
    }
    write_file("awkexample", "#!/usr/bin/awk -f\n"
               "BEGIN {\n"
               "	for (i = 0; i < ARGC; i++)\n"
               "		printf \"ARGV[%d] = %s\\n\", i, ARGV[i]\n"
               "	exit\n"
               "}\n", 0755);
    if ((pid = do_fork()) == 0) {
        execl("./awkexample", "awkexample", "file1", "FILENAME2",
              "f3", (char *)NULL);
        failed("execl");
    }
    reap(pid);
    unlink("awkexample");
}

/* Exercise 8.5: which pathname does the interpreter get if execlp
   searches PATH? */
static void search(const char *line)
{
    char absolute[PATH_MAX + 8];
    const char *path[] = { absolute, "bin", "" };
    pid_t pid;

    snprintf(absolute, sizeof absolute, "%s/bin", folder);
    check(mkdir("bin", 0700) < 0, "bin");
    write_file("testinterp", line, 0755);
    write_file("bin/testinterp", line, 0755);
    for (int i = 0; i < 3; i++) {
        if ((pid = do_fork()) == 0) {
            setenv("PATH", path[i], 1);
            print_in_folder("PATH=", path[i]);
            execlp("testinterp", "testinterp", (char *)NULL);
            failed("execlp");
        }
        reap(pid);
    }
    unlink("bin/testinterp");
    rmdir("bin");
    unlink("testinterp");
}

int main(int argc, char *argv[])
{
    const char *base = strrchr(argv[0], '/');
    char line[PATH_MAX + 300];
    pid_t pid;

    if (base && strcmp(base, "/echoarg") == 0)
        print_arguments(argc, argv);
    new_folder();
    check(realpath(folder, line) == NULL, folder);
    strcpy(folder, line);
    link_self("echoarg");
    check(chdir(folder) < 0, folder);
    snprintf(line, sizeof line, "#!%s one two\n",
             in_folder("echoarg"));
    if (option(argc, argv, "awk")) {
        awk_program();
    } else if (option(argc, argv, "search")) {
        search(line);
    } else {
        write_file("testinterp", line, 0755);
        if ((pid = do_fork()) == 0) {
            execl("./testinterp", "zero", "myarg1", "MY ARG2",
                  (char *)NULL);
            failed("execl");
        }
        say_status("parent", reap(pid));
        unlink("testinterp");
    }
    unlink("echoarg");
    rmdir(folder);
    return 0;
}
