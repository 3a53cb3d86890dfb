/* §8.5: what the kernel does when a process ends. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>

/* Locks the whole file, or fails at once with EAGAIN. */
static const char *lock(int file, short type)
{
    struct flock all = { .l_type = type, .l_whence = SEEK_SET };

    if (fcntl(file, F_SETLK, &all) == 0)
        return "succeeds";
    return errno == EAGAIN ? "resource temporarily unavailable"
                           : strerror(errno);
}

static void child(int file, int writer, int leave)
{
    size_t size = 8 << 20;
    char *memory = malloc(size);

    if (memory == NULL
        || strcmp(lock(file, F_WRLCK), "succeeds") != 0)
        _exit(1);
    memset(memory, 1, size);
    if (write(writer, memory, 1) != 1 /* ready */
        || read(leave, memory, 1) != 1)
        _exit(1);
    _exit(0);
}

/* Makes a child with a lock, memory and the only write end of a
   pipe. When the child has ended it looks what remains. */
static void what_remains(int file, const char *way)
{
    int reader[2], leave[2], n;
    const char *stat;
    pid_t pid;
    char b = 0;

    check(pipe(reader) < 0 || pipe(leave) < 0, "pipe");
    if ((pid = do_fork()) == 0)
        child(file, reader[1], leave[0]);
    close(reader[1]);
    close(leave[0]);

    check(read(reader[0], &b, 1) != 1, "read");
    printf("child %d runs; our lock: %s\n", (int)pid,
           lock(file, F_WRLCK));
    if (strcmp(way, "SIGKILL") == 0)
        kill(pid, SIGKILL);
    else
        check(write(leave[1], &b, 1) != 1, "write");

    n = read(reader[0], &b, 1);
    until_zombie(pid);
    printf("ended by %s: read gives %d, our lock: %s\n", way, n,
           lock(file, F_WRLCK));
    stat = strrchr(proc_file(pid, "stat"), ')');
    printf("state %c, ", stat ? stat[2] : '?');
    printf("memory: %s\n", has_memory(pid) ? "true" : "false");
    reap(pid);
    lock(file, F_UNLCK);
    close(reader[0]);
    close(leave[1]);
}

int main(void)
{
    FILE *file = tmpfile();

    check(file == NULL, "tmpfile");
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    what_remains(fileno(file), "_exit");
    what_remains(fileno(file), "SIGKILL");
    return 0;
}
