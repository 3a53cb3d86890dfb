//go:build linux

package stdio

import (
	"bufio"
	"bytes"
	"fmt"
	"syscall"

	"apue/ch8/proc"
)

// size is the buffer of a stream in bytes; glibc takes the
// st_blksize of a file, which is 4096 on most.
const size = 4096

// Stdout is the stream on descriptor 1.
var Stdout = &Stream{fd: 1}

// A Stream is a buffered output stream on a file descriptor.
type Stream struct {
	fd   int
	w    *bufio.Writer // nil until the first write
	line bool          // a newline flushes
}

// Write puts b into the stream's buffer, and what does not fit or
// ends in a newline on a terminal into the file. Errors are those
// of write(2); one that happened stays for all later calls.
func (s *Stream) Write(b []byte) (n int, err error) {
	if s.w == nil {
		s.w = bufio.NewWriterSize(descriptor(s.fd), size)
		s.line = proc.Isatty(s.fd)
	}
	if end := bytes.LastIndexByte(b, '\n') + 1; s.line && end > 0 {
		n, err = s.w.Write(b[:end])
		if err == nil {
			err = s.w.Flush()
		}
		if err != nil {
			return n, err
		}
	}
	m, err := s.w.Write(b[n:])
	return n + m, err
}

// Flush writes what is in the buffer, see fflush(3).
func (s *Stream) Flush() error {
	if s.w == nil {
		return nil
	}
	return s.w.Flush()
}

// Buffered is the number of bytes that a fork would copy and an
// _exit would lose.
func (s *Stream) Buffered() int {
	if s.w == nil {
		return 0
	}
	return s.w.Buffered()
}

// Printf writes to Stdout, see printf(3).
func Printf(format string, args ...any) (n int, err error) {
	return fmt.Fprintf(Stdout, format, args...)
}

// Println writes its operands and a newline to Stdout.
func Println(args ...any) (n int, err error) {
	return fmt.Fprintln(Stdout, args...)
}

// handlers are the functions that Exit calls, oldest first. They
// are memory like any other: a forked child has its own copy.
var handlers []func()

// Atexit registers a function that Exit calls, once for each time
// it was registered. See atexit(3) and section 7.3.
func Atexit(handler func()) { handlers = append(handlers, handler) }

// Exit ends the process as exit(3) does: it calls the handlers,
// the latest first and also those that a handler registers,
// flushes Stdout and calls _exit. The parent sees the low 8 bits
// of status.
func Exit(status int) {
	for len(handlers) > 0 {
		last := len(handlers) - 1
		handler := handlers[last]
		handlers = handlers[:last]
		handler()
	}
	Stdout.Flush()
	proc.Exit(status)
}

// descriptor writes to a file descriptor, all of what it is given.
type descriptor int

func (d descriptor) Write(b []byte) (n int, err error) {
	for n < len(b) {
		m, err := proc.Write(int(d), b[n:])
		if m > 0 {
			n += m
		}
		if err != nil && err != syscall.EINTR {
			return n, err
		}
	}
	return n, nil
}
