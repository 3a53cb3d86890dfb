#include "textflag.h"
#include "funcdata.h"

// func rawVfork(trap, a1, a2 uintptr, v *vforkCall) (pid uintptr, errno syscall.Errno)
//
// The child's frames are below this one, so nothing it calls can
// change what the parent returns through.
TEXT ·rawVfork(SB),NOSPLIT,$16-48
	NO_LOCAL_POINTERS
	MOVD	trap+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	$0, R2
	MOVD	$0, R3
	MOVD	$0, R4
	SVC
	CBZ	R0, child
	CMN	$4095, R0
	BCS	failed
	MOVD	R0, pid+32(FP)
	MOVD	ZR, errno+40(FP)
	RET
failed:
	NEG	R0, R0
	MOVD	$-1, R1
	MOVD	R1, pid+32(FP)
	MOVD	R0, errno+40(FP)
	RET
child:
	// vforkChild is called by the convention for assembly (ABI0),
	// from which the linker makes the compiler's own.
	MOVD	v+24(FP), R0
	MOVD	R0, 8(RSP)
	CALL	·vforkChild(SB)
	BRK	$0	// it ends the process
