//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Set-user-ID and set-group-ID of an interpreter file.

// Unused ids: of the caller, of the interpreter, of the script.
const (
	callersID = strangeID + iota
	interpretersID
	scriptsID
)

// setIDScripts executes a script with the bits, whose interpreter
// has none, and one without the bits, whose interpreter has them.
// The files lie in a folder that only this process sees.
func setIDScripts() {
	inChildOrCannot(func() {
		folder, err := proc.NewSetIDFolder()
		needsRoot(err)
		const bits = unix.S_ISUID | unix.S_ISGID
		install := func(source, name string, id int, mode uint32) {
			needsRoot(folder.Install(source, name, id, id, mode))
		}
		script := func(name, interpreter string, mode uint32) {
			text := folder.Path("text")
			line := "#!" + folder.Path(interpreter) + "\n"
			proc.Check(os.WriteFile(text, []byte(line), 0o600))
			install(text, name, scriptsID, mode)
		}
		const self = "/proc/self/exe"
		install(self, "echoids", interpretersID, 0o755)
		install(self, "echoids-set", interpretersID, bits|0o755)
		script("script-set", "echoids", bits|0o755)
		script("script", "echoids-set", 0o755)

		needsRoot(proc.Setgroups(nil))
		needsRoot(proc.Setresgid(callersID, callersID, callersID))
		needsRoot(proc.Setresuid(callersID, callersID, callersID))
		for _, name := range []string{"script-set", "script"} {
			fmt.Printf("%s:\n", name)
			tryExec(func() error {
				return proc.Execv(folder.Path(name),
					[]string{name})
			})
		}
	})
}

// needsRoot ends the program if a call failed.
func needsRoot(err error) {
	if err != nil {
		proc.Cannot("it takes CAP_SETUID, CAP_CHOWN, CAP_FSETID "+
			"and CAP_SYS_ADMIN (%v): run it as root", err)
	}
}

// inChildOrCannot is inChild, and ends with the child's status 2.
func inChildOrCannot(does func()) {
	if status := inChild(does); status.ExitStatus() == 2 {
		proc.Exit(2)
	}
}

// printIDs is what the interpreter does.
func printIDs() {
	ids := func(real, effective, saved int) string {
		return fmt.Sprintf("real %s, effective %s, saved %s",
			whose(real), whose(effective), whose(saved))
	}
	fmt.Printf("  user:  %s\n", ids(proc.Getresuid()))
	fmt.Printf("  group: %s\n", ids(proc.Getresgid()))
}

// whose names the owner of an id.
func whose(id int) string {
	switch id {
	case callersID:
		return "the caller's"
	case interpretersID:
		return "the interpreter's"
	case scriptsID:
		return "the script's"
	}
	return fmt.Sprint(id)
}
