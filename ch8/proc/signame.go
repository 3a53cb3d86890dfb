package proc

import "strconv"

// signalNames are Linux's on every architecture that this module
// runs on. They are not taken from package unix, because recordings
// of Linux are read on other systems too.
var signalNames = [...]string{
	1: "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
	"SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
	"SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
	"SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
}

// SignalName is the name of a Linux signal, see signal(7):
// "SIGCHLD", "SIGRTMIN+3", or "signal 99" for a number that has no
// name.
func SignalName(n int) string {
	switch {
	case n > 0 && n < len(signalNames):
		return signalNames[n]
	case n >= 34 && n <= 64: // the C library keeps 32 and 33 to itself
		return "SIGRTMIN+" + strconv.Itoa(n-34)
	}
	return "signal " + strconv.Itoa(n)
}

// SignalText is the name and the number of a Linux signal:
// "SIGABRT (6)", or "signal 99" for a number that has no name.
func SignalText(n int) string {
	name := SignalName(n)
	if name == "signal "+strconv.Itoa(n) {
		return name
	}
	return name + " (" + strconv.Itoa(n) + ")"
}
