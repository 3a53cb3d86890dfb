// Package suite is the one list of all experiments. The command, the lab
// in the browser tab and the tests of the house take it from here.
package suite

import (
	"slices"

	doublefork "apue/doublefork/checks"
	execchecks "apue/exec/checks"
	exitchecks "apue/exit/checks"
	fork "apue/fork/checks"
	"apue/internal/lab"
	setuid "apue/setuid/checks"
	systemchecks "apue/system/checks"
	vfork "apue/vfork/checks"
	wait "apue/wait/checks"
)

// All are the experiments in the order of the book.
var All lab.Registry = slices.Concat(fork.All, vfork.All, exitchecks.All, wait.All, doublefork.All, execchecks.All,
	setuid.All, systemchecks.All)

// Folders returns the folders of the experiments, in the order of the
// book.
func Folders() (dirs []string) {
	for _, x := range All {
		if !slices.Contains(dirs, x.Dir) {
			dirs = append(dirs, x.Dir)
		}
	}
	return dirs
}
