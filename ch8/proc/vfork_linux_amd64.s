#include "textflag.h"

// func rawVfork(trap, a1, a2 uintptr, run *func()) (pid uintptr, errno syscall.Errno)
//
// The child's frames are below this one, so nothing it calls can
// change what the parent returns through.
TEXT ·rawVfork(SB),NOSPLIT,$16-48
	MOVQ	trap+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	XORL	DX, DX
	XORL	R10, R10
	XORL	R8, R8
	SYSCALL
	TESTQ	AX, AX
	JZ	child
	CMPQ	AX, $-4095
	JCC	failed
	MOVQ	AX, pid+32(FP)
	MOVQ	$0, errno+40(FP)
	RET
failed:
	NEGQ	AX
	MOVQ	$-1, pid+32(FP)
	MOVQ	AX, errno+40(FP)
	RET
child:
	// What a Go function expects (ABIInternal): g in R14, zero in
	// X15, the closure in DX.
	MOVQ	(TLS), R14
	XORPS	X15, X15
	MOVQ	run+24(FP), DX
	MOVQ	(DX), DX
	MOVQ	(DX), CX
	CALL	CX
	INT	$3	// run ends the process
