/* Memory changed on both sides of a fork, over three generations;
   then a child writes to some pages, and only those are copied. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { PAGES = 16, WRITTEN = 5 }; /* of the private mapping */

static unsigned char in_data = 1;

/* Five bytes: in the initialized data, on the heap, on the stack,
   in a private and in a shared mapping. */
static volatile unsigned char *byte[5];

static const char *role[] = { "parent", "child", "grandchild" };

static void set(int n)
{
    for (int i = 0; i < 5; i++)
        *byte[i] = (unsigned char)n;
}

static void print(const char *name, const char *when)
{
    char both[40];

    snprintf(both, sizeof both, "%s %s", name, when);
    printf("%-26s%-8d%-8d%-8d%-9d%d\n", both, *byte[0], *byte[1],
           *byte[2], *byte[3], *byte[4]);
}

/* The life of one process. It sets the bytes to n, forks the next
   generation, and sets them to 10n. Then its child may look. It
   looks itself when the child has ended. */
static void generation(int depth, int n)
{
    int changed[2];
    pid_t pid;
    char c;

    set(n);
    if (depth == 2) { /* the youngest */
        print(role[depth], "changes them");
        return;
    }
    if (depth == 0)
        print(role[depth], "before its fork");
    check(pipe(changed) < 0, "pipe");
    if ((pid = do_fork()) == 0) {
        close(changed[1]);
        check(read(changed[0], &c, 1) != 0, "read");
        print(role[depth + 1], "finds");
        generation(depth + 1, n + 1);
        exit(0);
    }
    set(10 * n);
    print(role[depth], "after its fork");
    close(changed[0]);
    close(changed[1]);
    reap(pid);
    print(role[depth], "at the end");
}

/* Maps /dev/zero: so the mapping has a name in smaps. */
static void *map_zero(int n, int flags)
{
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    void *mem;

    check(fd < 0, "/dev/zero");
    mem = mmap(NULL, (size_t)(n * getpagesize()),
               PROT_READ | PROT_WRITE, flags, fd, 0);
    check(mem == MAP_FAILED, "mmap");
    close(fd);
    return mem;
}

/* Writes to all pages, forks, and lets the child write to some of
   them. */
static void copy_on_write(volatile char *mem)
{
    size_t size = (size_t)getpagesize();
    pid_t pid;

    for (size_t i = 0; i < PAGES; i++)
        mem[i * size] = 1;
    if ((pid = do_fork()) == 0) {
        for (size_t i = 0; i < WRITTEN; i++)
            mem[i * size] = 2;
        printf("the child wrote to %d of %d pages\n", WRITTEN,
               PAGES);
        exit(0);
    }
    reap(pid);
}

int main(void)
{
    unsigned char on_stack;
    char *private = map_zero(PAGES, MAP_PRIVATE);

    /* With huge pages one write would copy many pages. */
    madvise(private, (size_t)(PAGES * getpagesize()),
            MADV_NOHUGEPAGE);
    setvbuf(stdout, NULL, _IOLBF, 0);
    byte[0] = &in_data;
    byte[1] = malloc(1);
    byte[2] = &on_stack;
    byte[3] = (unsigned char *)private;
    byte[4] = map_zero(1, MAP_SHARED);
    check(!byte[1], "malloc");
    printf("%-26s%-8s%-8s%-8s%-9s%s\n", "", "data", "heap", "stack",
           "private", "shared");
    generation(0, 1);
    copy_on_write(private);
    return 0;
}
