/* Exercise 8.6: what remains of a child that ended. --ps: ps shows
   it. --adopted: its parent ends first. */
#define _GNU_SOURCE
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

/* A field of /proc/PID/stat. The name in field 2 may contain
   anything, so the others are counted after the last ")". */
static const char *field(pid_t pid, int n)
{
    char *p = strrchr(proc_file(pid, "stat"), ')');

    if (p == NULL)
        return "";
    for (p = strtok(p + 1, " "); p != NULL && n > 3; n--)
        p = strtok(NULL, " \n");
    return p ? p : "";
}

static int descriptors(pid_t pid)
{
    char path[64];
    int n = 0;
    DIR *d;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    if ((d = opendir(path)) != NULL) {
        for (struct dirent *e; (e = readdir(d)) != NULL; )
            n += e->d_name[0] != '.';
        closedir(d);
    }
    return n;
}

/* Prints what /proc still shows of the process. */
static void look(pid_t pid)
{
    int cmdline = proc_file(pid, "cmdline")[0] != '\0';
    int cpu = atoi(field(pid, 14)) + atoi(field(pid, 15)) > 0;

    printf("state %s, %s, ", field(pid, 3),
           has_memory(pid) ? "memory" : "no memory");
    printf("%d descriptors, command line %s\n", descriptors(pid),
           cmdline ? "not empty" : "\"\"");
    printf("parent %s, ", field(pid, 4));
    printf("status word %s, some CPU time: %s\n", field(pid, 52),
           cpu ? "true" : "false");
}

/* Makes a child that uses 20 ms of processor time and exits with 7.
   It returns when the child is a zombie. */
static pid_t make_zombie(void)
{
    struct timespec used;
    pid_t pid = do_fork();

    if (pid == 0) {
        do
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        while (used.tv_sec == 0 && used.tv_nsec < 20000000);
        exit(7);
    }
    until_zombie(pid);
    return pid;
}

static const char *result(int r)
{
    return r == 0 ? "succeeds"
        : errno == ESRCH ? "no such process"
        : errno == ENOENT ? "no such file or directory"
        : strerror(errno);
}

/* Makes a middle process, whose child becomes a zombie. The middle
   process ends, and this process adopts the zombie, because it is
   a subreaper. */
static void adopt_zombie(void)
{
    int status;
    pid_t pid, middle;

    check(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0, "prctl");
    if ((middle = do_fork()) == 0) {
        pid = make_zombie();
        printf("middle %d: child %d is a zombie; the middle ends\n",
               (int)getpid(), (int)pid);
        exit(0);
    }
    reap(middle);
    check((pid = wait(&status)) < 0, "wait");
    printf("original %d: reaps %d: normal termination, "
           "exit status = %d\n", (int)getpid(), (int)pid,
           WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
    char path[64];
    struct stat st;
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (option(argc, argv, "adopted")) {
        adopt_zombie();
        return 0;
    }
    pid = make_zombie();
    if (option(argc, argv, "ps")) {
        char command[64];

        printf("parent %d: child %d is a zombie\n",
               (int)getpid(), (int)pid);
        snprintf(command, sizeof command,
                 "ps -o pid,stat,comm -p %d", (int)pid);
        if (WEXITSTATUS(system(command)) == 127)
            cannot("zombie", "there is no ps on this machine: "
                   "install the package procps");
        reap(pid);
        return 0;
    }
    printf("parent %d: child %d is dead\n",
           (int)getpid(), (int)pid);
    look(pid);
    printf("kill -9 %d: %s\n", (int)pid,
           result(kill(pid, SIGKILL)));
    printf("state %s\n", field(pid, 3));

    printf("waitpid: normal termination, exit status = %d\n",
           WEXITSTATUS(reap(pid)));
    printf("kill -0 %d: %s\n", (int)pid, result(kill(pid, 0)));
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    printf("/proc/%d: %s\n", (int)pid, result(stat(path, &st)));
    return 0;
}
