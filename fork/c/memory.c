/* Memory changed on both sides of a fork, over three generations;
   and which pages were really copied. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 16, TOUCHED = 5 }; /* of the private mapping */

static unsigned char in_data = 1;

/* Five bytes: in the initialized data, on the heap, on the stack,
   in a private and in a shared mapping. */
static volatile unsigned char *cell[5];

static const char *who[] = { "parent", "child", "grandchild" };

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

static void set(int n)
{
    for (int i = 0; i < 5; i++)
        *cell[i] = (unsigned char)n;
}

static void print(const char *name, const char *when)
{
    char both[40];

    snprintf(both, sizeof both, "%s %s", name, when);
    printf("%-26s%-8d%-8d%-8d%-9d%d\n", both, *cell[0], *cell[1],
           *cell[2], *cell[3], *cell[4]);
}

/* The life of one process: it sets the cells to n, forks the next
   one, sets them to 10n, lets that one look, and looks itself when
   it has ended. */
static void generation(int depth, int n)
{
    int gate[2];
    pid_t pid;
    char c;

    set(n);
    if (depth == 2) { /* the youngest */
        print(who[depth], "changes them");
        return;
    }
    if (depth == 0)
        print(who[depth], "before its fork");
    check(pipe(gate) < 0, "pipe");
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        close(gate[1]);
        check(read(gate[0], &c, 1) != 0, "read");
        print(who[depth + 1], "finds");
        generation(depth + 1, n + 1);
        exit(0);
    }
    set(10 * n);
    print(who[depth], "after its fork");
    close(gate[0]);
    close(gate[1]);
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
    print(who[depth], "at the end");
}

/* Maps /dev/zero, which gives the mapping a name. */
static void *zero_pages(int n, int how)
{
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    void *mem;

    check(fd < 0, "/dev/zero");
    mem = mmap(NULL, (size_t)(n * getpagesize()),
               PROT_READ | PROT_WRITE, how, fd, 0);
    check(mem == MAP_FAILED, "mmap");
    close(fd);
    return mem;
}

/* Has a child write to some of the pages, which the parent had all
   written to. */
static void copied(volatile char *mem)
{
    size_t size = (size_t)getpagesize();
    pid_t pid;

    for (size_t i = 0; i < PAGES; i++)
        mem[i * size] = 1;
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        for (size_t i = 0; i < TOUCHED; i++)
            mem[i * size] = 2;
        printf("the child wrote to %d of %d pages\n", TOUCHED,
               PAGES);
        exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
}

int main(void)
{
    unsigned char on_stack;
    char *private = zero_pages(PAGES, MAP_PRIVATE);

    /* Pages of the usual size only, or one write copies many. */
    madvise(private, (size_t)(PAGES * getpagesize()),
            MADV_NOHUGEPAGE);
    setvbuf(stdout, NULL, _IOLBF, 0);
    cell[0] = &in_data;
    cell[1] = malloc(1);
    cell[2] = &on_stack;
    cell[3] = (unsigned char *)private;
    cell[4] = zero_pages(1, MAP_SHARED);
    check(!cell[1], "malloc");
    printf("%-26s%-8s%-8s%-8s%-9s%s\n", "", "data", "heap", "stack",
           "private", "shared");
    generation(0, 1);
    copied(private);
    return 0;
}
