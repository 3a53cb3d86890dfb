/*
 * The functions of apue.h. They are weak: if the program defines one of
 * them, the linker takes the program's.
 */
#include "apue.h"

#define WEAK __attribute__((weak))

/* Prints one line, with the text of an error if there is one. */
static void say(int error, const char *fmt, va_list args)
{
    char line[MAXLINE];
    int n;

    n = vsnprintf(line, sizeof(line) - 1, fmt, args);
    if (n < 0)
        n = 0;
    if ((size_t)n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    if (error != 0)
        snprintf(line + n, sizeof(line) - 1 - n, ": %s",
                 strerror(error));
    fflush(stdout);
    fprintf(stderr, "%s\n", line);
    fflush(NULL);
}

WEAK void err_ret(const char *fmt, ...)
{
    int error = errno;
    va_list args;

    va_start(args, fmt);
    say(error, fmt, args);
    va_end(args);
}

WEAK void err_sys(const char *fmt, ...)
{
    int error = errno;
    va_list args;

    va_start(args, fmt);
    say(error, fmt, args);
    va_end(args);
    exit(1);
}

WEAK void err_dump(const char *fmt, ...)
{
    int error = errno;
    va_list args;

    va_start(args, fmt);
    say(error, fmt, args);
    va_end(args);
    abort();
}

WEAK void err_msg(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(0, fmt, args);
    va_end(args);
}

WEAK void err_quit(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(0, fmt, args);
    va_end(args);
    exit(1);
}

WEAK void err_cont(int error, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(error, fmt, args);
    va_end(args);
}

WEAK void err_exit(int error, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(error, fmt, args);
    va_end(args);
    exit(1);
}

WEAK void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(status),
#ifdef WCOREDUMP
               WCOREDUMP(status) ? " (core file generated)" : "");
#else
               "");
#endif
    else if (WIFSTOPPED(status))
        printf("child stopped, signal number = %d\n",
               WSTOPSIG(status));
}

/* Bytes go from the parent to the child in one pipe, and from the child
   to the parent in the other. */
static int to_child[2], to_parent[2];

static void tell(int fd)
{
    if (write(fd, "!", 1) != 1)
        err_sys("TELL: write");
}

static void hear(int fd)
{
    char c;

    if (read(fd, &c, 1) != 1)
        err_quit("WAIT: the other process has ended");
}

WEAK void TELL_WAIT(void)
{
    if (pipe(to_child) < 0 || pipe(to_parent) < 0)
        err_sys("TELL_WAIT: pipe");
}

WEAK void TELL_PARENT(pid_t parent)
{
    (void)parent;
    tell(to_parent[1]);
}

WEAK void TELL_CHILD(pid_t child)
{
    (void)child;
    tell(to_child[1]);
}

WEAK void WAIT_PARENT(void)
{
    hear(to_child[0]);
}

WEAK void WAIT_CHILD(void)
{
    hear(to_parent[0]);
}
