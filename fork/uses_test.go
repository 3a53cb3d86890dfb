//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
)

func TestDoctoredUses(t *testing.T) {
	t.Parallel()
	doctored(t, checks.Uses, map[string]doctor{
		"served": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWrite) {
				if len(e.Path) > 7 && e.Path[:7] == "socket:" {
					e.Process = "P0" // as if the server answered itself
				}
			}
		},
		"at-once": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindExit) {
				e.Time = 1
			}
		},
		"parent-closes": states(level(0), func(p *trace.ProcState, _ []trace.ProcState) {
			for _, n := range []string{"fd/90", "fd/91", "fd/92"} {
				p.Files[n] = "socket:[1]"
			}
		}),
		"reaped": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWait) {
				e.Result = 0
			}
		},
		"fork-exec": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindExec) {
				e.Errno = "ENOENT"
			}
		},
	})
}

// TestServer uses the server from outside: 120 clients, at most 30
// at once, then SIGTERM.
func TestServer(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(labtest.Go(t, "."), "uses", "-listen", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	_, addr, ok := strings.Cut(strings.TrimSpace(first), "listens at ")
	if err != nil || !ok {
		t.Skipf("cannot check: the server does not listen here: %q, %v", first, err)
	}
	go io.Copy(io.Discard, lines)

	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			for i := range 4 {
				if err := talk(addr, fmt.Sprint("line ", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); err == nil {
		t.Error("the server has left processes behind")
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("it still listens")
	}
}

// TestServerStops stops a server that has a client waiting.
func TestServerStops(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("cannot check: nobody can listen here: %v", err)
	}
	l.Close()
	s, stop := newServer(netip.MustParseAddrPort("127.0.0.1:0")), newPipe()
	s.stop = stop[0]
	conn, err := net.Dial("tcp", s.at.String())
	if err != nil {
		t.Fatal(err)
	}
	conn.(*net.TCPConn).CloseWrite()
	stop.tell()
	if err := s.serve(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "process ") {
		t.Errorf("the client got %q, %v", got, err)
	}
}

// TestClients asks for as many clients as there may be, and for more.
func TestClients(t *testing.T) {
	t.Parallel()
	for n, want := range map[string]int{"-1": 2, "0": 2, "1": 0, "50": 0, "51": 2} {
		cmd := exec.Command(labtest.Go(t, "."), "uses", "-clients", n)
		var said strings.Builder
		cmd.Stderr = &said
		cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != want || (said.Len() > 0) != (want == 2) {
			t.Errorf("-clients %s: exit status %d, %q", n, got, said.String())
		}
	}
}

// talk is a client: its line comes back in capitals, and then the
// connection ends when the client has no more.
func talk(addr, line string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	fmt.Fprintln(conn, line)
	if got, err := in.ReadString('\n'); err != nil || got != strings.ToUpper(line)+"\n" {
		return fmt.Errorf("%q came back as %q, %v", line, got, err)
	}
	conn.(*net.TCPConn).CloseWrite()
	rest, err := io.ReadAll(in)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("after the end: %q, %v", rest, err)
	}
	return nil
}
