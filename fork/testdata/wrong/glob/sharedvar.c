/* Keeps its variables in a shared mapping: the parent sees what the
   child changed.
   fails: copied */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int *v = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;

    v[0] = 6;
    v[1] = 88;
    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        v[0]++;
        v[1]++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), v[0], v[1]);
    return 0;
}
