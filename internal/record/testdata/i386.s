# A 32-bit program: fork, wait, exit, by the numbers of that
# architecture.
	.globl _start
_start:
	movl $2, %eax		# fork
	int $0x80
	testl %eax, %eax
	jz child
	movl %eax, %ebx
	movl $7, %eax		# waitpid
	xorl %ecx, %ecx
	xorl %edx, %edx
	int $0x80
	movl $1, %eax		# exit
	movl $5, %ebx
	int $0x80
child:
	movl $1, %eax
	movl $3, %ebx
	int $0x80
