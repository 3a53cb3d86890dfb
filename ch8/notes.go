package main

import (
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// topic is what an event is an example of.
func topic(e *trace.Event, entered bool) string {
	switch e.Kind {
	case trace.KindWait:
		switch {
		case entered:
			return "blocks"
		case e.Reaps():
			return "reaps"
		case e.Errno == "ECHILD":
			return "echild"
		case e.Result == 0:
			return "nohang"
		}
	case trace.KindExit:
		if e.Status&0x7f != 0 {
			return "killed"
		}
		return "exit"
	case trace.KindSignal:
		if e.Signal == int(unix.SIGCHLD) {
			return "sigchld"
		}
	}
	return string(e.Kind)
}

// bookNotes are what the book says of each, in our words.
var bookNotes = map[string]string{
	"fork":       "§8.3: fork is called once and returns twice, 0 in the child and the child's pid in the parent. The child has a copy of the parent's data, heap and stack, buffers among them. Which of the two goes on first nobody promises.",
	"vfork":      "§8.4: the child of a vfork runs in its parent's memory, and the parent is suspended until the child calls exec or _exit.",
	"vfork-done": "§8.4: the child has called exec or _exit, and the parent goes on, with its memory as the child left it.",
	"exec":       "§8.10: exec replaces the program of a process; the process, its pid and its parent, stays.",
	"exit":       "§8.5: however a process ends, the kernel closes its descriptors and releases its memory; what stays until somebody waits for it is its termination status.",
	"killed":     "§8.5: abnormal termination: the kernel, not the process, makes the termination status, and it says which signal it was.",
	"blocks":     "§8.6: wait blocks while all children run, returns at once if one has ended already, and fails at once if there is none.",
	"reaps":      "§8.6: wait hands the termination status to the parent. Only now is the child gone; until here it was a zombie.",
	"echild":     "§8.6: there is no child to wait for: ECHILD. A grandchild does not count.",
	"nohang":     "§8.6: with WNOHANG waitpid does not block: 0 says that no child has ended yet.",
	"reparented": "§8.5: when a process ends, its children get a new parent: the init process in the book, on Linux the nearest child subreaper if there is one. So every process has a parent.",
	"sigchld":    "§8.6: the kernel tells the parent of a child's end with SIGCHLD. The default is to ignore it.",
	"write":      "§8.3: what write(2) has taken is the kernel's; what is still in a buffer of the process is copied by fork and lost by _exit.",
	"stop":       "§8.6: a stopped child is reported to a waitpid with WUNTRACED, once.",
	"continue":   "§8.6: a continued child is reported to a waitpid with WCONTINUED, once.",
	"setpgid":    "§9.4: a process group is what waitpid(0) and waitpid(−pgid) select by.",
	"setsid":     "§9.5: setsid makes a new session without a controlling terminal; the caller leads it, and a new process group.",
	"pipe":       "§15.2: a reader sees the end of a pipe when every copy of the writing end is closed.",
}
