// Package grade checks many submissions of the exercises and writes
// what a course needs: tables, a report for each student, and a list
// of what a human has to look at.
//
// # Submissions
//
// A submission is a folder with a folder DIR-NAME in it for each
// exercise: fork-glob, wait-status …, holding one source file in C
// or more, a Go package, a Makefile, or an executable called run. A
// folder of submissions may be given in place of them. The name of
// its folder is the student's.
//
// # What is done with them
//
// Everything is built outside of the submission, and what a student
// can make run while building (a Makefile, the preprocessor) runs
// isolated, as the program itself does: in its own namespaces, under
// its own user, its processes, files, memory, output and time
// bounded. So neither a fork bomb nor kill(-1, SIGKILL) reaches
// another submission. A Go package is built by the go command, which
// runs none of its code; it is not isolated, as it needs its cache
// and its modules, so what it would do more than compile Go (package
// build, OnlyGo) is refused. The student's go.mod is replaced.
//
// Each exercise is checked Runs times, and the results have to
// agree.
//
// # What is written
//
//	grades.csv       student, claim, status, points, max, seconds
//	summary.csv      student, points, max, and the points of each
//	                 exercise
//	needs-human.csv  student, exercise, why
//	reports/         STUDENT.txt and STUDENT.json, to be sent back
//	state/           one file a submission: what a later call reuses
//
// A tool of ours that is not installed is an error of the machine
// and ends the call; what goes wrong with one submission does not.
//
// Statuses are those of package lab (pass, fail, timeout,
// cannot-check), and three more: missing, no such folder in the
// submission; not-built, the compiler refused it; disagreed, the
// runs did not agree. Only pass has points; cannot-check and
// disagreed wait for a human.
//
// A human is also asked when processes were left running, when the
// compiler warned, and when a program is a near copy of our own C
// program or of another submission.
//
// A call that was interrupted is repeated: what is in state/ is not
// checked again if neither the submission nor ch8 has changed, and
// if it was settled: not cannot-check or disagreed. The same
// submissions give the same files, apart from times.
//
// # More than one machine
//
// Shard I of N grades every N-th submission; Merge puts the folders
// of all shards together, and gives what one call would have given.
package grade
