#include "textflag.h"

// The handler: above its return address signal, siginfo and context.
// See asm-generic/siginfo.h for the offsets, which are those without
// padding. It calls no Go and may change what the kernel saved.
TEXT ·handler<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	4(SP), AX
	MOVL	AX, ·caught+4(SB)
	MOVL	8(SP), CX
	MOVL	8(CX), AX
	MOVL	AX, ·caught+8(SB)
	MOVL	12(CX), AX
	MOVL	AX, ·caught+12(SB)
	MOVL	16(CX), AX
	MOVL	AX, ·caught+16(SB)
	MOVL	20(CX), AX
	MOVL	AX, ·caught+20(SB)
	INCL	·caught+0(SB)
	RET

// rt_sigreturn(2).
TEXT ·restorer<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$173, AX
	INT	$0x80
	INT	$3

// func handlerPC() uintptr
TEXT ·handlerPC(SB),NOSPLIT,$0-4
	LEAL	·handler<>(SB), AX
	MOVL	AX, ret+0(FP)
	RET

// func restorerPC() uintptr
TEXT ·restorerPC(SB),NOSPLIT,$0-4
	LEAL	·restorer<>(SB), AX
	MOVL	AX, ret+0(FP)
	RET
