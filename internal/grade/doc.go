// Package grade checks many submissions of the exercises and writes what
// a course needs: tables, a report for each student, and a list of what a
// human has to look at.
//
// # Submissions
//
// A submission is a folder with a folder DIR-NAME in it for each exercise:
// fork-glob, wait-status …, which holds C source files, a Go package, a
// Makefile, or an executable called run. The argument of ch8 grade can be
// a submission or a folder of submissions. The name of a submission's
// folder is the student's name. Every entry of a folder of submissions is
// graded, or needs-human.csv says what it is instead.
//
// # What is done with them
//
// Everything is built and run in the box (package sandbox): make, the C
// compiler and the go command too. docs/grading.md lists what a submission
// can reach, and what it cannot. Each exercise is checked Runs
// times, and the results have to agree.
//
// A fault of the machine is never a student's: no space, no memory, a
// compiler that was killed, a program that was slow because the machine
// was. Such an exercise is tried again when the rest is done. If that
// fails too, its claims are cannot-check, and the next call tries again.
//
// # What is written
//
//	grades.csv       a row for each claim: status, points, seconds
//	summary.csv      a row for each student
//	needs-human.csv  what somebody has to look at, and why
//	copies.csv       groups of near copies
//	reports/         NAME.txt and NAME.json, to be sent to the student
//	state/           what a later call reuses
//
// The tables are replaced as a whole, again and again while students
// finish, and so are whole at any time. In each table the first column is
// the name of the submission's folder, unchanged, and the second one the
// name with everything escaped that could drive a terminal or a
// spreadsheet. Only one call at a time writes to a folder: it holds a lock
// that ends with it.
//
// Statuses are those of package lab (pass, fail, timeout, not-judged,
// cannot-check), and three more: missing, there is no folder for the
// exercise; not-built, the compiler refused it; disagreed, the runs did
// not agree. Only pass has points; cannot-check and disagreed wait for a
// human.
//
// A human is also asked when processes were left running, when the
// compiler warned, when there is no source, when a program was executed
// that is neither the submission's nor the system's, when bytes arrived
// that no recorded call wrote, and when a program is a near copy of our
// own C program.
//
// After an interruption the same call goes on: a result in state/ is taken if
// neither the submission nor ch8 has changed and if it was settled. The
// same submissions give the same files, except for times.
//
// # More than one machine
//
// Shard I of N grades every N-th submission; Merge puts the folders of all
// shards together, and gives what one call would have given.
package grade
