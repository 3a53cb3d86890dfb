//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// A server answers each connection in a child of its own, while
// it waits for the next one.
type server struct {
	listener int
	at       netip.AddrPort
	stop     int // readable when it is to end; −1: never
	most     int // children at once; more connections have to wait
	last     int // connections to take in all; 0: no end

	accepted int         // also of clients that were sent away
	pidfd    map[int]int // of each living child, by its pid
}

// serve returns when it was stopped, or has taken its last
// connection, and all children have ended and are collected.
func (s *server) serve() error {
	open := true
	for open || len(s.pidfd) > 0 {
		var set []unix.PollFd
		watch := func(fd int) {
			set = append(set,
				unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
		pids := make([]int, 0, len(s.pidfd))
		for pid, fd := range s.pidfd { // readable: it has ended
			watch(fd)
			pids = append(pids, pid)
		}
		if open && len(s.pidfd) < s.most {
			watch(s.listener) // before stop, which closes it
		}
		if open {
			watch(s.stop)
		}
		if _, err := unix.Poll(set, -1); err == unix.EINTR {
			continue
		} else if err != nil {
			return err
		}
		for i, pid := range pids {
			if set[i].Revents != 0 {
				s.collect(pid)
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
			all := s.last > 0 && s.accepted == s.last
			if int(p.Fd) == s.stop || all {
				unix.Close(s.listener) // nobody can connect now
				open = false
				break
			}
		}
	}
	return nil
}

// accept takes a connection and forks a child for it.
func (s *server) accept() error {
	conn, _, err := unix.Accept4(s.listener, unix.SOCK_CLOEXEC)
	switch err {
	case nil:
	case unix.EINTR, unix.EAGAIN, unix.ECONNABORTED:
		return nil // the client has gone away again
	default:
		return os.NewSyscallError("accept", err)
	}
	// The child's copy is the one that counts: as long as we had
	// it open too, the client would never see the end.
	defer unix.Close(conn)
	s.accepted++
	pid, err := proc.Fork()
	if err != nil {
		fmt.Fprintf(os.Stderr, "a client is sent away: %v\n", err)
		return nil // EAGAIN: not the end of the server
	}
	if pid == 0 {
		unix.Close(s.listener)
		if answer(conn) != nil {
			proc.Exit(1)
		}
		proc.Exit(0)
	}
	fmt.Printf("server %d: connection %d is for child %d\n",
		os.Getpid(), s.accepted, pid)
	return s.follow(pid)
}

// follow watches a child's end.
func (s *server) follow(pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	s.pidfd[pid] = fd
	return nil
}

// collect takes the status of a child that has ended.
func (s *server) collect(pid int) {
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	unix.Close(s.pidfd[pid])
	delete(s.pidfd, pid)
	if status != 0 {
		fmt.Fprintf(os.Stderr, "child %d: %v\n", pid, status)
	}
}
