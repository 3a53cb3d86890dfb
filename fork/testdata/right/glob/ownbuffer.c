/* A buffer of its own instead of stdio's: line by line on a
   terminal, by the block elsewhere. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[1000];
static size_t used;
static int glob = 6;

static void flush(void)
{
    if (write(1, buf, used) != (ssize_t)used)
        _exit(1);
    used = 0;
}

static void put(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    used += (size_t)vsnprintf(buf + used, sizeof buf - used, fmt, ap);
    va_end(ap);
    if (isatty(1))
        flush();
}

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "direct\n", 7) != 7)
        return 1;
    put("kept for later\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    }
    put("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    flush();
    if (pid > 0)
        wait(NULL);
    _exit(0);
}
