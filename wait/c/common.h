/* What several programs of this folder use. */
#ifndef COMMON_H
#define COMMON_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the process with the error of a call that failed. */
static inline void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* The place of the option -NAME or --NAME in argv, 0 if it was not
   given. */
static inline int option(int argc, char *argv[], const char *name)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-'
            && strcmp(argv[i] + 1 + (argv[i][1] == '-'), name) == 0)
            return i;
    return 0;
}

static inline pid_t do_fork(void)
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    return pid;
}

/* Waits for the child and returns its termination status. */
static inline int reap(pid_t pid)
{
    int status;

    check(waitpid(pid, &status, 0) != pid, "waitpid");
    return status;
}

/* Returns when the child has changed in this way, for example when
   it is a zombie (WEXITED). It does not reap the child. */
static inline void until(pid_t pid, int change)
{
    siginfo_t info;

    check(waitid(P_PID, (id_t)pid, &info, change | WNOWAIT) < 0,
          "waitid");
}

/* Returns when the process has been asleep at five looks in a row,
   or is gone. To look is reliable; to sleep would be a guess. */
static inline void until_asleep(pid_t pid)
{
    char path[64], line[512];

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    for (int looks = 0; looks < 5; looks++) {
        FILE *f = fopen(path, "r");
        char *paren;

        if (f == NULL || fgets(line, sizeof line, f) == NULL)
            return;
        fclose(f);
        paren = strrchr(line, ')');
        if (paren == NULL || strncmp(paren, ") S", 3) != 0)
            looks = -1;
        usleep(1000);
    }
}

/* Makes a child that ends with the exit status when its parent
   closes leave. If stops is true it first stops itself. */
static inline pid_t child_until(int *leave, int status, int stops)
{
    int end[2];
    char c;
    pid_t pid;

    check(pipe(end) < 0, "pipe");
    if ((pid = do_fork()) == 0) {
        close(end[1]);
        if (stops)
            raise(SIGSTOP);
        _exit(read(end[0], &c, 1) == 0 ? status : 99);
    }
    close(end[0]);
    *leave = end[1];
    return pid;
}

/* The name of an error number that these programs expect. */
static inline const char *errno_name(int n)
{
    return n == ECHILD ? "ECHILD" : n == EINVAL ? "EINVAL"
        : n == EINTR ? "EINTR" : n == ENOSYS ? "ENOSYS"
        : strerror(n);
}

/* The pr_exit of Figure 8.5. */
static inline void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(status),
               WCOREDUMP(status) ? " (core file generated)" : "");
    else if (WIFSTOPPED(status))
        printf("child stopped, signal number = %d\n",
               WSTOPSIG(status));
    else
        printf("child continued\n");
}

static const char *const cld_names[] = {
    "", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED",
    "CLD_STOPPED", "CLD_CONTINUED"
};

#endif
