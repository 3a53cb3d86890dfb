//go:build 386 || amd64 || arm64

package record

import (
	"fmt"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// crashing adds to a signal's event where the thread is, if the signal is
// of a fault of the thread itself, or of its abort(3). The process may
// survive it: it may have a handler.
func (r *recorder) crashing(t *thread, e *trace.Event, info *procfs.Siginfo) {
	fault := info.Code > 0
	switch unix.Signal(e.Signal) {
	case unix.SIGSEGV, unix.SIGBUS:
		if fault && e.SiCode != siKernel {
			e.FaultAddr = fmt.Sprintf("%#x", info.Addr())
		} else if fault {
			explain(e, "fault_addr", "the kernel does not know the address: the processor does not tell it for this fault")
		}
	case unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS, unix.SIGABRT:
	default:
		return
	}
	defer func() { crash := *e; t.proc.crash = &crash }()
	if !fault && int(info.Pid) != t.proc.nspid() {
		return // somebody else's kill: it says nothing of the line
	}
	var at syscallInfo
	if getSyscallInfo(t.tid, &at) != nil {
		e.NoSource = "the registers of the thread cannot be read"
		return
	}
	point := at.point()
	if unix.Signal(e.Signal) == unix.SIGTRAP && fault {
		point.PC -= trapSize
	}
	e.Source, e.NoSource = r.sourceAt(t, point)
}

// crashed adds to the end of a process what its fatal signal's event says.
func (p *process) crashed(e *trace.Event) {
	c := p.crash
	if c == nil || e.Status&0x7f != uint32(c.Signal) {
		return
	}
	e.SiCode, e.FaultAddr, e.Unknown = c.SiCode, c.FaultAddr, c.Unknown
	if c.Source != nil || c.NoSource != "" {
		e.Source, e.NoSource = c.Source, c.NoSource
	}
}

// siKernel is the si_code of a signal of the kernel's that has no more to
// say (asm-generic/siginfo.h).
const siKernel = 0x80
