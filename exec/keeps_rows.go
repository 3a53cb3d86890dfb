//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The rows of keeps.

// An unused id, user and group.
const strangeID = 7000001

var keptRows = []kept{
	{name: "process ID", get: statOf(1)},
	{name: "parent process ID", get: statOf(4)},
	{name: "process group ID", set: newGroup, get: statOf(5)},
	{name: "session ID", set: newSession, get: statOf(6)},
	{name: "file mode creation mask", set: newUmask,
		get: statusOf("Umask")},
	{name: "signal mask", set: newMask, get: statusOf("SigBlk")},
	{name: "pending signal", set: newPending,
		get: statusOf("ShdPnd")},
	{name: "resource limit", set: newLimit, get: fileSizeLimit},
	{name: "nice value", set: newNice, get: statOf(19)},
	{name: "processor time", set: useTime, get: timeUsed},
	{name: "record lock", set: lockRecord, get: lockKind("POSIX")},
	{name: "flock lock", set: lockFlock, get: lockKind("FLOCK")},
	{name: "controlling terminal", set: newTerminal,
		get: terminalOf},
	{name: "working directory", set: newDirectory,
		now: directory, by: []string{"readlink", "/proc/self/cwd"}},
	{name: "alarm", set: newAlarm, now: isSet,
		by: []string{"/bin/sleep", "5"}},
	{name: "timer of user time", set: newUserTimer, now: isSet,
		by: []string{"/bin/sh", "-c", "while :; do :; done"}},
	{name: "timer of processor time", set: newTimer, now: isSet,
		by: []string{"/bin/sh", "-c", "while :; do :; done"}},
	{name: "ignored signal", set: newIgnored,
		get: statusOf("SigIgn")},
}

// keptRootRows take privileges.
var keptRootRows = []kept{
	{name: "real user ID", set: func() error {
		return proc.Setresuid(strangeID, -1, -1)
	}, get: idOf("Uid", 0)},
	{name: "effective user ID", set: func() error {
		return proc.Setresuid(-1, strangeID, -1)
	}, get: idOf("Uid", 1)},
	{name: "real group ID", set: func() error {
		return proc.Setresgid(strangeID, -1, -1)
	}, get: idOf("Gid", 0)},
	{name: "effective group ID", set: func() error {
		return proc.Setresgid(-1, strangeID, -1)
	}, get: idOf("Gid", 1)},
	{name: "supplementary groups", set: func() error {
		return proc.Setgroups([]int{strangeID, strangeID + 1})
	}, get: statusOf("Groups")},
	{name: "root directory", set: newRoot, now: rootNow,
		by: []string{"sh", "-c",
			"[ -e /usr ] && echo / || echo /usr"}},
}

func newGroup() error   { return unix.Setpgid(0, 0) }
func newSession() error { _, err := unix.Setsid(); return err }
func newUmask() error   { unix.Umask(0o135); return nil }
func newMask() error    { block(unix.SIGUSR1); return nil }

// newPending makes one signal pending for the process, and another
// one for the thread.
func newPending() error {
	block(unix.SIGUSR1)
	block(unix.SIGUSR2)
	pid := os.Getpid()
	if err := unix.Kill(pid, unix.SIGUSR1); err != nil {
		return err
	}
	return unix.Tgkill(pid, pid, unix.SIGUSR2)
}

func newIgnored() error {
	return proc.Signal(unix.SIGUSR1, proc.Ignore)
}

func newLimit() error {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	limit.Cur = 12345678
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
}

func newNice() error {
	return proc.Setpriority(unix.PRIO_PROCESS, 0, 17)
}

func useTime() error {
	var used unix.Timespec
	for used.Nano() < 50e6 {
		unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used)
	}
	return nil
}

func lockRecord() error {
	return lockFile(func(fd int) error {
		all := unix.Flock_t{Type: unix.F_WRLCK}
		return unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &all)
	})
}

func lockFlock() error {
	return lockFile(func(fd int) error {
		return unix.Flock(fd, unix.LOCK_EX)
	})
}

func newDirectory() error { return os.Chdir("/usr") }
func directory() string   { path, _ := os.Getwd(); return path }

// The timers ring once, after so many microseconds: of real time,
// of user time, of user and system time.
func newAlarm() error     { return ring(unix.ITIMER_REAL, 1e6) }
func newUserTimer() error { return ring(unix.ITIMER_VIRTUAL, 3e4) }
func newTimer() error     { return ring(unix.ITIMER_PROF, 30e3) }

func newRoot() error {
	if err := unix.Chroot("/usr"); err != nil {
		return err
	}
	return os.Chdir("/")
}
