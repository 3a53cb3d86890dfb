/* A 64-bit program that forks and writes by int $0x80. */
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static long call(long nr, long a, long b, long c)
{
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return r;
}

int main(void)
{
	/* An address of 32 bits. */
	char *text = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	strcpy(text, "int 0x80\n");
	call(4, 1, (long)text, strlen(text));
	if (call(2, 0, 0, 0) == 0)
		call(1, 3, 0, 0);
	wait(0);
	return 0;
}
