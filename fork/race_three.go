//go:build linux

package main

import "apue/ch8/proc"

// The parts of race that run the program more than once.

// oneRun does what a shell does for a program: it runs it in a
// child and reaps that child, but no child of the child.
func oneRun(program func()) {
	if inChild(program) != 0 {
		proc.Exit(1) // the next run would wait for this one
	}
}

// threeMixed is Exercise 8.4. For the shell a run is over when the
// parent ends. At that moment the child is in the middle of its
// line, and the next parent writes.
func threeMixed() {
	var goOn, done pipe // of the child of the run before
	for i := range 3 {
		half, ownGoOn, ownDone := newPipe(), newPipe(), newPipe()
		oneRun(func() {
			charatatime(1, fromParent)
			if i > 0 { // now the old child ends its line
				goOn.tell()
				done.wait()
			}
			pid, err := proc.Fork()
			proc.Check(err)
			if pid == 0 {
				const middle = len(fromChild) / 2
				charatatime(1, fromChild[:middle])
				half.tell()
				ownGoOn.onlyWaits()
				ownGoOn.wait()
				charatatime(1, fromChild[middle:])
				ownDone.tell()
			}
		})
		half.onlyWaits()
		half.wait()
		goOn, done = ownGoOn, ownDone
		goOn.onlyTells()
		done.onlyWaits()
	}
	goOn.tell()
	done.wait()
}

// threeChildFirst is the last question of Exercise 8.4. The parent
// does not wait for its child, but it writes after its child, so
// a run is over only when both have written.
func threeChildFirst() {
	for range 3 {
		oneRun(func() { childFirst() })
	}
}

// mixedOutput is Figure 8.12. It returns what the two have written.
func mixedOutput() string {
	out := newPipe()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		charatatime(out[1], fromChild)
		proc.Exit(0)
	}
	charatatime(out[1], fromParent)
	reap(pid)
	text := make([]byte, 2*len(fromParent))
	n, err := proc.Read(out[0], text)
	proc.Check(err)
	out.close()
	return string(text[:n])
}
