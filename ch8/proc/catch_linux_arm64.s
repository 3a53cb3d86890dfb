#include "textflag.h"

// The handler: signal in R0, siginfo in R1. See
// asm-generic/siginfo.h for the offsets. It calls no Go and may
// change what the kernel saved; the link register holds the
// kernel's own return to rt_sigreturn(2).
TEXT ·handler<>(SB),NOSPLIT|NOFRAME,$0
	MOVD	$·caught(SB), R2
	MOVW	R0, 4(R2)
	MOVW	8(R1), R3
	MOVW	R3, 8(R2)
	MOVW	16(R1), R3
	MOVW	R3, 12(R2)
	MOVW	20(R1), R3
	MOVW	R3, 16(R2)
	MOVW	24(R1), R3
	MOVW	R3, 20(R2)
	MOVW	(R2), R3
	ADDW	$1, R3
	MOVW	R3, (R2)
	RET

// func handlerPC() uintptr
TEXT ·handlerPC(SB),NOSPLIT,$0-8
	MOVD	$·handler<>(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// func restorerPC() uintptr
TEXT ·restorerPC(SB),NOSPLIT,$0-8
	MOVD	ZR, ret+0(FP)
	RET
