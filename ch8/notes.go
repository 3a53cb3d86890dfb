package main

import (
	"apue/internal/locale"
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
		case e.NoneYet():
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
	"fork":       locale.Key("§8.3: fork is called once and returns twice: 0 in the child, the child's pid in the parent. The child has a copy of the parent's data, heap and stack, and so of its buffers. The kernel does not promise which of the two runs first."),
	"vfork":      locale.Key("§8.4: the child of a vfork runs in its parent's memory. The parent is suspended until the child calls exec or _exit."),
	"vfork-done": locale.Key("§8.4: the child has called exec or _exit. The parent goes on, with its memory as the child left it."),
	"exec":       locale.Key("§8.10: exec replaces the program of a process. The process, its pid and its parent stay the same."),
	"exit":       locale.Key("§8.5: however a process ends, the kernel closes its descriptors and releases its memory. Its termination status stays until a wait reaps the process."),
	"killed":     locale.Key("§8.5: this is an abnormal termination: the kernel, not the process, makes the termination status, which says which signal it was."),
	"blocks":     locale.Key("§8.6: wait blocks while all children run. It returns at once if one has ended already, and fails at once if there is none."),
	"reaps":      locale.Key("§8.6: wait gives the termination status to the parent. Until here the child was a zombie; now it is gone."),
	"echild":     locale.Key("§8.6: the caller has no child to wait for: ECHILD. A grandchild does not count."),
	"nohang":     locale.Key("§8.6: with WNOHANG waitpid does not block: 0 means that no child has changed state yet."),
	"reparented": locale.Key("§8.5: when a process ends, its children get a new parent: the init process in the book, on Linux the nearest child subreaper if there is one. So every process has a parent."),
	"sigchld":    locale.Key("§8.6: the kernel sends SIGCHLD to the parent when a child ends. The default is to ignore it."),
	"write":      locale.Key("§8.3: bytes that write(2) has taken are the kernel's. Bytes that are still in a buffer of the process are copied by fork, and lost by _exit."),
	"stop":       locale.Key("§8.6: a waitpid with WUNTRACED reports a stopped child, once."),
	"continue":   locale.Key("§8.6: a waitpid with WCONTINUED reports a continued child, once."),
	"setpgid":    locale.Key("§9.4: waitpid(0) and waitpid(−pgid) select children by their process group."),
	"setsid":     locale.Key("§9.5: setsid makes a new session without a controlling terminal. The caller leads it, and a new process group."),
	"pipe":       locale.Key("§15.2: a reader sees the end of file when every copy of the writing end is closed."),
}
