/* Exercise 8.6: what is left of a child nobody has waited for. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[8192];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Read a file of /proc/PID into text. */
static size_t slurp(pid_t pid, const char *name)
{
    char path[64];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    if ((f = fopen(path, "r")) != NULL) {
        n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    return n;
}

/* A field of /proc/PID/stat; the name in field 2 may hold anything,
   so they are counted after the last ")". */
static const char *field(pid_t pid, int n)
{
    char *p;

    slurp(pid, "stat");
    if ((p = strrchr(text, ')')) == NULL)
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

/* Print what /proc still has of the process. */
static void look(pid_t pid)
{
    size_t cmdline = slurp(pid, "cmdline");
    int memory = slurp(pid, "status") && strstr(text, "VmSize:");
    int cpu = atoi(field(pid, 14)) + atoi(field(pid, 15)) > 0;

    printf("state %s, %s, ", field(pid, 3),
           memory ? "memory" : "no memory");
    printf("%d descriptors, command line %s\n", descriptors(pid),
           cmdline ? "not empty" : "\"\"");
    printf("parent %s, ", field(pid, 4));
    printf("status word %s, some CPU time: %s\n", field(pid, 52),
           cpu ? "true" : "false");
}

/* Make a child that uses 20 ms of CPU time and exits with 7, and
   return when it is a zombie. */
static pid_t dead_child(void)
{
    struct timespec used;
    siginfo_t info;
    pid_t pid = fork();

    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        do
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        while (used.tv_sec == 0 && used.tv_nsec < 20000000);
        exit(7);
    }
    if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
        fail("waitid");
    return pid;
}

static const char *result(int r)
{
    return r == 0 ? "succeeds"
        : errno == ESRCH ? "no such process"
        : errno == ENOENT ? "no such file or directory"
        : strerror(errno);
}

/* We are the subreaper of a process that leaves a zombie. */
static void handed_on(void)
{
    int status;
    pid_t pid, middle;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        fail("prctl");
    if ((middle = fork()) < 0)
        fail("fork");
    if (middle == 0) {
        pid = dead_child();
        printf("middle %d: child %d is dead; I end\n",
               (int)getpid(), (int)pid);
        exit(0);
    }
    if (waitpid(middle, NULL, 0) < 0 || (pid = wait(&status)) < 0)
        fail("wait");
    printf("original %d: collects %d: normal termination, "
           "exit status = %d\n", (int)getpid(), (int)pid,
           WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
    char path[64];
    struct stat st;
    int status;
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc > 1 && strcmp(argv[1], "-handed") == 0) {
        handed_on();
        return 0;
    }
    pid = dead_child();
    printf("parent %d: child %d is dead\n",
           (int)getpid(), (int)pid);
    look(pid);
    printf("kill -9 %d: %s\n", (int)pid,
           result(kill(pid, SIGKILL)));
    printf("state %s\n", field(pid, 3));

    if (waitpid(pid, &status, 0) != pid)
        fail("waitpid");
    printf("waitpid: normal termination, exit status = %d\n",
           WEXITSTATUS(status));
    printf("kill -0 %d: %s\n", (int)pid, result(kill(pid, 0)));
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    printf("/proc/%d: %s\n", (int)pid, result(stat(path, &st)));
    return 0;
}
