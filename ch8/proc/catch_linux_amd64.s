#include "textflag.h"

// The handler: signal in DI, siginfo in SI. See
// asm-generic/siginfo.h for the offsets. It calls no Go and may
// change what the kernel saved.
TEXT ·handler<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	DI, ·caught+4(SB)
	MOVL	8(SI), AX
	MOVL	AX, ·caught+8(SB)
	MOVL	16(SI), AX
	MOVL	AX, ·caught+12(SB)
	MOVL	20(SI), AX
	MOVL	AX, ·caught+16(SB)
	MOVL	24(SI), AX
	MOVL	AX, ·caught+20(SB)
	INCL	·caught+0(SB)
	RET

// rt_sigreturn(2).
TEXT ·restorer<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$15, AX
	SYSCALL
	INT	$3

// func handlerPC() uintptr
TEXT ·handlerPC(SB),NOSPLIT,$0-8
	LEAQ	·handler<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func restorerPC() uintptr
TEXT ·restorerPC(SB),NOSPLIT,$0-8
	LEAQ	·restorer<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
