//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
)

// Script is the programs of Figures 8.20 and 8.21, and Exercise
// 8.5.
//
// The book: an interpreter file begins with #!, the pathname of an
// interpreter and optional arguments. An exec of the file executes
// the interpreter. Its arguments are the optional argument of the
// line, the pathname given to exec, and the arguments given to
// exec from argv[1] on. argv[0] is lost.
//
// Linux today: the same, and all that follows the interpreter is
// one argument. If execlp found the file, the pathname is what the
// search made of the prefix in PATH and the name (Exercise 8.5).
//
// To see it:
//
//	go run ./exec script
//	go run ./exec script --search    Exercise 8.5
//	go run ./exec script --awk       Figure 8.21

var (
	scriptFlags  = flag.NewFlagSet("script", flag.ContinueOnError)
	scriptSearch = scriptFlags.Bool("search", false,
		"execlp with three kinds of prefix in PATH")
	scriptAwk = scriptFlags.Bool("awk", false,
		"a file that is a program of awk")
)

func script() {
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Chdir(folder))
	if *scriptAwk {
		awkProgram()
		return
	}
	line := "#!" + linkSelf(folder, "echoarg") + " one two\n"
	if *scriptSearch {
		searchScript(folder, line)
		return
	}
	writeFile("testinterp", line, 0o755)
	status := inChild(func() {
		failed(proc.Execl("./testinterp", "zero", "myarg1",
			"MY ARG2"))
	})
	say("parent", "%v", status)
}

// searchScript is Exercise 8.5: which pathname does the interpreter
// get if execlp searches PATH?
func searchScript(folder, line string) {
	proc.Check(os.Mkdir("bin", 0o700))
	writeFile("testinterp", line, 0o755)
	writeFile("bin/testinterp", line, 0o755)
	for _, path := range []string{folder + "/bin", "bin", ""} {
		inChild(func() {
			os.Setenv("PATH", path)
			fmt.Printf("PATH=%s\n", inFolder(path))
			failed(proc.Execlp("testinterp", "testinterp"))
		})
	}
}

// awkProgram is Figure 8.21: the file is a program of awk.
func awkProgram() {
	const awk = "/usr/bin/awk"
	if _, err := os.Stat(awk); err != nil {
		proc.Cannot("there is no %s on this machine: "+
			"install a package with awk", awk)
	}
	writeFile("awkexample", "#!"+awk+` -f
BEGIN {
	for (i = 0; i < ARGC; i++)
		printf "ARGV[%d] = %s\n", i, ARGV[i]
	exit
}
`, 0o755)
	inChild(func() {
		failed(proc.Execl("./awkexample", "awkexample", "file1",
			"FILENAME2", "f3"))
	})
}

// writeFile makes a file with this text and mode.
func writeFile(name, text string, mode os.FileMode) {
	proc.Check(os.WriteFile(name, []byte(text), 0o600))
	proc.Check(os.Chmod(name, mode))
}

// printInterpreter is the interpreter: it prints its arguments. The
// name of the working directory is printed as $PWD, and a long
// argument as its length.
func printInterpreter() {
	for i, arg := range os.Args {
		if len(arg) > 100 && arg[0] != '/' {
			arg = fmt.Sprintf("%d bytes", len(arg))
		}
		fmt.Printf("argv[%d]: %s\n", i, inFolder(arg))
	}
}

// inFolder replaces the name of the working directory by $PWD.
func inFolder(s string) string {
	pwd, err := os.Getwd()
	proc.Check(err)
	return strings.ReplaceAll(s, pwd, "$PWD")
}
