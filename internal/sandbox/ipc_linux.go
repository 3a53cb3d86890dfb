package sandbox

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// ipcLimits are those of the IPC namespace of a run. Message queues,
// semaphores and segments of shared memory outlive their processes, no
// resource limit counts them, and the kernel's defaults allow more than any
// machine has. Messages get 2 MiB together, semaphores less, segments as
// much as the files.
var ipcLimits = map[string]string{
	"msgmni": "128", "msgmnb": "16384",
	"sem":    "250 4096 100 128", // semaphores of a set, of all, operations of a call, sets
	"shmmni": "128", "shmall": fmt.Sprint(DefaultDisk / os.Getpagesize()),
}

// lowerIPC sets them. Before Linux 6.9 only the machine's root can.
func lowerIPC() error {
	for name, value := range ipcLimits {
		if err := procfs.Write("/proc/sys/kernel/"+name, value); err != nil {
			return err
		}
	}
	return nil
}

// ownIPC gives this process an IPC namespace whose limits it can set. They
// are set by the user who is root in the user namespace of an IPC namespace,
// and nobody is root in that of a run. So a child makes both in a user
// namespace below, where this user is root; that child is needed no longer
// than until this process has joined the IPC namespace.
func ownIPC(uid int) error {
	made, mine, err := pipe()
	if err != nil {
		return err
	}
	pid, err := proc.Clone(unix.CLONE_NEWUSER | unix.CLONE_NEWIPC)
	if err == nil && pid == 0 {
		made.close()
		if procfs.Write("/proc/self/uid_map", fmt.Sprintf("0 %d 1", uid)) == nil {
			mine.Write([]byte{1})
			unix.Pause()
		}
		proc.Exit(1)
	}
	mine.close()
	defer made.close()
	if err != nil {
		return err
	}
	defer func() {
		unix.Kill(pid, unix.SIGKILL)
		proc.Waitpid(pid, nil, 0)
	}()
	var b [1]byte
	if n, _ := made.Read(b[:]); n != 1 {
		return unix.EPERM
	}
	child, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(child)
	return unix.Setns(child, unix.CLONE_NEWIPC)
}
