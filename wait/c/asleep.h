/* What asleep.go is to the programs in Go: know that a process
   waits, without a guess at how long it takes to get there. */
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Return when the process has been asleep at five looks in a row,
   or is gone. */
static void until_asleep(pid_t pid)
{
    char path[64], line[512];

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    for (int looks = 0; looks < 5; looks++) {
        FILE *f = fopen(path, "r");
        char *paren;

        if (f == NULL || fgets(line, sizeof line, f) == NULL)
            return;
        fclose(f);
        paren = strrchr(line, ')');
        if (paren == NULL || strncmp(paren, ") S", 3) != 0)
            looks = -1;
        usleep(1000);
    }
}
