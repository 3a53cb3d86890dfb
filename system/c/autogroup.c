/* Section 8.16: the nice value across sessions. --ms: the times. */
#include "common.h"

static int in_ms;

/* The first word of a file of /proc/PID, "" without the file. */
static const char *first_word(pid_t pid, const char *name)
{
    static char path[64], word[64];
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    word[0] = '\0';
    if ((f = fopen(path, "r")) != NULL) {
        if (fscanf(f, "%63s", word) != 1)
            word[0] = '\0';
        fclose(f);
    }
    return word;
}

/* Forks, and makes a session. */
static void membership(void)
{
    char before[64];
    pid_t pid;

    strcpy(before, first_word(getpid(), "autogroup"));
    if ((pid = do_fork()) == 0) {
        const char *now = first_word(getpid(), "autogroup");

        say("a fork: the same group: %s",
            strcmp(now, before) == 0 ? "true" : "false");
        check(setsid() < 0, "setsid");
        now = first_word(getpid(), "autogroup");
        say("setsid: another group: %s",
            strcmp(now, before) != 0 ? "true" : "false");
        _exit(0);
    }
    reap(pid);
}

/* Gives the caller's group another weight. */
static void weigh(int n)
{
    FILE *f = fopen("/proc/self/autogroup", "w");

    check(f == NULL || fprintf(f, "%d", n) < 0 || fclose(f) != 0,
          "/proc/self/autogroup");
}

/* The processor time, or the word for it as a part of all. */
static const char *half(long used, long all)
{
    static char text[32];

    snprintf(text, sizeof text, "%ld ms", used);
    return in_ms ? text : used < all / 3 ? "the smaller share"
        : used > all * 2 / 3 ? "the larger share" : "about half";
}

/* Makes two processes, which compute on one processor, each in a
   new session or both in the caller's. The weight is written to
   the group of the second. */
static void between(const char *what, int one_session, int weight,
                    int a, int b)
{
    int ready[2], gate[2], nices[] = { a, b };
    long used[2];
    pid_t pids[2];

    one_processor();
    check(pipe(ready) < 0 || pipe(gate) < 0, "pipe");
    for (int i = 0; i < 2; i++)
        if ((pids[i] = do_fork()) == 0) {
            check(!one_session && setsid() < 0, "setsid");
            check(setpriority(PRIO_PROCESS, 0, nices[i]) < 0,
                  "setpriority");
            if (i == 1 && weight != 0)
                weigh(weight);
            gate_open(ready);
            gate_wait(gate);
            compute_for(500);
            _exit(0);
        }
    gate_wait(ready); /* until both are ready */
    gate_open(gate);
    for (int i = 0; i < 2; i++) {
        until_zombie(pids[i]);
        used[i] = zombie_ms(pids[i]);
    }
    for (int i = 0; i < 2; i++) {
        say("%s, nice +%d: %s", what, nices[i],
            half(used[i], used[0] + used[1]));
        reap(pids[i]);
    }
}

static void within(void)
{
    check(setsid() < 0, "setsid");
    between("one session", 1, 0, 0, 10);
}

int main(int argc, char *argv[])
{
    FILE *f;

    f = fopen("/proc/sys/kernel/sched_autogroup_enabled", "r");
    if (f == NULL || fgetc(f) != '1')
        cannot("autogroup", "the kernel groups no sessions here: "
               "sysctl kernel.sched_autogroup_enabled is not 1");
    fclose(f);
    in_ms = option(argc, argv, "ms");
    from_zero("autogroup", 9);
    membership();
    between("sessions", 0, 0, 0, 19);
    between("the second group +10", 0, 10, 0, 0);
    in_child(within);
    return 0;
}
