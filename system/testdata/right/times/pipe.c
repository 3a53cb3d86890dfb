/* a pipe's end of file, then polling the state */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void compute(double seconds)
{
    struct timespec t;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec + t.tv_nsec / 1e9 < seconds);
}
#include <string.h>

static long ask(void)
{
    struct tms t;

    times(&t);
    return t.tms_cutime + t.tms_cstime;
}

static char state(pid_t pid)
{
    char path[64], text[512] = "", *p;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if ((f = fopen(path, "r")) == NULL)
        return '?';
    if (fgets(text, sizeof text, f) == NULL)
        text[0] = '\0';
    fclose(f);
    return (p = strrchr(text, ')')) ? p[2] : '?';
}

int main(void)
{
    long before = ask(), dead, waited;
    int end[2];
    char byte;
    pid_t pid;

    if (pipe(end) < 0)
        return 1;
    if ((pid = fork()) == 0) {
        compute(0.22);
        _exit(0);
    }
    close(end[1]);
    if (read(end[0], &byte, 1) != 0)
        return 1;
    while (state(pid) != 'Z')
        ;
    dead = ask();
    waitpid(pid, NULL, 0);
    waited = ask();
    printf("before = %ld, dead = %ld, waited = %ld\n", before, dead, waited);
    return 0;
}
