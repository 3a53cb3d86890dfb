package proc

import "fmt"

// WaitStatus is the status word that wait gives a parent, as the
// kernel made it: the termination status of section 8.5. Exactly
// one of Exited, Signaled, Stopped and Continued is true of it.
// See wait(2) and Figure 8.4.
type WaitStatus uint32

// Exited reports whether the child ended normally (WIFEXITED).
func (w WaitStatus) Exited() bool { return w&0x7f == 0 }

// ExitStatus is the low 8 bits of what the child gave to exit
// (WEXITSTATUS), −1 if it did not exit.
func (w WaitStatus) ExitStatus() int {
	if !w.Exited() {
		return -1
	}
	return int(w>>8) & 0xff
}

// Signaled reports whether a signal ended the child (WIFSIGNALED).
func (w WaitStatus) Signaled() bool {
	return w&0x7f != 0 && w&0x7f != 0x7f
}

// TermSig is the number of the signal that ended the child
// (WTERMSIG), −1 if none did.
func (w WaitStatus) TermSig() int {
	if !w.Signaled() {
		return -1
	}
	return int(w & 0x7f)
}

// CoreDump reports whether the kernel wrote a core file
// (WCOREDUMP).
func (w WaitStatus) CoreDump() bool { return w.Signaled() && w&0x80 != 0 }

// Stopped reports whether the child is stopped (WIFSTOPPED).
func (w WaitStatus) Stopped() bool { return w&0xff == 0x7f }

// StopSig is the number of the signal that stopped the child
// (WSTOPSIG), −1 if it is not stopped.
func (w WaitStatus) StopSig() int {
	if !w.Stopped() {
		return -1
	}
	return int(w>>8) & 0xff
}

// Continued reports whether a stopped child was continued
// (WIFCONTINUED).
func (w WaitStatus) Continued() bool { return w == 0xffff }

// String says the status in the words of the experiments, as
// Figure 8.5 has a function do.
func (w WaitStatus) String() string {
	switch {
	case w.Exited():
		return fmt.Sprintf("normal termination, exit status = %d", w.ExitStatus())
	case w.CoreDump():
		return fmt.Sprintf("abnormal termination, signal number = %d (core file generated)", w.TermSig())
	case w.Signaled():
		return fmt.Sprintf("abnormal termination, signal number = %d", w.TermSig())
	case w.Continued():
		return "child continued"
	case w.Stopped():
		return fmt.Sprintf("child stopped, signal number = %d", w.StopSig())
	}
	return fmt.Sprintf("unknown wait status %#x", uint32(w))
}

// Short says the status in a few words: "exited 7",
// "killed by SIGABRT (6), core dumped", "stopped by SIGSTOP (19)",
// "continued". Recordings, pictures and messages use these words.
func (w WaitStatus) Short() string {
	switch {
	case w.Exited():
		return fmt.Sprintf("exited %d", w.ExitStatus())
	case w.CoreDump():
		return "killed by " + SignalText(w.TermSig()) + ", core dumped"
	case w.Signaled():
		return "killed by " + SignalText(w.TermSig())
	case w.Continued():
		return "continued"
	case w.Stopped():
		return "stopped by " + SignalText(w.StopSig())
	}
	return fmt.Sprintf("unknown wait status %#x", uint32(w))
}
