//go:build unix

package timeline

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a command into a process group of its own and
// returns what kills all of it: a browser is many processes.
func ownGroup(cmd *exec.Cmd) func() {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
