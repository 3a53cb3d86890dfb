//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Shebang shows what the first line of an interpreter file may be.
//
// The book: the pathname is normally absolute; the line has a
// limited length.
//
// Linux today: the line has at most 256 bytes with its newline
// (127 before 5.1). A longer argument is cut; a longer pathname is
// ENOEXEC. All that follows the interpreter is one argument,
// without the blanks around it. The interpreter may be an
// interpreter file too, five in a row.
//
// To see it:
//
//	go run ./exec shebang
//	go run ./exec shebang --set-id   as root

var (
	shebangFlags = flag.NewFlagSet("shebang", flag.ContinueOnError)
	shebangSetID = shebangFlags.Bool("set-id", false,
		"execute scripts with set-user-ID and set-group-ID")
)

func shebang() {
	if *shebangSetID {
		setIDScripts()
		return
	}
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Chdir(folder))
	linkSelf(folder, "echoarg")

	run := func(what, line string) {
		writeFile("script", line, 0o755)
		fmt.Printf("%s:\n", what)
		tryExec(func() error {
			return proc.Execve("./script", []string{"script"}, nil)
		})
	}
	run("blanks around and inside", "#! \t./echoarg   a  b \t\n")
	short := strings.Repeat("x", 256-len("#!./echoarg \n"))
	run("a line of 256 bytes", "#!./echoarg "+short+"\n")
	run("a longer argument", "#!./echoarg "+short+"yz\n")
	run("a longer pathname", "#!/"+short+strings.Repeat("x", 30)+
		"\n")
	run("no such interpreter", "#!/no/such/file\n")
	run("a carriage return", "#!/bin/sh\r\n")
	run("no execute permission", "#!/etc/passwd\n")
	run("a blank before #!", " #!./echoarg\n")
	run("a name without a slash", "#!echoarg one\n")
	nested(5)
	nested(6)
	unreadable()
}

// nested makes n interpreter files, each the interpreter of the
// next one, and executes the last.
func nested(n int) {
	writeFile("s1", "#!./echoarg 1\n", 0o755)
	for i := 2; i <= n; i++ {
		line := fmt.Sprintf("#!./s%d %d\n", i-1, i)
		writeFile(fmt.Sprint("s", i), line, 0o755)
	}
	fmt.Printf("%d interpreter files in a row:\n", n)
	tryExec(func() error {
		return proc.Execve(fmt.Sprint("./s", n),
			[]string{"script"}, nil)
	})
}

// unreadable executes a script that its user may execute and not
// read: the kernel reads the first line, the interpreter cannot.
// Root gives up the two capabilities with which it reads any file.
func unreadable() {
	writeFile("secret", "#!/bin/sh\necho read\n", 0o111)
	proc.Check(os.Chmod(".", 0o755))
	fmt.Println("a script without read permission:")
	status := inChild(func() {
		if os.Getuid() == 0 { // root could read it after the exec
			proc.Check(unix.Prctl(unix.PR_CAPBSET_DROP,
				unix.CAP_DAC_OVERRIDE, 0, 0, 0))
			proc.Check(unix.Prctl(unix.PR_CAPBSET_DROP,
				unix.CAP_DAC_READ_SEARCH, 0, 0, 0))
		}
		os.Stderr.Close() // the message differs between shells
		err := proc.Execve("./secret", []string{"secret"}, nil)
		fmt.Printf("  %s\n", name(err))
		proc.Exit(99)
	})
	fmt.Printf("  its interpreter fails: %t\n",
		status.ExitStatus() != 0 && status.ExitStatus() != 99)
}
