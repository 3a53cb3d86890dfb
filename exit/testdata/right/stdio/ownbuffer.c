/* flags: -static
   No stdio at all: a buffer of the program's own. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[512];
static size_t used;

static void flush(void)
{
    if (write(1, buffer, used) != (ssize_t)used)
        abort();
    used = 0;
}

static void put(const char *line)
{
    strcpy(buffer + used, line);
    used += strlen(line);
    if (isatty(1))
        flush();
}

static void handler(void) { put("an exit handler\n"); }

static void run(int flushes)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        atexit(flush); /* registered first: called last */
        atexit(handler);
        put("a line\n");
        if (flushes)
            exit(0);
        _exit(0);
    }
    while (wait(&status) != pid)
        ;
}

int main(void)
{
    run(0);
    run(1);
    return 0;
}
