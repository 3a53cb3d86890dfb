/* The ways to end a process, and to write, that a program has. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

static void handler(void) { _exit(0); }

static void tell(void)
{
	if (write(1, "tell\n", 5) < 0)
		_exit(1);
}

/* With -O2 its last instruction is a jump to puts. */
static void say(void) { puts("say"); }

static int way(int i)
{
	switch (i) {
	case 1: exit(0);
	case 2: _exit(0);
	case 3: quick_exit(0);
	case 4: printf("four\n"); return 0;
	case 5: printf("five\n"); exit(0);
	case 6: printf("six\n"); fflush(stdout); _exit(0);
	case 7: setbuf(stdout, NULL); printf("seven\n"); _exit(0);
	case 8: if (write(1, "eight\n", 6) < 0) return 1; return 0;
	case 9: atexit(handler); return 0;
	case 11: atexit(tell); return 0;
	case 12: atexit(tell); exit(0);
	case 13: tell(); exit(0);
	case 14: setbuf(stdout, NULL); atexit(say); exit(0);
	}
	abort();
}

int main(void)
{
	for (int i = 1; i <= 14; i++) {
		if (fork() == 0)
			return way(i);
		wait(NULL);
	}
	return 0;
}
