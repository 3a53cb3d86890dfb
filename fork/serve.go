//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// A server makes a child for each connection. The child answers,
// while the server waits for the next connection.
type server struct {
	listener    int
	at          netip.AddrPort
	stop        int // readable when the server must end, or -1
	maxChildren int // at a time; more connections have to wait
	connections int // how many it accepts in all; 0: no limit

	accepted int         // so far
	pidfd    map[int]int // of each living child, by its pid
}

// serve returns when the server was stopped, or has accepted its
// last connection, and all its children are reaped.
func (s *server) serve() error {
	open := true
	for open || len(s.pidfd) > 0 {
		var set []unix.PollFd
		poll := func(fd int) {
			set = append(set,
				unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
		pids := make([]int, 0, len(s.pidfd))
		for pid, fd := range s.pidfd { // readable: it has ended
			poll(fd)
			pids = append(pids, pid)
		}
		if open && len(s.pidfd) < s.maxChildren {
			poll(s.listener) // before stop, which closes it
		}
		if open {
			poll(s.stop)
		}
		if _, err := unix.Poll(set, -1); err == unix.EINTR {
			continue
		} else if err != nil {
			return err
		}
		for i, pid := range pids {
			if set[i].Revents != 0 {
				s.reap(pid)
			}
		}
		for _, p := range set[len(pids):] {
			if p.Revents == 0 {
				continue
			}
			if int(p.Fd) == s.listener {
				if err := s.accept(); err != nil {
					return err
				}
			}
			all := s.connections > 0 && s.accepted == s.connections
			if int(p.Fd) == s.stop || all {
				unix.Close(s.listener) // no new connection
				open = false
				break
			}
		}
	}
	return nil
}

// accept accepts a connection and forks a child for it.
func (s *server) accept() error {
	conn, _, err := unix.Accept4(s.listener, unix.SOCK_CLOEXEC)
	switch err {
	case nil:
	case unix.EINTR, unix.EAGAIN, unix.ECONNABORTED:
		return nil // the client did not wait
	default:
		return os.NewSyscallError("accept", err)
	}
	// The child has a copy of conn. If the server kept its own, the
	// client would not see end of file when the child ends.
	defer unix.Close(conn)
	s.accepted++
	pid, err := proc.Fork()
	if err != nil { // EAGAIN: the server goes on
		fmt.Fprintf(os.Stderr, "a client gets no child: %v\n", err)
		return nil
	}
	if pid == 0 {
		unix.Close(s.listener)
		if answer(conn) != nil {
			proc.Exit(1)
		}
		proc.Exit(0)
	}
	say("server", "connection %d is for child %d", s.accepted, pid)
	return s.watch(pid)
}

// watch opens a pidfd, which is readable when the child has ended.
func (s *server) watch(pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	s.pidfd[pid] = fd
	return nil
}

// reap reaps a child that has ended.
func (s *server) reap(pid int) {
	status := reap(pid)
	unix.Close(s.pidfd[pid])
	delete(s.pidfd, pid)
	if status != 0 {
		fmt.Fprintf(os.Stderr, "child %d: %v\n", pid, status)
	}
}
