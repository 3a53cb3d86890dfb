// Other commands are run before and after the two.
package main

import (
	"log"
	"os/exec"
)

func run(cmd *exec.Cmd) {
	if err := cmd.Run(); err != nil {
		log.Fatal(err)
	}
}

func main() {
	run(exec.Command("mkdir", "-p", "work"))
	run(exec.Command("sh", "-c", "date > work/log; ls work"))

	first := exec.Command("/bin/true")
	first.Args = []string{"echoall", "myarg1", "MY ARG2"}
	first.Env = []string{"USER=unknown", "PATH=/tmp"}
	run(first)

	second := exec.Command("true")
	second.Args = []string{"echoall", "only 1 arg"}
	run(second)

	run(exec.Command("rm", "-r", "work"))
}
