/* How the rows of differ use and read processor time. */
/* Processor time: enough of it is 3 ticks. */
enum { UTIME, STIME, CUTIME, CSTIME, ENOUGH = 3 };

static long now(int clock)
{
    struct tms t;

    check(times(&t) == (clock_t)-1, "times");
    return clock == UTIME ? t.tms_utime
        : clock == STIME ? t.tms_stime
        : clock == CUTIME ? t.tms_cutime : t.tms_cstime;
}

static volatile int counted;
static char zeros[1 << 20];

static void work(int clock)
{
    if (clock == UTIME) { /* in user mode */
        for (int i = 0; i < 100000; i++)
            counted++;
    } else { /* in the kernel, which fills the buffer */
        int fd = open("/dev/zero", O_RDONLY);

        check(read(fd, zeros, sizeof zeros) < 0, "/dev/zero");
        close(fd);
    }
}

static void use(int clock)
{
    long start = now(clock);

    while (now(clock) - start < ENOUGH)
        work(clock);
}

static void let(int clock)
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    if (pid == 0) {
        use(clock);
        _exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
}

/* A child that looks may have used a tick by then. */
static void ticks(char *v, int clock)
{
    long n = now(clock);

    if (n <= 1)
        strcpy(v, "1 tick at most");
    else if (n < ENOUGH)
        sprintf(v, "%ld", n);
    else
        sprintf(v, "%d ticks or more", ENOUGH);
}

static int use_utime(void) { return use(UTIME), 0; }
static int use_stime(void) { return use(STIME), 0; }
static int let_utime(void) { return let(UTIME), 0; }
static int let_stime(void) { return let(STIME), 0; }
static void get_utime(char *v) { ticks(v, UTIME); }
static void get_stime(char *v) { ticks(v, STIME); }
static void get_cutime(char *v) { ticks(v, CUTIME); }
static void get_cstime(char *v) { ticks(v, CSTIME); }
