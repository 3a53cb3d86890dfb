//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

func init() {
	goPrograms["exec"] = goExec
	goPrograms["busy"] = goBusy
}

// goExec uses os/exec twice.
func goExec() {
	for range 2 {
		err := exec.Command("/bin/sh", "-c", "exit 3").Run()
		fmt.Println(err)
	}
	unix.Kill(os.Getpid(), unix.SIGTERM)
}

// goBusy has threads, collections and preemptions.
func goBusy() {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var keep [][]byte
			for i := range 400 {
				keep = append(keep[:i%50], make([]byte, 10000))
				for range 100000 {
				}
			}
			runtime.KeepAlive(keep)
		})
	}
	wg.Wait()
	os.Exit(5)
}

func TestGoExec(t *testing.T) {
	for _, noSeccomp := range []bool{false, true} {
		r := goProgram(t, Options{noSeccomp: noSeccomp}, "exec")
		t.Log("\n" + text(r.Recording))
	}
}

func TestGoBusy(t *testing.T) {
	r := goProgram(t, Options{}, "busy")
	equal(t, "kinds", r.kinds(), map[trace.Kind]int{trace.KindExec: 1, trace.KindExit: 1, trace.KindEnd: 1})
	t.Log("\n" + text(r.Recording))
}
