// Package record records a program's processes: it runs a command, and
// writes down what the kernel did with each process of its tree until
// the last one is gone. Package trace says what a recording holds.
//
// [Run] traces the program and all its descendants with ptrace(2), pure
// Go, on Linux 5.3 and later, 386, amd64 and arm64. The program is made by a
// [Start] function: a process that waits until it is traced, installs a
// seccomp filter that stops only the calls of interest ([Filter]), and
// executes. The rest of the program runs at full speed. [Probe] says
// beforehand whether this machine can record, and if not, why not. [Options]
// choose what is recorded beside the processes' life.
//
// Being observed changes a program; the header lists under "changed" what
// can change an outcome. Beside that it is slower, a stopped process has
// state t and not T in /proc, the order of parent and child after a fork
// shifts, and a dead child becomes visible to its parent's WNOHANG a
// moment after /proc shows it as a zombie.
package record
