/* Looks too early: the child is a zombie only later.
   remark: before the child ended */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int gate[2];
    char name[40], line[256];
    pid_t pid;

    if (pipe(gate) < 0)
        return 1;
    if ((pid = fork()) == 0) {
        close(gate[1]);
        _exit((int)read(gate[0], line, 1));
    }
    snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(name, "r");
    if (f == NULL || fgets(line, sizeof(line), f) == NULL)
        return 1;
    fputs(line, stdout);
    fclose(f);
    close(gate[1]);
    sleep(1);
    return 0;
}
