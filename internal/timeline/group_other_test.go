//go:build !unix

package timeline

import "os/exec"

func ownGroup(cmd *exec.Cmd) func() { return func() { cmd.Process.Kill() } }
