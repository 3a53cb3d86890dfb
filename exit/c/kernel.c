/* §8.5: what the kernel does however a process ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[8192];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Lock the whole file, or fail at once with EAGAIN. */
static const char *lock(int file, short type)
{
    struct flock all = { .l_type = type, .l_whence = SEEK_SET };

    if (fcntl(file, F_SETLK, &all) == 0)
        return "succeeds";
    return errno == EAGAIN ? "resource temporarily unavailable"
                           : strerror(errno);
}

/* Read a file of /proc/PID into text. */
static void slurp(pid_t pid, const char *name)
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
}

static void child(int file, int writer, int gate)
{
    size_t size = 8 << 20;
    char *memory = malloc(size);

    if (memory == NULL
        || strcmp(lock(file, F_WRLCK), "succeeds") != 0)
        _exit(1);
    memset(memory, 1, size);
    if (write(writer, memory, 1) != 1 /* ready */
        || read(gate, memory, 1) != 1)
        _exit(1);
    _exit(0);
}

/* Make a child with a lock, memory and the only write end of a
   pipe, have it end, and look what is left. */
static void afterlife(int file, const char *how)
{
    int reader[2], gate[2], n;
    siginfo_t info;
    pid_t pid;
    char b = 0;

    if (pipe(reader) < 0 || pipe(gate) < 0 || (pid = fork()) < 0)
        fail("pipe, fork");
    if (pid == 0)
        child(file, reader[1], gate[0]);
    close(reader[1]);
    close(gate[0]);

    if (read(reader[0], &b, 1) != 1)
        fail("read");
    printf("child %d runs; our lock: %s\n", (int)pid,
           lock(file, F_WRLCK));
    if (strcmp(how, "SIGKILL") == 0)
        kill(pid, SIGKILL);
    else if (write(gate[1], &b, 1) != 1)
        fail("write");

    n = read(reader[0], &b, 1);
    if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
        fail("waitid");
    printf("ended by %s: read gives %d, our lock: %s\n", how, n,
           lock(file, F_WRLCK));
    slurp(pid, "stat");
    n = strrchr(text, ')') ? strrchr(text, ')')[2] : '?';
    slurp(pid, "status");
    printf("state %c, memory: %s\n", n,
           strstr(text, "VmSize:") ? "true" : "false");
    if (waitpid(pid, NULL, 0) != pid)
        fail("waitpid");
    lock(file, F_UNLCK);
    close(reader[0]);
    close(gate[1]);
}

int main(void)
{
    FILE *file = tmpfile();

    if (file == NULL)
        fail("tmpfile");
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    afterlife(fileno(file), "_exit");
    afterlife(fileno(file), "SIGKILL");
    return 0;
}
