#include "textflag.h"
#include "funcdata.h"

// func rawVfork(trap, a1, a2 uintptr, v *vforkCall) (pid uintptr, errno syscall.Errno)
//
// The child's frames are below this one, so nothing it calls can
// change what the parent returns through.
TEXT ·rawVfork(SB),NOSPLIT,$4-24
	NO_LOCAL_POINTERS
	MOVL	trap+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	XORL	DX, DX
	XORL	SI, SI
	XORL	DI, DI
	INT	$0x80
	TESTL	AX, AX
	JZ	child
	CMPL	AX, $-4095
	JCC	failed
	MOVL	AX, pid+16(FP)
	MOVL	$0, errno+20(FP)
	RET
failed:
	NEGL	AX
	MOVL	$-1, pid+16(FP)
	MOVL	AX, errno+20(FP)
	RET
child:
	MOVL	v+12(FP), AX
	MOVL	AX, 0(SP)
	CALL	·vforkChild(SB)
	INT	$3	// it ends the process
