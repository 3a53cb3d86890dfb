//go:build 386 || amd64 || arm64

package record

import (
	"golang.org/x/sys/unix"

	"apue/internal/symbol"
	"apue/internal/trace"
)

// programOf looks at a process's executable once.
func (r *recorder) programOf(p *process) *symbol.Program {
	if p.program == nil {
		p.program = r.symbols.Program(p.liveTID)
	}
	return p.program
}

// isGo says whether a process executes a Go program.
func (r *recorder) isGo(p *process) bool { return r.programOf(p).IsGo() }

// source finds the line that made the call, or caused the fault, that
// a stopped thread is in, and otherwise says why there is none.
func (r *recorder) source(t *thread) (*trace.Source, string) {
	var info syscallInfo
	if !r.started {
		return nil, ""
	}
	if getSyscallInfo(t.tid, &info) != nil {
		return nil, "the registers of the thread cannot be read"
	}
	return r.sourceAt(t, info.point())
}

// sourceAt is source for a thread that is known to be at a point.
func (r *recorder) sourceAt(t *thread, at symbol.Point) (*trace.Source, string) {
	if !r.started {
		return nil, ""
	}
	place, reason := r.symbols.Place(r.programOf(t.proc), t, at)
	return (*trace.Source)(place), reason
}

// Tid, ReadMemory and Registers make a thread a symbol.Thread.

func (t *thread) Tid() int { return t.tid }

func (t *thread) ReadMemory(addr uint64, b []byte) int { return readMemory(t.tid, addr, b) }

func (t *thread) Registers(regs *unix.PtraceRegs) error { return getRegs(t.tid, regs) }
