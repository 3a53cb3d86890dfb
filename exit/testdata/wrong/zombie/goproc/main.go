// Go: os.StartProcess makes a child that runs another program.
// fails: was-zombie as-asked
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

func main() {
	p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		panic(err)
	}
	const pPid, wExited, wNowait = 1, 4, 0x01000000
	var info [128]byte
	syscall.Syscall6(syscall.SYS_WAITID, pPid, uintptr(p.Pid),
		uintptr(unsafe.Pointer(&info)), wExited|wNowait, 0, 0)
	state, err := p.Wait()
	fmt.Println(state, err)
}
