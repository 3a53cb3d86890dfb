/* Section 8.11: whose ids a call changes in a process with several
   threads. */
#include "common.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>

static pthread_barrier_t ready, release;

/* The bare system call. */
static int bare(uid_t r, uid_t e, uid_t s)
{
    return (int)syscall(SYS_setresuid, r, e, s);
}

/* Another thread, which waits. With an argument it changes its own
   ids first. */
static void *other(void *differ)
{
    if (differ != NULL)
        needs(bare(A, A, A) < 0, "threads", "CAP_SETUID");
    pthread_barrier_wait(&ready);
    pthread_barrier_wait(&release);
    return NULL;
}

static pthread_t start(void *differ)
{
    pthread_t thread;

    pthread_barrier_init(&ready, NULL, 2);
    pthread_barrier_init(&release, NULL, 2);
    check(pthread_create(&thread, NULL, other, differ) != 0,
          "pthread_create");
    pthread_barrier_wait(&ready);
    return thread;
}

/* Whether the two threads have the same user ids. */
static const char *of_threads(void)
{
    char path[300], line[128], first[128] = "";
    const char *says = "all threads have the same ids";
    DIR *d = opendir("/proc/self/task");
    struct dirent *e;

    check(d == NULL, "/proc/self/task");
    while ((e = readdir(d)) != NULL) {
        FILE *f;

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status",
                 e->d_name);
        check((f = fopen(path, "r")) == NULL, path);
        while (fgets(line, sizeof line, f))
            if (strncmp(line, "Uid:", 4) == 0) {
                if (first[0] == '\0')
                    strcpy(first, line);
                else if (strcmp(first, line) != 0)
                    says = "one thread has other ids";
            }
        fclose(f);
    }
    closedir(d);
    return says;
}

/* Calls the library when the threads differ: it aborts. */
static void differ(void)
{
    start(&ready);
    freopen("/dev/null", "w", stderr);
    if (setresuid(B, B, B) < 0)
        _exit(1);
}

int main(void)
{
    pthread_t thread = start(NULL);
    pid_t pid;
    int status;

    say("at the start: %s", of_threads());
    needs(bare((uid_t)-1, A, (uid_t)-1) < 0, "threads",
          "CAP_SETUID");
    say("the bare call: %s", of_threads());
    check(bare((uid_t)-1, 0, (uid_t)-1) < 0, "setresuid");
    check(setresuid((uid_t)-1, A, (uid_t)-1) < 0, "setresuid");
    say("the library's: %s", of_threads());
    check(setresuid((uid_t)-1, 0, (uid_t)-1) < 0, "setresuid");
    pthread_barrier_wait(&release);
    pthread_join(thread, NULL);

    if ((pid = do_fork()) == 0) {
        differ();
        _exit(0);
    }
    status = reap(pid);
    if (WIFSIGNALED(status))
        say("the library's, where threads differ: killed by "
            "signal %d", WTERMSIG(status));
    else
        say("the library's, where threads differ: exit status %d",
            WEXITSTATUS(status));
    return 0;
}
