/* Programs that do their worst to whoever records them: attack MODE.
   Each ends with the status that it says. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the child returns is what the parent says. */
static int child(int (*f)(void))
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return 90;
    if (pid == 0)
        _exit(f());
    if (waitpid(pid, &status, 0) != pid)
        return 91;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int seven(void)
{
    return 7;
}

static int traceme(void)
{
    return ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 && errno == EPERM ? 10 : 1;
}

/* The parent is the recorder. Whether this is allowed, the kernel says;
   it ends with this process. */
static int seize(void)
{
    ptrace(PTRACE_SEIZE, getppid(), 0, 0);
    return child(seven);
}

/* A filter that returns ACTION for the call NR, or with NR -1 for all
   but the ends of processes and threads. */
static void filter(int nr, unsigned action)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog p = {sizeof f / sizeof f[0], f};

    if (nr < 0) {                   /* no call is skipped */
        f[1].jt = 4 - 1;
        f[3] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0)
        _exit(92);
}

static int filter_errno(void)
{
    filter(-1, SECCOMP_RET_ERRNO | EXDEV);
    return syscall(SYS_wait4, -1, NULL, 0, NULL) < 0 && errno == EXDEV ? 11 : 1;
}

static int filter_trace(void)
{
    pid_t parent = getppid();

    filter(-1, SECCOMP_RET_TRACE | 42);
    return getppid() == parent && child(seven) == 7 ? 12 : 1;
}

static int filter_kill(void)
{
    filter(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
    getppid();
    return 1;
}

/* 32 and 33 are the C library's: it does not let them be blocked. */
static int deaf(void)
{
    sigset_t all;

    for (int sig = 1; sig < 65; sig++)
        if (sig != SIGCHLD)
            signal(sig, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int sig = 1; sig < 65; sig++)
        if (sig != SIGKILL && sig != SIGSTOP && sig != 32 && sig != 33)
            kill(getpid(), sig);
    return child(seven);
}

/* The names are such that a reader of /proc, or a terminal, may trip. */
static int rename_and_exec(void)
{
    char *argv[] = {"a\n\033[2J", "seven", NULL};
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    prctl(PR_SET_NAME, "a) Z 1 (\n\033[2J");
    if (fork() == 0) {
        fork();                 /* an orphan */
        _exit(3);
    }
    wait(NULL);
    if (n < 0 || (self[n] = 0, symlink(self, "a\n\033[2J")) < 0)
        return 1;
    write(1, "\033]0;x\007\033[2J\233\n", 13);
    execv("./a\n\033[2J", argv);
    return 1;
}

static int undumpable(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_PTRACER, -1, 0, 0, 0);
    return child(seven);
}

static int poor(void)
{
    struct rlimit none = {0, 0};

    unshare(CLONE_FILES | CLONE_FS);
    for (int fd = 0; fd < 256; fd++)
        close(fd);
    setrlimit(RLIMIT_NOFILE, &none);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_NPROC, &none);
    switch (child(seven)) {
    case 7: case 90:            /* the limit does not concern root */
        return 13;
    }
    return 1;
}

static void *end_soon(void *p)
{
    sched_yield();
    return p;
}

static void *exec_seven(void *p)
{
    char *argv[] = {"attack", "seven", NULL};

    execv("/proc/self/exe", argv);
    return p;
}

/* Threads end while one that is not the first executes. */
static int exec_thread(void)
{
    pthread_t t;

    for (int i = 0; i < 24; i++)
        pthread_create(&t, NULL, i == 12 ? exec_seven : end_soon, NULL);
    pause();
    return 1;
}

static int many_threads(void)
{
    pthread_t t;

    for (int i = 0; i < 100; i++)
        pthread_create(&t, NULL, end_soon, NULL);
    syscall(SYS_exit_group, 14);
    return 1;
}

/* The child of a vfork is killed by a brother of its parent. */
static int vfork_killed(void)
{
    int p[2], status;
    pid_t pid;

    pipe(p);
    if (fork() == 0) {
        read(p[0], &pid, sizeof pid);
        kill(pid, SIGKILL);
        _exit(0);
    }
    pid = vfork();
    if (pid == 0) {
        pid_t self = syscall(SYS_getpid);
        write(p[1], &self, sizeof self);
        for (;;)
            pause();
    }
    waitpid(pid, &status, 0);
    wait(NULL);
    return WTERMSIG(status) == SIGKILL ? 15 : 1;
}

/* A search of all of its memory would not end. */
static int vast(void)
{
    void *p = mmap(NULL, 1UL << 45, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return 18;             /* no such room */
    if (vfork() == 0)
        _exit(7);
    wait(NULL);
    return 18;
}

/* What is killed in the middle of it. */
static void busy(int what)
{
    static char *argv[] = {"attack", "seven", NULL};
    pthread_t t;

    for (;;)
        switch (what) {
        case 0:
            if (fork() == 0)
                _exit(0);
            break;
        case 1:
            if (vfork() == 0)
                _exit(0);
            break;
        case 2:
            if (vfork() == 0)
                execv("/proc/self/exe", argv);
            break;
        case 3:
            if (fork() == 0)
                _exit(0);
            wait(NULL);
            break;
        case 4:
            if (pthread_create(&t, NULL, end_soon, NULL) == 0)
                pthread_join(t, NULL);
            break;
        case 5:
            argv[1] = "exec";
            execv("/proc/self/exe", argv);
            break;
        case 6:
            pthread_create(&t, NULL, end_soon, NULL);
            _exit(0);
        }
}

/* Changes, all the time, what clone3 will find: whether it is to make a
   thread. No signal at the end is allowed for either. */
static volatile unsigned long long fickle_args[11];
static volatile int fickle_done;
static const unsigned long long one_of_us = CLONE_VM | CLONE_FS |
    CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

static void *change(void *unused)
{
    while (!fickle_done)
        fickle_args[0] ^= one_of_us;
    return unused;
}

/* What it makes, on a stack of its own, ends at once: 0 there. */
static long clone3_and_end(void)
{
#if defined __x86_64__
    long r;

    __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
        "mov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:"
        : "=a"(r) : "0"(435L), "D"(fickle_args), "S"(64L)
        : "rcx", "r11", "memory");
    return r;
#elif defined __aarch64__
    register long nr __asm__("x8") = 435;
    register long r __asm__("x0") = (long)fickle_args;
    register long size __asm__("x1") = 64;

    __asm__ volatile("svc 0\n\tcbnz x0, 1f\n\tmov x8, 93\n\tsvc 0\n1:"
        : "+r"(r), "+r"(nr) : "r"(size) : "memory");
    return r;
#endif
}

static int fickle(void)
{
    static char stack[16384];
    pthread_t t;

    fickle_args[5] = (unsigned long)stack;
    fickle_args[6] = sizeof stack;
    pthread_create(&t, NULL, change, NULL);
    for (int i = 0; i < 300; i++)
        if (clone3_and_end() < 0)
            return 1;
    fickle_done = 1;
    pthread_join(t, NULL);
    /* Twenty that are processes for sure. */
    fickle_args[0] = 0;
    for (int i = 0; i < 20; i++)
        if (clone3_and_end() < 0)
            return 1;
    int n = 0;
    while (waitpid(-1, NULL, __WALL) > 0)
        n++;
    dprintf(1, "%d\n", n);
    return 20;
}

/* The kernel announces a thread as a fork if clone is told a signal for
   its end, and as a vfork if its maker is suspended. */
static long clone_and_end(unsigned long flags, void *top)
{
#if defined __x86_64__
    long r;
    register long tls __asm__("r8") = 0, ctid __asm__("r10") = 0;

    __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
        "mov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:"
        : "=a"(r) : "0"(56L), "D"(flags), "S"(top), "d"(0L), "r"(ctid), "r"(tls)
        : "rcx", "r11", "memory");
    return r;
#elif defined __aarch64__
    register long nr __asm__("x8") = 220;
    register long r __asm__("x0") = (long)flags;
    register void *sp __asm__("x1") = top;
    register long ptid __asm__("x2") = 0, tls __asm__("x3") = 0, ctid __asm__("x4") = 0;

    __asm__ volatile("svc 0\n\tcbnz x0, 1f\n\tmov x8, 93\n\tsvc 0\n1:"
        : "+r"(r), "+r"(nr) : "r"(sp), "r"(ptid), "r"(tls), "r"(ctid) : "memory");
    return r;
#endif
}

static int odd_threads(void)
{
    static char stacks[30][16384] __attribute__((aligned(16)));
    static const unsigned long odd[] = {0, SIGCHLD, CLONE_VFORK};

    for (int i = 0; i < 30; i++)
        if (clone_and_end(one_of_us | odd[i % 3], stacks[i] + sizeof stacks[i]) < 0)
            return 1;
    fickle_args[0] = one_of_us | CLONE_VFORK;
    fickle_args[5] = (unsigned long)stacks[0];
    fickle_args[6] = sizeof stacks[0];
    for (int i = 0; i < 10; i++)
        if (clone3_and_end() < 0)
            return 1;
    return child(seven) == 7 ? 19 : 1;
}

/* Children are killed at any of their stops. Their own children are
   adopted here, and all are collected. */
static int massacre(int n)
{
    struct timespec t = {0, 0};

    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0)
            busy(i % 7);
        t.tv_nsec = 1000 * (i * 37 % 1500);
        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
        while (wait(NULL) > 0)
            ;
    }
    return 16;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    static const struct {
        const char *name;
        int (*f)(void);
    } modes[] = {
        {"seven", seven}, {"traceme", traceme}, {"seize", seize},
        {"errno", filter_errno}, {"trace", filter_trace}, {"deaf", deaf},
        {"rename", rename_and_exec}, {"undumpable", undumpable},
        {"poor", poor}, {"threads", many_threads}, {"thread exec", exec_thread},
        {"vfork", vfork_killed}, {"vast", vast},
        {"fickle", fickle}, {"odd", odd_threads},
    };

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(mode, modes[i].name) == 0)
            return modes[i].f();
    if (strcmp(mode, "kill") == 0)
        return child(filter_kill) == 100 + SIGSYS ? 17 : 1;
    if (strcmp(mode, "exec") == 0)
        busy(5);
    if (strcmp(mode, "massacre") == 0)
        return massacre(atoi(argv[2]));
    return 2;
}
