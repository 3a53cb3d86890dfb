//go:build linux

package main

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Uses shows the two uses of fork.
//
// The book: (1) a process duplicates itself so that parent and
// child can each execute a different part of the program: in a
// server the child handles a request while the parent waits for
// the next one. (2) A process wants to run another program: the
// child calls exec. Some systems combine the two operations into
// one, called spawn.
//
// Linux today: the same. A server in Go has a goroutine for each
// connection, and os/exec is a spawn. You can copy the server of
// serve.go: it reaps its children with the help of pidfds, limits
// their number, and ends cleanly on SIGTERM.
//
// To see it:
//
//	go run ./fork uses
//	go run ./fork uses --listen 127.0.0.1:8008
//	nc 127.0.0.1 8008    in another terminal

var (
	usesFlags  = flag.NewFlagSet("uses", flag.ContinueOnError)
	usesListen = usesFlags.String("listen", "",
		"serve at `address:port` until SIGTERM")
	usesClients = usesFlags.Int("clients", 3,
		"how many clients the program makes")
)

func uses() {
	if *usesListen != "" {
		at, err := netip.ParseAddrPort(*usesListen)
		if err != nil || !at.Addr().Is4() {
			proc.Cannot("--listen takes an address like " +
				"127.0.0.1:8008")
		}
		s := newServer(at)
		s.stop = stopSignal()
		fmt.Printf("server %d: listens at %v\n", os.Getpid(), s.at)
		proc.Check(s.serve())
		return
	}
	if *usesClients < 1 || *usesClients > 50 {
		proc.Cannot("--clients takes a number from 1 to 50")
	}
	demonstrate()
	runProgram()
}

// demonstrate makes clients, which are all connected at the same
// time, and serves them.
func demonstrate() {
	s := newServer(netip.MustParseAddrPort("127.0.0.1:0"))
	s.connections = *usesClients
	s.maxChildren += *usesClients // the clients are children too
	allGreeted := newPipe()       // then it gives end of file
	for range *usesClients {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			unix.Close(s.listener)
			client(sockaddr(s.at), allGreeted)
			proc.Exit(0)
		}
		proc.Check(s.watch(pid))
	}
	allGreeted.close()
	proc.Check(s.serve())
	say("server", "all have ended and are reaped")
}

// runProgram is the other use: fork, then exec in the child.
func runProgram() {
	status := inChild(func() {
		proc.Execve("/bin/sh", []string{"sh", "-c",
			`echo "child $$: runs another program"`}, os.Environ())
		proc.Exit(127)
	})
	say("parent", "%v", status)
}

// newServer listens at the address. For port 0 the kernel chooses a
// free port.
func newServer(at netip.AddrPort) *server {
	const kind = unix.SOCK_STREAM | unix.SOCK_CLOEXEC |
		unix.SOCK_NONBLOCK
	l, err := unix.Socket(unix.AF_INET, kind, 0)
	proc.Check(err)
	unix.SetsockoptInt(l, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := unix.Bind(l, sockaddr(at)); err != nil {
		proc.Cannot("it cannot listen at %v (%v): "+
			"choose another address", at, err)
	}
	proc.Check(unix.Listen(l, 128))
	name, err := unix.Getsockname(l)
	proc.Check(err)
	bound := name.(*unix.SockaddrInet4)
	return &server{
		listener: l, stop: -1, maxChildren: 100,
		pidfd: map[int]int{},
		at:    netip.AddrPortFrom(at.Addr(), uint16(bound.Port)),
	}
}

func sockaddr(at netip.AddrPort) unix.Sockaddr {
	return &unix.SockaddrInet4{
		Port: int(at.Port()), Addr: at.Addr().As4(),
	}
}

// stopSignal returns a descriptor that is readable after SIGTERM or
// SIGINT.
func stopSignal() int {
	stop, c := newPipe(), make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGTERM, unix.SIGINT)
	go func() {
		<-c
		stop.tell()
	}()
	return stop[0]
}
