/* How much an exec can hand on. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/resource.h>

static const char program[] = "/bin/true";

enum { MAX_STRINGS = 8000 };

/* Executes the program in a child and says what came of it. */
static const char *exec_with(char *argv[], char *env[])
{
    int fd[2], err = 0;
    pid_t pid;

    check(pipe2(fd, O_CLOEXEC) < 0, "pipe2");
    if ((pid = do_fork()) == 0) {
        execve(program, argv, env);
        err = errno;
        check(write(fd[1], &err, sizeof err) < 0, "write");
        _exit(126);
    }
    close(fd[1]);
    check(read(fd[0], &err, sizeof err) < 0, "read");
    close(fd[0]);
    reap(pid);
    return errno_name(err);
}

static char *string(long n)
{
    char *s = malloc((size_t)n + 1);

    check(s == NULL, "malloc");
    memset(s, 'a', (size_t)n);
    s[n] = '\0';
    return s;
}

static const char *with(long n)
{
    char *argv[] = { "true", string(n), NULL }, *none[] = { NULL };

    return exec_with(argv, none);
}

/* What strings take: their bytes, a null byte, a pointer. */
static long size(char *list[])
{
    long n = 0;

    for (; *list; list++)
        n += (long)strlen(*list) + 9;
    return n;
}

/* Executes a program so that the pathname, the strings and the
   pointers have together n bytes. */
static const char *with_total(long n, char *env[])
{
    static char *argv[MAX_STRINGS];
    long used, m, rest, page = sysconf(_SC_PAGESIZE);
    int argc = 1;

    argv[0] = "true";
    argv[1] = NULL;
    used = (long)sizeof program + size(argv) + size(env);
    while (used < n) {
        m = n - used - 9 < 16 * page ? n - used - 9 : 16 * page;
        rest = n - used - 9 - m;
        if (rest > 0 && rest < 9)
            m -= 9;
        argv[argc++] = string(m > 0 ? m : 0);
        used += (m > 0 ? m : 0) + 9;
    }
    argv[argc] = NULL;
    return exec_with(argv, env);
}

/* Hands on in two parts what is too much for one exec. */
static void split(long total)
{
    static char *all[MAX_STRINGS], *part[MAX_STRINGS];
    char *none[] = { NULL };
    int n = (int)(total / 1000) + 1, half = n / 2;
    const char *whole, *first, *second;

    all[0] = part[0] = "true";
    for (int i = 1; i <= n; i++)
        all[i] = string(991);
    whole = exec_with(all, none);
    memcpy(part + 1, all + 1, (size_t)half * sizeof *all);
    part[half + 1] = NULL;
    first = exec_with(part, none);
    memcpy(part + 1, all + 1 + half,
           (size_t)(n - half) * sizeof *all);
    part[n - half + 1] = NULL;
    second = exec_with(part, none);
    printf("a list of %d: %s; in two parts: %s, %s\n", n, whole,
           first, second);
}

static void with_stack(long stack)
{
    char *none[] = { NULL }, *env[] = { string(1000), NULL };
    long total = stack / 4;
    const char *fits, *more;
    struct rlimit limit;

    total = total < 128 << 10 ? 128 << 10
        : total > 6 << 20 ? 6 << 20 : total;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = (rlim_t)stack;
    if (setrlimit(RLIMIT_STACK, &limit) < 0) {
        printf("stack %ld KiB: %s\n", stack >> 10,
               errno_name(errno));
        return;
    }
    fits = with_total(total, none);
    more = with_total(total + 1, none);
    printf("stack %5ld KiB: %ld bytes: %s, %ld: %s\n", stack >> 10,
           total, fits, total + 1, more);
    printf("stack %5ld KiB: sysconf(_SC_ARG_MAX) is %ld\n",
           stack >> 10, sysconf(_SC_ARG_MAX));
    if (stack == 8 << 20) {
        fits = with_total(total, env);
        more = with_total(total + 1, env);
        printf("with a variable of 1000 bytes: %s, "
               "one byte more: %s\n", fits, more);
    }
    if (stack == 256 << 10)
        split(total);
}

int main(void)
{
    static const long stack[] = { 8 << 20, 4 << 20, 256 << 10,
                                  64 << 20 };
    long longest = 32 * sysconf(_SC_PAGESIZE) - 1;
    const char *fits = with(longest), *more = with(longest + 1);
    pid_t pid;

    printf("one string of %ld bytes: %s, %ld: %s\n", longest, fits,
           longest + 1, more);
    for (int i = 0; i < 4; i++) {
        if ((pid = do_fork()) == 0) {
            with_stack(stack[i]);
            exit(0);
        }
        reap(pid);
    }
    say("process", "still runs after E2BIG");
    return 0;
}
