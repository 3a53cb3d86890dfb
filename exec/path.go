//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
)

// Path shows which file a name without a slash means.
//
// The book: execlp and execvp search the directories of PATH. A
// prefix of length zero means the working directory. A name with a
// slash is a pathname, and is not searched. If they find a file
// that is not a program, they assume that it is a shell script,
// and execute /bin/sh with it.
//
// Linux today: the same. A file without execute permission, or a
// directory, is passed over; the search remembers it, and the
// error at the end is EACCES and not ENOENT. An empty file with
// execute permission "succeeds": the shell has nothing to do.
// Without PATH the search goes to /bin and /usr/bin. glibc has
// execvpe too, which takes an environment: only the C twin shows
// it, because Go has no such function.
//
// To see it:
//
//	go run ./exec path

func path() {
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Chdir(folder))
	const runs = "#!/bin/sh\necho \"  $0 runs\"\n"
	for _, dir := range []string{"a", "b", "c", "d", "e"} {
		proc.Check(os.Mkdir(dir, 0o700))
	}
	writeFile("a/prog", runs, 0o644)
	writeFile("b/prog", "echo \"  a shell runs $0\"\n", 0o755)
	writeFile("c/prog", runs, 0o755)
	proc.Check(os.Mkdir("d/prog", 0o700))
	writeFile("e/prog", "", 0o755)
	writeFile("prog", runs, 0o755)

	for _, try := range []struct{ list, file string }{
		{"a:d:c", "prog"}, // passes over a and d
		{":c", "prog"},    // a prefix of length zero
		{"a::c", "prog"},
		{"a:", "prog"},
		{"", "prog"},
		{"c", "./prog"}, // is not searched
		{"a:d", "prog"}, // finds nothing that it can execute
		{"x", "prog"},   // finds nothing
		{"b", "prog"},   // is not a program
		{"e", "prog"},   // is empty
	} {
		fmt.Printf("PATH=%s, execvp(%q):\n", try.list, try.file)
		status := inChild(func() {
			os.Setenv("PATH", try.list)
			err := proc.Execvp(try.file, []string{"prog"})
			fmt.Printf("  %s\n", name(err))
			proc.Exit(126)
		})
		if status == 0 && try.list == "e" {
			fmt.Println("  exit status 0")
		}
	}
	fmt.Println(`execv("b/prog"):`)
	inChild(func() {
		err := proc.Execv("b/prog", []string{"prog"})
		fmt.Printf("  %s\n", name(err))
	})
	fmt.Println(`no PATH, execvp("prog"):`)
	inChild(func() {
		os.Unsetenv("PATH")
		err := proc.Execvp("prog", []string{"prog"})
		fmt.Printf("  %s\n", name(err))
	})
}
