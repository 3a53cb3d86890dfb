/* Ways to be killed by a fault; the test knows the lines by their marks. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __aarch64__
#define BREAK __asm__ volatile("brk #1")
#else
#define BREAK __asm__ volatile("int3")
#endif

static FILE *file;
static volatile int zero;
static int *volatile null;
static void (*volatile nothing)(void);
static char *volatile text = "constant";

static void __attribute__((noinline)) store(int *to)
{
	*(volatile int *)to = 1; /* mark: null */
}

static inline __attribute__((always_inline)) int quotient(int n)
{
	return n / zero; /* mark: inlined */
}

static void *in_thread(void *arg)
{
	*(volatile int *)(null + 4) = 1; /* mark: thread */
	return arg;
}

static void caught(int signo)
{
	signal(signo, SIG_DFL); /* the fault comes again */
}

static void die(int way)
{
	pthread_t id;
	switch (way) {
	case 0:
		store(null);
		break;
	case 1:
		*text = 'C'; /* mark: readonly */
		break;
	case 2:
		zero = quotient(42);
		break;
	case 3: {
		char *p = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fileno(file), 0);
		zero = *(volatile char *)p; /* mark: beyond */
		break;
	}
	case 4:
		__builtin_trap(); /* mark: illegal */
	case 5:
		BREAK; /* mark: trap */
		break;
	case 6:
		abort(); /* mark: abort */
	case 7:
		nothing(); /* mark: call */
		break;
	case 8:
		pthread_create(&id, 0, in_thread, 0);
		pthread_join(id, 0);
		break;
	case 9:
		signal(SIGSEGV, caught);
		*(volatile int *)null = 1; /* mark: caught */
		break;
	case 10:
		raise(SIGFPE); /* mark: raise */
		break;
	case 11:
		memset((char *)null + 0x123000, 1, 10); /* mark: library */
		break;
#if __SIZEOF_POINTER__ == 8
	case 12: /* no address of this form can exist */
		zero = *(volatile char *)0x8000000000000000; /* mark: form */
#endif
	}
	_exit(0);
}

int main(void)
{
	if (!(file = tmpfile())) /* it is empty */
		return 1;
	for (int way = 0; way <= 12; way++) {
		pid_t pid = fork();
		if (pid == 0)
			die(way);
		waitpid(pid, 0, 0);
	}
	pid_t pid = fork();
	if (pid == 0)
		pause();
	kill(pid, SIGSEGV);
	waitpid(pid, 0, 0);
	return 0;
}
