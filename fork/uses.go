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

// Uses shows the two things that fork is used for.
//
// The book: a process duplicates itself so that parent and child
// each do a different part: a server whose child answers a request
// while the parent waits for the next; or a process wants to run
// another program, and the child calls exec, which some systems
// join with fork to one operation, spawn.
//
// Linux today: the same. Go's own servers use a goroutine for each
// connection, and its os/exec is a spawn. The server here, in
// serve.go, can be copied: it collects its children by their
// pidfds, bounds their number and ends cleanly on SIGTERM.
//
// To see it:
//
//	go run ./fork uses
//	go run ./fork uses -listen 127.0.0.1:8008 &
//	nc 127.0.0.1 8008

var (
	usesFlags  = flag.NewFlagSet("uses", flag.ContinueOnError)
	usesListen = usesFlags.String("listen", "",
		"serve at `address:port` until SIGTERM")
	usesClients = usesFlags.Int("clients", 3, "clients of its own")
)

func uses() {
	if *usesListen != "" {
		at, err := netip.ParseAddrPort(*usesListen)
		if err != nil || !at.Addr().Is4() {
			needs("-listen takes an address like 127.0.0.1:8008")
		}
		s := newServer(at)
		s.stop = atSignal()
		fmt.Printf("server %d: listens at %v\n", os.Getpid(), s.at)
		proc.Check(s.serve())
		return
	}
	if *usesClients < 1 || *usesClients > 50 {
		needs("-clients takes a number from 1 to 50")
	}
	demonstrate()
	runProgram()
}

// demonstrate serves clients of its own, which are all there at
// the same time.
func demonstrate() {
	s := newServer(netip.MustParseAddrPort("127.0.0.1:0"))
	s.last = *usesClients
	s.most += *usesClients // they are children of ours too
	met := newBell()       // EOF when all clients have been greeted
	for range *usesClients {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			unix.Close(s.listener)
			client(sockaddr(s.at), met)
			proc.Exit(0)
		}
		proc.Check(s.follow(pid))
	}
	met.close()
	proc.Check(s.serve())
	fmt.Printf("server %d: all have ended and are collected\n",
		os.Getpid())
}

// runProgram is the other use: fork, then exec in the child.
func runProgram() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Execve("/bin/sh", []string{"sh", "-c",
			`echo "child $$: runs another program"`}, os.Environ())
		proc.Exit(127)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	fmt.Printf("parent %d: %v\n", os.Getpid(), status)
}

// newServer listens at the address; port 0 is a free one.
func newServer(at netip.AddrPort) *server {
	const how = unix.SOCK_STREAM | unix.SOCK_CLOEXEC |
		unix.SOCK_NONBLOCK
	l, err := unix.Socket(unix.AF_INET, how, 0)
	proc.Check(err)
	unix.SetsockoptInt(l, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := unix.Bind(l, sockaddr(at)); err != nil {
		needs(fmt.Sprintf("it can not listen at %v: %v", at, err))
	}
	proc.Check(unix.Listen(l, 128))
	name, err := unix.Getsockname(l)
	proc.Check(err)
	bound := name.(*unix.SockaddrInet4)
	return &server{
		listener: l, stop: -1, most: 100, pidfd: map[int]int{},
		at: netip.AddrPortFrom(at.Addr(), uint16(bound.Port)),
	}
}

func sockaddr(at netip.AddrPort) unix.Sockaddr {
	return &unix.SockaddrInet4{
		Port: int(at.Port()), Addr: at.Addr().As4(),
	}
}

// atSignal returns a descriptor that is readable after SIGTERM or
// SIGINT.
func atSignal() int {
	b, c := newBell(), make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGTERM, unix.SIGINT)
	go func() {
		<-c
		b.tell()
	}()
	return b[0]
}

// needs says in a sentence what is missing.
func needs(what string) {
	fmt.Fprintln(os.Stderr, "fork uses: "+what)
	proc.Exit(2)
}
