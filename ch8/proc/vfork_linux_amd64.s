#include "textflag.h"
#include "funcdata.h"

// func rawVfork(trap, a1, a2 uintptr, v *vforkCall) (pid uintptr, errno syscall.Errno)
//
// The child's frames are below this one, so nothing it calls can
// change what the parent returns through.
TEXT ·rawVfork(SB),NOSPLIT,$16-48
	NO_LOCAL_POINTERS
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
	// vforkChild is called by the convention for assembly (ABI0),
	// from which the linker makes the compiler's own.
	MOVQ	v+24(FP), AX
	MOVQ	AX, 0(SP)
	CALL	·vforkChild(SB)
	INT	$3	// it ends the process
